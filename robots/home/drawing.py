"""What a scene leaves to the seed: which things there are, and where people would keep them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.robots.home.fixtures import FIXTURE_CLASSES, FixtureModel
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.scene_parts import ObjectSpec

LIKELY: dict[str, tuple[str, ...]] = {
    "CounterTop": (
        "Apple", "Tomato", "Potato", "Egg", "Bread", "Mug", "Cup", "Bowl", "Plate", "Pot",
        "DishSponge", "SaltShaker", "PepperShaker", "Spoon", "Fork", "SoapBottle", "GlassBottle",
        "WineBottle", "SodaCan",
    ),
    "DiningTable": (
        "Apple", "Tomato", "Bread", "Mug", "Cup", "Bowl", "Plate", "SaltShaker", "PepperShaker",
        "Spoon", "Fork", "GlassBottle", "WineBottle", "SodaCan", "Candle", "Vase",
    ),
    "CoffeeTable": (
        "RemoteControl", "Book", "CellPhone", "KeyChain", "Mug", "Candle", "Vase", "Statue", "Box",
        "SodaCan", "TissueBox", "Plate",
    ),
    "SideTable": (
        "Book", "CellPhone", "AlarmClock", "KeyChain", "Mug", "Cup", "RemoteControl", "TissueBox",
        "Candle", "Vase",
    ),
    "Desk": ("Pencil", "Book", "CellPhone", "KeyChain", "Mug", "AlarmClock", "Box", "Statue"),
    "Dresser": (
        "AlarmClock", "Vase", "Statue", "Candle", "KeyChain", "TissueBox", "Box", "TeddyBear",
        "Book", "ToiletPaper",
    ),
    "Shelf": ("Vase", "Statue", "Candle", "Book", "AlarmClock", "TeddyBear", "Box", "GlassBottle"),
    "Bed": ("Book", "CellPhone", "TeddyBear", "RemoteControl"),
    "SinkBasin": ("DishSponge", "SoapBar", "Mug", "Cup", "Bowl", "Plate", "Spoon", "Fork"),
    "StoveBurner": ("Pot",),
    "CoffeeMachine": ("Mug",),
    "Drawer": (
        "Spoon", "Fork", "Pencil", "KeyChain", "CellPhone", "RemoteControl", "SoapBar", "DishSponge",
    ),
    "Cabinet": (
        "Mug", "Cup", "Bowl", "Plate", "SaltShaker", "PepperShaker", "SoapBottle", "GlassBottle",
        "Box", "ToiletPaper", "TissueBox", "Candle",
    ),
    "Fridge": (
        "Apple", "Tomato", "Potato", "Egg", "Bread", "GlassBottle", "WineBottle", "SodaCan",
    ),
    "Microwave": ("Potato", "Mug", "Bread"),
}  # fmt: skip
"""Where people keep what, by the class of the fixture; after AI2-THOR's table of receptacles."""


def draw_objects(
    objects: Sequence[ObjectSpec], places: Mapping[str, str], rng: np.random.Generator
) -> tuple[ObjectSpec, ...]:
    """Give every entry one class and, where it may stand anywhere likely, the surfaces it may stand on.

    Args:
        objects: as a scene file lists them.
        places: class by id of every fixture.
        rng: draws the classes.

    Raises:
        BadInputError: no class suits an entry.
    """
    drawn: list[ObjectSpec] = []
    seen = {thing.cls for thing in objects}
    full = {str(thing.where) for thing in objects if thing.where in places}
    for i, thing in enumerate(objects):
        suited = _suited(thing, places, f"objects.{i}")
        cls = thing.cls
        for number in range(thing.count):
            if thing.cls == "random" and not (thing.same and number):
                free = [c for c in suited if set(_keeping(thing, c, places)) - full] or suited
                # A class that is there already makes a home of many spoons.
                fresh = [c for c in free if c not in seen] or free
                cls = fresh[int(rng.integers(len(fresh)))]
                seen.add(cls)
            one = _settled(thing, cls, places, f"objects.{i}")
            if thing.where == "inside":
                # What is closed is small: one thing each, before any gets a second one.
                room = [p for p in one.surfaces if p not in full] or list(one.surfaces)
                place = room[int(rng.integers(len(room)))]
                full.add(place)
                one = one.model_copy(update={"surfaces": (place,)})
            drawn.append(one)
    return tuple(drawn)


@lru_cache(maxsize=1)
def fixture_models() -> dict[str, FixtureModel]:
    """Return a model of every class, those that are built into others too."""
    models = {cls: build() for cls, build in FIXTURE_CLASSES.items()}
    children = {c.cls: c.model for model in models.values() for c in model.children}
    return {**children, **models}


def closed(cls: str) -> bool:
    """Tell whether what is in a fixture of that class is behind a door or in a drawer."""
    model = fixture_models()[cls]
    return model.door is not None or model.slide is not None


def _suited(thing: ObjectSpec, places: Mapping[str, str], entry: str) -> list[str]:
    """Classes an entry may be of, in the order of the registry."""
    if thing.cls != "random":
        return [thing.cls]
    named = thing.where if isinstance(thing.where, str) and thing.where in places else None
    options = [named] if named else _candidates(thing, places)
    likely = {cls for place in options for cls in LIKELY.get(places[place], ())}
    wanted = set(thing.among or OBJECT_CLASSES)
    # Who names the classes may put them where nobody would keep them.
    kept = likely & wanted or set(thing.among)
    suited = [cls for cls in OBJECT_CLASSES if cls in kept]
    if not suited:
        raise BadInputError(f"{entry}: nothing in this home is a likely place for such a thing")
    return suited


def _settled(thing: ObjectSpec, cls: str, places: Mapping[str, str], entry: str) -> ObjectSpec:
    """One thing of a class; ``likely`` and ``inside`` become the surfaces they stand for."""
    color = "random" if thing.cls == "random" else thing.color
    one: dict[str, object] = {"cls": cls, "color": color, "count": 1, "among": (), "same": False}
    if thing.where in ("likely", "inside"):
        surfaces = tuple(p for p in _candidates(thing, places) if cls in LIKELY.get(places[p], ()))
        if not surfaces:
            raise BadInputError(f"{entry}: no fixture in this home is a likely place for a {cls}")
        one |= {"where": "random", "surfaces": surfaces}
    return thing.model_copy(update=one)


def _keeping(thing: ObjectSpec, cls: str, places: Mapping[str, str]) -> tuple[str, ...]:
    """Fixtures that an entry leaves and that a class is likely in or on."""
    return tuple(p for p in _candidates(thing, places) if cls in LIKELY.get(places[p], ()))


def _candidates(thing: ObjectSpec, places: Mapping[str, str]) -> list[str]:
    """Fixtures that ``where`` and ``surfaces`` leave: closed ones for ``inside``, else open ones."""
    among: Iterable[str] = [p for p in places if not thing.surfaces or p in thing.surfaces]
    if thing.surfaces:
        return list(among)
    return [p for p in among if closed(places[p]) == (thing.where == "inside")]
