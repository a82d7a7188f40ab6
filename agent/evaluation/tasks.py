"""Tasks of the suites: a sentence, and what must be true in the simulator afterwards.

A task is drawn for one seeded home from what really is in it; the agent is told only the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from diarchy.contracts.entity import class_words
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.predicate import Condition


@dataclass(frozen=True)
class Thing:
    """A movable object as the simulator placed it: ``where`` is the fixture that holds it."""

    id: str
    cls: str
    color: str
    where: str
    relation: str


@dataclass(frozen=True)
class Inventory:
    """What is in one home, by the simulator's truth; fixtures: id to class."""

    things: tuple[Thing, ...]
    fixtures: dict[str, str]
    person_table: str | None = None

    def words(self, thing: Thing) -> str:
        """Describe a thing so that it is the only one that fits: class, or colour and class."""
        name = class_words(thing.cls)
        name = {"soda can": "can"}.get(name, name)
        twins = [t for t in self.things if t.cls == thing.cls]
        if len(twins) == 1:
            return name
        if sum(t.color == thing.color for t in twins) == 1:
            return f"{thing.color} {name}"
        return ""

    def unique(self) -> list[Thing]:
        """Things that words can single out."""
        return [t for t in self.things if self.words(t)]

    def fixture(self, cls: str) -> str:
        """Id of the fixture of a class."""
        return next(i for i, c in self.fixtures.items() if c == cls)


@dataclass(frozen=True)
class Task:
    """A sentence and its judged goals (a wildcard is allowed)."""

    name: str
    sentence: str
    goals: tuple[Condition, ...] = field(default_factory=tuple)


Draw = Callable[[Inventory, np.random.Generator], "Task | None"]


def _pick_one(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _draw_thing(home: Inventory, rng: np.random.Generator, *, not_at: str = "") -> Thing | None:
    things = [t for t in home.unique() if t.where != not_at]
    return things[int(rng.integers(len(things)))] if things else None


def _task(name: str, sentence: str, *goals: str) -> Task:
    return Task(name, sentence, tuple(Condition.parse(g) for g in goals))


def put_on(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing on a piece of furniture where it is not yet."""
    surfaces = ["CounterTop", "DiningTable", "CoffeeTable", "Shelf"]
    cls = _pick_one(surfaces, rng)
    where = home.fixture(cls)
    thing = _draw_thing(home, rng, not_at=where)
    if thing is None:
        return None
    forms = [
        "put the {x} on the {y}",
        "place the {x} on the {y}",
        "move the {x} to the {y}",
        "please set the {x} on the {y}",
    ]
    sentence = _pick_one(forms, rng).format(x=home.words(thing), y=class_words(cls))
    return _task("put_on", sentence, f"on({thing.id}, {where})")


def put_in_fridge(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing into the fridge, which is closed at the start and shall be closed at the end."""
    thing = _draw_thing(home, rng)
    if thing is None:
        return None
    fridge = home.fixture("Fridge")
    forms = [
        "put the {x} in the fridge",
        "store the {x} in the fridge",
        "could you put the {x} into the fridge?",
    ]
    sentence = _pick_one(forms, rng).format(x=home.words(thing))
    return _task("put_in_fridge", sentence, f"in({thing.id}, {fridge})", f"not open({fridge})")


def throw_away(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Throw one thing into the garbage can."""
    thing = _draw_thing(home, rng)
    if thing is None:
        return None
    forms = ["throw the {x} away", "throw away the {x}", "put the {x} in the bin"]
    sentence = _pick_one(forms, rng).format(x=home.words(thing))
    return _task("throw_away", sentence, f"in({thing.id}, {home.fixture('GarbageCan')})")


def bring(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Bring one thing to the person: onto the table beside them."""
    if home.person_table is None:
        return None
    thing = _draw_thing(home, rng, not_at=home.person_table)
    if thing is None:
        return None
    forms = ["bring me the {x}", "bring the {x} to me", "can you get me the {x}"]
    sentence = _pick_one(forms, rng).format(x=home.words(thing))
    return _task("bring", sentence, f"on({thing.id}, {home.person_table})")


def move_everything(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Move everything from one surface to another."""
    surfaces = [
        i
        for i, c in home.fixtures.items()
        if c in ("CoffeeTable", "DiningTable", "CounterTop", "Shelf")
    ]
    counts = {i: [t for t in home.things if t.where == i] for i in surfaces}
    sources = [i for i in surfaces if 1 <= len(counts[i]) <= 3]
    if not sources:
        return None
    source = _pick_one(sources, rng)
    target = _pick_one([i for i in surfaces if i != source], rng)
    words = {i: class_words(home.fixtures[i]) for i in surfaces}
    sentence = f"move everything from the {words[source]} to the {words[target]}"
    return _task("move_everything", sentence, *(f"on({t.id}, {target})" for t in counts[source]))


def pick_up(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Only pick one thing up."""
    thing = _draw_thing(home, rng)
    return (
        None
        if thing is None
        else _task("pick", f"pick up the {home.words(thing)}", f"holding({thing.id})")
    )


def open_fridge(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Only open the fridge."""
    return _task("open", "open the fridge", f"open({home.fixture('Fridge')})")


def go_to(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Only drive somewhere."""
    fixture = _pick_one(sorted(home.fixtures), rng)
    return _task(
        "navigate_to", f"go to the {class_words(home.fixtures[fixture])}", f"near({fixture})"
    )


SUITES: dict[str, tuple[Draw, ...]] = {
    "household": (put_on, put_in_fridge, throw_away, bring, move_everything),
    "skills": (go_to, pick_up, put_on, throw_away, open_fridge),
    "skills:navigate_to": (go_to,),
    "skills:pick": (pick_up,),
    "skills:place_on": (put_on,),
    "skills:place_in": (throw_away,),
    "skills:open": (open_fridge,),
}


def draw_task(suite: str, index: int, home: Inventory, seed: int) -> Task:
    """Draw the task of one episode; task kinds take turns, so that a suite is balanced.

    Raises:
        BadInputError: the suite does not exist, or nothing in this home fits it.
    """
    if suite not in SUITES:
        raise BadInputError(f"no suite '{suite}'; {did_you_mean(suite, SUITES)}")
    draws = SUITES[suite]
    rng = np.random.default_rng([seed, index, 7])
    for offset in range(len(draws)):
        task = draws[(index + offset) % len(draws)](home, rng)
        if task is not None:
            return task
    raise BadInputError(f"nothing in this home fits the suite '{suite}'")
