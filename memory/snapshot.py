"""The belief as data, for planners and traces."""

from __future__ import annotations

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.memory.predicates import Belief, evaluate


def take_snapshot(world: Belief) -> WorldSnapshot:
    """Freeze the belief, in an order that depends on nothing but what is believed.

    Listed are all true and all unknown facts about known entities, and every door; what is not
    listed is false (see `WorldSnapshot`).
    """
    entities = tuple(world.entities())
    base = world.map_from_base()
    x, y = (float(v) for v in base.translation[:2])
    inspected = {
        name: stamp
        for name in sorted(world.static_map.fixtures)
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
    )


def _facts(world: Belief) -> list[Fact]:
    facts: list[Fact] = []
    for predicate in _candidates(world):
        condition = Condition(predicate)
        evidence = evaluate(world, condition)
        if evidence.truth is not Truth.FALSE or predicate.name == "open":
            facts.append(Fact(condition=condition, truth=evidence.truth, stamp=evidence.stamp))
    return facts


def _candidates(world: Belief) -> list[Predicate]:
    entities = world.entities()
    places = [e for e in entities if e.can_hold]
    doors = [e.id for e in entities if e.openable]
    out = [Predicate("hand_empty")]
    for entity in entities:
        unary = ["located", "near", "seen"]
        unary += ["holding", "accessible"] if entity.movable else []
        unary += ["open"] if entity.id in doors else []
        unary += ["enterable"] if entity.can_hold else []
        out += [Predicate(name, (entity.id,)) for name in unary]
        if entity.movable:
            out += [
                Predicate(relation, (entity.id, place.id))
                for place in places
                if place.id != entity.id
                for relation in sorted(place.can_hold)
            ]
    return sorted(out)
