"""How often each class of thing is picked: one thing, one place, the skill `pick`, the judge.

    python benchmarks/grasp_table.py [--classes Apple,Spoon] [--place DiningTable] [--episodes N] [--seed N]
                                     [--content Apple] [--json FILE]

Each episode draws where the thing lies and how it is turned, lets the robot see it with the oracle
detector from some way off, navigates to it and picks it up. It counts as picked if the skill says so
and the simulator agrees: in both fingers, at least 5 cm from where it was, touching no furniture. ``--content``
puts another thing on or in it first, which must still be there at the end.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Action, Proprio
from diarchy.contracts.skill import Outcome, SkillCall, SkillContext, SkillRun, SkillSpec
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.scene import Scene, numbered, parse_scene
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.navigate import NavigateTo
from diarchy.skills.motion.pick import Pick
from diarchy.skills.specs import LOOK_AT

MIDDLE = 3.0
MOVED = 0.05
OPENABLE = ("Fridge", "Cabinet", "Microwave", "Drawer")
PARENTS = {"Drawer": "Dresser", "StoveBurner": "Stove"}


@dataclass
class Episode:
    """How one pick went; ``tilt_deg`` is the most that the thing leant while it was held."""

    cls: str
    seed: int
    success: bool
    claimed: bool
    cause: str = ""
    detail: str = ""
    seconds: float = 0.0
    tilt_deg: float = 0.0
    kept: bool = True


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


def stage(place: str, cls: str, content: str, rng: np.random.Generator) -> Scene:
    """One room with one fixture in its middle, the thing on or in it, the robot before its front."""
    away = float(rng.uniform(1.25, 1.6))
    side = float(rng.uniform(-0.3, 0.3))
    fixture = {"class": PARENTS.get(place, place), "x": MIDDLE, "y": MIDDLE, "yaw_deg": 0.0}
    where = next(iter(numbered(iter([place]))))
    standing_open = {where: 1.0} if place in OPENABLE else {}
    things: list[dict[str, Any]] = [{"class": cls, "color": "random", "where": where}]
    if content:
        things.append({"class": content, "color": "random", "where": [MIDDLE + 2.0, MIDDLE, 0.01]})
    return parse_scene(
        {
            "name": f"{cls} at {place}",
            "rooms": {"kitchen": {"bounds": [0, 0, 2 * MIDDLE, 2 * MIDDLE]}},
            "fixtures": [fixture],
            "open": standing_open,
            "objects": things,
            "robot": {"x": MIDDLE + away, "y": MIDDLE + side, "yaw_deg": 180.0},
        }
    )


def load(rig: Any, thing: str, content: str) -> None:
    """Put the content on or in the thing, leaning if it is too long to lie there, and let it rest."""
    robot = rig.robot
    kinds = [OBJECT_CLASSES[robot.truth.attributes(name)["class"]] for name in (thing, content)]
    length, room = kinds[1].extent[0], 0.8 * min(kinds[0].extent[:2])
    lean = 0.0 if length < room else float(np.arccos(0.5 * room / length))
    c, s = np.cos(lean), np.sin(lean)
    rotation = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    at = robot.truth.pose(thing).translation
    up = 0.014 + 0.5 * length * s + (0.008 if lean else 0.0)
    robot.truth.place(content, SE3(rotation, at + np.array([0.0, 0.0, up])))
    still = robot.proprio().commanded or Action(np.zeros(2), robot.proprio().q, 0.0)
    for _ in range(200):
        robot.apply(still)


class Glance:
    """Turns the head to a point and looks: what whoever sent the robot here has already done."""

    backend = "motion"

    def __init__(self, point: FloatArray) -> None:
        self._point = point

    @property
    def spec(self) -> SkillSpec:
        """That of `look_at`."""
        return LOOK_AT

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one look."""
        yield from Arm(context, proprio, "motion:glance").look(self._point)
        return Outcome.done()


