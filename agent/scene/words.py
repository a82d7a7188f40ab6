"""From a question in words to queries of a scene graph; the words are those of the household grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from diarchy.agent.scene.phrases import (
    STATES,
    asked_for,
    people_asked_for,
    without_state,
    without_times,
)
from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.memory.scene_graph import SceneFixture, SceneGraph, SceneObject
from diarchy.memory.scene_query import SceneQuery, Where
from diarchy.planners.symbolic.lexicon import Lexicon, lexicon_for
from diarchy.planners.symbolic.naming import name_of
from diarchy.planners.symbolic.reading import read_with
from diarchy.planners.symbolic.steps import Described

_ROOMS = {"hallway": "hall", "lounge": "living room"}


@dataclass(frozen=True)
class Question:
    """What was asked: any of some queries; ``instead`` are tried when none of them finds anything.

    ``unused`` are words that were understood as describing something, and that nothing here is told apart by.
    """

    queries: tuple[SceneQuery, ...]
    instead: tuple[SceneQuery, ...] = ()
    unused: tuple[str, ...] = ()


def read_question(text: str, graph: SceneGraph) -> Question:
    """Read a question, or words that name things.

    Raises:
        BadInputError: a word is not known here; the message says which and what is.
    """
    words = " ".join(text.lower().replace("what's", "what is").strip(" ?!.").split())
    if graph.node(words) is not None:
        return Question((SceneQuery(ids=frozenset({words})),))
    return _Reader(graph).read(words)


class _Reader:
    """Reads one question against what one graph knows."""

    def __init__(self, graph: SceneGraph) -> None:
        self._graph = graph
        things = {*graph.classes, *(o.cls for o in graph.objects)}
        self._fixed = {f.cls for f in graph.fixtures}
        self._classes = frozenset(things | self._fixed)
        self._lexicon: Lexicon = lexicon_for(tuple(sorted(self._classes)))
        self._names = fixture_names(graph)

    def read(self, words: str) -> Question:
        if not any(c.isalnum() for c in words):
            raise BadInputError(
                "there are no words in the question; ask, for example, 'what is open'"
            )
        words, when = without_times(words)
        words, state = without_state(words)
        if (rest := people_asked_for(words)) is not None:
            places = [self._query(d)[0].where for d in self._described(f"everything {rest}")]
            return Question((SceneQuery(people=True, where=places[0] if places else ()),))
        described = self._described(asked_for(words))
        if not described:
            raise BadInputError(f"I do not understand '{words}'; {self._known(words)}")
        rooms = tuple(Where(room=self._room(d.word)) for d in described if d.kind == "room")
        things = [d for d in described if d.kind != "room"]
        if not things:
            return Question(tuple(SceneQuery(where=(room,)) for room in rooms))
        queries, instead, unused = [], [], []
        for thing in things:
            query, others, left = self._query(thing)
            whole = replace(
                when,
                classes=query.classes,
                ids=query.ids,
                attributes=query.attributes,
                where=(*query.where, *rooms),  # "mug kitchen"
                state=query.state or state,
            )
            queries.append(whole)
            unused += left
            if others:
                instead.append(replace(whole, classes=others))
        return Question(tuple(queries), tuple(instead), tuple(unused))

    def _described(self, words: str) -> list[Described]:
        """Read words as what somebody looks for: as a sentence that asks for it, else as a thing, else as a property."""
        # To the grammar "shut" is first of all a verb, and "near" an adjective.
        words = re.sub(r"\bnear\b", "next to", re.sub(r"\bshut\b", "closed", words))
        for sentence in (words, f"find {words}", f"find {words} things"):
            reading = read_with(sentence, self._lexicon, self._classes)
            found = [s.obj for s in reading.steps if s.action == "find" and s.obj is not None]
            if found and len(found) == len(reading.steps) and not reading.unknown_verbs:
                return found
        return []

    # ---- what is described --------------------------------------------------------------------

    def _query(self, thing: Described) -> tuple[SceneQuery, frozenset[str], list[str]]:
        """Return the query, other classes that the word may mean, and words that were of no use."""
        thing = self._part_itself(thing)
        classes, others = self._meant(thing)
        state = next((STATES[a] for a in thing.adjectives if a in STATES), None)
        dirty = [a for a in thing.adjectives if a == "dirty"]
        rooms = [a for a in thing.adjectives if self._is_room(a)]
        where = [self._where(role, p) for role, p in thing.places if role != "except"]
        where += [Where(room=self._room(a)) for a in rooms]
        query = SceneQuery(
            classes=classes,
            attributes=(*thing.colours, *sorted(thing.states), *dirty),
            where=tuple(where),
            state=state,
        )
        telling = [a for a in thing.adjectives if a not in (*STATES, *dirty, *rooms)]
        ids, unused = self._told_apart(classes, [*telling, *thing.word.split()[:-1]], telling)
        return (replace(query, ids=ids) if ids else query), others, unused

    def _part_itself(self, thing: Described) -> Described:
        """In "the drawer of the dresser" the drawer is meant; the grammar takes it for a word about the dresser."""
        wholes = {f.id for f in self._graph.fixtures if f.cls in thing.classes}
        parts = {class_words(f.cls): f.cls for f in self._graph.fixtures if f.part_of in wholes}
        said = next((a for a in thing.adjectives if a in parts), None)
        if said is None:
            return thing
        rest = tuple(a for a in thing.adjectives if a != said)
        return replace(thing, word=said, classes=(parts[said],), adjectives=(*rest, thing.word))

    def _meant(self, thing: Described) -> tuple[frozenset[str] | None, frozenset[str]]:
        if thing.kind in ("everything", "something"):
            return None, frozenset()
        if not thing.classes and thing.word == "door":
            return frozenset(f.cls for f in self._graph.fixtures if _has_door(f)), frozenset()
        if not thing.classes:
            raise BadInputError(
                f"there is no '{thing.word}' here that I know; {self._known(thing.word)}"
            )
        if thing.generic:
            own = [c for c in thing.classes if class_words(c).split()[-1] == thing.word]
            return frozenset(own or thing.classes), frozenset()
        return frozenset(thing.classes[:1]), frozenset(thing.classes[1:])

    def _where(self, role: str, place: Described) -> Where:
        if place.kind == "room":
            return Where(room=self._room(place.word))
        exact = ("on", "in")
        loose = ("", "to", "of", "from")
        relation = role if role in exact else "" if role in loose else "near"
        ids = self._ids(place)
        # People mix the two: what is "in" a table lies on it.
        able = {r for i in ids for r in self._can_hold(i)}
        return Where(relation if not able or relation in ("near", *able) else "", ids)

    def _ids(self, place: Described) -> frozenset[str]:
        """The fixtures and things that a word names.

        Raises:
            BadInputError: it names furniture that is not here, or nothing that is known.
        """
        place = self._part_itself(place)
        classes, others = self._meant(place)
        nodes: list[SceneFixture | SceneObject] = [*self._graph.fixtures, *self._graph.objects]
        for wanted in (classes, others):
            ids = {n.id for n in nodes if wanted is not None and n.cls in wanted}
            if ids:
                words = [*place.adjectives, *place.word.split()[:-1]]
                told, _ = self._told_apart(wanted, words, ())
                return told if told else frozenset(ids)
        return frozenset()

    def _can_hold(self, name: str) -> tuple[str, ...]:
        node = self._graph.node(name)
        return node.can_hold if isinstance(node, SceneFixture) else ()

    def _told_apart(
        self, classes: frozenset[str] | None, words: Iterable[str], must: Iterable[str]
    ) -> tuple[frozenset[str] | None, list[str]]:
        """Tell furniture apart by the words before it: "top drawer", "desk drawer", "kitchen counter"."""
        if classes is None:
            return None, list(must)
        found = {f.id: f for f in self._graph.fixtures if f.cls in classes}
        used: set[str] = set()
        for word in words:
            said = {i: (*self._names[i].split(), _words(f.room)) for i, f in found.items()}
            fits = {i: f for i, f in found.items() if word in said[i]}
            found = fits or found
            used |= {word} if fits else set()
        return (frozenset(found) if used else None), [w for w in must if w not in used]

    def _room(self, word: str) -> str:
        wanted = _ROOMS.get(word, word)
        name = next((r for r in self._graph.rooms if _words(r) == wanted), None)
        if name is None:
            hint = did_you_mean(word, map(_words, self._graph.rooms))
            raise BadInputError(f"there is no '{word}' here that I know; {hint}")
        return name

    def _is_room(self, word: str) -> bool:
        return any(_words(r) == _ROOMS.get(word, word) for r in self._graph.rooms)

    def _known(self, word: str) -> str:
        names = [*map(class_words, self._classes), *map(_words, self._graph.rooms)]
        return did_you_mean(word, names, limit=60)


def fixture_names(graph: SceneGraph) -> Mapping[str, str]:
    """Name every piece of furniture as the planner does: "top drawer of the dresser"."""
    entities = {
        f.id: Entity(id=f.id, cls=f.cls, kind="fixture", position=f.position, part_of=f.part_of)
        for f in graph.fixtures
    }
    return {name: name_of(entity, entities) for name, entity in entities.items()}


def _has_door(fixture: SceneFixture) -> bool:
    return fixture.door is not None and fixture.cls != "Drawer"


def _words(name: str | None) -> str:
    return (name or "").replace("_", " ")
