"""Reading what a person says while the robot works, without a model.

The kind of an utterance is told by a few patterns (`utterances`), what it is about by the running plan
and the world (`referents`), and a whole command by the household grammar. Deterministic; what it cannot
read changes nothing and is said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from diarchy.contracts.correction import Correction, CorrectionRequest
from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import Argument, Question
from diarchy.planners.symbolic.answers import Answered, Explore
from diarchy.planners.symbolic.knowledge import Grounded
from diarchy.planners.symbolic.lexicon import lexicon_for
from diarchy.planners.symbolic.reading import read_with
from diarchy.planners.symbolic.referents import Referents
from diarchy.planners.symbolic.stage import argument, symbol
from diarchy.planners.symbolic.steps import Reading, Step
from diarchy.planners.symbolic.utterances import begins_with_stop, plain, sort_out

FASTER, SLOWER = 1.25, 0.6
_PLAIN = ("stop", "pause", "resume", "status", "next")
_ALONE = re.compile(r"(?<=\w )(?:it|that one|this one)\b")
_INSTEAD = re.compile(r"[, ]+(?:instead|rather)$")
Parts = dict[str, str]


class SymbolicCorrector:
    """Reads by rules; the same words in the same situation are always read alike."""

    @property
    def name(self) -> str:
        """Name in traces."""
        return "symbolic"

    def read(self, request: CorrectionRequest) -> Correction:
        """Say what is meant."""
        found = _Reader(request).read()
        return found.model_copy(update={"text": request.said, "reader": self.name})


class _Reader:
    def __init__(self, asked: CorrectionRequest) -> None:
        self._asked = asked
        self._refer = Referents(asked)
        self._readers: dict[str, Callable[[Parts], Correction | None]] = {
            "faster": lambda _: _of("pace", factor=FASTER),
            "slower": lambda _: _of("pace", factor=SLOWER),
            "rest": lambda _: self._rest(),
            "undo": lambda _: self._undo(self._refer.held() or self._refer.last_moved()),
            "undo_thing": lambda p: self._undo(self._refer.thing(p["thing"])),
            "not_trash": self._not_trash,
            "cancel": lambda _: _of("task", why="everything is called off"),
            "instead": self._instead,
            "not": self._not,
            "leave": lambda p: self._leave(self._refer.thing(p["thing"])),
            "also": lambda p: self._command("also", p["task"]),
            "task": lambda p: self._command("task", p["task"]),
        }

    def read(self) -> Correction:
        """Try the kinds that fit, in order; then the whole as a command."""
        for kind, parts in sort_out(self._asked.said):
            if kind in _PLAIN:
                return Correction.model_validate({"kind": kind, "text": self._asked.said})
            try:
                found = self._readers[kind](parts)
            except Answered as stop:
                if isinstance(stop.answer, Question):
                    return _of("unclear", question=stop.answer)
                continue
            except Explore:
                continue
            if found is not None:
                return found
        return self._bare_command() or self._lost()

    # ---- kinds --------------------------------------------------------------------------------

    def _undo(self, thing: Grounded | None) -> Correction:
        if not isinstance(thing, Entity) or thing.kind != "object":
            return _of("undo", why="the last thing that was done")
        return _of("undo", things=(thing.id,), why=f"about {thing.id}")

    def _rest(self) -> Correction:
        """Read "the rest can stay": once something was taken, all else is the rest; before, all but the first."""
        if self._refer.held() is not None or self._refer.taken():
            return _of("rest", why="nothing more shall be taken")
        first = self._refer.about_to_take()
        return _of(
            "rest", things=(symbol(first),) if first is not None else (), why="only this one"
        )

    def _not_trash(self, parts: Parts) -> Correction | None:
        thing = self._refer.thing(parts["thing"])
        if thing is None:
            return None
        place = self._refer.grounder.receptacle_of(symbol(thing))
        thrown = place is not None and self._refer.grounder.entities[place].cls == "GarbageCan"
        return self._undo(thing) if thrown else self._leave(thing)

    def _leave(self, thing: Grounded | None) -> Correction | None:
        if thing is None or not _movable(thing):
            return None
        return _of("leave", things=(symbol(thing),), why=f"{symbol(thing)} shall stay where it was")

    def _not(self, parts: Parts) -> Correction | None:
        """Read "not that one": what else, if the work leaves only one choice, else ask."""
        thing = self._refer.old(parts["thing"], self._refer.in_question())
        if thing is None or parts["thing"] == "there":
            return None
        return _of("leave", things=(symbol(thing),), why=f"{symbol(thing)} is not meant")

    def _instead(self, parts: Parts) -> Correction | None:
        old, new = parts.get("old", ""), parts["new"]
        if old == "there" or self._refer.is_place(new):
            return self._elsewhere(old, new)
        thing = self._refer.old(old, self._refer.in_question() or self._refer.last_moved())
        if thing is None or not _movable(thing):
            return None
        meant = self._refer.new(new, thing)
        if meant is None or not _movable(meant):
            return None
        return self._replaces(thing, argument(meant))

    def _elsewhere(self, old: str, new: str) -> Correction | None:
        place = self._refer.destination()
        if old and old not in ("there", "here") and self._refer.is_place(old):
            said = self._refer.old(
                old.split(" ", 1)[1] if old[:3] in ("on ", "in ") else old, place
            )
            place = said if isinstance(said, Entity) else place
        meant = self._refer.new(new, place) if place is not None else None
        if place is None or not isinstance(meant, Entity):
            return None
        return self._replaces(place, meant.id)

    def _replaces(self, thing: Grounded, meant: Argument) -> Correction:
        why = f"{meant} is meant in place of {symbol(thing)}"
        return _of("instead", things=(symbol(thing),), replacement=meant, why=why)

    # ---- commands -----------------------------------------------------------------------------

    def _command(self, kind: str, text: str) -> Correction | None:
        text = _INSTEAD.sub("", self._named(text))
        reading = self._reading(text)
        if reading.unknown_verbs or not reading.steps:
            return None
        if all(s.action == "other" for s in reading.steps):
            completed = self._completed(text)
            if completed is None:
                return None
            text = completed
        return Correction.model_validate(
            {
                "kind": kind,
                "text": self._asked.said,
                "instruction": text,
                "why": f"a command: {text}",
            }
        )

    def _named(self, text: str) -> str:
        """Name what "it" is: the sentence has to stand by itself from now on."""
        thing = self._refer.in_question() or self._refer.last_moved()
        if thing is None or not _ALONE.search(text):
            return text
        return _ALONE.sub(f"the {self._refer.grounder.name(thing)}", text, count=1)

    def _completed(self, text: str) -> str | None:
        """Complete "the blue mug" by what is being done: "bring me the blue mug"."""
        order = self._asked.orders[0].instruction if self._asked.orders else ""
        step = next((s for s in reversed(self._reading(order).steps) if s.obj is not None), None)
        return None if step is None or step.action == "other" else _like(step, text)

    def _bare_command(self) -> Correction | None:
        """Read a command without a hint whether it comes on top: nothing that was asked for is lost by that.

        Said of the very thing that is being worked on it takes the place of what was wanted of it.
        """
        text = plain(self._asked.said)
        found = self._command("also", text)
        if found is None or not any(s.action != "other" for s in self._reading(text).steps):
            return None  # "the mug": a thing alone is no command
        text = found.instruction
        order = self._asked.orders[0].instruction if self._asked.orders else ""
        if self._same_thing(text, order):
            return found.model_copy(update={"kind": "task", "why": "the same thing, another wish"})
        return found

    def _same_thing(self, first: str, second: str) -> bool:
        question = self._refer.in_question()
        things = []
        for text in (first, second):
            steps = [s for s in self._reading(text).steps if s.obj is not None]
            if len(steps) != 1 or steps[0].obj is None or steps[0].obj.many:
                return False
            things.append(steps[0].obj)
        if things[0].kind == "thing" and not things[0].classes:
            return False
        if question is not None and question.cls in things[0].classes[:1]:
            colours = set(things[0].colours)
            return not colours or colours <= set(question.attributes.values())
        return False

    def _reading(self, text: str) -> Reading:
        vocabulary = self._asked.request.vocabulary
        classes = tuple(sorted({*vocabulary.object_classes, *vocabulary.fixture_classes}))
        return read_with(text, lexicon_for(classes), frozenset(classes))

    def _lost(self) -> Correction:
        if begins_with_stop(self._asked.said):
            return _of("stop", why="it begins with stop, and nothing else in it can be read")
        return _of(
            "unclear",
            reply=f"I did not understand '{self._asked.said.strip()[:80]}', so I go on as before.",
        )


def _movable(thing: Grounded) -> bool:
    return not isinstance(thing, Entity) or thing.kind == "object"


def _of(kind: str, **more: object) -> Correction:
    return Correction.model_validate({"kind": kind, "text": "", **more})


def _like(step: Step, text: str) -> str:
    """Say of another thing what a step says of its own."""
    verb = step.word or step.action
    if step.dest is None:
        return f"{verb} {text}"
    if step.dest.kind == "person":
        return f"{verb} me {text}"
    role = {"near": "next to", "": "on", "down": "on"}.get(step.role, step.role)
    words = step.dest.words() if step.dest.kind == "room" else class_words(step.dest.word)
    return f"{verb} {text} {role} the {words}"
