"""Free spots on a surface for a thing of known size."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import FloatArray

SPACING = 0.035
"""Free distance (m) that is kept to every neighbour."""
_GRID = 0.03
_EDGE = 0.015
COMFORT = 0.62
"""Distance (m) from the base at which the arm has most room."""


def free_spots(
    surface: Surface,
    radius: float,
    neighbours: Iterable[Entity],
    robot_xy: FloatArray,
    *,
    reach: float = 0.85,
    spacing: float = SPACING,
    entrance: FloatArray | None = None,
) -> list[FloatArray]:
    """Return points ``[3]`` in ``map`` where a disc of ``radius`` m fits, best first.

    Best is near the middle of the arm's reach and far from neighbours.

    Args:
        surface: the rectangle.
        radius: of the thing that is put down, m.
        neighbours: what stands there already (anything else is ignored).
        robot_xy: where the base stands, ``[2]`` m in ``map``.
        reach: largest distance from the base, m.
        spacing: distance to keep to neighbours, m.
        entrance: direction ``[3]`` that the hand comes in against; the outermost spots are best then.
    """
    xs, ys = (_ticks(length, radius) for length in surface.size)
    grid = np.array([(x, y, 0.0) for x in xs for y in ys]).reshape(-1, 3)
    points = surface.pose.apply(grid)
    gap = np.full(len(points), 0.3)
    for entity in neighbours:
        if _stands_on(entity, surface):
            gap = np.minimum(gap, _distance_to(entity, points) - radius)
    distance = np.linalg.norm(points[:, :2] - robot_xy, axis=1)
    cost = np.abs(distance - COMFORT) - 0.6 * np.minimum(gap, 0.15)
    if entrance is not None:
        cost = 2.0 * (surface.pose.translation - points) @ entrance + 0.3 * cost
    good = (gap >= spacing) & (distance <= reach)
    return [points[i] for i in np.argsort(cost, kind="stable") if good[i]]


def _ticks(length: float, radius: float) -> FloatArray:
    room = length / 2.0 - radius - _EDGE
    if room < 0.0:
        return np.array([0.0]) if length / 2.0 >= radius else np.zeros(0)
    count = int(room / _GRID)
    return np.linspace(-room, room, 2 * count + 1) if count else np.array([0.0])


def _stands_on(entity: Entity, surface: Surface) -> bool:
    return entity.kind == "object" and abs(
        entity.bottom - float(surface.pose.translation[2])
    ) < max(0.08, entity.extent[2])


def _distance_to(entity: Entity, points: FloatArray) -> FloatArray:
    """Horizontal distance ``[N]`` from points to the box of an entity."""
    local = entity.pose().inverse().apply(points)[:, :2]
    outside = np.maximum(np.abs(local) - np.asarray(entity.extent[:2]) / 2.0, 0.0)
    return np.asarray(np.linalg.norm(outside, axis=1))
