"""What things are called in words to a person: "top drawer of the dresser", "red mug"."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import Reference

_HEIGHTS = {2: ("bottom", "top"), 3: ("bottom", "middle", "top")}
_SAME_HEIGHT = 0.03


def name_of(thing: Entity | Reference, entities: Mapping[str, Entity]) -> str:
    """Name a thing so that its like in the same piece of furniture are told apart."""
    if isinstance(thing, Reference):
        return " ".join([*thing.attributes.values(), class_words(thing.cls)])
    if thing.kind != "fixture":
        return thing.describe()
    whole = entities.get(thing.part_of or "")
    if whole is None or thing.cls == "DeskLamp":
        return class_words(thing.cls)
    # "drawer of the counter": in "the top one", top shall mean the drawer.
    furniture = class_words(whole.cls).removesuffix(" top")
    return f"{_which(thing, entities)}{class_words(thing.cls)} of the {furniture}"


def _which(thing: Entity, entities: Mapping[str, Entity]) -> str:
    """Say by its height which of several parts it is: "top "."""
    alike = [e for e in entities.values() if e.part_of == thing.part_of and e.cls == thing.cls]
    heights = sorted(e.position[2] for e in alike)
    apart = all(b - a > _SAME_HEIGHT for a, b in itertools.pairwise(heights))
    if len(alike) not in _HEIGHTS or not apart:
        return ""
    return f"{_HEIGHTS[len(alike)][heights.index(thing.position[2])]} "
