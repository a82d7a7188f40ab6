"""Which thing a person means by "that", "the blue one" or "the mug" while the robot works.

What is in the hand comes first, then what is about to be taken, then what was worked on last. Words that
describe must fit; where two things fit equally well and the work does not tell them apart, it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from diarchy.contracts.correction import CorrectionRequest
from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import Question, Reference
from diarchy.planners.symbolic.answers import Answered, Explore, either_or, tell_apart, understand
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.knowledge import Grounded, names_in_corrections
from diarchy.planners.symbolic.lexicon import lexicon_for
from diarchy.planners.symbolic.reading import read_with
from diarchy.planners.symbolic.steps import Described

_POINTING = re.compile(r"^(?:it|that|this|them|those|these)(?: one)?$|^there$|^here$|^wrong one$")
_ONE = re.compile(r"\b(?:one|ones)$")
_PREPOSITION = re.compile(r"^(?:on|in|into|onto|inside|to|at|under) ")
TAKES = frozenset({"pick"})
PUTS = frozenset({"place_on", "place_in", "hand_over"})


class Referents:
    """Resolves words against the world and the running plan."""

    def __init__(self, asked: CorrectionRequest) -> None:
        self._asked = asked
        bare = asked.request.model_copy(
            update={"constraints": (), "instead": {}, "exchanges": (), "history": ()}
        )
        self.grounder = Grounder(bare)
        vocabulary = asked.request.vocabulary
        classes = tuple(sorted({*vocabulary.object_classes, *vocabulary.fixture_classes}))
        self._lexicon, self._classes = lexicon_for(classes), frozenset(classes)

    # ---- what the work is about ---------------------------------------------------------------

    def in_question(self) -> Grounded | None:
        """The thing that the robot holds, or is about to take, though it may not have found it yet."""
        return self.held() or self.about_to_take()

    def held(self) -> Entity | None:
        """The thing that the robot holds."""
        return self.grounder.entities.get(self._asked.request.world.held or "")

    def about_to_take(self) -> Grounded | None:
        """What the next subtask that takes something takes."""
        for subtask in self._asked.running:
            if subtask.skill in PUTS:
                return None
            if subtask.skill in TAKES:
                thing = subtask.args.get("object", "")
                if isinstance(thing, Reference):
                    return thing
                return self.grounder.entities.get(str(thing))
            if subtask.skill == "search" and isinstance(subtask.args.get("object"), Reference):
                return self._searched(subtask.args["object"])
        return None

    def _searched(self, thing: object) -> Grounded | None:
        """What is searched for: found meanwhile, or not yet."""
        if not isinstance(thing, Reference):
            return None
        found = [
            e for e in self.grounder.located("object") if str(thing) in names_in_corrections(e)
        ]
        return found[0] if len(found) == 1 else thing

    def taken(self) -> list[str]:
        """Ids of what was put somewhere in this run, the last one first."""
        puts = [
            str(r.args.get("object"))
            for r in self._asked.request.history
            if r.skill in PUTS and r.status == "succeeded"
        ]
        return list(dict.fromkeys(reversed(puts)))

    def last_moved(self) -> Entity | None:
        """What was put somewhere last."""
        return next((e for i in self.taken() if (e := self.grounder.entities.get(i))), None)

    def destination(self) -> Entity | None:
        """Where the running plan puts things next."""
        for subtask in self._asked.running:
            if subtask.skill in PUTS:
                name = str(subtask.args.get("receptacle", subtask.args.get("person", "")))
                return self.grounder.entities.get(name)
        return None

    # ---- words --------------------------------------------------------------------------------

    def is_place(self, words: str) -> bool:
        """Whether words name where something goes and not what."""
        if words in ("there", "here") or _PREPOSITION.match(words):
            return True
        thing = self.described(words)
        return (
            thing is not None
            and bool(thing.classes)
            and all(c in self._asked.request.vocabulary.fixture_classes for c in thing.classes[:1])
        )

    def old(self, words: str, fallback: Grounded | None) -> Grounded | None:
        """The thing that is not meant: what words describe among what the plan is about."""
        if not words or _POINTING.match(words):
            return fallback
        found = self._fits(words, fallback)
        thing = self.described(words, fallback)
        if isinstance(fallback, Reference) and thing is not None and thing.cls == fallback.cls:
            return fallback
        if fallback is not None and fallback in found:
            return fallback
        return self._choose(words, found)

    def new(self, words: str, instead_of: Grounded) -> Grounded | None:
        """The thing that is meant in place of another: "the blue one", "the bowl"."""
        words = _PREPOSITION.sub("", words)
        if words in ("the other one", "the other", "another one", "another"):
            found = self._alike(instead_of)
        else:
            found = self._fits(words, instead_of)
        found = [e for e in found if not _is_it(e, instead_of)]
        chosen = self._choose(words, found)
        return chosen if chosen is not None else self._unseen(words, instead_of)

    def thing(self, words: str) -> Grounded | None:
        """The thing that is meant, told by the work where the words leave it open."""
        question = self.in_question()
        if _POINTING.match(words):
            return question or self.last_moved()
        found = self._fits(words, question or self.last_moved())
        if isinstance(question, Reference) and not found:
            return self.old(words, question)
        concerned = [question, self.last_moved()]
        about = next((c for c in concerned if isinstance(c, Entity) and c in found), None)
        return about or self._choose(words, found)

    def described(self, words: str, context: Grounded | None = None) -> Described | None:
        """Read a noun phrase; "one" is what is talked about."""
        words = _PREPOSITION.sub("", words)
        if context is not None:
            words = _ONE.sub(class_words(context.cls), words)
        for step in read_with(f"find {words}", self._lexicon, self._classes).steps:
            if step.obj is not None and step.obj.kind in ("thing", "person"):
                return step.obj
        return None

    def _alike(self, thing: Grounded) -> list[Entity]:
        return [e for e in self.grounder.located() if e.cls == thing.cls]

    def _fits(self, words: str, context: Grounded | None) -> list[Entity]:
        thing = self.described(words, context)
        if thing is None:
            return []
        if thing.kind == "person":
            return self.grounder.located("person")
        try:
            return self.grounder.candidates(thing)
        except (Answered, Explore):
            return []

    def _unseen(self, words: str, context: Grounded) -> Reference | None:
        thing = self.described(words, context)
        objects = self._asked.request.vocabulary.object_classes
        if thing is None or thing.cls not in objects:
            return None
        colour = {"color": thing.colours[0]} if thing.colours else {}
        return Reference(cls=thing.cls, attributes=colour, quantifier="a")

    def _choose(self, words: str, found: Sequence[Entity]) -> Entity | None:
        """Take the only one; of several the one that the plan is about; else ask.

        Raises:
            Answered: with the question.
        """
        if len(found) < 2:
            return found[0] if found else None
        planned = {str(v) for s in self._asked.running for v in s.args.values()}
        concerned = [e for e in found if e.id in planned]
        if len(concerned) == 1:
            return concerned[0]
        options = tell_apart(found, self.grounder.name, self.grounder.whereabouts)
        for answer in reversed(self._asked.answers):
            index = understand(answer, options)
            if index is None:
                return found[0]
            if index >= 0:
                return found[index]
        raise Answered(Question(text=f"Which one: {either_or(options)}?", options=tuple(options)))


def _is_it(thing: Entity, other: Grounded) -> bool:
    """Whether it is the other one, as far as that was described."""
    if isinstance(other, Entity):
        return thing.id == other.id
    return bool(other.attributes) and str(other) in names_in_corrections(thing)
