"""What each predicate means physically, evaluated over the belief: true, false or unknown, since when.

Evidence carries the stamp of what it rests on: of the last sighting WITH THE ROBOT AT REST for
relations between things, of the last proprioception for what the robot feels of itself. An action
was seen to succeed only if that stamp is newer than the action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from diarchy.contracts.entity import Entity, StaticMap, Surface, Truth
from diarchy.contracts.geometry import SE3, wrap_angle
from diarchy.contracts.predicate import ANY, Condition, Predicate
from diarchy.memory.belief import SURE
from diarchy.perception.boxes import nearest_on_box
from diarchy.perception.support import over_surface

NEAR_FIXTURE = 1.05
NEAR_OBJECT = 0.95
NEAR_PERSON = 1.4
FACING = np.radians(60.0)
FRONT_SIDE = np.radians(75.0)
OPEN_FRACTION = 0.6
CLOSED_ANGLE = np.radians(5.0)
RESTS_BELOW, RESTS_ABOVE = 0.03, 0.035
"""An object's lower face may be seen this far (m) below or above the surface it rests on."""
EDGE = 0.02
"""Its centre may be this far (m) beyond the edge: the position is not better known."""
PILED = 0.15
"""Inside, things may lie this high (m) above the floor, on others or leaning."""


@dataclass(frozen=True)
class Evidence:
    """A truth value and the stamp (s) of what it rests on; None: on the map, or on nothing."""

    truth: Truth
    stamp: float | None = None


UNKNOWN = Evidence(Truth.UNKNOWN)


class Belief(Protocol):
    """What evaluation reads of the world model."""

    @property
    def static_map(self) -> StaticMap:
        """Rooms, walls, fixtures."""
        ...

    @property
    def stamp(self) -> float:
        """Of the newest proprioception or percept."""
        ...

    def map_from_base(self) -> SE3:
        """Where the base is."""
        ...

    def entities(self) -> Sequence[Entity]:
        """All believed, sorted by id."""
        ...

    def find(self, entity_id: str) -> Entity | None:
        """One of them; None if it is not believed to exist."""
        ...

    def is_lost(self, entity_id: str) -> bool:
        """Known once, seen to be gone from its place."""
        ...

    def rest_seen(self, entity_id: str) -> float | None:
        """Stamp of the last sighting with the robot at rest."""
        ...

    def held(self) -> str | None:
        """What is in the gripper."""
        ...

    def door(self, entity_id: str) -> tuple[float, float] | None:
        """Angle (rad) and stamp of a door; None if never seen."""
        ...

    def inspected(self, entity_id: str) -> float | None:
        """Stamp of the last good look at a fixture's surfaces."""
        ...


def evaluate(world: Belief, condition: Condition) -> Evidence:
    """Evaluate a condition; ``*`` means: some instance (positive), no instance (negative).

    A door is open, shut or ajar: ``not open(c)`` asks for shut, so both it and ``open(c)`` are false
    of a door that is ajar.
    """
    if condition.predicate.name == "open" and not condition.value:
        return _shut(world, condition.predicate)
    evidence = _positive(world, condition.predicate)
    if condition.value or evidence.truth is Truth.UNKNOWN:
        return evidence
    flipped = Truth.FALSE if evidence.truth is Truth.TRUE else Truth.TRUE
    return Evidence(flipped, evidence.stamp)


def _positive(world: Belief, predicate: Predicate) -> Evidence:
    if predicate.has_wildcard:
        return _some(world, predicate)
    return _RULES[predicate.name](world, *predicate.args)


def _some(world: Belief, predicate: Predicate) -> Evidence:
    """At least one instance. "None" can only be known of places that were inspected."""
    found = [_positive(world, p) for p in _instances(world, predicate)]
    for truth in (Truth.TRUE, Truth.UNKNOWN):
        hits = [e for e in found if e.truth is truth]
        if hits:
            return max(hits, key=lambda e: -np.inf if e.stamp is None else e.stamp)
    if predicate.name in ("on", "in") and predicate.args[0] == ANY:
        place = predicate.args[1]
        stamp = None if place == ANY else world.inspected(place)
        return UNKNOWN if stamp is None else Evidence(Truth.FALSE, stamp)
    if predicate.name in ("located", "seen"):
        return UNKNOWN
    stamps = [e.stamp for e in found if e.stamp is not None]
    return Evidence(Truth.FALSE, min(stamps) if stamps else world.stamp)


