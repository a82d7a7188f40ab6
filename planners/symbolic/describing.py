"""From noun phrases to descriptions: pronouns, repeated mentions, and places sorted by what they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from diarchy.planners.symbolic.lexicon import Lexicon
from diarchy.planners.symbolic.steps import Described, DescribedKind
from diarchy.planners.symbolic.syntax import Clause, Place, Thing

_KINDS: dict[str, DescribedKind] = {
    "NOUN": "thing", "UNKNOWN": "unknown", "EVERYTHING": "everything", "SOMETHING": "something",
    "PERSON": "person", "ROOM": "room",
}  # fmt: skip
DESTINATIONS = frozenset({"on", "in", "to", "back", "back_in"})
_ROLE = {"back": "on", "back_in": "in"}
_DURATIONS = frozenset({"second", "seconds", "minute", "minutes", "moment", "while"})
Found = tuple[str, Described]
FURNITURE = frozenset(
    [
        "DiningTable",
        "CoffeeTable",
        "SideTable",
        "Desk",
        "Dresser",
        "CounterTop",
        "Drawer",
        "Cabinet",
        "Shelf",
        "Cart",
        "Sofa",
        "ArmChair",
        "Chair",
        "Stool",
        "Ottoman",
        "Footstool",
        "Bed",
        "Fridge",
        "Microwave",
        "Oven",
        "StoveBurner",
        "CoffeeMachine",
        "SinkBasin",
        "Sink",
        "BathtubBasin",
        "Bathtub",
        "Toilet",
        "ToiletPaperHanger",
        "TowelHolder",
        "HandTowelHolder",
        "GarbageCan",
        "Safe",
        "TVStand",
        "LaundryHamper",
        "DeskLamp",
        "FloorLamp",
        "Television",
        "Window",
        "Mirror",
        "Faucet",
        "Curtains",
        "Blinds",
        "Painting",
        "HousePlant",
        "Shower",
        "Door",
        "LightSwitch",
        "Toaster",
    ]
)
"""Classes that stand where they stand; everything else can be moved."""


@dataclass
class Where:
    """The places of one clause, sorted by what they do."""

    destinations: list[Found] = field(default_factory=list)
    sources: list[Found] = field(default_factory=list)
    beside: list[Found] = field(default_factory=list)
    early: list[Found] = field(default_factory=list)
    contents: list[Described] = field(default_factory=list)
    tools: list[Described] = field(default_factory=list)
    excluded: list[Described] = field(default_factory=list)
    person: bool = False
    at_person: bool = False


class Describer:
    """Describes the things of one command, remembering what "it" and "them" stand for."""

    def __init__(self, lexicon: Lexicon, vocabulary: frozenset[str] | None) -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._mentions = 0
        self._last: tuple[Described, ...] = ()
        self._named: list[Described] = []
        self._row: list[Described] = []

    # ---- noun phrases -------------------------------------------------------------------------

    def _classes(self, thing: Thing) -> tuple[str, ...]:
        if self._vocabulary is None:
            return thing.classes
        return tuple(c for c in thing.classes if c in self._vocabulary)

    def _is_object(self, thing: Thing) -> bool:
        kinds = ("NOUN", "UNKNOWN", "EVERYTHING", "SOMETHING")
        return thing.kind in kinds and not self._is_fixed(thing.classes)

    def _is_fixed(self, classes: Sequence[str]) -> bool:
        return bool(set(classes[:1]) & FURNITURE)

    def _describe(self, thing: Thing) -> tuple[Described, ...]:
        """Describe a noun phrase; a pronoun gives what it stands for."""
        if thing.kind == "PRON" and thing.word != "sliced":
            found = self._all_of_them() if thing.word == "many" else self._last[-1:]
            if thing.colours and found:
                return (replace(found[-1], colours=thing.colours, mention=self._number()),)
            return found
        if thing.kind == "PRON":
            return tuple(replace(d, states=d.states | {"sliced"}) for d in self._last[-1:])
        if thing.kind == "PART":
            return ()
        described = Described(
            kind=_KINDS[thing.kind],
            word=thing.word,
            classes=self._classes(thing),
            generic=thing.word in self._lexicon.generic,
            quantifier=thing.quantifier,
            count=thing.count,
            plural=thing.plural
            and not (thing.quantifier == "a" and thing.word in self._lexicon.collective),
            colours=thing.colours,
            states=thing.states,
            other=thing.other,
            adjectives=thing.adjectives,
        )
        return (self._same_or_new(described),)

    def _all_of_them(self) -> tuple[Described, ...]:
        """What "them" stands for: one plural, or all things that were named one after the other."""
        if len(self._last) == 1 and not self._last[0].many and len(self._row) > 1:
            return tuple(self._row)
        return self._last

    def _last_fixture(self) -> Described | None:
        """What "it" is in "close it" and "turn it on", and what "inside" means."""
        return next((d for d in reversed(self._named) if self._is_fixed(d.classes)), None)

    def _describe_all(self, things: Sequence[Thing]) -> list[Described]:
        """Describe a list: "every cup and mug" means every mug, too; "both the cup and the mug" one each."""
        found: list[Described] = []
        first = things[0] if things else None
        for thing in things:
            if first is not None and len(things) > 1 and first.quantifier == "both":
                thing = replace(thing, quantifier="the") if not thing.plural else thing
            if first is not None and first.quantifier == "all" and thing.quantifier == "":
                thing = replace(thing, quantifier="all")
            found.extend(self._describe(thing))
        return found

    def _same_or_new(self, described: Described) -> Described:
        """Give the number of an earlier mention to "the apple" after "an apple"."""
        definite = described.quantifier == "the" and described.kind == "thing"
        for earlier in reversed([*(self._named if definite else ()), *self._last]):
            same = described.kind == "thing" and earlier.classes == described.classes
            same = same and described.classes != () and not described.other
            same = same and (not described.colours or earlier.colours == described.colours)
            same = same and described.count in (0, earlier.count) and described.quantifier != "a"
            same = same and described.quantifier not in ("all", "both")
            same = same and set(described.adjectives) <= set(earlier.adjectives)
            if same:
                merged: Described = replace(earlier, states=earlier.states | described.states)
                return merged
        new = replace(described, mention=self._number())
        self._named.append(new)
        return new

    def _number(self) -> int:
        self._mentions += 1
        return self._mentions

    # ---- places -------------------------------------------------------------------------------

    def _where(self, clause: Clause) -> Where:
        where = Where()
        for item in clause.items:
            if isinstance(item, Place):
                self._sort_place(item, where)
        return where

    def _sort_place(self, place: Place, where: Where) -> None:
        pronoun = place.things[0].kind == "PRON"
        if pronoun and where.contents and place.role in ("in", "on"):
            return  # "a cup with a fork in it"
        if place.things[0].kind == "PERSON":
            where.person = True
            where.at_person = where.at_person or place.text in (
                "at",
                "towards",
                "toward",
                "against",
            )
            return
        for described in self._describe_all(place.things):
            self._sort_one(place.role, described, where)

    def _sort_one(self, role: str, described: Described, where: Where) -> None:
        if described.word in _DURATIONS:
            return  # "for a minute": devices know how long they take
        if role in ("with", "holding"):
            is_lamp = bool(set(described.classes) & self._lexicon.lamps)
            (where.tools if is_lamp else where.contents).append(described)
        elif role == "except":
            where.excluded.append(described)
        elif role == "using":
            where.tools.append(described)
        elif role == "from":
            where.sources.append((role, described))
        elif role == "of":
            self._of(described, where)
        elif role in DESTINATIONS:
            where.destinations.append((_ROLE.get(role, role), described))
        else:
            where.beside.append((role, described))
            if not where.destinations:
                where.early.append((role, described))

    def _of(self, described: Described, where: Where) -> None:
        """Read "the top shelf of the fridge" as the fridge, "the drawer of the desk" as a part of it."""
        rows = [r for r in (where.destinations, where.sources, where.beside) if r]
        if not rows:
            return
        role, part = rows[0][-1]
        if part.cls in ("Shelf", "Drawer") and described.cls == "Fridge":
            rows[0][-1] = (role, described)
        elif self._is_fixed(part.classes) and self._is_fixed(described.classes):
            # "the drawer of the desk" and "the drawer of the dresser" are two things.
            rows[0][-1] = (role, replace(part.at("of", described), mention=self._number()))
