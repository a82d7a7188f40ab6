"""Movable things that hold others: where on or in them something can be put."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import SE3

WALL = 0.008
"""Thickness (m) of the walls and the bottom of a bowl, a cup or a box."""
HEADROOM = 1.0


def carried_surfaces(thing: Entity) -> tuple[Surface, ...]:
    """Return the flat top of a plate, or the floor of a bowl, by the box it is believed to fill."""
    width, depth, height = thing.extent
    size = (max(width - 2 * WALL, 0.01), max(depth - 2 * WALL, 0.01))
    found = []
    if "on" in thing.can_hold:
        top = thing.pose() @ SE3.from_translation(np.array([0.0, 0.0, height / 2.0]))
        found.append(Surface(top, size, HEADROOM, "on", "top"))
    if "in" in thing.can_hold:
        floor = thing.pose() @ SE3.from_translation(np.array([0.0, 0.0, WALL - height / 2.0]))
        found.append(Surface(floor, size, HEADROOM, "in", "top"))
    return tuple(found)
