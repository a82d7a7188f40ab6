"""Everyday tasks beside ALFRED's: bring, throw away, put away behind a door, clear a surface."""

from __future__ import annotations

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory, spoken
from diarchy.agent.evaluation.tasks import places
from diarchy.agent.evaluation.tasks.model import Task, any_of, goals, pick_one
from diarchy.agent.evaluation.tasks.places import choose


def bring(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Bring one thing to the person and hand it over."""
    thing = choose([t for t in home.unique() if home.in_the_open(t)], rng)
    if thing is None or not home.people:
        return None
    forms = ("bring me the {x}", "bring the {x} to me", "can you get me the {x}", "give me the {x}")
    sentence = pick_one(forms, rng).format(x=home.words(thing))
    return Task("bring", sentence, (any_of(f"given({thing.id}, {{}})", home.people),), (thing.id,))


def throw_away(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Throw one thing into the garbage can."""
    thing = choose([t for t in home.unique() if home.in_the_open(t)], rng)
    if thing is None:
        return None
    forms = ("throw the {x} away", "throw away the {x}", "put the {x} in the bin")
    sentence = pick_one(forms, rng).format(x=home.words(thing))
    where = home.of_class("GarbageCan")
    return Task("throw_away", sentence, (any_of(f"in({thing.id}, {{}})", where),), (thing.id,))


def put_behind_door(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing into the fridge or the cabinet, which are closed before and after."""
    thing = choose([t for t in home.unique() if home.in_the_open(t)], rng)
    kinds = [c for c in ("Fridge", "Cabinet") if home.of_class(c)]
    if thing is None or not kinds:
        return None
    cls = pick_one(kinds, rng)
    forms = (
        "put the {x} in the {y}",
        "store the {x} in the {y}",
        "could you put the {x} into the {y}?",
    )
    sentence = pick_one(forms, rng).format(x=home.words(thing), y=spoken(cls))
    ids = home.of_class(cls)
    shut = goals(*(f"not open({i})" for i in ids))
    return Task(
        "put_behind_door", sentence, (any_of(f"in({thing.id}, {{}})", ids), *shut), (thing.id,)
    )


def clear_surface(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Move everything from one surface to another."""
    tops = [i for i, c in home.fixtures.items() if c in places.TOPS and len(home.of_class(c)) == 1]
    held = {i: [t for t in home.things if t.where == i] for i in tops}
    sources = [i for i in tops if 1 <= len(held[i]) <= 3 and all(home.empty(t) for t in held[i])]
    targets = [i for i in tops if home.fixtures[i] not in ("Shelf", "SideTable")]
    if not sources or len(targets) < 2:
        return None
    source = pick_one(sources, rng)
    target = pick_one([i for i in targets if i != source], rng)
    words = {i: spoken(home.fixtures[i]) for i in tops}
    sentence = f"move everything from the {words[source]} to the {words[target]}"
    moved = goals(*(f"on({t.id}, {target})" for t in held[source]))
    return Task("clear_surface", sentence, moved, tuple(t.id for t in held[source]))
