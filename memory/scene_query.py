"""Asking a scene graph: which things and fixtures are, or may be, as described."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from diarchy.contracts.entity import Truth
from diarchy.contracts.household import ATTRIBUTE
from diarchy.memory.belief import SURE
from diarchy.memory.references import NEAR
from diarchy.memory.scene_graph import Node, SceneFixture, SceneGraph, SceneObject

_CHANGING = frozenset({"dirty", *(value for _, value in ATTRIBUTE.values())})
_OPEN: dict[str, dict[str, Truth]] = {
    "open": {"open": Truth.TRUE, "ajar": Truth.TRUE, "shut": Truth.FALSE},
    "shut": {"open": Truth.FALSE, "ajar": Truth.FALSE, "shut": Truth.TRUE},
}


@dataclass(frozen=True)
class Where:
    """A place that is asked about: ``on``, ``in`` or ``near`` (empty: on or in) one of some ids, or a room."""

    relation: str = ""
    places: frozenset[str] = frozenset()
    room: str | None = None


@dataclass(frozen=True)
class SceneQuery:
    """What is asked for; what is None or empty asks for nothing.

    Attributes:
        classes: one of these; None: any movable thing.
        attributes: values that one of the attributes must have: ``red``, ``hot``.
        state: ``open``, ``shut``, ``on`` (running) or ``off``: fixtures that are so.
        unseen_for: not seen in the last so many s.
        seen_within: seen in the last so many s.
        never: not seen in this run at all.
        ids: one of exactly these.
        people: a person.
    """

    classes: frozenset[str] | None = None
    attributes: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    state: str | None = None
    unseen_for: float | None = None
    seen_within: float | None = None
    never: bool = False
    ids: frozenset[str] | None = None
    people: bool = False


@dataclass(frozen=True)
class Answer:
    """A node that fits; unknown: it may, or it may not be where it is said to be."""

    node: Node
    truth: Truth


def ask(graph: SceneGraph, query: SceneQuery) -> list[Answer]:
    """Return what fits, what certainly does first, then by id."""
    answers = [Answer(node, _fits(graph, node, query)) for node in _asked(graph, query)]
    fitting = [a for a in answers if a.truth is not Truth.FALSE]
    return sorted(fitting, key=lambda a: (a.truth is not Truth.TRUE, a.node.id))


def age(graph: SceneGraph, node: Node) -> float | None:
    """Return how long before the end of the run (s) something was seen last; None: never."""
    return None if node.last_seen is None else max(0.0, graph.stamp - node.last_seen)


def _asked(graph: SceneGraph, query: SceneQuery) -> Iterator[Node]:
    if query.ids is not None:
        yield from (n for name in sorted(query.ids) if (n := graph.node(name)) is not None)
    elif query.people:
        yield from graph.people
    elif query.state is not None and query.classes is None:
        yield from graph.fixtures
    elif query.classes is None:
        yield from graph.objects
    else:
        nodes: tuple[SceneObject | SceneFixture, ...] = (*graph.objects, *graph.fixtures)
        yield from (n for n in nodes if n.cls in query.classes)


def _fits(graph: SceneGraph, node: Node, query: SceneQuery) -> Truth:
    """All that is asked for must hold; what is not known leaves the whole unknown."""
    parts = [_sure(node), *(_is(node, value) for value in query.attributes)]
    parts += [_at(graph, node, where) for where in query.where]
    if query.state is not None:
        parts.append(_in_state(node, query.state))
    seen = age(graph, node)
    if query.unseen_for is not None:
        parts.append(Truth.of(seen is None or seen >= query.unseen_for))
    if query.seen_within is not None:
        parts.append(Truth.of(seen is not None and seen <= query.seen_within))
    if query.never:
        parts.append(Truth.of(not seen_in_run(node)))
    return both(parts)


def seen_in_run(node: Node) -> bool:
    """Tell whether it was seen since the run began."""
    if isinstance(node, SceneObject) and node.status == "remembered":
        return False
    return node.last_seen is not None and node.last_seen >= 0.0


def both(parts: Collection[Truth]) -> Truth:
    """Return the truth of a conjunction: one false makes it false, else one unknown makes it unknown."""
    if Truth.FALSE in parts:
        return Truth.FALSE
    return Truth.UNKNOWN if Truth.UNKNOWN in parts else Truth.TRUE


def _is(node: Node, value: str) -> Truth:
    """A state that a look did not show is not so; a colour that nobody told of may be."""
    if not isinstance(node, SceneObject):
        return Truth.FALSE
    if value in node.attributes.values():
        return Truth.TRUE if node.status == "seen" or value not in _CHANGING else Truth.UNKNOWN
    if value in _CHANGING:
        return (
            Truth.FALSE if node.status == "seen" and node.last_seen is not None else Truth.UNKNOWN
        )
    return Truth.FALSE if "color" in node.attributes else Truth.UNKNOWN


def _at(graph: SceneGraph, node: Node, where: Where) -> Truth:
    if isinstance(node, SceneObject) and node.status == "gone":
        return Truth.FALSE
    if where.room is not None:
        return Truth.of(node.room == where.room)
    if where.relation == "near":
        around = [n for p in where.places if p != node.id and (n := graph.node(p)) is not None]
        return Truth.of(any(_gap(node, n) < NEAR for n in around))
    if not isinstance(node, SceneObject):
        inside = isinstance(node, SceneFixture) and node.part_of in where.places
        return Truth.of(inside)
    return _related(graph, node, where)


def _related(
    graph: SceneGraph, thing: SceneObject, where: Where, passed: frozenset[str] = frozenset()
) -> Truth:
    """Whether it is at one of the places, or in or on what is: an apple in a bowl on the table is on the table."""
    found: list[Truth] = []
    for relation in thing.relations:
        holder = graph.node(relation.of)
        if relation.of in where.places and where.relation in ("", relation.name):
            found.append(relation.truth)
        elif isinstance(holder, SceneObject) and holder.id not in passed:
            further = _related(graph, holder, where, passed | {thing.id})
            found.append(both([further, relation.truth]))
    return next((t for t in (Truth.TRUE, Truth.UNKNOWN) if t in found), Truth.FALSE)


def _in_state(node: Node, state: str) -> Truth:
    if not isinstance(node, SceneFixture):
        return Truth.FALSE
    if state in _OPEN:
        return Truth.FALSE if node.door is None else _OPEN[state].get(node.door, Truth.UNKNOWN)
    if node.running is None or node.running is Truth.UNKNOWN:
        return Truth.FALSE if node.running is None else Truth.UNKNOWN
    return Truth.of((node.running is Truth.TRUE) == (state == "on"))


def _sure(node: Node) -> Truth:
    """Whether it is surely where it is said to be."""
    unsure = isinstance(node, SceneObject) and (node.confidence < SURE or node.status != "seen")
    return Truth.UNKNOWN if unsure else Truth.TRUE


def _gap(a: Node, b: Node) -> float:
    dx, dy = a.position[0] - b.position[0], a.position[1] - b.position[1]
    return float((dx * dx + dy * dy) ** 0.5)
