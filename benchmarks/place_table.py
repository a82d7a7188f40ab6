"""How well things are put down: one receptacle, some classes, many seeds; a table of what came of it.

    python benchmarks/place_table.py --receptacle Microwave --classes Mug,Apple --episodes 10 [--seed N]

``--receptacle`` is a class of fixture, of a movable container (it stands on a counter then), or
Person. Every episode picks the thing from a table, drives to the receptacle and puts it there; with
``--count 2`` a second one follows. Doors and drawers stand open. Perception is real, with the oracle
detector; the judge is the simulator's truth. ``--pictures DIR`` keeps a picture of every end.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MUJOCO_GL", "egl")

import numpy as np

from diarchy.contracts.skill import Outcome
from diarchy.memory.belief import CAN_HOLD
from diarchy.robots.home.catalog import FIXTURE_CLASSES
from diarchy.robots.home.scene import Scene, parse_scene, snake
from diarchy.skills.motion.hand_over import HandOver
from diarchy.skills.motion.navigate import NavigateTo
from diarchy.skills.motion.pick import Pick
from diarchy.skills.motion.place import PlaceIn, PlaceOn

_ROOM = (0.0, 0.0, 5.2, 5.0)
_PARENTS = {"Drawer": "Dresser", "StoveBurner": "Stove", "DeskLamp": "Desk"}
_FROM = (4.35, 2.5)
_TABLE_TOP = 0.742


@dataclass
class Placed:
    """One thing put somewhere: what the skill said, what is true, how long it took."""

    cls: str
    seed: int
    stage: str = "pick"
    said: str = ""
    success: bool = False
    truth: bool = False
    seconds: float = 0.0
    wall: float = 0.0
    planning: float = 0.0
    looks: int = 0
    upright: bool = True
    shoved: list[str] = field(default_factory=list)


def rig_class() -> Any:
    """Load the rig that the skills' own tests use."""
    path = Path(__file__).parents[1] / "tests" / "skills" / "harness.py"
    spec = importlib.util.spec_from_file_location("skills_harness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Rig


def scene_for(
    receptacle: str, classes: list[str], neighbours: list[str], rng: np.random.Generator
) -> Scene:
    """Build a room with the receptacle at one wall and a table with the things near the other."""
    movable = receptacle in CAN_HOLD
    fixture = "CounterTop" if movable else _PARENTS.get(receptacle, receptacle)
    shift, turn = rng.uniform(-0.3, 0.3), rng.uniform(-4.0, 4.0)
    fixtures = [{"class": "DiningTable", "x": _FROM[0], "y": _FROM[1], "yaw_deg": 180.0}]
    people = []
    if receptacle == "Person":
        people = [{"x": 1.0, "y": 2.5 + shift, "yaw_deg": turn}]
    else:
        depth = FIXTURE_CLASSES[fixture]().size[0]
        door = {"door_deg": 100.0} if _has_door(fixture) else {}
        at = {"x": depth / 2 + 0.06, "y": 2.5 + shift, "yaw_deg": turn}
        fixtures.append({"class": fixture, **at, **door})
    where = snake(fixture) + "_1"
    things = [
        {
            "class": cls,
            "color": "random",
            "where": [
                _FROM[0] - 0.18 + rng.uniform(-0.05, 0.05),
                _FROM[1] - 0.15 * (len(classes) - 1) + 0.30 * i,
                _TABLE_TOP,
            ],
            "yaw_deg": float(rng.uniform(-180, 180)),
        }
        for i, cls in enumerate(classes)
    ]
    if movable:
        # Within one look from before the middle of the counter.
        at = [0.36 + rng.uniform(0.06, 0.14), 2.5 + shift + rng.uniform(-0.3, 0.3), 0.882]
        things.append({"class": receptacle, "color": "random", "where": at})
    things += [{"class": n, "color": "random", "where": where} for n in neighbours]
    return parse_scene(
        {
            "name": "place_table",
            "rooms": {"kitchen": {"bounds": _ROOM, "floor": "tiles", "walls": "wall_sage"}},
            "fixtures": fixtures,
            "objects": things,
            "people": people,
            "robot": {"x": 3.2 + rng.uniform(-0.05, 0.03), "y": 2.5 + rng.uniform(-0.1, 0.1)},
        }
    )


def _has_door(fixture: str) -> bool:
    return FIXTURE_CLASSES[fixture]().door is not None


def run(receptacle: str, cls: str, seed: int, args: argparse.Namespace) -> list[Placed]:
    """Put ``args.count`` things of a class into the receptacle of one seed."""
    rng = np.random.default_rng([seed, 17])
    pool = ["SodaCan", "Cup", "SaltShaker", "Apple", "Mug", "Bowl"]
    around = [str(n) for n in rng.permutation(pool)[: args.neighbours]]
    scene = scene_for(receptacle, [cls] * args.count, around, rng)
    ids = scene.object_ids
    target = ids[args.count] if receptacle in CAN_HOLD else snake(receptacle) + "_1"
    results = []
    with rig_class()(scene, seed, world=args.world) as rig:
        if receptacle == "Drawer":
            rig.robot.set_door(target, 0.27)
        rig.look()
        for thing in ids[: args.count]:
            results.append(_one(rig, thing, target, Placed(cls, seed), args))
            if not results[-1].success:
                break
    return results


def _one(rig: Any, thing: str, target: str, result: Placed, args: argparse.Namespace) -> Placed:
    skills = [
        (NavigateTo(rig.spec), {"target": thing}),
        (Pick(rig.spec), {"object": thing}),
        (NavigateTo(rig.spec), {"target": target}),
    ]
    if target not in {e.id for e in rig.world.entities()}:
        skills.insert(2, (NavigateTo(rig.spec), {"target": "counter_top_1"}))
    if thing.endswith("_1"):
        skills.pop(0)
    info = rig.robot.static_map.fixtures.get(target)
    if info is not None and info.openable and rig.world.opening(target) is None:
        # A door that was never seen is taken for shut; the second time it is known to be open.
        skills.append((NavigateTo(rig.spec), {"target": target}))
    for skill, call in skills:
        outcome = rig.run(skill, **call).outcome
        result.stage, result.said = skill.spec.name, _words(outcome)
        if not outcome.success:
            return result
    others = {n: rig.robot.truth.centre(n) for n in rig.robot.truth.objects if n != thing}
    relation, skill, key = _way_to_put(rig, target)
    result.stage = skill.spec.name
    clock = _time_planning(rig)
    began = time.perf_counter()
    done = rig.run(skill, **{"object": thing, key: target})
    result.wall, result.planning = time.perf_counter() - began, clock()
    result.said, result.success = _words(done.outcome), done.outcome.success
    result.seconds, result.looks = done.seconds, done.looks
    result.truth = rig.robot.truth.holds(relation, thing, target)
    result.upright = bool(rig.robot.truth.pose(thing).rotation[2, 2] > 0.9)
    moved = {n: float(np.linalg.norm(rig.robot.truth.centre(n) - at)) for n, at in others.items()}
    result.shoved = [f"{n} {100 * d:.0f} cm" for n, d in moved.items() if d > 0.02]
    if args.pictures:
        _picture(rig, Path(args.pictures), f"{target}-{thing}-{result.seed}")
    return result


def _way_to_put(rig: Any, target: str) -> tuple[str, Any, str]:
    if target.startswith("person"):
        return "given", HandOver(rig.spec), "person"
    relations = rig.world.entity(target).can_hold
    if "in" in relations:
        return "in", PlaceIn(rig.spec), "receptacle"
    return "on", PlaceOn(rig.spec), "receptacle"


def _time_planning(rig: Any) -> Any:
    """Add up the wall time that the skill itself takes."""
    step, spent = type(rig.executor).step, [0.0]

    def timed(proprio: Any) -> None:
        began = time.perf_counter()
        step(rig.executor, proprio)
        spent[0] += time.perf_counter() - began

    rig.executor.step = timed
    return lambda: spent[0]


def _picture(rig: Any, folder: Path, name: str) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rig.robot.render("chase", 720, 540)).save(folder / f"{name}.png")


