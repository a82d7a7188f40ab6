"""Finding what nobody said the place of: in any room, in the open or behind a door or in a drawer."""

from __future__ import annotations

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory, Thing
from diarchy.agent.evaluation.tasks.model import Task, pick_one
from diarchy.agent.evaluation.tasks.places import choose

_FORMS = ("find the {x}", "where is the {x}?", "look for the {x}", "search for the {x}")


def in_the_open(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Find a thing that stands somewhere in the home."""
    return _find(home, rng, "find_in_the_open", [t for t in home.unique() if home.in_the_open(t)])


def hidden(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Find a thing that lies behind a closed door or in a closed drawer."""
    return _find(home, rng, "find_hidden", [t for t in home.unique() if not home.in_the_open(t)])


def _find(home: Inventory, rng: np.random.Generator, name: str, things: list[Thing]) -> Task | None:
    thing = choose(things, rng)
    if thing is None:
        return None
    sentence = pick_one(_FORMS, rng).format(x=home.words(thing))
    return Task(name, sentence, sought=(thing.id,))


SEARCHES = (in_the_open, hidden)
