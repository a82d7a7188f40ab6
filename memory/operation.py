"""How devices stand, and what the robot can do with them from where it is."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Entity, FixtureInfo, Truth
from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.memory.belief import SURE
from diarchy.memory.devices import shut_at
from diarchy.memory.evidence import UNKNOWN, BeliefView, Evidence
from diarchy.memory.relations import in_hand, inside
from diarchy.perception.boxes import nearest_on_box

NEAR_FIXTURE = 1.15
NEAR_OBJECT = 0.95
NEAR_PERSON = 1.4
ABOARD = 0.30
"""What is so near (m) to the middle of the base lies on it, wherever it faces."""
FACING = np.radians(60.0)
FRONT_SIDE = np.radians(75.0)
OPEN_FRACTION = 0.6


def near(world: BeliefView, thing: str) -> Evidence:
    """``near(x)``: the base stands where it can work on x, and faces it within 60 degrees.

    Fixture: at most 1.15 m from the nearest point of its box (of a drawer: its face, where that is
    now), and within 75 degrees of its front if it is worked from there; object: at most 0.95 m from
    its centre; person: 1.4 m. What lies on the base itself is near. Unknown if x is not located.
    """
    entity = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    base = world.map_from_base()
    at = base.translation
    target, limit = np.array(entity.position), NEAR_OBJECT
    front_ok = True
    if entity.kind == "person":
        limit = NEAR_PERSON
    elif entity.kind == "fixture":
        info = world.static_map.fixtures[thing]
        opening = world.door(thing)
        target, middle = _work_face(info, None if opening is None else opening[0], at)
        limit = NEAR_FIXTURE
        front_ok = not from_front(info) or _before(info, middle, at)
    offset = target[:2] - at[:2]
    distance = float(np.hypot(*offset))
    heading = wrap_angle(float(np.arctan2(offset[1], offset[0])) - base.yaw)
    facing = distance < ABOARD or abs(heading) <= FACING
    return Evidence(Truth.of(distance <= limit and facing and front_ok), world.stamp)


def from_front(info: FixtureInfo) -> bool:
    """Whether a fixture is worked from its front alone: it opens, is switched, or is reached into there."""
    inward = any(s.approach == "front" for s in info.surfaces)
    return info.openable or info.control is not None or inward


def _work_face(
    info: FixtureInfo, opening: float | None, at: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The point ``[3]`` of a fixture nearest to the base, and the middle of what is worked on."""
    pose, size = info.entity.pose(), np.array(info.entity.extent)
    if info.slide is not None:
        face = info.slide.face
        pose, size = info.displacement(opening) @ face.pose, np.asarray(face.size)
    middle = pose.translation
    return nearest_on_box(np.array([at[0], at[1], middle[2]]), pose, size), middle


def _before(info: FixtureInfo, middle: FloatArray, at: FloatArray) -> bool:
    away = at[:2] - middle[:2]
    bearing = np.arctan2(away[1], away[0]) - np.arctan2(info.front[1], info.front[0])
    return bool(abs(wrap_angle(float(bearing))) <= FRONT_SIDE)


def is_open(world: BeliefView, container: str) -> Evidence:
    """``open(c)``: its door or drawer was seen open by more than 60% of its range.

    Anything less is false, also of a door that is ajar (``not open(c)`` asks for shut, see
    `memory.predicates.evaluate`). Unknown if it was never seen; false for what does not open.
    """
    info = world.static_map.fixtures.get(container)
    if info is None:
        return UNKNOWN if world.find(container) is None else Evidence(Truth.FALSE)
    if not info.openable:
        return Evidence(Truth.FALSE)
    door = world.door(container)
    if door is None:
        return UNKNOWN
    return Evidence(Truth.of(door[0] > OPEN_FRACTION * info.max_opening), door[1])


def shut(world: BeliefView, device: str) -> Evidence:
    """``shut(d)``: its door is less than 5 degrees open, its drawer less than 1.5 cm; or it has none.

    Unknown if the door was never seen, or if there is no such thing.
    """
    info = world.static_map.fixtures.get(device)
    if info is None or not info.openable:
        return UNKNOWN if world.find(device) is None else Evidence(Truth.TRUE, world.stamp)
    door = world.door(device)
    if door is None:
        return UNKNOWN
    return Evidence(Truth.of(shut_at(info, door[0])), door[1])


def running(world: BeliefView, device: str) -> Evidence:
    """``running(d)``: the device was last seen switched on.

    Unknown if it was never seen, and of what stops by itself once its time must be up without a
    fresh look. False of what cannot be switched.
    """
    info = world.static_map.fixtures.get(device)
    if info is None:
        return UNKNOWN if world.find(device) is None else Evidence(Truth.FALSE)
    power = world.power(device)
    if power is None:
        switchable = info.control is not None or info.entity.switchable
        return UNKNOWN if switchable else Evidence(Truth.FALSE)
    return Evidence(Truth.of(power[0]), power[1])


def enterable(world: BeliefView, place: str) -> Evidence:
    """``enterable(r)``: r is open, or has no door."""
    info = world.static_map.fixtures.get(place)
    if info is not None and info.openable:
        return is_open(world, place)
    return UNKNOWN if world.find(place) is None else Evidence(Truth.TRUE)


def accessible(world: BeliefView, thing: str) -> Evidence:
    """``accessible(o)``: o is in nothing that has a door or is a drawer and is not open.

    Unknown if o is not located.
    """
    entity: Entity | None = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    if not entity.movable or in_hand(world, thing):
        return Evidence(Truth.TRUE, world.stamp)
    for name, info in sorted(world.static_map.fixtures.items()):
        if info.openable and inside(world, thing, name).truth is Truth.TRUE:
            return is_open(world, name)
    return Evidence(Truth.TRUE, world.rest_seen(thing))
