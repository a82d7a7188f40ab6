"""Where a control tick's time goes: physics, cameras and models, and the executive's own share.

    python benchmarks/tick_cost.py [--seed N] [--json]

Runs one household command in lockstep on one core and reports two figures: the executive's own cost
a tick (everything but physics, rendering and models; median and p99), and how much faster than real time the run is
without its cameras, as a ratio of simulated to wall-clock time in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.robots.home import HomeRobot


class Stopwatch:
    """Adds up the time spent in wrapped callables, since the last `take`."""

    def __init__(self) -> None:
        self.total = 0.0
        self._since = 0.0

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.total += time.perf_counter() - began

        return timed

    def take(self) -> float:
        spent, self._since = self.total - self._since, self.total
        return spent


def measure(sentence: str, seed: int) -> dict[str, Any]:
    robot = HomeRobot("home", seed=seed)
    physics, cameras, models = Stopwatch(), Stopwatch(), Stopwatch()
    robot.apply = physics.wrap(robot.apply)  # type: ignore[method-assign]
    robot.sense = cameras.wrap(robot.sense)  # type: ignore[method-assign]
    own: list[float] = []
    with Agent(robot=robot, planner="symbolic", system1="motion", seed=seed) as agent:
        agent.planner.plan = models.wrap(agent.planner.plan)  # type: ignore[method-assign]
        loop_type = agent._loop

        def instrumented(trace: Any, config: RunConfig) -> Any:
            loop = loop_type(trace, config)
            tick = loop.tick

            def timed_tick() -> Any:
                for watch in (physics, cameras, models):
                    watch.take()
                began = time.perf_counter()
                verdict = tick()
                spent = time.perf_counter() - began
                own.append(spent - physics.take() - cameras.take() - models.take())
                return verdict

            loop.tick = timed_tick  # type: ignore[method-assign]
            return loop

        agent._loop = instrumented  # type: ignore[method-assign]
        with tempfile.TemporaryDirectory() as scratch:
            config = RunConfig(
                instruction=sentence, seed=seed, pictures=False, record=Path(scratch) / "run"
            )
            began = time.perf_counter()
            result = agent.run(sentence, config=config)
            wall = time.perf_counter() - began
    ticks = np.array(own) * 1e3
    return {
        "sentence": sentence,
        "seed": seed,
        "status": result.status,
        "ticks": len(ticks),
        "own_ms_median": round(float(np.median(ticks)), 4),
        "own_ms_mean": round(float(np.mean(ticks)), 4),
        "own_ms_p99": round(float(np.percentile(ticks, 99)), 4),
        "sim_s": result.timing.sim_s,
        "wall_s": round(wall, 2),
        "physics_s": round(physics.total, 2),
        "cameras_s": round(cameras.total, 2),
        "models_s": round(models.total, 2),
        "times_real_time": round(result.timing.sim_s / wall, 2),
        "times_real_time_without_cameras": round(result.timing.sim_s / (wall - cameras.total), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentence", default="bring me the red mug")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(args.sentence, args.seed)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:34s} {value}")


if __name__ == "__main__":
    main()
