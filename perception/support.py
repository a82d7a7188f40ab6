"""What a thing stands on, by the static map."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import StaticMap, Surface
from diarchy.contracts.geometry import FloatArray


def over_surface(surface: Surface, point: FloatArray, grow: float) -> tuple[bool, float]:
    """Tell whether a point ``[3]`` is over the rectangle grown by ``grow`` m, and how high above it."""
    local = surface.pose.inverse().apply(point)
    inside = bool(np.all(np.abs(local[:2]) <= np.array(surface.size) / 2.0 + grow))
    return inside, float(local[2])


def surface_below(static_map: StaticMap, point: FloatArray, reach: float) -> float | None:
    """Height (m) of the highest surface (or the floor) at most ``reach`` m below a point ``[3]``.

    A surface up to 2 cm above the point counts too: what was seen lowest may be misjudged by that.
    """
    best: float | None = 0.0 if -0.02 <= point[2] <= reach else None
    for info in static_map.fixtures.values():
        for surface in info.surfaces:
            inside, height = over_surface(surface, point, 0.01)
            z = float(surface.pose.translation[2])
            if inside and -0.02 <= height <= reach and (best is None or z > best):
                best = z
    return best
