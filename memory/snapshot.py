"""The belief as data, for planners and traces."""

from __future__ import annotations

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.memory.evidence import BeliefView
from diarchy.memory.predicates import evaluate

_ALWAYS = ("open", "running")


def take_snapshot(world: BeliefView) -> WorldSnapshot:
    """Freeze the belief, in an order that depends on nothing but what is believed.

    Listed are all true and all unknown facts about known entities, and of every door, drawer and
    device whether it is open and whether it runs; what is not listed is false (see `WorldSnapshot`).
    """
    entities = tuple(world.entities())
    base = world.map_from_base()
    x, y = (float(v) for v in base.translation[:2])
    inspected = {
        name: stamp
        for name in sorted({*world.static_map.fixtures, *world.static_map.hands})
        if (stamp := world.inspected(name)) is not None
    }
    return WorldSnapshot(
        stamp=world.stamp,
        robot_position=(x, y, base.yaw),
        robot_room=world.static_map.room_at(x, y),
        entities=entities,
        facts=tuple(_facts(world)),
        inspected=inspected,
        held=world.held(),
        remembered=tuple(world.remembered()),
    )


def _facts(world: BeliefView) -> list[Fact]:
    facts: list[Fact] = []
    for predicate in _candidates(world):
        condition = Condition(predicate)
        evidence = evaluate(world, condition)
        if evidence.truth is not Truth.FALSE or predicate.name in _ALWAYS:
            facts.append(Fact(condition=condition, truth=evidence.truth, stamp=evidence.stamp))
    return facts


def _candidates(world: BeliefView) -> list[Predicate]:
    entities = world.entities()
    places = [e for e in entities if e.can_hold]
    out = [Predicate("hand_empty")]
    for entity in entities:
        out += [Predicate(name, (entity.id,)) for name in _unary(entity)]
        if entity.movable:
            out += [Predicate("given", (entity.id, who)) for who in world.static_map.hands]
            out += [
                Predicate(relation, (entity.id, place.id))
                for place in places
                if place.id != entity.id
                for relation in sorted(place.can_hold)
            ]
    return sorted(out)


def _unary(entity: Entity) -> list[str]:
    """What can be said of one entity alone."""
    names = ["located", "near", "seen"]
    if entity.movable:
        names += ["holding", "accessible", "hot", "cold", "clean", "lit"]
    names += ["open", "shut"] if entity.openable else []
    names += ["running"] if entity.switchable else []
    names += ["enterable"] if entity.can_hold else []
    return names