class Watch:
    """Follows how much the thing leans while it is off what it stood on."""

    def __init__(self, rig: Any, thing: str) -> None:
        self._rig, self._thing = rig, thing
        self._start = rig.robot.truth.pose(thing)
        self.tilt_deg = 0.0
        self._tick = rig.tick
        rig.tick = self._watched

    def _watched(self) -> None:
        self._tick()
        pose = self._rig.robot.truth.pose(self._thing)
        if self.moved(pose) > 0.01 and self._rig.robot.proprio().tick % 10 == 0:
            lean = np.degrees(np.arccos(np.clip(pose.rotation[2, 2], -1.0, 1.0)))
            self.tilt_deg = max(self.tilt_deg, float(lean))

    def moved(self, pose: SE3) -> float:
        """How far (m) it is from where it was."""
        return float(np.linalg.norm(pose.translation - self._start.translation))


def episode(module: ModuleType, place: str, cls: str, content: str, seed: int) -> Episode:
    """Run one episode."""
    rng = np.random.default_rng([seed, sum(map(ord, cls + place))])
    with module.Rig(stage(place, cls, content, rng), seed, world="perceived") as rig:
        thing, truth = rig.robot.truth.objects[0], rig.robot.truth
        rider = rig.robot.truth.objects[1] if content else ""
        if content:
            load(rig, thing, rider)
        look = rig.robot.truth.centre(thing)
        rig.run(Glance(look), target=thing)
        if not _known(rig, thing):
            rig.run(NavigateTo(rig.spec), target=next(iter(rig.robot.static_map.fixtures)))
            rig.run(Glance(look), target=thing)
        if not _known(rig, thing):
            return Episode(cls, seed, False, False, "not_visible", f"not seen at {look.round(2)}")
        came = rig.run(NavigateTo(rig.spec), target=thing)
        if not came.outcome.success:
            cause = came.outcome.cause.value
            return Episode(cls, seed, False, False, f"navigate:{cause}", came.outcome.detail)
        watch = Watch(rig, thing)
        result = rig.run(Pick(rig.spec), object=thing)
        held = truth.holds("holding", thing) and watch.moved(truth.pose(thing)) > MOVED
        kept = not content or _aboard(truth, thing, rider)
        claimed = bool(result.outcome.success)
        return Episode(
            cls,
            seed,
            claimed and held and kept,
            claimed,
            "" if claimed else str(result.outcome.cause.value),
            result.outcome.detail,
            result.seconds,
            watch.tilt_deg,
            kept,
        )


def _known(rig: Any, thing: str) -> bool:
    return thing in {e.id for e in rig.world.entities()}


def _aboard(truth: Any, thing: str, rider: str) -> bool:
    """Tell whether the content is still within the box of what carries it."""
    cls = OBJECT_CLASSES[truth.attributes(thing)["class"]]
    local = truth.pose(thing).inverse().apply(truth.centre(rider))
    half = np.array(cls.extent[:2]) / 2.0
    return bool(np.all(np.abs(local[:2]) < half) and -0.01 < local[2] < cls.extent[2] + 0.08)


def main() -> None:
    """Run the table and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", default=",".join(OBJECT_CLASSES))
    parser.add_argument("--place", default="DiningTable")
    parser.add_argument("--content", default="")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", default="")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    module, out, began = harness(), sys.stdout, time.perf_counter()
    runs: list[Episode] = []
    for cls in args.classes.split(","):
        mine = []
        for k in range(args.episodes):
            run = episode(module, args.place, cls, args.content, args.seed + k)
            mine.append(run)
            if args.verbose and not run.success:
                out.write(f"  {run}\n")
        runs += mine
        good = sum(r.success for r in mine)
        why = Counter(_why(r) for r in mine if not r.success)
        lean = max(r.tilt_deg for r in mine)
        seconds = np.median([r.seconds for r in mine])
        text = ", ".join(f"{cause} {n}" for cause, n in why.items())
        out.write(
            f"{cls:14s} {good:2d}/{len(mine)}  {seconds:4.0f} s  lean {lean:3.0f} deg  {text}\n"
        )
        out.flush()
    good = sum(r.success for r in runs)
    wall = time.perf_counter() - began
    out.write(
        f"{'all':14s} {good}/{len(runs)} = {good / len(runs):.3f}   ({wall:.0f} s of wall time)\n"
    )
    if args.json:
        Path(args.json).write_text(
            json.dumps([asdict(r) for r in runs], indent=1), encoding="utf-8"
        )


def _why(run: Episode) -> str:
    if run.claimed:
        return "spilled" if not run.kept else "false success"
    return run.cause


if __name__ == "__main__":
    main()
