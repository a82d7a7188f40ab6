"""How long one chunk of the pick policy takes, against the same network without its caches.

    python benchmarks/chunk_latency.py [WEIGHTS] [--repeats 200]

The baseline encodes the context and computes the time modulations anew in every Euler step; the
policy encodes once per chunk and keeps the modulations of its fixed time grid. Both on one thread,
interleaved, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from diarchy.contracts.action import PolicyContext
from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Observation, Pose2, Proprio
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.vla import SHIPPED_PICK
from diarchy.skills.vla.flow.matching import integrate
from diarchy.skills.vla.flow.weights import load_policy
from diarchy.skills.vla.policy import FlowPolicy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, nargs="?", default=SHIPPED_PICK)
    parser.add_argument("--repeats", type=int, default=200)
    choices = parser.parse_args()
    torch.set_num_threads(1)
    cached, plain, whole = _contestants(choices.weights)
    times: dict[str, list[float]] = {"infer": [], "cached": [], "uncached": []}
    for repeat in range(choices.repeats + 10):
        for name, call in (("infer", whole), ("cached", cached), ("uncached", plain)):
            began = time.perf_counter()
            call()
            if repeat >= 10:
                times[name].append(1e3 * (time.perf_counter() - began))
    report = {
        f"{name}_{q}_ms": round(float(np.percentile(values, p)), 2)
        for name, values in times.items()
        for q, p in (("p50", 50), ("p99", 99))
    }
    ratio = np.median(times["uncached"]) / np.median(times["cached"])
    sys.stdout.write(json.dumps(report | {"uncached_over_cached": round(float(ratio), 2)}) + "\n")


def _contestants(weights: Path) -> tuple[Callable[[], object], ...]:
    spec = fetch_spec()
    net, processor = load_policy(weights)
    config = net.config
    policy = FlowPolicy(net, processor, spec, Kinematics(spec).gripper_pose)
    proprio, target = torch.zeros(1, config.proprio_dim), torch.zeros(1, config.target_dim)
    noise = torch.randn((1, config.horizon, config.action_dim))
    prefix = torch.zeros(1, 2, config.action_dim)

    def plain() -> object:
        def field(x: torch.Tensor, t: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
            return net(x, t, c, net.encode(proprio, target))

        with torch.inference_mode():
            return integrate(field, noise, config.euler_steps, prefix)

    def cached() -> object:
        with torch.inference_mode():
            return policy._sample(net.encode(proprio, target), prefix, 0)

    q = spec.postures["ready"]
    now = Proprio(0.0, 0, q, 0 * q, 0 * q, 0.1, 0.0, Pose2(0, 0, 0), np.zeros(2))
    mug = Entity(id="m", cls="Mug", kind="object", position=(0.7, 0, 0.8), extent=(0.1, 0.1, 0.1))
    about = PolicyContext("pick", "pick the mug", mug, None, 1)
    rows = policy.infer(about, Observation(now), SE3.identity(), None, start_tick=0, seed=0).values[
        :2
    ]

    def whole() -> object:
        return policy.infer(about, Observation(now), SE3.identity(), rows, start_tick=0, seed=0)

    return cached, plain, whole


if __name__ == "__main__":
    main()
