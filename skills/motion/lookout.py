"""Where `search` goes next: which places are worth a look, and how far each is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Truth
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.household import is_likely_place
from diarchy.contracts.plan import Reference
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import SkillContext
from diarchy.contracts.world import WorldView
from diarchy.memory.references import anchors, distance, looks_like
from diarchy.skills.motion.costmap import build_costmap
from diarchy.skills.motion.gaze import look_points
from diarchy.skills.motion.path import TravelField

_ALREADY_KNOWN = 6.0
"""Penalty (m of travel) for a place that was inspected before: what is sought may have come since."""
_UNLIKELY = 8.0
"""The same for a place where such a thing is usually not kept."""
_AROUND = 2.5
"""What is near something else is looked for on places at most so far (m) from it."""
_RING = 1.2
_DIRECTIONS = 16


@dataclass
class Log:
    """Where was looked, for the person who asks why nothing was found."""

    looked: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, name: str, *, fallen: bool, remembered: bool) -> None:
        """Note a place, and what took the robot there."""
        was = " (it was there in an earlier run)" if remembered else ""
        self.looked.append("the floor around it" if fallen else name + was)

    def words(self) -> str:
        """Say both in one clause."""
        looked = ", ".join(self.looked) or "nowhere but around the robot"
        skipped = f"; not looked at: {', '.join(self.skipped)}" if self.skipped else ""
        return f"looked at {looked}{skipped}"


def places_to_look(world: WorldView, reference: Reference | None, log: Log) -> list[str]:
    """Fixtures worth a look; with an anchor only that one, because elsewhere nothing can fit.

    What is closed is left to the planner, who can have it opened; the log names it.
    """
    fixtures = world.static_map.fixtures
    names = [n for n in sorted(fixtures) if fixtures[n].surfaces]
    if reference is not None and reference.anchor is not None:
        around = anchors(reference, world)
        if reference.relation == "near":
            names = [
                n for n in names if any(distance(world.entity(n), a) < _AROUND for a in around)
            ]
        else:
            names = [n for n in names if n in _standing_on({a.id for a in around}, world)]
    closed = [n for n in names if is_shut(world, n)]
    log.skipped += [f"{n} (it is closed)" for n in closed]
    return [n for n in names if n not in closed]


def remembered_place(
    world: WorldView, among: Sequence[str], reference: Reference | None, name: str | None
) -> str | None:
    """Return the likeliest of some places where an earlier run saw what is described, or what has that id."""
    for hint in world.remembered():
        thing = hint.thing
        named = thing.id == name if reference is None else looks_like(thing, reference)
        if named and hint.place in among:
            return hint.place
    return None


def _standing_on(anchored: set[str], world: WorldView) -> set[str]:
    """The fixtures named, and those that a plate or a bowl that was named stands on."""
    found = set(anchored)
    for name, info in world.static_map.fixtures.items():
        for thing in anchored:
            if thing == name or thing in world.static_map.fixtures:
                continue
            stands = (Predicate(s.relation, (thing, name)) for s in info.surfaces)
            if any(world.truth(Condition(p)) is Truth.TRUE for p in stands):
                found.add(name)
    return found


def is_shut(world: WorldView, name: str) -> bool:
    """Tell whether its only places are behind a door, or in a drawer, that is not known to be open."""
    info = world.static_map.fixtures[name]
    inside = all(s.relation == "in" for s in info.surfaces)
    opened = Condition(Predicate("open", (name,)))
    return info.openable and inside and world.truth(opened) is not Truth.TRUE


def nearest_place(context: SkillContext, left: list[str], cls: str | None = None) -> str:
    """Return the cheapest place to go to for a thing of a class.

    What was never inspected comes first, and where such things are usually kept.

    Travel is taken from one field over the whole floor to the surroundings of each place; where
    exactly to stand is worked out only for the place that is chosen.
    """
    world = context.world
    base = Pose2.from_se3(world.map_from_base())
    costmap = build_costmap(world, context.spec, escape_from=(base.x, base.y))
    travel = TravelField.build(costmap, (base.x, base.y))

    def cost(name: str) -> tuple[float, str]:
        drive = min((travel.cost(x, y) for x, y in _surroundings(world, name)), default=np.inf)
        known = _ALREADY_KNOWN if world.inspected(name) is not None else 0.0
        unlikely = cls is not None and not is_likely_place(cls, world.entity(name).cls)
        return drive + known + _UNLIKELY * unlikely, name

    return min(left, key=cost)


def _surroundings(world: WorldView, name: str) -> Iterator[tuple[float, float]]:
    """Points ``[2]`` m around the places of a fixture, only before it if it is looked into there."""
    info = world.static_map.fixtures[name]
    front = float(np.arctan2(info.front[1], info.front[0]))
    inward = info.openable or any(s.approach == "front" for s in info.surfaces)
    turns = np.arange(_DIRECTIONS) * 2.0 * np.pi / _DIRECTIONS
    angles = [a for a in turns if not inward or np.cos(a) > 0.7]
    for point in points_to_look_at(world, name):
        for angle in angles:
            x, y = point[:2] + _RING * np.array([np.cos(front + angle), np.sin(front + angle)])
            yield float(x), float(y)


def points_to_look_at(world: WorldView, name: str) -> list[FloatArray]:
    """Points ``[3]`` m in ``map`` on the places of a fixture where they are now."""
    info: FixtureInfo = world.static_map.fixtures[name]
    return list(look_points(replace(info, surfaces=world.surfaces(name))))


def points_of(world: WorldView, name: str) -> list[FloatArray]:
    """Points ``[3]`` m in ``map`` to look at: the places of a fixture, or where a thing is believed to lie."""
    if name in world.static_map.fixtures:
        return points_to_look_at(world, name)
    return [np.array(e.position) for e in world.entities() if e.id == name]


def seen_since(world: WorldView, name: str, began: float) -> bool:
    """Tell whether the places of a fixture were inspected at or after a stamp."""
    stamp = world.inspected(name)
    return stamp is not None and stamp >= began
