"""One skill at a time: the shortest sentence that needs it, judged by what it brings about."""

from __future__ import annotations

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory, Thing, spoken
from diarchy.agent.evaluation.tasks import chores, household, places
from diarchy.agent.evaluation.tasks.model import Draw, Task, goals, pick_one
from diarchy.agent.evaluation.tasks.places import choose, destination, fitting


def _seen(home: Inventory) -> list[Thing]:
    return [t for t in home.unique() if home.in_the_open(t)]


def go_to(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Drive to a fixture."""
    alone = [i for i, c in home.fixtures.items() if len(home.of_class(c)) == 1]
    where = pick_one(alone, rng)
    return Task("navigate_to", f"go to the {spoken(home.fixtures[where])}", goals(f"near({where})"))


def look_at(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Look at a thing: it must end up near it."""
    thing = choose(_seen(home), rng)
    if thing is None:
        return None
    return Task("look_at", f"look at the {home.words(thing)}", goals(f"near({thing.id})"))


def find(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Find a thing: it must end up near it."""
    thing = choose(_seen(home), rng)
    if thing is None:
        return None
    return Task("search", f"find the {home.words(thing)}", goals(f"near({thing.id})"))


def pick_up(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Pick one thing up."""
    thing = choose(_seen(home), rng)
    if thing is None:
        return None
    wanted = goals(f"holding({thing.id})")
    return Task("pick", f"pick up the {home.words(thing)}", wanted, (thing.id,))


def put_on(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing on a piece of furniture."""
    return _put(home, rng, "place_on", places.TOPS)


def put_in(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing into something open."""
    return _put(home, rng, "place_in", places.OPEN_INSIDE)


def _put(
    home: Inventory, rng: np.random.Generator, name: str, classes: tuple[str, ...]
) -> Task | None:
    thing = choose(_seen(home), rng)
    where = destination(home, rng, fitting(thing, classes), thing) if thing else None
    if thing is None or where is None:
        return None
    sentence = f"put the {home.words(thing)} {where.relation} {where.words}"
    return Task(name, sentence, where.goals(thing.id), (thing.id,))


def open_it(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Open a door."""
    kinds = [c for c in ("Fridge", "Cabinet", "Microwave") if len(home.of_class(c)) == 1]
    return _door(home, rng, kinds, "open")


def open_drawer(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Pull a drawer out: any will do."""
    if not home.of_class("Drawer"):
        return None
    from diarchy.agent.evaluation.tasks.model import any_of

    return Task("open_drawer", "open a drawer", (any_of("open({})", home.of_class("Drawer")),))


def _door(home: Inventory, rng: np.random.Generator, kinds: list[str], name: str) -> Task | None:
    if not kinds:
        return None
    cls = pick_one(kinds, rng)
    return Task(name, f"open the {spoken(cls)}", goals(f"open({home.fixture(cls)})"))


def close_it(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Open a door and close it again."""
    kinds = [c for c in ("Fridge", "Cabinet", "Microwave") if len(home.of_class(c)) == 1]
    if not kinds:
        return None
    cls = pick_one(kinds, rng)
    sentence = f"open the {spoken(cls)} and then close it"
    return Task("close", sentence, goals(f"not open({home.fixture(cls)})"))


def switch(on: bool) -> Draw:
    """Return the draw that switches a device on, or on and off again."""

    def draw(home: Inventory, rng: np.random.Generator) -> Task | None:
        words = {"Microwave": "microwave", "SinkBasin": "faucet", "DeskLamp": "desk lamp"}
        kinds = [c for c in words if len(home.of_class(c)) == 1]
        if not on:
            kinds = [c for c in kinds if c != "Microwave"]
        if not kinds:
            return None
        cls = pick_one(kinds, rng)
        device, sentence = home.fixture(cls), f"turn on the {words[cls]}"
        if on:
            return Task("toggle_on", sentence, goals(f"running({device})"))
        sentence += " and then turn it off"
        return Task("toggle_off", sentence, goals(f"not running({device})"))

    return draw


SKILLS: dict[str, Draw] = {
    "navigate_to": go_to,
    "look_at": look_at,
    "search": find,
    "pick": pick_up,
    "place_on": put_on,
    "place_in": put_in,
    "place_in_closed": chores.put_behind_door,
    "open": open_it,
    "open_drawer": open_drawer,
    "close": close_it,
    "toggle_on": switch(on=True),
    "toggle_off": switch(on=False),
    "heat": household.heat_and_place,
    "cool": household.cool_and_place,
    "wash": household.clean_and_place,
    "show": household.look_in_light,
    "stack": household.stack_and_place,
    "hand_over": chores.bring,
}
"""By skill. Heating and the like need several others: the whole sentence is judged."""
