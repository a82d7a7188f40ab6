"""From the belief at the end of a run to its scene graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, cast

from diarchy.contracts.entity import Box, Entity, Truth
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import WorldSnapshot
from diarchy.memory.belief import SURE
from diarchy.memory.relations import lies_in, rests_on
from diarchy.memory.scene_graph import (
    Door,
    Relation,
    SceneFixture,
    SceneGraph,
    SceneObject,
    ScenePerson,
    SceneRobot,
    Status,
    Wall,
)
from diarchy.memory.world_model import WorldModel

_RELATIONS = ("on", "in", "given")


def build_scene_graph(
    world: WorldModel, *, classes: Sequence[str] = (), perception: str = ""
) -> SceneGraph:
    """Write down what is believed now; the same belief gives the same graph.

    Args:
        world: the belief, with what it remembers of an earlier run.
        classes: what the detector can name.
        perception: the name of the detector.
    """
    snapshot, home = world.snapshot(), world.static_map
    return SceneGraph(
        stamp=_time(snapshot.stamp) or 0.0,
        perception=perception,
        classes=tuple(sorted(set(classes))),
        bounds=home.bounds,
        rooms=dict(home.rooms),
        walls=tuple(_wall(box) for box in home.walls),
        robot=SceneRobot(
            pose=_rounded(snapshot.robot_position), room=snapshot.robot_room, held=snapshot.held
        ),
        fixtures=tuple(_fixture(e, world) for e in snapshot.entities if e.kind == "fixture"),
        objects=tuple(sorted(_objects(world, snapshot), key=lambda o: o.id)),
        people=tuple(
            ScenePerson(
                id=e.id,
                position=_rounded(e.position),
                room=e.room,
                last_seen=_time(e.last_seen),
            )
            for e in snapshot.entities
            if e.kind == "person"
        ),
    )


def _wall(box: Box) -> Wall:
    x, y, z = (float(v) for v in box.pose.translation)
    a, b, c = (float(v) for v in box.size)
    return Wall(
        position=_rounded((x, y, z)), yaw=round(box.pose.yaw, 6), extent=_rounded((a, b, c))
    )


def _objects(world: WorldModel, snapshot: WorldSnapshot) -> Iterator[SceneObject]:
    """What was seen, what was seen to be gone, and what is only remembered, each id once."""
    named: set[str] = set()
    for entity in snapshot.entities:
        if entity.kind == "object":
            named.add(entity.id)
            relations = tuple(_relations(entity, world, snapshot))
            yield _object(entity, relations, held=entity.id == snapshot.held)
    for entity in world.lost():
        named.add(entity.id)
        yield _object(entity, (), status="gone")
    for thing in world.recollections.things():
        if thing.id not in named:
            yield thing


def _object(
    entity: Entity,
    relations: tuple[Relation, ...],
    *,
    held: bool = False,
    status: Status = "seen",
) -> SceneObject:
    return SceneObject(
        id=entity.id,
        cls=entity.cls,
        attributes=dict(entity.attributes),
        position=_rounded(entity.position),
        yaw=round(entity.yaw, 6),
        extent=_rounded(entity.extent),
        complete=entity.complete,
        room=entity.room,
        relations=relations,
        held=held,
        confidence=round(entity.confidence, 3),
        last_seen=_time(entity.last_seen),
        status=status,
    )


def _relations(entity: Entity, world: WorldModel, snapshot: WorldSnapshot) -> Iterator[Relation]:
    if entity.confidence < SURE:
        yield from _perhaps(entity, world)
        return
    for fact in snapshot.facts:
        predicate = fact.condition.predicate
        mine = predicate.name in _RELATIONS and predicate.args[0] == entity.id
        if mine and fact.truth is Truth.TRUE:
            name = cast(Literal["on", "in", "given"], predicate.name)
            yield Relation(name=name, of=predicate.args[1], stamp=_time(fact.stamp))


def _perhaps(entity: Entity, world: WorldModel) -> Iterator[Relation]:
    """Where it would be, if it were where it is not surely known to be."""
    stamp = _time(entity.last_seen)
    carrier = world.carrier(entity.id)
    if carrier is not None:
        holder = world.find(carrier)
        on = holder is not None and "on" in holder.can_hold
        yield Relation(name="on" if on else "in", of=carrier, truth=Truth.UNKNOWN, stamp=stamp)
    for place in sorted(world.static_map.fixtures):
        for surface in world.surfaces(place):
            rule = rests_on if surface.relation == "on" else lies_in
            if rule(entity, surface):
                name = surface.relation
                yield Relation(name=name, of=place, truth=Truth.UNKNOWN, stamp=stamp)


def _fixture(entity: Entity, world: WorldModel) -> SceneFixture:
    before = world.recollections.fixtures.get(entity.id)
    running = world.evaluate(Condition(Predicate("running", (entity.id,))))
    seen = SceneFixture(
        id=entity.id,
        cls=entity.cls,
        position=_rounded(entity.position),
        yaw=round(entity.yaw, 6),
        extent=_rounded(entity.extent),
        room=entity.room,
        part_of=entity.part_of,
        can_hold=entity.can_hold,
        door=_door(entity, world) if entity.openable else None,
        door_seen=_time((world.door(entity.id) or (0.0, None))[1]),
        running=running.truth if entity.switchable else None,
        running_seen=_time(running.stamp),
        inspected=_time(world.inspected(entity.id)),
        last_seen=_time(entity.last_seen),
    )
    return seen if before is None else _with_older(seen, before)


def _door(entity: Entity, world: WorldModel) -> Door:
    if world.truth(Condition(Predicate("open", (entity.id,)))) is Truth.TRUE:
        return "open"
    shut = world.truth(Condition(Predicate("shut", (entity.id,))))
    states: dict[Truth, Door] = {Truth.TRUE: "shut", Truth.FALSE: "ajar", Truth.UNKNOWN: "unknown"}
    return states[shut]


def _with_older(seen: SceneFixture, before: SceneFixture) -> SceneFixture:
    """Keep of an earlier run what this one did not look at; its stamps say how old that is."""
    older: dict[str, object] = {}
    if seen.door == "unknown" and before.door is not None:
        older |= {"door": before.door, "door_seen": before.door_seen}
    if seen.running is Truth.UNKNOWN and before.running is not None and seen.running_seen is None:
        older |= {"running": before.running, "running_seen": before.running_seen}
    for name in ("inspected", "last_seen"):
        if getattr(seen, name) is None:
            older[name] = getattr(before, name)
    return seen.model_copy(update=older)


def _rounded(values: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (round(float(v), 4) + 0.0 for v in values)  # no "-0.0"
    return x, y, z


def _time(stamp: float | None) -> float | None:
    return None if stamp is None else round(float(stamp), 3)
