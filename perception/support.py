"""What a thing stands on, by the static map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diarchy.contracts.entity import StaticMap, Surface
from diarchy.contracts.geometry import FloatArray


def over_surface(surface: Surface, point: FloatArray, grow: float) -> tuple[bool, float]:
    """Tell whether a point ``[3]`` is over a surface grown by ``grow`` m, and how high above it."""
    inside, height = surface.above(point, grow)
    return bool(inside), float(height)


def surface_below(
    static_map: StaticMap,
    point: FloatArray,
    reach: float,
    openings: Mapping[str, float] | None = None,
) -> float | None:
    """Height (m) of the highest surface (or the floor) at most ``reach`` m below a point ``[3]``.

    A surface up to 2 cm above the point counts too: what was seen lowest may be misjudged by that.
    Drawers are where ``openings`` (m, by fixture id) have them; a person's open hands count as well.
    """
    best: float | None = 0.0 if -0.02 <= point[2] <= reach else None
    for surface in places(static_map, openings or {}):
        inside, height = over_surface(surface, point, 0.01)
        z = float(surface.pose.translation[2])
        if inside and -0.02 <= height <= reach and (best is None or z > best):
            best = z
    return best


def places(static_map: StaticMap, openings: Mapping[str, float]) -> Iterator[Surface]:
    """Yield every surface of the map where it is now: of fixtures, then open hands."""
    for name, info in static_map.fixtures.items():
        yield from info.surfaces_at(openings.get(name))
    yield from static_map.hands.values()
