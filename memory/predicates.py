"""What each predicate means physically, evaluated over the belief: true, false or unknown, since when.

Evidence carries the stamp of what it rests on: of the last sighting WITH THE ROBOT AT REST for
relations between things, of the last proprioception for what the robot feels of itself. An action
was seen to succeed only if that stamp is newer than the action.

The rules stand in `memory.relations` (where things are), `memory.operation` (devices, and what is in
reach) and below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.household import ATTRIBUTE, State
from diarchy.contracts.predicate import ANY, Condition, Predicate
from diarchy.memory.belief import SURE
from diarchy.memory.evidence import UNKNOWN, BeliefView, Evidence
from diarchy.memory.operation import accessible, enterable, is_open, near, running, shut
from diarchy.memory.relations import given, inside, lit, on

FADES = 500.0
"""After so many seconds unseen, what was hot or cold may have taken the temperature of the room."""

_OF_OBJECTS = frozenset(
    {"on", "in", "given", "lit", "holding", "hot", "cold", "clean", "accessible"}
)


def evaluate(world: BeliefView, condition: Condition) -> Evidence:
    """Evaluate a condition; ``*`` means: some instance (positive), no instance (negative).

    A door or drawer is open, shut or ajar: ``not open(c)`` asks for shut, so both it and ``open(c)``
    are false of one that is ajar.
    """
    if condition.predicate.name == "open" and not condition.value:
        return _all_shut(world, condition.predicate)
    evidence = _positive(world, condition.predicate)
    if condition.value or evidence.truth is Truth.UNKNOWN:
        return evidence
    flipped = Truth.FALSE if evidence.truth is Truth.TRUE else Truth.TRUE
    return Evidence(flipped, evidence.stamp)


def _all_shut(world: BeliefView, predicate: Predicate) -> Evidence:
    """Every door and drawer named is shut; the oldest evidence counts."""
    found = [shut(world, p.args[0]) for p in _instances(world, predicate)]
    for truth in (Truth.FALSE, Truth.UNKNOWN):
        hits = [e for e in found if e.truth is truth]
        if hits:
            return hits[0]
    stamps = [e.stamp for e in found if e.stamp is not None]
    return Evidence(Truth.TRUE, min(stamps) if stamps else None)


def _positive(world: BeliefView, predicate: Predicate) -> Evidence:
    if predicate.has_wildcard:
        return _some(world, predicate)
    return _RULES[predicate.name](world, *predicate.args)


def _some(world: BeliefView, predicate: Predicate) -> Evidence:
    """At least one instance. "None" can only be known of places that were inspected."""
    found = [_positive(world, p) for p in _instances(world, predicate)]
    for truth in (Truth.TRUE, Truth.UNKNOWN):
        hits = [e for e in found if e.truth is truth]
        if hits:
            return max(hits, key=lambda e: -np.inf if e.stamp is None else e.stamp)
    if predicate.name in ("on", "in", "given") and predicate.args[0] == ANY:
        place = predicate.args[1]
        stamp = None if place == ANY else _looked_at(world, place)
        return UNKNOWN if stamp is None else Evidence(Truth.FALSE, stamp)
    if predicate.name in ("located", "seen"):
        return UNKNOWN
    stamps = [e.stamp for e in found if e.stamp is not None]
    return Evidence(Truth.FALSE, min(stamps) if stamps else world.stamp)


def _looked_at(world: BeliefView, place: str) -> float | None:
    """Since when it is known what is on or in a place: a bowl that was seen was seen into."""
    entity = world.find(place)
    if entity is not None and entity.kind == "object":
        return world.rest_seen(place)
    return world.inspected(place)


def _instances(world: BeliefView, predicate: Predicate) -> Iterable[Predicate]:
    entities = world.entities()
    choices = [
        [e.id for e in entities if _may_be(e, predicate.name, place)] if arg == ANY else [arg]
        for place, arg in enumerate(predicate.args)
    ]
    for args in product(*choices):
        if len(set(args)) == len(args):
            yield Predicate(predicate.name, args)


def _may_be(entity: Entity, predicate: str, place: int) -> bool:
    """Whether an entity can stand at a place of a predicate at all."""
    if place == 1:
        return entity.kind == "person" if predicate == "given" else bool(entity.can_hold)
    if predicate in ("open", "running"):
        return entity.openable if predicate == "open" else entity.switchable
    return entity.movable or predicate not in _OF_OBJECTS


def holding(world: BeliefView, thing: str) -> Evidence:
    """``holding(o)``: a skill closed the gripper on o, and width and force still say so.

    Unknown when something unnamed is between the fingers.
    """
    held = world.held()
    if held == "unknown_object" and thing != held:
        return Evidence(Truth.UNKNOWN, world.stamp)
    return Evidence(Truth.of(held == thing), world.stamp)


def hand_empty(world: BeliefView) -> Evidence:
    """``hand_empty()``: nothing is between the fingers by width and force."""
    return Evidence(Truth.of(world.held() is None), world.stamp)


def located(world: BeliefView, thing: str) -> Evidence:
    """``located(x)``: the position of x is known: from the map, or seen and not lost since."""
    if world.is_lost(thing):
        return Evidence(Truth.FALSE, world.stamp)
    entity = world.find(thing)
    if entity is None or entity.confidence < SURE:
        return UNKNOWN
    return Evidence(Truth.TRUE, entity.last_seen)


def seen(world: BeliefView, thing: str) -> Evidence:
    """``seen(x)``: x was looked at during this run, with the robot at rest."""
    stamp = world.rest_seen(thing)
    return Evidence(Truth.of(stamp is not None), stamp)


def hot(world: BeliefView, thing: str) -> Evidence:
    """``hot(o)``: o was seen to be hot, or was long enough in a closed, running microwave.

    Unknown if it was never seen at rest, or not for 500 s since it was hot.
    """
    return _state(world, thing, "hot")


def cold(world: BeliefView, thing: str) -> Evidence:
    """``cold(o)``: o was seen to be cold, or was long enough in a closed fridge; fades like ``hot``."""
    return _state(world, thing, "cold")


def clean(world: BeliefView, thing: str) -> Evidence:
    """``clean(o)``: o was seen to be clean, or lay long enough in a sink under running water."""
    return _state(world, thing, "clean")


def _state(world: BeliefView, thing: str, state: State) -> Evidence:
    attribute, value = ATTRIBUTE[state]
    entity = world.find(thing)
    stamp = world.state_stamp(thing, attribute)
    if entity is None or stamp is None:
        fixed = entity is not None and not entity.movable
        return Evidence(Truth.FALSE) if fixed else UNKNOWN
    is_so = entity.attributes.get(attribute) == value
    if is_so and attribute == "temperature" and world.stamp - stamp > FADES:
        return Evidence(Truth.UNKNOWN, stamp)
    return Evidence(Truth.of(is_so), stamp)


_RULES: dict[str, Callable[..., Evidence]] = {
    "on": on,
    "in": inside,
    "given": given,
    "lit": lit,
    "holding": holding,
    "hand_empty": hand_empty,
    "near": near,
    "open": is_open,
    "shut": shut,
    "running": running,
    "hot": hot,
    "cold": cold,
    "clean": clean,
    "located": located,
    "seen": seen,
    "accessible": accessible,
    "enterable": enterable,
}