def _words(outcome: Outcome) -> str:
    cause = "" if outcome.cause is None else f"{outcome.cause.value}: "
    return f"{cause}{outcome.detail}"


def _row(cls: str, results: list[Placed]) -> str:
    tried = [r for r in results if r.stage in ("place_on", "place_in", "hand_over")]
    good = [r for r in tried if r.success and r.truth]
    wrong = sum(r.success != r.truth for r in tried)
    average = (
        [float(np.mean([getattr(r, k) for r in tried])) for k in ("seconds", "wall", "planning")]
        if tried
        else [0.0] * 3
    )
    lying = sum(not r.upright for r in good)
    brought = len(results) - len(tried)
    cells = [cls, f"{len(good)}/{len(tried)}", str(brought), str(wrong), str(lying)]
    return "| " + " | ".join([*cells, *(f"{a:.1f}" for a in average)]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--receptacle", required=True)
    parser.add_argument("--classes", default="Apple,Mug,SodaCan")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1, help="how many of the class, one by one")
    parser.add_argument("--neighbours", type=int, default=0, help="things that stand there already")
    parser.add_argument("--world", choices=("perceived", "truth"), default="perceived")
    parser.add_argument("--pictures", default="")
    parser.add_argument("--json", default="", help="write every result to this file")
    args = parser.parse_args()
    print(f"{args.receptacle}, {args.episodes} seeds from {args.seed}, {args.count} each")
    print(
        "| class | put | not brought | said wrongly | lying | simulated s | wall s | planning s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    everything: list[Placed] = []
    for cls in args.classes.split(","):
        results: list[Placed] = []
        for seed in range(args.seed, args.seed + args.episodes):
            results += run(args.receptacle, cls, seed, args)
        print(_row(cls, results), flush=True)
        for r in results:
            if not (r.success and r.truth) or r.shoved:
                print(f"    seed {r.seed}: {r.stage} {r.said} (truth: {r.truth}) {r.shoved}")
        everything += results
    if args.json:
        Path(args.json).write_text(json.dumps([asdict(r) for r in everything], indent=1))


if __name__ == "__main__":
    main()
