"""A question in words, answered from a scene graph: what fits, and what cannot be known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diarchy.agent.scene.telling import Teller, kind_words
from diarchy.agent.scene.words import Question, read_question
from diarchy.memory.scene_graph import SceneGraph
from diarchy.memory.scene_query import Answer, SceneQuery, ask

_MOST = 6
"""Places of which it is told that nobody looked there, at most; then their number."""


@dataclass(frozen=True)
class Reply:
    """What fits, what certainly does first; ``notes`` are sentences on what is not known.

    ``lines`` say the answers in words.
    """

    answers: tuple[Answer, ...]
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


def answer(graph: SceneGraph, question: str) -> Reply:
    """Answer a question such as "cups in the kitchen", "what is in the fridge", "things not seen for 60 s".

    Raises:
        BadInputError: a word in it is not known here.
    """
    asked = read_question(question, graph)
    found, notes = _found(graph, asked)
    teller = Teller(graph)
    notes += [f"'{word}' tells nothing apart here" for word in asked.unused]
    notes += _not_looked_at(graph, asked, teller, nothing=not found)
    notes += [] if found else [f"but {teller.line(a)}" for a in _otherwise(graph, asked)[:_MOST]]
    return Reply(tuple(found), tuple(teller.line(a) for a in found), tuple(notes))


def everything(graph: SceneGraph) -> Reply:
    """Tell of all things and people."""
    found = [*ask(graph, SceneQuery()), *ask(graph, SceneQuery(people=True))]
    return Reply(tuple(found), tuple(map(Teller(graph).line, found)))


def _found(graph: SceneGraph, asked: Question) -> tuple[list[Answer], list[str]]:
    found = _once(a for query in asked.queries for a in ask(graph, query))
    if found or not asked.instead:
        return found, []
    meant = _once(a for query in asked.instead for a in ask(graph, query))
    kinds = sorted({kind_words(cls) for query in asked.queries for cls in query.classes or ()})
    note = f"{' or '.join(kinds)} fits nowhere; this may be meant"
    return meant, [note] if meant else []


def _otherwise(graph: SceneGraph, asked: Question) -> list[Answer]:
    """What is as it was asked for, but elsewhere, or not so: "is the fridge open" is told that it is closed."""
    relaxed = (
        SceneQuery(classes=q.classes, ids=q.ids, attributes=q.attributes)
        for q in asked.queries
        if q.classes is not None or q.ids is not None
    )
    return _once(a for query in relaxed for a in ask(graph, query))


def _once(answers: Iterable[Answer]) -> list[Answer]:
    return list({a.node.id: a for a in answers}.values())


def _not_looked_at(
    graph: SceneGraph, asked: Question, teller: Teller, *, nothing: bool
) -> list[str]:
    """Say of the places that were asked about whether somebody looked, so that "nothing" can be believed."""
    places = [f for f in graph.fixtures if any(_asks_about(q, f.id) for q in asked.queries)]
    unseen = [teller.name(f.id) for f in places if f.inspected is None]
    notes = []
    if unseen:
        words = ", ".join(f"the {n}" for n in unseen[:_MOST])
        rest = f" and {len(unseen) - _MOST} more" if len(unseen) > _MOST else ""
        notes.append(
            f"nobody has seen all of {words}{rest}: there may be {'some' if nothing else 'more'}"
        )
    if nothing:
        notes += [
            f"all of the {teller.name(f.id)} was seen {teller.ago(f.inspected)}: nothing of that was there"
            for f in places
            if f.inspected is not None
        ]
    return notes


def _asks_about(query: SceneQuery, place: str) -> bool:
    return any(place in w.places and w.relation != "near" for w in query.where)
