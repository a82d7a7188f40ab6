"""What a sentence asks for, before anything is looked up in the world."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Action = Literal[
    "put", "hold", "open", "close", "go", "find", "look", "heat", "cool", "clean", "slice",
    "turn_on", "turn_off", "wait", "throw_at", "push", "show", "tidy", "other",
]  # fmt: skip
DescribedKind = Literal["thing", "unknown", "everything", "something", "person", "room"]

MAKES = {"heat": "hot", "cool": "cold", "clean": "clean", "slice": "sliced"}
"""The state that an action brings about."""


@dataclass(frozen=True)
class Described:
    """A thing as the sentence describes it.

    Attributes:
        kind: what sort of noun it was.
        word: the noun, as the lexicon knows it.
        classes: what it may be, best guess first, limited to the home's vocabulary.
        generic: several of the classes may be meant alike.
        quantifier: ``the``, ``a``, ``all``, ``both`` or empty.
        count: how many; 0 if not said.
        plural: said in the plural.
        colours: said colours.
        states: said states (hot, cold, clean, sliced).
        other: "the other one"; of everything: what was not named before.
        adjectives: other words said before it: "top", "dirty", "kitchen".
        places: where it is said to be: pairs of ``on``, ``in``, ``near``, ``of`` (what it is part of)
            or ``except`` (what is not meant) and a thing.
        mention: things with one number are one thing ("the apple ... it").
    """

    kind: DescribedKind
    word: str
    classes: tuple[str, ...] = ()
    generic: bool = False
    quantifier: str = ""
    count: int = 0
    plural: bool = False
    colours: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()
    other: bool = False
    adjectives: tuple[str, ...] = ()
    places: tuple[tuple[str, Described], ...] = ()
    mention: int = 0

    @property
    def cls(self) -> str:
        """The best guess of its class; empty if there is none."""
        return self.classes[0] if self.classes else ""

    @property
    def many(self) -> bool:
        """Whether more than one thing is asked for."""
        return self.quantifier in ("all", "both") or self.count > 1 or self.plural

    def at(self, role: str, place: Described) -> Described:
        """Return the same thing, said to be at one more place."""
        return replace(self, places=(*self.places, (role, place)))

    def words(self) -> str:
        """Describe it for a person, without a determiner: "red mug"."""
        return " ".join([*self.colours, self.word])


@dataclass(frozen=True)
class Step:
    """One thing that is asked for.

    ``role`` is how ``dest`` was said (``on``, ``in``, ``to``, ``near``); ``instead`` is the
    destination if ``dest`` turns out to be where the object stands already ("put the mug on the
    table on the shelf"); ``word`` the verb as typed.
    """

    action: Action
    obj: Described | None = None
    dest: Described | None = None
    role: str = ""
    word: str = ""
    instead: tuple[str, Described] | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Reading:
    """How a sentence was understood: its steps, in order, and words nobody knows."""

    steps: tuple[Step, ...] = ()
    unknown_verbs: tuple[str, ...] = ()
    slots: dict[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return what goes into `Plan.reading`: ALFRED's slots and the steps in short."""
        return {**self.slots, "steps": [_short(s) for s in self.steps]}


def _short(step: Step) -> str:
    thing = step.obj.words() if step.obj is not None else ""
    where = f" {step.role} {step.dest.words()}" if step.dest is not None else ""
    return f"{step.action} {thing}{where}".strip()
