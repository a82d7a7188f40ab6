"""Where things are: on, in, in a person's hands, in the light of a lamp."""

from __future__ import annotations

import math

import numpy as np

from diarchy.contracts.entity import Entity, Surface, Truth
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.household import LAMPS, LIGHT_REACH
from diarchy.memory.belief import SURE
from diarchy.memory.evidence import UNKNOWN, BeliefView, Evidence
from diarchy.perception.support import over_surface

RESTS_BELOW, RESTS_ABOVE = 0.03, 0.035
"""An object's lower face may be seen this far (m) below or above the surface it rests on."""
EDGE = 0.02
"""Its centre may be this far (m) beyond the edge: the position is not better known."""
PILED = 0.15
"""Inside, things may lie this high (m) above the floor, on others or leaning."""
LAMP_HEAD = 0.25
"""The light comes from the upper part of a lamp: this fraction of its height."""


def on(world: BeliefView, thing: str, place: str) -> Evidence:
    """``on(o, r)``: o rests on a surface of r.

    Its lower face is within 3 cm below and 3.5 cm above an ``on`` surface of r and its centre over
    it (2 cm of tolerance); of a movable r: what was seen of o lowest is over r (see
    `memory.containers`), and rides along when r is moved. False while o is held; unknown if o or r
    was never seen.
    """
    return _relation(world, thing, place, "on")


def inside(world: BeliefView, thing: str, place: str) -> Evidence:
    """``in(o, r)``: o is inside r.

    Its centre is over an ``in`` surface of r where that is now (2 cm of tolerance), its lower face
    from 4 cm below to 15 cm above it and its centre below the ceiling; of a movable r: what was seen
    of o lowest is within r's outline, and rides along when r is moved; what was let go of over it
    is in it if its place there is hidden by r itself. What went into a container that was then closed
    stays in. False while o is held.
    """
    return _relation(world, thing, place, "in")


def given(world: BeliefView, thing: str, person: str) -> Evidence:
    """``given(o, p)``: o lies on the open hands of p, let go of by the robot.

    The tolerances are those of ``on``. Unknown if o was never seen; false of one without open hands.
    """
    hands = world.static_map.hands.get(person)
    if hands is None:
        return UNKNOWN if world.find(person) is None else Evidence(Truth.FALSE)
    return _at(world, thing, (hands,), "on")


def _relation(world: BeliefView, thing: str, place: str, relation: str) -> Evidence:
    if place in world.static_map.fixtures:
        return _at(world, thing, world.surfaces(place), relation)
    if world.held() == thing:
        return Evidence(Truth.FALSE, world.stamp)
    entity = world.find(thing)
    if entity is None or not entity.movable or entity.confidence < SURE:
        return _unclear(entity)
    other = world.find(place)
    if other is None:
        return UNKNOWN
    carried = world.carrier(thing) == place and relation in other.can_hold
    return Evidence(Truth.of(carried), world.carried_since(thing))


def _at(world: BeliefView, thing: str, surfaces: tuple[Surface, ...], relation: str) -> Evidence:
    """Whether a thing is at one of these surfaces, and not in the air on what the robot holds."""
    if in_hand(world, thing):
        return Evidence(Truth.FALSE, world.stamp)
    entity = world.find(thing)
    if entity is None or not entity.movable or entity.confidence < SURE:
        return _unclear(entity)
    rule = rests_on if relation == "on" else lies_in
    there = any(rule(entity, s) for s in surfaces if s.relation == relation)
    return Evidence(Truth.of(there), world.rest_seen(thing))


def _unclear(entity: Entity | None) -> Evidence:
    return UNKNOWN if entity is None or entity.movable else Evidence(Truth.FALSE)


def in_hand(world: BeliefView, thing: str) -> bool:
    """Whether a thing is held, or lies in or on what is held."""
    held = world.held()
    carrier: str | None = thing
    while carrier is not None and held is not None:
        if carrier == held:
            return True
        carrier = world.carrier(carrier)
    return False


def rests_on(entity: Entity, surface: Surface) -> bool:
    """Whether a box rests on a surface; tolerances as in `on`."""
    if _far(entity, surface, RESTS_ABOVE):
        return False
    foot = np.array([entity.position[0], entity.position[1], entity.bottom])
    over, height = over_surface(surface, foot, EDGE)
    return over and -RESTS_BELOW <= height <= RESTS_ABOVE


def lies_in(entity: Entity, surface: Surface) -> bool:
    """Whether a box lies in the space over an inner surface; tolerances as in `inside`."""
    if _far(entity, surface, PILED):
        return False
    foot = np.array([entity.position[0], entity.position[1], entity.bottom])
    over, height = over_surface(surface, foot, EDGE)
    centre = height + entity.extent[2] / 2.0
    return over and -0.04 <= height <= PILED and centre <= surface.clearance + 0.02


def _far(entity: Entity, surface: Surface, above: float) -> bool:
    """Whether a box's foot is farther from the middle of a surface than any point at most ``above`` m over it.

    Most things are far from most places: this is asked a thousand times a snapshot, and cheap.
    """
    x, y, z = surface.pose.translation.tolist()
    width, depth = surface.size if surface.radius is None else (2.0 * surface.radius, 0.0)
    reach = math.hypot(width / 2.0 + EDGE, depth / 2.0 + EDGE, above + EDGE)
    return math.dist((x, y, z), (*entity.position[:2], entity.bottom)) > reach


def lit(world: BeliefView, thing: str) -> Evidence:
    """``lit(o)``: a lamp that is on has its head at most 0.8 m from the middle of o.

    Unknown if o is not located, or near only such lamps of which nobody knows whether they are on.
    """
    entity = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    stamp = world.stamp if in_hand(world, thing) else world.rest_seen(thing)
    doubtful = False
    for name, info in sorted(world.static_map.fixtures.items()):
        if info.entity.cls not in LAMPS:
            continue
        gap = float(np.linalg.norm(lamp_head(info.entity) - np.array(entity.position)))
        if gap > LIGHT_REACH:
            continue
        power = world.power(name)
        if power is not None and power[0]:
            return Evidence(Truth.TRUE, stamp)
        doubtful = doubtful or power is None
    return UNKNOWN if doubtful else Evidence(Truth.FALSE, stamp)


def lamp_head(lamp: Entity) -> FloatArray:
    """Return the middle ``[3]`` m of the part of a lamp that the light comes from."""
    x, y, _ = lamp.position
    return np.array([x, y, lamp.top - LAMP_HEAD * lamp.extent[2] / 2.0])
