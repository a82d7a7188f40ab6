"""What can sensibly be done with what, and where things can be put: the tables the tasks are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory, Thing, spoken
from diarchy.agent.evaluation.judge import Goal
from diarchy.agent.evaluation.tasks.model import any_of, goals, pick_one

FOOD = ("Apple", "Bread", "Egg", "Potato", "Tomato")
VESSELS = ("Bowl", "Cup", "Mug", "Plate")
HEATABLE = (*FOOD, "Cup", "Mug")
COOLABLE = (*FOOD, "Bowl", "Cup", "Mug", "Plate")
WASHABLE = ("Apple", "Egg", "Potato", "Tomato", *VESSELS, "DishSponge", "Fork", "SoapBar", "Spoon")
SMALL = (
    "CellPhone",
    "DishSponge",
    "Fork",
    "KeyChain",
    "Pencil",
    "RemoteControl",
    "SoapBar",
    "Spoon",
)
"""What lies flat enough for a drawer."""
DRY = ("CellPhone", "RemoteControl", "Book", "AlarmClock", "Candle", "ToiletPaper", "KeyChain")
"""What nobody puts into a sink: the rules on plans would ask or refuse."""
CONTENTS = {
    "Plate": ("Apple", "Bread", "Egg", "Potato", "Tomato"),
    "Bowl": ("Apple", "Egg", "Potato", "Tomato"),
    "Cup": ("Fork", "Pencil", "Spoon"),
    "Mug": ("Fork", "Pencil", "Spoon"),
    "Box": ("Candle", "CellPhone", "KeyChain", "RemoteControl"),
}
"""By movable container: what fits on or into it."""
RELATION = {"Plate": "on", "Bowl": "in", "Cup": "in", "Mug": "in", "Box": "in"}

TOPS = ("CounterTop", "DiningTable", "CoffeeTable", "SideTable", "Desk", "Dresser", "Shelf")
OPEN_INSIDE = ("GarbageCan", "SinkBasin")
CLOSED = ("Fridge", "Cabinet", "Drawer")


@dataclass(frozen=True)
class Destination:
    """Where a thing shall go: words with their article, and the ids that count as right."""

    cls: str
    words: str
    relation: str
    ids: tuple[str, ...]

    def goals(self, thing: str) -> tuple[Goal, ...]:
        """Return the goal of the thing being there, and that what has a door is shut again."""
        there = any_of(f"{self.relation}({thing}, {{}})", self.ids)
        shut = [f"not open({i})" for i in self.ids] if self.cls in CLOSED else []
        return (there, *goals(*shut))


def destination(
    home: Inventory, rng: np.random.Generator, classes: tuple[str, ...], *things: Thing
) -> Destination | None:
    """Draw a place of one of the classes where none of the things is yet; None if there is none."""
    taken = {home.fixtures.get(t.where) for t in things}
    suits = [c for c in classes if home.of_class(c) and c not in taken]
    if not all(t.cls in SMALL for t in things):
        suits = [c for c in suits if c != "Drawer"]
    if not suits:
        return None
    cls = pick_one(suits, rng)
    relation = "in" if cls in (*OPEN_INSIDE, *CLOSED) else "on"
    article = "a" if cls == "Drawer" else "the"
    return Destination(cls, f"{article} {spoken(cls)}", relation, home.of_class(cls))


def fitting(thing: Thing, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out places that make no sense for a thing."""
    return tuple(
        c
        for c in classes
        if not (c == "SinkBasin" and thing.cls in DRY)
        and not (c == "Fridge" and thing.cls not in (*FOOD, *VESSELS, "SodaCan"))
    )


def choose(things: list[Thing], rng: np.random.Generator) -> Thing | None:
    """Draw one of the things; None of none."""
    return pick_one(things, rng) if things else None
