"""The skills that work furniture, one at a time, from random starts near by, judged by the simulator.

    python benchmarks/furniture_skills.py --skill open --target fridge_1 [--episodes N] [--seed N]

Each episode puts the robot somewhere within 2.5 m of the target, navigates to it and runs the skill
with the oracle detector; `close` and `toggle_off` find the target as they need it. Reports how often
skill and simulator agree that it worked, and simulated and wall-clock seconds of each part.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from diarchy.contracts.entity import StaticMap
from diarchy.robots.home.robot import HomeRobot
from diarchy.robots.home.static_map import static_map
from diarchy.skills.library import default_library
from diarchy.skills.motion.costmap import build_costmap

NEAR, FAR = 1.2, 2.5
SKILLS = ("open", "close", "toggle_on", "toggle_off")


@dataclass
class Episode:
    """How one trial went; seconds are simulated, ``wall`` is not."""

    seed: int
    success: bool
    truth: bool
    cause: str = ""
    detail: str = ""
    navigate_s: float = 0.0
    skill_s: float = 0.0
    looks: int = 0
    navigate_wall: float = 0.0
    skill_wall: float = 0.0


def harness() -> ModuleType:
    """Load the loop that the tests of skills use."""
    path = Path(__file__).parents[1] / "tests" / "skills" / "harness.py"
    spec = importlib.util.spec_from_file_location("skills_harness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class _Map:
    """Enough of a `WorldView` to build a cost map of a home in which everything is closed."""

    def __init__(self, static: StaticMap) -> None:
        self.static_map = static

    def entities(self) -> list[Any]:
        return list(self.static_map.people)

    def opening(self, entity_id: str) -> None:
        return None

    def held(self) -> None:
        return None


def start_near(scene: Any, target: str, rng: np.random.Generator, spec: Any) -> dict[str, float]:
    """Draw a free place of the base before a fixture, with any heading."""
    static = static_map(scene)
    info = static.fixtures[target]
    costmap = build_costmap(_Map(static), spec)  # type: ignore[arg-type]
    for _ in range(1000):
        away = rng.uniform(NEAR, FAR)
        turn = np.arctan2(info.front[1], info.front[0]) + rng.uniform(-1.2, 1.2)
        x = info.entity.position[0] + away * np.cos(turn)
        y = info.entity.position[1] + away * np.sin(turn)
        if costmap.free(float(x), float(y), slack=-0.1):
            yaw = float(rng.uniform(-180.0, 180.0))
            return {"x": float(x), "y": float(y), "yaw_deg": yaw}
    raise SystemExit(f"no free place was found before {target}")


def prepare(robot: HomeRobot, skill: str, target: str) -> None:
    """Bring the target into the state that the skill is there to change."""
    if skill == "close":
        robot.set_door(target, 0.8 * robot.static_map.fixtures[target].max_opening)
    elif skill == "toggle_off":
        robot.set_power(target, True)


def judged(robot: HomeRobot, skill: str, target: str) -> bool:
    """What the simulator says of the outcome."""
    truth = robot.truth
    return {
        "open": lambda: truth.holds("open", target),
        "close": lambda: truth.holds("closed", target),
        "toggle_on": lambda: truth.holds("running", target),
        "toggle_off": lambda: not truth.holds("running", target),
    }[skill]()


def run(args: argparse.Namespace, seed: int, pictures: Path | None) -> Episode:
    """Run one episode."""
    tests = harness()
    rng = np.random.default_rng([seed, 77])
    from diarchy.robots.home.fetch import fetch_spec

    base = tests.scene_with(args.scene)
    scene = tests.scene_with(args.scene, robot=start_near(base, args.target, rng, fetch_spec()))
    with tests.Rig(scene, seed=seed, world=args.world) as rig:
        prepare(rig.robot, args.skill, args.target)
        rig.look()
        library = default_library(rig.spec, third_party=False)
        began = time.perf_counter()
        moved = rig.run(library.get("navigate_to"), target=args.target)
        arrived = time.perf_counter()
        skill = library.get(args.skill)
        parameter = skill.spec.parameters[0].name
        if pictures is not None:
            film(rig, pictures, args.view)
        result = rig.run(skill, **{parameter: args.target})
        ended = time.perf_counter()
        outcome = result.outcome
        return Episode(
            seed,
            outcome.success,
            judged(rig.robot, args.skill, args.target),
            outcome.cause.value if outcome.cause else "",
            outcome.detail
            if moved.outcome.success
            else f"{moved.outcome.detail}; {outcome.detail}",
            moved.seconds,
            result.seconds,
            result.looks,
            arrived - began,
            ended - arrived,
        )


def film(rig: Any, folder: Path, view: str) -> None:
    """Keep a picture a second of what follows."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    tick, state = rig.tick, {"n": 0}

    def filmed() -> None:
        tick()
        if state["n"] % 200 == 0:
            image = rig.robot.render(view, 480, 360)
            Image.fromarray(image).save(folder / f"{state['n'] // 200:03d}.jpg", quality=85)
        state["n"] += 1

    rig.tick = filmed


def summary(episodes: list[Episode]) -> dict[str, Any]:
    """Figures over all episodes."""
    agreed = sum(e.success and e.truth for e in episodes)
    mean = {
        name: round(float(np.mean([getattr(e, name) for e in episodes])), 2)
        for name in ("navigate_s", "skill_s", "looks", "navigate_wall", "skill_wall")
    }
    return {
        "n": len(episodes),
        "success": agreed,
        "false_success": sum(e.success and not e.truth for e in episodes),
        "missed_success": sum(e.truth and not e.success for e in episodes),
        **mean,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skill", default="open", choices=SKILLS)
    parser.add_argument("--target", default="fridge_1")
    parser.add_argument("--scene", default="flat")
    parser.add_argument("--world", default="perceived", choices=("perceived", "truth"))
    parser.add_argument("--episodes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pictures", type=Path, help="keep a picture a second in this folder")
    parser.add_argument("--view", default="chase")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    episodes = []
    for seed in range(args.seed, args.seed + args.episodes):
        folder = None if args.pictures is None else args.pictures / str(seed)
        episodes.append(run(args, seed, folder))
        if not args.json:
            print(json.dumps(asdict(episodes[-1])), flush=True)
    print(json.dumps({"skill": args.skill, "target": args.target, **summary(episodes)}))


if __name__ == "__main__":
    main()