def _instances(world: Belief, predicate: Predicate) -> Iterable[Predicate]:
    entities = world.entities()
    things = [e.id for e in entities if e.movable]
    others = [e.id for e in entities]
    choices: list[list[str]] = []
    for place, arg in enumerate(predicate.args):
        if arg != ANY:
            choices.append([arg])
        elif predicate.name in ("on", "in"):
            choices.append(things if place == 0 else [e.id for e in entities if e.can_hold])
        elif predicate.name in ("holding", "accessible"):
            choices.append(things)
        else:
            choices.append(others)
    if len(choices) == 1:
        return [Predicate(predicate.name, (a,)) for a in choices[0]]
    return [Predicate(predicate.name, (a, b)) for a in choices[0] for b in choices[1] if a != b]


def on(world: Belief, thing: str, place: str) -> Evidence:
    """``on(o, r)``: o rests on a surface of r.

    Its lower face is within 3 cm below and 3.5 cm above an ``on`` surface of r and its centre over
    it (2 cm of tolerance); on a movable r: its centre over r's box and its lower face between r's
    bottom and 3.5 cm above its top. False while o is held; unknown if o or r was never seen.
    """
    return _relation(world, thing, place, "on")


def inside(world: Belief, thing: str, place: str) -> Evidence:
    """``in(o, r)``: o is inside r.

    Its centre is over an ``in`` surface of r (2 cm of tolerance), its lower face from 4 cm below to 15 cm above it
    and its centre below the ceiling; in a movable r: its centre over r's box, its lower face below
    r's rim. What went into a container that was then closed stays in. False while o is held.
    """
    return _relation(world, thing, place, "in")


def _relation(world: Belief, thing: str, place: str, relation: str) -> Evidence:
    if world.held() == thing:
        return Evidence(Truth.FALSE, world.stamp)
    entity = world.find(thing)
    if entity is None or not entity.movable or entity.confidence < SURE:
        return UNKNOWN if entity is None or entity.movable else Evidence(Truth.FALSE)
    info = world.static_map.fixtures.get(place)
    stamp = world.rest_seen(thing)
    if info is not None:
        rule = rests_on if relation == "on" else lies_in
        true = any(rule(entity, s) for s in info.surfaces if s.relation == relation)
        return Evidence(Truth.of(true), stamp)
    other = world.find(place)
    if other is None:
        return UNKNOWN
    return Evidence(
        Truth.of(relation in other.can_hold and _stacked(entity, other, relation)), stamp
    )


def rests_on(entity: Entity, surface: Surface) -> bool:
    """Whether a box rests on a surface; tolerances as in `on`."""
    foot = np.array([entity.position[0], entity.position[1], entity.bottom])
    over, height = over_surface(surface, foot, EDGE)
    return over and -RESTS_BELOW <= height <= RESTS_ABOVE


def lies_in(entity: Entity, surface: Surface) -> bool:
    """Whether a box lies in the space over an inner surface; tolerances as in `inside`."""
    foot = np.array([entity.position[0], entity.position[1], entity.bottom])
    over, height = over_surface(surface, foot, EDGE)
    centre = height + entity.extent[2] / 2.0
    return over and -0.04 <= height <= PILED and centre <= surface.clearance + 0.02


def _stacked(entity: Entity, below: Entity, relation: str) -> bool:
    local = below.pose().inverse().apply(np.array(entity.position))
    half = np.array(below.extent[:2]) / 2.0 + 0.005
    if not np.all(np.abs(local[:2]) <= half) or entity.bottom < below.bottom - 0.02:
        return False
    if relation == "on":
        return entity.position[2] > below.position[2] and entity.bottom <= below.top + RESTS_ABOVE
    return entity.bottom <= below.top - 0.01


def holding(world: Belief, thing: str) -> Evidence:
    """``holding(o)``: a skill closed the gripper on o, and width and force still say so.

    Unknown when something unnamed is between the fingers.
    """
    held = world.held()
    if held == "unknown_object" and thing != held:
        return Evidence(Truth.UNKNOWN, world.stamp)
    return Evidence(Truth.of(held == thing), world.stamp)


def hand_empty(world: Belief) -> Evidence:
    """``hand_empty()``: nothing is between the fingers by width and force."""
    return Evidence(Truth.of(world.held() is None), world.stamp)


