"""The seven task types of ALFRED (Shridhar et al., CVPR 2020), drawn from what a home holds."""

from __future__ import annotations

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory, Thing, spoken
from diarchy.agent.evaluation.tasks import places
from diarchy.agent.evaluation.tasks.model import Task, goals, pick_one
from diarchy.agent.evaluation.tasks.places import choose, destination, fitting

_ANYWHERE = (*places.TOPS, *places.OPEN_INSIDE, *places.CLOSED)
_SERVED = ("CounterTop", "DiningTable", "CoffeeTable", "SideTable")
_OPEN = (*places.TOPS, "GarbageCan")


def pick_and_place(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing somewhere else."""
    thing = choose(_seen(home), rng)
    where = destination(home, rng, fitting(thing, _ANYWHERE), thing) if thing else None
    if thing is None or where is None:
        return None
    forms = (
        "put the {x} {r} {y}",
        "place the {x} {r} {y}",
        "move the {x} to {y}",
        "take the {x} and put it {r} {y}",
        "please set the {x} {r} {y}",
    )
    sentence = pick_one(forms, rng).format(x=home.words(thing), y=where.words, r=where.relation)
    return Task("pick_and_place", sentence, where.goals(thing.id), (thing.id,))


def pick_two_and_place(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put both things of a class somewhere else."""
    pairs = [
        [t for t in home.things if t.cls == cls]
        for cls in sorted({t.cls for t in home.things if t.cls not in places.VESSELS})
    ]
    pairs = [
        p
        for p in pairs
        if len(p) == 2 and all(t.where in home.fixtures and home.in_the_open(t) for t in p)
    ]
    if not pairs:
        return None
    pair = pick_one(pairs, rng)
    where = destination(home, rng, fitting(pair[0], (*places.TOPS, "SinkBasin", "Fridge")), *pair)
    if where is None:
        return None
    forms = ("put both {x} {r} {y}", "put two {x} {r} {y}", "move the two {x} to {y}")
    sentence = pick_one(forms, rng).format(
        x=_plural(spoken(pair[0].cls)), y=where.words, r=where.relation
    )
    reached = [g for t in pair for g in where.goals(t.id)]
    return Task(
        "pick_two_and_place", sentence, tuple(dict.fromkeys(reached)), tuple(t.id for t in pair)
    )


def stack_and_place(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Put one thing on or into a container that can be carried, and that somewhere."""
    containers = [t for t in _seen(home) if t.cls in places.CONTENTS]
    pairs = [
        (c, t)
        for c in containers
        for t in _seen(home)
        if t.cls in places.CONTENTS[c.cls] and t != c
    ]
    if not pairs:
        return None
    container, content = pick_one(pairs, rng)
    where = destination(home, rng, places.TOPS, container)
    if where is None:
        return None
    relation = places.RELATION[container.cls]
    forms = (
        "put the {x} {q} the {c} and put the {c} {r} {y}",
        "place the {x} {q} the {c}, then move the {c} to {y}",
        "put the {c} with the {x} {q} it {r} {y}",
    )
    sentence = pick_one(forms, rng).format(
        x=home.words(content), c=home.words(container), q=relation, r=where.relation, y=where.words
    )
    inside = goals(f"{relation}({content.id}, {container.id})")
    about = (content.id, container.id)
    return Task(
        "pick_and_place_with_movable_recep", sentence, (*inside, *where.goals(container.id)), about
    )


def look_in_light(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Look at a thing in the light of the desk lamp."""
    thing = choose(_seen(home), rng)
    if thing is None or not home.of_class("DeskLamp"):
        return None
    lamp = home.fixture("DeskLamp")
    forms = (
        "examine the {x} in the light of the desk lamp",
        "look at the {x} under the desk lamp",
        "pick up the {x} and turn on the desk lamp to look at it",
        "inspect the {x} by the light of the lamp",
    )
    sentence = pick_one(forms, rng).format(x=home.words(thing))
    wanted = goals(f"holding({thing.id})", f"running({lamp})", f"lit({thing.id})")
    return Task("look_at_obj_in_light", sentence, wanted, (thing.id,))


def clean_and_place(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Wash a thing and put it somewhere."""
    forms = (
        "wash the {x} and put it {r} {y}",
        "put a clean {x} {r} {y}",
        "rinse the {x}, then place it {r} {y}",
        "clean the {x} and move it to {y}",
    )
    return _treated(home, rng, "clean", places.WASHABLE, (*_SERVED, "Shelf", "Fridge"), forms)


def heat_and_place(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Heat a thing and put it somewhere."""
    forms = (
        "heat the {x} and put it {r} {y}",
        "put a hot {x} {r} {y}",
        "warm up the {x} in the microwave and place it {r} {y}",
        "microwave the {x}, then put it {r} {y}",
    )
    return _treated(home, rng, "hot", places.HEATABLE, (*_SERVED, "GarbageCan"), forms)


def cool_and_place(home: Inventory, rng: np.random.Generator) -> Task | None:
    """Cool a thing and put it somewhere."""
    forms = (
        "cool the {x} and put it {r} {y}",
        "put a cold {x} {r} {y}",
        "chill the {x} in the fridge and place it {r} {y}",
        "cool down the {x}, then put it {r} {y}",
    )
    return _treated(home, rng, "cold", places.COOLABLE, (*_SERVED, "SinkBasin"), forms)


def _treated(
    home: Inventory,
    rng: np.random.Generator,
    state: str,
    classes: tuple[str, ...],
    ends: tuple[str, ...],
    forms: tuple[str, ...],
) -> Task | None:
    names = {
        "hot": "pick_heat_then_place",
        "cold": "pick_cool_then_place",
        "clean": "pick_clean_then_place",
    }
    things = [t for t in _seen(home) if t.cls in classes and state not in t.states]
    thing = choose(things, rng)
    where = destination(home, rng, fitting(thing, ends), thing) if thing else None
    if thing is None or where is None:
        return None
    sentence = pick_one(forms, rng).format(x=home.words(thing), y=where.words, r=where.relation)
    wanted = (*goals(f"{state}({thing.id})"), *where.goals(thing.id))
    return Task(names[state], sentence.replace("a egg", "an egg"), wanted, (thing.id,))


def _seen(home: Inventory) -> list[Thing]:
    return [t for t in home.unique() if home.in_the_open(t)]


def _plural(word: str) -> str:
    irregular = {"potato": "potatoes", "tomato": "tomatoes"}
    return irregular.get(word, f"{word}s")


ALFRED_TYPES = (
    pick_and_place,
    pick_two_and_place,
    stack_and_place,
    look_in_light,
    clean_and_place,
    heat_and_place,
    cool_and_place,
)
