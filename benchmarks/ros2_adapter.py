"""What the ROS 2 core costs a control tick: the simulated home, directly and behind the core on a fake network.

    python benchmarks/ros2_adapter.py [--n 2000] [--repeats 3] [--json]

Both sides get the same actions: the base drives a gentle curve, every joint moves a little at every tick
(so that all controllers are streamed to), the gripper opens and closes. Measured is `apply` plus `proprio`;
the best of the repeats counts, in CPU time of the one thread. The peer's work (it makes and reads every
message too, and scans ten times a second) is in `extra_ms`; `core_ms` is the robot's side of it alone,
which is what a control tick pays where the peer is a real robot.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot
from diarchy.robots.ros2.inprocess import HomeOverRos


def seconds_a_tick(robot: Any, n: int) -> tuple[float, float]:
    """Return the mean s of a tick, and where the base ended, for comparing."""
    q = np.array(robot.proprio().q)
    lower, upper = robot.spec.limits("lower"), robot.spec.limits("upper")
    spent = 0.0
    for i in range(n):
        wave = 0.02 * np.sin(i / 60.0)
        joints = np.clip(q + wave, lower, upper)
        action = Action(
            np.array([0.15, 0.3 * np.cos(i / 200.0)]), joints, 0.05 + 0.04 * np.sin(i / 80)
        )
        began = time.thread_time()
        robot.apply(action)
        robot.proprio()
        spent += time.thread_time() - began
    return spent / n, float(robot.proprio().odom.x)


class Watch:
    """CPU time inside wrapped callables, inner ones not counted twice."""

    def __init__(self) -> None:
        self.total, self._depth = 0.0, 0

    def wrap(self, function: Any) -> Any:
        def timed(*args: Any, **kw: Any) -> Any:
            self._depth += 1
            began = time.thread_time()
            try:
                return function(*args, **kw)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.total += time.thread_time() - began

        return timed


def core_seconds(n: int) -> float:
    """Return the mean s a tick that the robot's side takes: all but the peer's steps, with what it hears in them."""
    peer, heard = Watch(), Watch()
    robot = HomeOverRos("home", seed=0)
    network = robot.network
    network.step = peer.wrap(network.step)
    mine = [c for callbacks in robot.port._subscribed for c in callbacks[1:]]
    for topic, callbacks in network.subscribers.items():
        # What the robot's own callbacks take is its work; what the peer's take on hearing it is not.
        network.subscribers[topic] = [(heard if c in mine else peer).wrap(c) for c in callbacks]
    try:
        took, _ = seconds_a_tick(robot, n)
        return took - (peer.total - heard.total) / n
    finally:
        robot.port._subscribed = []
        robot.close()


def measure(n: int, repeats: int) -> dict[str, Any]:
    times: dict[str, list[float]] = {"home": [], "over_ros": []}
    ends: dict[str, float] = {}
    for _ in range(repeats):
        for name, make in (("home", HomeRobot), ("over_ros", HomeOverRos)):
            robot: Any = make("home", seed=0)
            try:
                took, ends[name] = seconds_a_tick(robot, n)
            finally:
                robot.close()
            times[name].append(took)
    core = min(core_seconds(n) for _ in range(repeats)) * 1e3
    home, over = (min(times[k]) * 1e3 for k in ("home", "over_ros"))
    return {
        "ticks": n,
        "home_ms": round(home, 4),
        "over_ros_ms": round(over, 4),
        "extra_ms": round(over - home, 4),
        "core_ms": round(core, 4),
        "ratio": round(over / home, 3),
        "odometry_differs_m": round(abs(ends["home"] - ends["over_ros"]), 6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(args.n, args.repeats)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:20s} {value}")


if __name__ == "__main__":
    main()