def near(world: Belief, thing: str) -> Evidence:
    """``near(x)``: the base stands where it can work on x, and faces it within 60 degrees.

    Fixture: at most 1.05 m from the nearest point of its box, and within 75 degrees of its front if
    it has a door; object: at most 0.95 m from its centre; person: 1.4 m. Unknown if x is not located.
    """
    entity = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    base = world.map_from_base()
    at = base.translation
    target = np.array(entity.position)
    limit = NEAR_PERSON if entity.kind == "person" else NEAR_OBJECT
    front_ok = True
    if entity.kind == "fixture":
        level = np.array([at[0], at[1], entity.position[2]])
        target, limit = nearest_on_box(level, entity.pose(), entity.extent), NEAR_FIXTURE
        info = world.static_map.fixtures[thing]
        if info.hinge is not None:
            away = at[:2] - np.array(entity.position[:2])
            bearing = np.arctan2(away[1], away[0]) - np.arctan2(info.front[1], info.front[0])
            front_ok = abs(wrap_angle(float(bearing))) <= FRONT_SIDE
    offset = target[:2] - at[:2]
    distance = float(np.hypot(*offset))
    heading = wrap_angle(float(np.arctan2(offset[1], offset[0])) - base.yaw)
    facing = distance < 0.05 or abs(heading) <= FACING
    return Evidence(Truth.of(distance <= limit and facing and front_ok), world.stamp)


def is_open(world: Belief, container: str) -> Evidence:
    """``open(c)``: its door was seen open by more than 60% of its range.

    Anything less is false, also of a door that is ajar (``not open(c)`` asks for less than 5 degrees,
    see `evaluate`). Unknown if the door was never seen; false for what has no door.
    """
    info = world.static_map.fixtures.get(container)
    if info is None:
        return UNKNOWN if world.find(container) is None else Evidence(Truth.FALSE)
    if info.hinge is None:
        return Evidence(Truth.FALSE)
    door = world.door(container)
    if door is None:
        return UNKNOWN
    return Evidence(Truth.of(door[0] > OPEN_FRACTION * info.hinge.max_angle), door[1])


def _shut(world: Belief, predicate: Predicate) -> Evidence:
    """Every door named is less than 5 degrees open."""
    evidence = _positive(world, predicate)
    if evidence.truth is Truth.UNKNOWN:
        return evidence
    names = [p.args[0] for p in _instances(world, predicate)]
    angles = [door[0] for door in map(world.door, names) if door is not None]
    return Evidence(Truth.of(all(a < CLOSED_ANGLE for a in angles)), evidence.stamp)


def enterable(world: Belief, place: str) -> Evidence:
    """``enterable(r)``: r is open, or has no door."""
    info = world.static_map.fixtures.get(place)
    if info is not None and info.hinge is not None:
        return is_open(world, place)
    return UNKNOWN if world.find(place) is None else Evidence(Truth.TRUE)


def located(world: Belief, thing: str) -> Evidence:
    """``located(x)``: the position of x is known: from the map, or seen and not lost since."""
    if world.is_lost(thing):
        return Evidence(Truth.FALSE, world.stamp)
    entity = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    return Evidence(Truth.TRUE, entity.last_seen)


def seen(world: Belief, thing: str) -> Evidence:
    """``seen(x)``: x was looked at during this run, with the robot at rest."""
    stamp = world.rest_seen(thing)
    return Evidence(Truth.of(stamp is not None), stamp)


def accessible(world: Belief, thing: str) -> Evidence:
    """``accessible(o)``: o is in no container whose door is not open. Unknown if o is not located."""
    entity = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    if world.held() == thing or not entity.movable:
        return Evidence(Truth.TRUE, world.stamp)
    for name, info in sorted(world.static_map.fixtures.items()):
        if info.hinge is None or inside(world, thing, name).truth is not Truth.TRUE:
            continue
        return is_open(world, name)
    return Evidence(Truth.TRUE, world.rest_seen(thing))


_RULES: dict[str, Callable[..., Evidence]] = {
    "on": on,
    "in": inside,
    "holding": holding,
    "hand_empty": hand_empty,
    "near": near,
    "open": is_open,
    "located": located,
    "seen": seen,
    "accessible": accessible,
    "enterable": enterable,
}
