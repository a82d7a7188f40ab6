"""From what the sentence describes to what the world holds: entities, references, questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import PlanRequest, Question, Reference
from diarchy.contracts.predicate import Predicate
from diarchy.planners.symbolic.answers import (
    Answered,
    Explore,
    choose,
    either_or,
    refuse,
    tell_apart,
    unknown_thing,
)
from diarchy.planners.symbolic.knowledge import Grounded, Knowledge, gap, names_in_corrections
from diarchy.planners.symbolic.lexicon import lexicon_for
from diarchy.planners.symbolic.reading import read_with
from diarchy.planners.symbolic.steps import Described

NEAR_METRES = 0.6
REACH_OF_PERSON = 2.5
_NOT_ASKED = frozenset({"CoffeeMachine", "StoveBurner"})


class Grounder(Knowledge):
    """Looks up what a sentence describes in one snapshot of the belief.

    Every method raises `Answered` where only the person can say what is meant, or where what is
    described does not exist here.
    """

    def __init__(self, request: PlanRequest) -> None:
        super().__init__(request)
        self._bound: dict[int, tuple[Described, Grounded]] = {}

    # ---- one thing ----------------------------------------------------------------------------

    def one(self, thing: Described) -> Grounded:
        """Find the one thing that is meant, or a `Reference` if it is not known where it is."""
        if thing.mention in self._bound:
            described, found = self._bound[thing.mention]
            # "the mug on the table ... the mug on the shelf" are two mugs.
            if not thing.places or not described.places or thing.places == described.places:
                return found
            return self._meant(self._find_one(thing))
        found = self._meant(self._find_one(thing))
        self._bound[thing.mention] = (thing, found)
        return found

    def _meant(self, found: Grounded) -> Grounded:
        """Follow what the person said was meant in place of what the sentence names."""
        instead = self.request.instead
        for _ in instead:
            named = sorted(names_in_corrections(found) & instead.keys())
            other = instead[named[0]] if named else None
            if other is None or isinstance(other, float | int):
                break
            if isinstance(other, Reference):
                # It may have been seen since.
                seen = [e for e in self.located("object") if str(other) in names_in_corrections(e)]
                found = self.by_distance(seen)[0] if seen else other
                continue
            found = self.entities.get(other, found)
        return found

    def fixture(self, thing: Described) -> Entity:
        """Find the one thing that is meant, and insist that its place is known."""
        found = self.one(thing)
        if isinstance(found, Entity):
            return found
        if thing.cls in self.request.vocabulary.fixture_classes:
            raise unknown_thing(thing.word, (e.cls for e in self.located("fixture")))
        raise Explore(f"find the {thing.words()}", wanted=found)

    def _find_one(self, thing: Described) -> Grounded:
        if thing.kind == "room":
            return self._room(thing)
        if thing.kind == "person":
            return self._person()
        candidates = self.candidates(thing)
        if not candidates:
            return self._reference(thing)
        # What shall be left alone is meant only where nothing else can be.
        candidates = [e for e in candidates if self.may_take(e)] or candidates
        held = [e for e in candidates if e.id == self.request.world.held]
        if held and not thing.other:
            return held[0]
        if len(candidates) == 1:
            return candidates[0]
        if thing.quantifier == "a" or thing.other:
            taken = [found for _, found in self._bound.values()]
            candidates = [e for e in candidates if e not in taken] or candidates
        if thing.quantifier == "a":
            return self.emptiest(candidates)[0]
        if len(candidates) == 1:
            return candidates[0]
        return self.ask_which(thing.word, candidates)

    def ask_which(self, word: str, candidates: Sequence[Entity]) -> Entity:
        """Let the person choose, or take the choice that was made already."""
        options = tell_apart(candidates, self.name, self.whereabouts)
        question = f"Which {word}: {either_or(options)}?"
        chosen = choose(question, options, self.request.exchanges, exact=False)
        return self.by_distance(candidates)[0] if chosen is None else candidates[chosen]

    def candidates(self, thing: Described) -> list[Entity]:
        """All known entities that fit a description, sorted by id.

        Raises:
            Answered: the word means nothing that exists here.
        """
        classes = self.classes(thing)
        kinds = {e.cls: e.kind for e in self.located()}
        found = [e for e in self.located() if e.cls in classes and e.kind != "person"]
        fixed = any(c in self.request.vocabulary.fixture_classes for c in classes)
        if (
            not found
            and fixed
            and not any(c in self.request.vocabulary.object_classes for c in classes)
        ):
            raise unknown_thing(thing.word, (c for c, k in kinds.items() if k == "fixture"))
        found = self._coloured(found, thing)
        found = self._worded(self._in_state(found, thing), thing)
        if thing.other and self.request.world.held is not None:
            found = [e for e in found if e.id != self.request.world.held]
        for role, place in thing.places:
            found = self._at(found, role, place)
        return found

    def classes(self, thing: Described) -> tuple[str, ...]:
        """Return the classes that are meant; several only for words that name several kinds alike.

        Raises:
            Answered: no class of this home is called so.
        """
        if thing.kind == "everything":
            return self.request.vocabulary.object_classes
        if thing.kind == "something" and thing.places:
            return self.request.vocabulary.object_classes
        if not thing.classes:
            vocabulary = self.request.vocabulary
            raise unknown_thing(
                thing.word, (*vocabulary.object_classes, *vocabulary.fixture_classes)
            )
        if not thing.generic:
            return thing.classes[:1]
        # "the table" means the kinds of table; a counter only where there is no table.
        named = tuple(c for c in thing.classes if class_words(c).split()[-1] == thing.word)
        return named or thing.classes

    def _coloured(self, found: list[Entity], thing: Described) -> list[Entity]:
        """Keep those of the said colours; a colour that nobody has told of a thing rules nothing out."""
        for colour in thing.colours:
            found = [
                e for e in found if not e.attributes.get("color") or colour in e.attributes.values()
            ]
            certain = [e for e in found if colour in e.attributes.values()]
            found = certain or found
        return found

    def _in_state(self, found: list[Entity], thing: Described) -> list[Entity]:
        """Prefer those that are as described: "the hot potato", "the dirty plate"."""
        values = thing.states | ({"dirty"} & set(thing.adjectives))
        so = [
            e
            for e in found
            if values
            and all(
                Predicate(v, (e.id,)) in self.state.true or v in e.attributes.values()
                for v in values
            )
        ]
        return so or found

    def _worded(self, found: list[Entity], thing: Described) -> list[Entity]:
        """Tell furniture apart by the words before it: "top drawer", "desk drawer", "kitchen counter"."""
        words = [*thing.adjectives, *thing.word.split()[:-1]]
        for word in words:
            wholes = {e.id: self.entities.get(e.part_of or "") for e in found}
            fits = [
                e for e in found
                if ((w := wholes[e.id]) is not None and class_words(w.cls).startswith(word))
                or (self.room_of(e) or "").replace("_", " ") == word
            ]  # fmt: skip
            found = fits or found
        return self.by_height(found, words)

    def _at(self, found: list[Entity], role: str, place: Described) -> list[Entity]:
        if role == "except":
            left_out = {e.id for e in self.candidates(place)}
            return [e for e in found if e.id not in left_out]
        if place.kind == "room":
            anchor_room = self._room(place).room
            return [e for e in found if self.room_of(e) == anchor_room]
        anchor = self.one(place)
        if role == "of":
            return [e for e in found if isinstance(anchor, Entity) and e.part_of == anchor.id]
        if not isinstance(anchor, Entity):
            return [] if role in ("on", "in", "") else found
        if anchor.kind == "place":
            return [e for e in found if e.room == anchor.room]
        names = (role,) if role in ("on", "in") else ("on", "in")
        there = [
            e
            for e in found
            if any(Predicate(n, (e.id, anchor.id)) in self.state.true for n in names)
        ]
        if role in ("on", "in") and not there:
            # "the apple in the shelf": people mix the two.
            there = [e for e in found if self.receptacle_of(e.id) == anchor.id]
        if role not in ("on", "in", ""):
            near = [e for e in found if e.id != anchor.id and gap(e, anchor) <= NEAR_METRES]
            there = there or near
        return there

    def _after_failed_search(self, thing: Described) -> None:
        """Look into closed containers after a search in vain; give up when there is none left."""
        cls = self.classes(thing)[0]
        since = self.since_held(cls)
        vain = [r for r in since if r.skill == "search" and r.status == "failed"]
        if not any(cls in str(r.args) for r in vain):
            return
        closed = self.closed_places(cls)
        if closed:
            raise Explore(f"look for the {thing.words()} where a door hides it", closed[:1])
        deep = self.deep_places(cls)
        if deep:
            why = f"look for the {thing.words()} again where a wall may hide it"
            raise Explore(why, deep[:1], closer=True)
        raise refuse("impossible", f"I looked everywhere I can and found no {thing.words()}",
                     "tell me where it is, or name another thing")  # fmt: skip

    def _remembered_behind_a_door(self, thing: Described) -> None:
        """Look first where an earlier run saw it, if that is a place that a search does not open."""
        closed = self.remembered_closed(self.classes(thing), thing.colours)
        if closed and not thing.places:
            words = f"look for the {thing.words()} in the {self.name(closed[0])}, where it was in an earlier run"
            raise Explore(words, closed[:1])

    def _reference(self, thing: Described) -> Reference:
        self._remembered_behind_a_door(thing)
        self._after_failed_search(thing)
        relation, anchor = None, None
        for role, place in thing.places:
            if role in ("except", "of") or place.kind == "room":
                continue
            found = self.one(place)
            name = found.id if isinstance(found, Entity) else found.cls
            relation = role if role in ("on", "in") else ("near" if role else "on")
            if role == "" and isinstance(found, Entity) and "on" not in found.can_hold:
                relation = "in"
            anchor = name
        return Reference.model_validate(
            {
                "cls": self.classes(thing)[0],
                "attributes": {"color": thing.colours[0]} if thing.colours else {},
                "relation": relation,
                "anchor": anchor,
                "quantifier": "the" if thing.quantifier == "the" else "a",
            }
        )

    # ---- rooms and people ---------------------------------------------------------------------

    def _room(self, thing: Described) -> Entity:
        rooms = sorted({e.room for e in self.located() if e.room})
        wanted = thing.word.replace("hallway", "hall").replace("lounge", "living room")
        name = next((r for r in rooms if r.replace("_", " ") == wanted), None)
        if name is None:
            raise unknown_thing(thing.word, (r.replace("_", " ") for r in rooms))
        fixtures = [e for e in self.located("fixture") if e.room == name]
        if not fixtures:
            raise refuse("impossible", f"I know nothing in the {thing.word} that I could drive to")
        return self.by_distance(fixtures)[0]

    def _person(self) -> Entity:
        people = self.located("person")
        if not people:
            return self.asked_place("Where are you? I know of nobody here.")
        return self.by_distance(people)[0]

    def beside_person(self) -> Entity:
        """Return the nearest surface to the person that things can be put on.

        Raises:
            Answered: no person is known, with the question where they are; or no surface is near.
        """
        people = self.located("person")
        if not people:
            return self.asked_place("Where are you? I do not know where to bring it.")
        person = self.by_distance(people)[0]
        surfaces = [e for e in self.located("fixture") if "on" in e.can_hold]
        near = [e for e in surfaces if gap(person, e) <= REACH_OF_PERSON]
        if not near:
            raise refuse("impossible", "there is no surface near you that I could put it on",
                         "name a place, for example 'on the " + (next(iter(self._surfaces()), "table")) + "'")  # fmt: skip
        return min(near, key=lambda e: (self.failures[e.id], round(gap(person, e), 3), e.id))

    def _surfaces(self) -> list[str]:
        places = [e for e in self.located("fixture") if "on" in e.can_hold]
        return sorted({class_words(e.cls) for e in places if e.cls not in _NOT_ASKED})

    def asked_place(self, question: str, source: Described | None = None) -> Entity:
        """Ask where something shall go, or read the answer that was given to that."""
        words = class_words(self.fixture(source).cls) if source is not None else ""
        options = [s for s in self._surfaces() if s != words]
        stem = question.split(".")[0].lower()
        answers = [e.answer for e in self.request.exchanges if stem in e.question.lower()]
        for answer in reversed(answers):
            place = self._read_place(answer)
            if place is not None:
                return place
        raise Answered(Question(text=question, options=tuple(options)))

    def _read_place(self, answer: str) -> Entity | None:
        vocabulary = self.request.vocabulary
        classes = (*vocabulary.object_classes, *vocabulary.fixture_classes)
        lexicon = lexicon_for(tuple(sorted(set(classes))))
        for step in read_with(f"go to {answer}", lexicon, frozenset(classes)).steps:
            if step.obj is not None and step.obj.kind in ("thing", "room"):
                # Another sentence: its mentions are none of the command's.
                self._bound.pop(-1, None)
                return self.fixture(replace(step.obj, mention=-1))
        return None
