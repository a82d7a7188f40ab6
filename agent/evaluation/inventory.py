"""What is where in one home, by the simulator's truth: for the maker of tasks and the judge alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from diarchy.contracts.entity import class_words

SPOKEN = {"SodaCan": "can", "SinkBasin": "sink", "GarbageCan": "bin", "CellPhone": "phone"}
"""What people call things that have another name in the simulator."""


def spoken(cls: str) -> str:
    """Return the everyday word for a class."""
    return SPOKEN.get(cls, class_words(cls))


@dataclass(frozen=True)
class Thing:
    """A movable object as the simulator placed it.

    ``where`` is the fixture (or the other thing) that holds it, ``relation`` on or in.
    """

    id: str
    cls: str
    color: str
    where: str
    relation: str
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inventory:
    """What is in one home; ``fixtures``: id to class; ``people``: ids; ``shut``: closed fixtures."""

    things: tuple[Thing, ...]
    fixtures: dict[str, str]
    people: tuple[str, ...] = ()
    shut: frozenset[str] = field(default_factory=frozenset)

    def words(self, thing: Thing) -> str:
        """Describe a thing so that it is the only one that fits: class, or colour and class."""
        name = spoken(thing.cls)
        twins = [t for t in self.things if t.cls == thing.cls]
        if len(twins) == 1:
            return name
        if thing.color and sum(t.color == thing.color for t in twins) == 1:
            return f"{thing.color} {name}"
        return ""

    def unique(self, classes: Iterable[str] | None = None) -> list[Thing]:
        """Things that words can single out and that stand by themselves on or in a fixture."""
        chosen = None if classes is None else frozenset(classes)
        return [
            t
            for t in self.things
            if self.words(t)
            and t.where in self.fixtures
            and self.empty(t)
            and (chosen is None or t.cls in chosen)
        ]

    def in_the_open(self, thing: Thing) -> bool:
        """Whether it can be seen without opening anything."""
        return thing.where not in self.shut

    def empty(self, thing: Thing) -> bool:
        """Whether nothing lies on or in it."""
        return all(t.where != thing.id for t in self.things)

    def of_class(self, cls: str) -> tuple[str, ...]:
        """Ids of the fixtures of a class."""
        return tuple(i for i, c in self.fixtures.items() if c == cls)

    def fixture(self, cls: str) -> str:
        """Id of the first fixture of a class."""
        return self.of_class(cls)[0]


def inventory(robot: Any) -> Inventory:
    """Read the simulator's truth."""
    truth, static_map = robot.truth, robot.static_map
    things = []
    for name in truth.objects:
        attributes = truth.attributes(name)
        where, relation = _support(truth, name, static_map.fixtures)
        states = tuple(s for s in ("hot", "cold", "clean") if truth.holds(s, name))
        color = attributes.get("color", "")
        things.append(Thing(name, attributes["class"], color, where, relation, states))
    fixtures = {i: f.entity.cls for i, f in static_map.fixtures.items()}
    shut = [i for i, f in static_map.fixtures.items() if f.openable and not truth.holds("open", i)]
    people = tuple(p.id for p in static_map.people)
    return Inventory(tuple(things), fixtures, people, frozenset(shut))


def _support(truth: Any, name: str, fixtures: Iterable[str]) -> tuple[str, str]:
    for holder in [*(o for o in truth.objects if o != name), *fixtures]:
        for relation in ("on", "in"):
            if truth.holds(relation, name, holder):
                return holder, relation
    return "", ""
