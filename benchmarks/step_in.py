"""Somebody steps into the robot's way while it drives: is anybody touched, and does it still arrive?

    python benchmarks/step_in.py [--runs 20] [--seed N] [--without] [--json]

In the flat the robot is told to go to pieces of furniture one after the other. As soon as it drives faster than half a metre a second a
person, whom it believes to stand elsewhere, stands 1.0 to 1.8 m ahead of its middle, up to 0.3 m beside its course, facing away or
aside, and stays for 3 to 8 s. What the robot knows of that comes from its lidar, and from its camera once it looks. Reported are contacts between robot and person (the simulator's forces), the least gap between the base and the
person's body (a cylinder of 0.25 m), and how many goals were reached. ``--without`` is the baseline: the same without the lidar's newcomers in
the guard and in the costs of ways.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from diarchy import Agent, HomeRobot
from diarchy.agent.run.config import RunConfig
from diarchy.contracts.world import Newcomers
from diarchy.memory import WorldModel
from diarchy.robots.home.freespace import FreeFloor

GOALS = ("sofa", "counter top", "desk", "bed", "dining table", "dresser")
PERSON, BODY = "person_1", 0.25
FAST = 0.5
ROOM = 0.30


@dataclass
class Watch:
    """Steps in once a run, and measures from then on."""

    robot: Any
    rng: np.random.Generator
    floor: FreeFloor
    stands: np.ndarray | None = None
    leaves_at: float = np.inf
    least: float = np.inf
    force: float = 0.0
    touched: set[str] = field(default_factory=set)
    gone: bool = False

    def __post_init__(self) -> None:
        person = next(p for p in self.robot.static_map.people if p.id == PERSON)
        self.home = (person.position[0], person.position[1], person.yaw)

    def tick(self) -> None:
        base, person = self.robot._base(), self.stands
        if person is None:
            self._step_in(base)
            return
        if self.robot.clock.now() > self.leaves_at:
            self.robot.move_person(PERSON, *self.home)
            self.leaves_at, self.gone = np.inf, True
        if self.gone:
            return
        gap = float(np.hypot(*(base.translation[:2] - person))) - BODY
        self.least = min(self.least, gap - self.robot.spec.base.radius)
        for pair, force in self.robot.truth.contacts().items():
            if PERSON in pair and force > 0.0:
                self.force = max(self.force, force)
                self.touched.add(pair[0] if pair[1] == PERSON else pair[1])

    def _step_in(self, base: Any) -> None:
        if float(self.robot.proprio().base_velocity[0]) < FAST:
            return
        ahead, aside = self.rng.uniform(1.0, 1.8), self.rng.uniform(-0.3, 0.3)
        spot = base.apply([ahead, aside, 0.0])[:2]
        if float(self.floor.room(spot)) < ROOM:
            return
        facing = base.yaw + float(self.rng.uniform(-np.pi / 2.0, np.pi / 2.0))
        self.robot.move_person(PERSON, float(spot[0]), float(spot[1]), facing)
        self.stands, self.leaves_at = spot, self.robot.clock.now() + self.rng.uniform(3.0, 8.0)


def one_run(seed: int, index: int) -> dict[str, Any]:
    """Go to one goal with somebody in the way."""
    rng = np.random.default_rng([seed, index])
    goal = GOALS[index % len(GOALS)]
    robot = HomeRobot("flat", seed=int(rng.integers(2**31)))
    start = tuple(robot._base().translation[:2].tolist())
    watch = Watch(robot, rng, FreeFloor(robot.static_map, start, people=False))
    with Agent(robot=robot, planner="symbolic", system1="motion") as agent:
        config = RunConfig(instruction="-", pictures=False, report=False, max_seconds=180.0)
        result = agent.run(f"go to the {goal}", config=config, watchers=[watch.tick])
    return {
        "goal": goal,
        "stepped_in": watch.stands is not None,
        "arrived": bool(result.truth and result.verified),
        "false": bool(result.verified and not result.truth),
        "least_gap_m": round(watch.least, 3),
        "force_n": round(watch.force, 1),
        "touched_by": sorted(watch.touched),
        "seconds": result.timing.sim_s,
        "message": result.message,
    }


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", action="store_true", help="the lidar's newcomers are ignored")
    parser.add_argument("--json", action="store_true")
    choices = parser.parse_args()
    if choices.without:
        WorldModel.newcomers = lambda self: Newcomers.none()  # type: ignore[method-assign]
    runs = [one_run(choices.seed, i) for i in range(choices.runs)]
    met = [r for r in runs if r["stepped_in"]]
    summary = {
        "schema": 1,
        "seed": choices.seed,
        "newcomers": not choices.without,
        "runs": len(runs),
        "stepped_in": len(met),
        "touched": sum(r["force_n"] > 0.0 for r in met),
        "largest_force_n": max((r["force_n"] for r in met), default=0.0),
        "least_gap_m": min((r["least_gap_m"] for r in met), default=None),
        "arrived": sum(r["arrived"] for r in met),
        "false": sum(r["false"] for r in met),
        "each": runs,
    }
    if choices.json:
        print(json.dumps(summary))
        return
    for run in runs:
        print(run)
    print({k: v for k, v in summary.items() if k != "each"})


if __name__ == "__main__":
    main()
