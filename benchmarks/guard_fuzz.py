"""What the action guard lets through when nobody means well: adversarial actions in the simulated home.

    python benchmarks/guard_fuzz.py [--actions 20000] [--seed N] [--guard full|limits] [--without GUARD ...] [--json]

Bursts of 200 actions (random, extreme, not numbers, stale, replayed, held) go through the whole chain at 200 Hz,
from postures and places of household life, in flats drawn by the seed. The belief is the simulator's truth, so that
it is the guard that is measured and not perception. Reported are the limits that were broken (by the audit), contact
forces of the robot with the home and with itself, stops that came late, and what a check costs (of processor time).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import mujoco
import numpy as np

from diarchy.agent.control.guarding import Guarding, Place
from diarchy.agent.evaluation.optimum import all_knowing
from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot
from diarchy.safety import ProtectiveStop, default_guard
from diarchy.skills.execution import TickCommand

BURST, BURSTS_A_HOME = 200, 25
KINDS = ("random", "extreme", "not_numbers", "stale", "replayed", "held", "wild_base")
FORCE_N = 80.0
STOP_S = 0.6
"""The Fetch brakes from full speed in 0.5 s; it stands still, and has stopped swinging, a little later."""


class Forces:
    """Reads the largest normal force between the robot and anything, itself included, but the floor."""

    def __init__(self, robot: Any) -> None:
        self.model, self.data = robot._model, robot._data
        base = int(self.model.body("base").id)
        self.own = np.array([self._under(b, base) for b in range(self.model.nbody)])
        self.wrench = np.zeros(6)

    def largest(self) -> tuple[float, str]:
        model, data = self.model, self.data
        total: Counter[tuple[int, int]] = Counter()
        for i in range(data.ncon):
            contact = data.contact[i]
            a, b = (int(model.geom_bodyid[g]) for g in (contact.geom1, contact.geom2))
            if not (self.own[a] or self.own[b]):
                continue
            mujoco.mj_contactForce(model, data, i, self.wrench)
            total[min(a, b), max(a, b)] += abs(float(self.wrench[0]))
        if not total:
            return 0.0, ""
        (a, b), force = max(total.items(), key=lambda item: item[1])
        return force, f"{model.body(a).name} on {model.body(b).name}"

    def _under(self, body: int, base: int) -> bool:
        while body > base:
            body = int(self.model.body_parentid[body])
        return body == base


def burst(kind: str, rng: np.random.Generator, spec: Any, past: list[Action]) -> list[Action]:
    """Draw so many actions of a kind."""
    lower, upper = spec.limits("lower"), spec.limits("upper")
    gap, base = upper - lower, (spec.base.linear_velocity, spec.base.angular_velocity)
    if kind == "replayed" and len(past) > BURST:
        first = int(rng.integers(len(past) - BURST))
        return past[first : first + BURST]
    if kind in ("held", "stale", "wild_base"):
        still = kind == "wild_base" and past
        q = past[-1].joints if still else rng.uniform(lower, upper)
        return [Action(rng.uniform(-1.0, 1.0, 2) * base, q, float(rng.uniform(0.0, 0.1)))] * BURST
    actions = []
    for _ in range(BURST):
        scale = 50.0 if kind == "extreme" else 0.6
        joints = lower + gap * (0.5 + scale * rng.uniform(-1.0, 1.0, len(gap)))
        speeds = scale * rng.uniform(-2.0, 2.0, 2) * base
        if kind == "not_numbers":
            joints[rng.integers(len(gap))] = rng.choice([np.nan, np.inf, -np.inf])
        actions.append(Action(speeds, joints, float(scale * rng.uniform(-0.1, 0.2))))
    return actions


class Home:
    """One flat with a guarded robot in it."""

    def __init__(self, seed: int, without: tuple[str, ...], collision: bool) -> None:
        self.robot = HomeRobot("household_flat", seed=seed, odometry_noise=False)
        self.spec = self.robot.spec
        self.stop = ProtectiveStop(self.spec)
        chain = default_guard(self.spec, stop=self.stop, collision=collision)
        chain.guards = tuple(g for g in chain.guards if g.name not in without)
        self.chain = chain
        self.guarding = Guarding(chain, self.spec, Place.of(self.robot.static_map), self.stop)
        self.guarding.force_limit = FORCE_N
        self.world = all_knowing(self.robot)
        self.forces = Forces(self.robot)
        self.cost: list[float] = []
        self.pressed: list[tuple[float, str]] = []

    def tick(self, action: Action, *, committed: int | None = None) -> None:
        proprio = self.robot.proprio()
        self.world.track(proprio, self.robot.truth.base().se3())
        command = TickCommand(action, "vla:fuzz", 1, "chunk", False, committed)
        began = time.thread_time()
        verdict = self.guarding.check(command, proprio, self.world, now=proprio.stamp)
        self.cost.append(time.thread_time() - began)
        self.robot.apply(verdict.action)
        self.pressed.append(self.forces.largest())

    def stops_in_time(self) -> bool:
        """Trip the protective stop in motion; tell whether the robot stands after `STOP_S`."""
        proprio = self.robot.proprio()
        still = Action(np.zeros(2), proprio.q, 0.05)
        self.stop.trip("fuzz")
        for _ in range(round(STOP_S * self.spec.control_hz)):
            self.tick(still)
        stands = self.robot.proprio().at_rest(joint=0.1, linear=0.02, angular=0.05)
        self.stop.release("fuzz")
        return stands


def measure(actions: int, seed: int, without: tuple[str, ...], collision: bool) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    bursts = max(1, actions // BURST)
    counts: Counter[str] = Counter()
    forces: list[float] = []
    cost: list[float] = []
    hard: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    for first in range(0, bursts, BURSTS_A_HOME):
        home = Home(seed * 1000 + first, without, collision)
        past: list[Action] = []
        for number in range(first, min(first + BURSTS_A_HOME, bursts)):
            kind = KINDS[number % len(KINDS)]
            begun = len(home.pressed)
            for action in burst(kind, rng, home.spec, past):
                late = home.robot.clock.tick - 600 if kind == "stale" else None
                home.tick(action, committed=late)
                applied = home.robot.proprio().commanded
                past += [applied] if applied is not None else []
            counts["late_stops"] += not home.stops_in_time()
            counts["stops"] += 1
            for force, where in home.pressed[begun:]:
                if force > FORCE_N:
                    hard[where] += 1
                    by_kind[kind] += 1
        stats = home.chain.stats
        counts["checked"] += stats.checked
        counts["violations"] += stats.violations
        counts.update({f"by_{k}": n for k, n in (stats.modified_by + stats.stopped_by).items()})
        forces += [f for f, _ in home.pressed]
        cost += home.cost
        home.robot.close()
    worst = np.array(forces)
    return {
        "seed": seed,
        "guard": "full" if collision else "limits",
        "without": list(without),
        **{k: counts[k] for k in ("checked", "violations", "stops", "late_stops")},
        "ticks_above_80_n": int((worst > FORCE_N).sum()),
        "largest_force_n": round(float(worst.max()), 1),
        "force_p999_n": round(float(np.quantile(worst, 0.999)), 1),
        "hardest": dict(hard.most_common(8)),
        "above_80_n_by_kind": dict(by_kind),
        "by_guard": {k[3:]: n for k, n in sorted(counts.items()) if k.startswith("by_")},
        "cost_ms": {
            "p50": round(float(np.quantile(cost, 0.5)) * 1e3, 3),
            "p99": round(float(np.quantile(cost, 0.99)) * 1e3, 3),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--actions", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", nargs="*", default=[], help="names of guards to leave out")
    parser.add_argument("--guard", choices=("limits", "full"), default="limits")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.actions, options.seed, tuple(options.without), options.guard == "full")
    if options.json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key:20} {value}")


if __name__ == "__main__":
    main()
