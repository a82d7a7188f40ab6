"""The belief in words, for the prompt of a language model and for people."""

from __future__ import annotations

from collections.abc import Iterable

from diarchy.contracts.entity import Entity, Truth, class_words
from diarchy.contracts.plan import Reference
from diarchy.contracts.predicate import Predicate
from diarchy.contracts.world import Remembered, WorldSnapshot


def describe(snapshot: WorldSnapshot, *, only: Iterable[str] | None = None) -> str:
    """Write what is believed, one entity a line, with positions, rooms and ages; then what is not known,
    and where an earlier run saw what this one has not.

    Args:
        snapshot: the belief.
        only: entity ids to leave it at; None: all.

    Returns:
        Lines of text, the same for the same belief.
    """
    chosen = None if only is None else set(only)
    shown = [e for e in snapshot.entities if chosen is None or e.id in chosen]
    lines = [_robot(snapshot)]
    for title, kind in (("Objects", "object"), ("Furniture", "fixture"), ("People", "person")):
        rows = [_entity(e, snapshot) for e in shown if e.kind == kind]
        lines += [f"{title}:", *rows] if rows else [f"{title}: none known"]
    unknown = _unknowns(snapshot, shown)
    lines += ["Not known:", *unknown] if unknown else []
    before = [_recollection(r) for r in snapshot.remembered if chosen is None]
    lines += ["Seen in an earlier run, perhaps still there:", *before] if before else []
    return "\n".join(lines)


def reference_words(reference: Reference) -> str:
    """ "the red mug on the coffee table"."""
    words = [reference.quantifier, *reference.attributes.values(), class_words(reference.cls)]
    if reference.relation and reference.anchor:
        anchor = reference.anchor.rsplit("_", 1)[0].replace("_", " ")
        words += [reference.relation, "the", anchor]
    return " ".join(words)


def _robot(snapshot: WorldSnapshot) -> str:
    x, y, _ = snapshot.robot_position
    hand = f"holds {snapshot.held}" if snapshot.held else "its hand is empty"
    room = f"in the {snapshot.robot_room}" if snapshot.robot_room else "in no known room"
    return f"Time {snapshot.stamp:.0f} s. The robot is {room} at ({x:.1f}, {y:.1f}); {hand}."


def _entity(entity: Entity, snapshot: WorldSnapshot) -> str:
    x, y, z = (round(v, 2) + 0.0 for v in entity.position)  # no "-0.00"
    whole = f" (in {entity.part_of})" if entity.part_of else ""
    parts = [f"- {entity.id}{whole}: {entity.describe()}"]
    where = _place(entity, snapshot)
    if where:
        parts.append(where)
    if entity.room:
        parts.append(f"in the {entity.room}")
    parts.append(f"at ({x:.2f}, {y:.2f}, {z:.2f})")
    if entity.openable:
        parts.append(_door(entity, snapshot))
    if entity.switchable:
        parts.append(_running(entity, snapshot))
    if entity.kind == "fixture":
        looked = snapshot.inspected.get(entity.id)
        parts.append(
            "not yet looked at" if looked is None else f"looked at {_age(looked, snapshot)}"
        )
    elif entity.last_seen is not None:
        parts.append(f"seen {_age(entity.last_seen, snapshot)}")
    return ", ".join(parts)


def _recollection(hint: Remembered) -> str:
    where = f"at {hint.place}" if hint.place else "on no furniture"
    return f"- {hint.thing.describe()}, {where}"


def _place(entity: Entity, snapshot: WorldSnapshot) -> str:
    """Where it is, the nearest place first: in the bowl rather than on the table."""
    if snapshot.held == entity.id:
        return "in the robot's hand"
    places = [
        f.condition.predicate
        for f in snapshot.facts
        if f.truth is Truth.TRUE
        and f.condition.predicate.name in ("on", "in", "given")
        and f.condition.predicate.args[0] == entity.id
    ]
    fixed = {e.id for e in snapshot.entities if e.kind == "fixture"}
    places.sort(key=lambda p: (p.args[1] in fixed, p))
    words = {"given": "in the hands of"}
    return f"{words.get(places[0].name, places[0].name)} {places[0].args[1]}" if places else ""


def _door(entity: Entity, snapshot: WorldSnapshot) -> str:
    what = "drawer" if entity.cls == "Drawer" else "door"
    if _truth(snapshot, Predicate("shut", (entity.id,))) is Truth.TRUE:
        return "closed"
    truth = _truth(snapshot, Predicate("open", (entity.id,)))
    return {Truth.TRUE: "open", Truth.FALSE: "not open", Truth.UNKNOWN: f"{what} never seen"}[truth]


def _running(entity: Entity, snapshot: WorldSnapshot) -> str:
    truth = _truth(snapshot, Predicate("running", (entity.id,)))
    runs = "the faucet runs" if entity.cls == "SinkBasin" else "on"
    return {Truth.TRUE: runs, Truth.FALSE: "off", Truth.UNKNOWN: "on or off, not known"}[truth]


def _truth(snapshot: WorldSnapshot, predicate: Predicate) -> Truth:
    for fact in snapshot.facts:
        if fact.condition.predicate == predicate and fact.condition.value:
            return fact.truth
    return Truth.FALSE


def _unknowns(snapshot: WorldSnapshot, shown: list[Entity]) -> list[str]:
    ids = {e.id for e in shown}
    lines = [
        f"- whether {f.condition}"
        for f in snapshot.facts
        if f.truth is Truth.UNKNOWN and set(f.condition.predicate.args) <= ids
    ]
    hidden = [
        e.id for e in shown if e.can_hold and e.kind == "fixture" and e.id not in snapshot.inspected
    ]
    return lines + [f"- what is on or in {name}" for name in hidden]


def _age(stamp: float, snapshot: WorldSnapshot) -> str:
    seconds = max(0.0, snapshot.stamp - stamp)
    return "just now" if seconds < 1.0 else f"{seconds:.0f} s ago"
