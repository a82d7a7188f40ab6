"""The scripted optimum of a task: how far and how long somebody would go who knew everything.

Success weighted by path length compares the way that was driven with the shortest one (SPL, Anderson
et al., arXiv 1807.06757). The shortest way visits the places that the goals themselves name: the
things, the devices that treat them, and where they shall be; through standpoints at which the robot
can work, along collision-free paths. It reads the simulator's truth and belongs to the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory
from diarchy.agent.evaluation.judge import AnyOf, Goal
from diarchy.agent.evaluation.tasks.model import Task
from diarchy.contracts.entity import Detection, Sighting
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.household import PROCESSES, device_for
from diarchy.contracts.predicate import Predicate
from diarchy.contracts.robot import Pose2
from diarchy.memory import WorldModel
from diarchy.perception.percept import FixtureReading, Percept
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.skills.motion.costmap import build_costmap
from diarchy.skills.motion.path import TravelField, path_length
from diarchy.skills.motion.standpoints import standpoints

CRUISE = 0.5
"""Mean speed (m/s) of driving from place to place, with starting, turning and stopping."""
SECONDS = {"pick": 12.0, "place": 12.0, "open": 14.0, "close": 10.0, "switch": 8.0}
"""What the parts of a task take at best: rounded medians of the motion skills when nothing goes wrong."""
_CHOICES = 3


@dataclass(frozen=True)
class Optimum:
    """Shortest way in m, and the time in s that goes with it."""

    path_m: float
    seconds: float


def spl(success: bool, driven: float, optimum: float) -> float:
    """Success weighted by (inverse) path length, in [0, 1]; 1 for a success that needed no way."""
    if not success:
        return 0.0
    longest = max(driven, optimum)
    return 1.0 if longest < 1e-6 else optimum / longest


def optimum(robot: Any, home: Inventory, task: Task) -> Optimum | None:
    """Compute it for a task at its start; None if the task names no place to go to."""
    script = _script(home, task)
    if not script:
        return None
    world = all_knowing(robot)
    start = Pose2.from_se3(world.map_from_base())
    way = _shortest(world, robot.spec, (start.x, start.y), [site for site, _ in script])
    if way is None:
        return None
    return Optimum(round(way, 3), round(way / CRUISE + sum(s for _, s in script), 1))


def _script(home: Inventory, task: Task) -> list[tuple[str, float]]:
    """Return the places to go to in order, each with the seconds of work there."""
    found: list[tuple[str, float]] = []
    for thing in task.about:
        for stop in _stops(home, thing, task.goals):
            if not found or found[-1][0] != stop[0]:
                found.append(stop)
            else:
                found[-1] = (stop[0], found[-1][1] + stop[1])
    if not task.about:
        sites = [*task.sought, *(p.args[-1] for p in _predicates(task.goals) if p.args)]
        found = [_reached(home, site) for site in sites]
    return found


def _reached(home: Inventory, site: str) -> tuple[str, float]:
    """Where to go for a thing, or a fixture: what is shut in is found where it is shut in."""
    holder = next((t.where for t in home.things if t.id == site), "")
    return (holder, SECONDS["open"]) if holder in home.shut else (site, 0.0)


def _stops(home: Inventory, thing: str, goals: Sequence[Goal]) -> list[tuple[str, float]]:
    about = [p for p in _predicates(goals) if p.args and p.args[0] == thing]
    ends = [p.args[1] for p in about if len(p.args) == 2]
    end = ends[0] if ends else None
    lamp = [p.args[0] for p in _predicates(goals) if p.name == "running"]
    stops: list[tuple[str, float]] = []
    if end in home.shut:
        stops.append((str(end), SECONDS["open"]))
    stops += [(d, SECONDS["open"]) for d in _devices(home, about) if d in home.shut]
    stops += [(lamp[0], SECONDS["switch"])] if lamp else []
    stops.append((thing, SECONDS["pick"]))
    for device in _devices(home, about):
        process = PROCESSES[home.fixtures[device]]
        doors = SECONDS["open"] + SECONDS["close"] if device in home.shut else 0.0
        switches = SECONDS["switch"] * (0 if not process.running else 1 if process.stops else 2)
        work = SECONDS["place"] + SECONDS["pick"] + process.seconds
        stops.append((device, work + doors + switches))
    stops += [(lamp[0], 0.0)] if lamp else []
    if end is not None:
        shut = SECONDS["close"] if end in home.shut else 0.0
        stops.append((end, SECONDS["place"] + shut))
    return stops


def _devices(home: Inventory, about: Sequence[Predicate]) -> list[str]:
    names = [p.name for p in about]
    classes = [device_for(s) for s in ("hot", "cold", "clean") if s in names]
    return [home.fixture(c) for c in classes if home.of_class(c)]


def _predicates(goals: Sequence[Goal]) -> list[Predicate]:
    conditions = [g.choices[0] if isinstance(g, AnyOf) else g for g in goals]
    return [c.predicate for c in conditions if c.value]


def all_knowing(robot: Any) -> WorldModel:
    """A belief in which everything has been seen, made from the simulator's truth."""
    truth = robot.truth
    world = WorldModel(robot.static_map, robot.spec)
    pixel = np.ones((1, 1), dtype=np.bool_)
    sightings = []
    for name in truth.objects:
        attributes = truth.attributes(name)
        pose = truth.pose(name)
        seen = Detection(attributes["class"], 1.0, pixel, {}, instance=name)
        extent = np.asarray(OBJECT_CLASSES[attributes["class"]].extent, dtype=np.float64)
        sightings.append(Sighting(seen, truth.centre(name), pose.yaw, extent, 0.0, False, 1000))
    readings = [
        FixtureReading(
            Detection(info.entity.cls, 1.0, pixel, opening=truth.opening(name), instance=name),
            np.asarray(info.entity.position),
            0.0,
        )
        for name, info in robot.static_map.fixtures.items()
        if info.openable
    ]
    base = truth.base().se3()
    world.integrate(Percept(0.0, base, tuple(sightings), tuple(readings), (), None, True, "truth"))
    return world


def _shortest(
    world: WorldModel, spec: Any, start: tuple[float, float], sites: Sequence[str]
) -> float | None:
    """Length of the shortest way from the start past one standpoint of every site, in order."""
    costmap = build_costmap(world, spec, escape_from=start)
    reached: dict[tuple[float, float], float] = {start: 0.0}
    for site in sites:
        places = _spread(_places(world, spec, site))
        if not places:
            return None
        nearest: dict[tuple[float, float], float] = {}
        for here, spent in reached.items():
            field = TravelField.build(costmap, here)
            for x, y in places:
                path = field.path(x, y)
                if path is not None:
                    total = spent + path_length(path)
                    nearest[(x, y)] = min(total, nearest.get((x, y), np.inf))
        if not nearest:
            return None
        reached = nearest
    return min(reached.values())


def _places(world: WorldModel, spec: Any, site: str) -> list[Pose2]:
    try:
        return standpoints(world, spec, site, "reach")
    except DiarchyError:
        return []


def _spread(places: Sequence[Pose2]) -> list[tuple[float, float]]:
    """Return the best standpoint and others that lie well apart from it."""
    chosen: list[tuple[float, float]] = []
    for place in places:
        if all(np.hypot(place.x - x, place.y - y) > 0.4 for x, y in chosen):
            chosen.append((place.x, place.y))
    return chosen[:_CHOICES]
