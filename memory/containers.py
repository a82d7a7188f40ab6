"""Movable things that hold others: where something can be put, and what is in or on what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import SE3, FloatArray

WALL = 0.008
"""Thickness (m) of the walls and the bottom of a bowl, a cup or a box."""
HEADROOM = 1.0
ROUND = frozenset({"Bowl", "Cup", "Plate"})
"""Seen from above they fill an ellipse, not the corners of their box."""
HANDLED = frozenset({"Mug", "Pan"})
"""They may have one handle, at the +x end of their box."""
_LONGER = 1.2
"""A handle that is seen makes the box at least so many times longer than wide."""
BESIDE = 0.012
"""How far (m) outside a container's outline the lowest visible part of its content may be, if that is
well above the container's foot: there it leans over the rim; lower down it stands beside it."""
ABOVE_RIM = 0.03
"""What leans in a mug is seen from its rim on: its lowest visible part may be so far (m) above."""
UNDER_RIM, LYING, SPAN, SLENDER = 0.005, 0.03, 0.8, 3.0
"""A bridge over a rim begins no lower than this (m), is no higher than this (m), and as long as this part of it; what is
longer than so many times its width leans in a vessel instead, though its shape may be known from when it lay."""
PILED_ON = 0.05
"""What lies on a plate, or on other things there, begins at most so far (m) above its rim."""
BELOW = 0.02
STICKY = 0.02
"""What was in or on it before is believed to still be there with so much (m) more tolerance."""


def handle_length(thing: Entity) -> float:
    """Return how much (m) of a thing's box, at its +x end, is its handle; 0: it has none, or none is seen."""
    length, width, _ = thing.extent
    return length - width if thing.cls in HANDLED and length >= _LONGER * width else 0.0


def carried_surfaces(thing: Entity) -> tuple[Surface, ...]:
    """Return the flat top of a plate, or the floor of a bowl, by the box it is believed to fill, less a handle."""
    width, depth, height = thing.extent
    handle = handle_length(thing)
    size = (max(width - handle - 2 * WALL, 0.01), max(depth - 2 * WALL, 0.01))
    found = []
    if "on" in thing.can_hold:
        top = thing.pose() @ SE3.from_translation(np.array([0.0, 0.0, height / 2.0]))
        found.append(Surface(top, size, HEADROOM, "on", "top"))
    if "in" in thing.can_hold:
        middle = np.array([-handle / 2.0, 0.0, WALL - height / 2.0])
        floor = thing.pose() @ SE3.from_translation(middle)
        found.append(Surface(floor, size, HEADROOM, "in", "top"))
    return tuple(found)


def carrier_of(
    thing: Entity, foot: FloatArray, around: Iterable[Entity], before: str | None = None
) -> str | None:
    """Return the id of the smallest container that a thing is in or on; None: in none.

    Two solid things are not in one place: what has its lowest visible part within the outline of a
    container is in it or on it. Its whole box says less, because half of it may be hidden by the
    container's wall, and what leans over the rim has its middle outside.

    Args:
        thing: what was seen.
        foot: middle ``[3]`` m of its lowest visible part.
        around: the other things.
        before: where it was believed to be, which is given up less easily.
    """
    fitting = [
        c
        for c in around
        if c.can_hold
        and c.id != thing.id
        and _fits(thing, c)
        and _stands_in(foot, c, STICKY if c.id == before else 0.0)
        and not _lies_across(thing, foot, c)
    ]
    fitting.sort(key=lambda c: (c.id != before, c.extent[0] * c.extent[1], c.id))
    return fitting[0].id if fitting else None


def contents_of(carriers: dict[str, str | None], container: str) -> list[str]:
    """Return what is in or on a container, and in or on that, by who carries whom; sorted."""
    found: list[str] = []
    layer: Sequence[str] = [container]
    while layer:
        layer = sorted(t for t, c in carriers.items() if c in layer and t not in found)
        found += layer
    return found


def _fits(thing: Entity, container: Entity) -> bool:
    """The narrower side of what is inside is narrower than the container."""
    return min(thing.extent[:2]) < min(container.extent[:2])


def _lies_across(thing: Entity, foot: FloatArray, container: Entity) -> bool:
    """Tell whether a flat, long thing lies on the rim of a hollow one, level or with one end down: then it is not in it."""
    width, length = sorted(thing.extent[:2])
    spans = length > SPAN * min(container.extent[:2]) and length < SLENDER * width
    if "on" in container.can_hold or not spans:
        return False
    if float(foot[2]) >= container.top - UNDER_RIM:
        return thing.extent[2] < LYING
    high = float(foot[2]) > container.position[2]
    return high and thing.position[2] > container.top - UNDER_RIM


def _stands_in(foot: FloatArray, container: Entity, slack: float) -> bool:
    x, y, z = container.pose().inverse().apply(foot)
    a, b, c = (e / 2.0 for e in container.extent)
    margin = slack + (BESIDE if z > -0.3 * c else 0.0)
    across, along = abs(x) / (a + margin), abs(y) / (b + margin)
    over = np.hypot(across, along) if container.cls in ROUND else max(across, along)
    above = PILED_ON if "on" in container.can_hold else ABOVE_RIM
    return bool(over <= 1.0 and -c - BELOW - slack <= z <= c + above + slack)
