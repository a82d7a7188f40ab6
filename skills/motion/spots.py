"""Free spots on a surface for a thing of known size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import FloatArray

SPACING = 0.035
"""Free distance (m) that is kept to every neighbour."""
_GRID = 0.03
_EDGE = 0.015
_SAFE = 0.05
"""A spot so far (m) from every edge is no better for being farther: what lands a little off stays on."""
_ROUND = 0.88
"""What is nearly as deep as wide is round: nothing that is held is a square block."""
_OVERHANG = 0.75
_APART = 0.07
_SAME_LEVEL = 0.05
"""Points within this height (m) of a spot are on its surface."""
COMFORT = 0.62
"""Distance (m) from the base at which the arm has most room."""
_REACH = 0.85


def footprint(size: FloatArray) -> float:
    """Radius (m) of the circle that a thing of size ``[3]`` m needs, however it is turned."""
    width, depth = float(max(size[0], size[1])), float(min(size[0], size[1]))
    return width / 2.0 if depth > _ROUND * width else float(np.hypot(width, depth)) / 2.0


def free_spots(
    surface: Surface,
    radius: float,
    neighbours: Iterable[Entity],
    robot_xy: FloatArray,
    *,
    reach: float = _REACH,
    spacing: float = SPACING,
    entrance: FloatArray | None = None,
) -> list[FloatArray]:
    """Return points ``[3]`` in ``map`` where a disc of ``radius`` m fits, best first.

    Best is near the middle of the arm's reach, far from neighbours and not close to an edge. What is a little too large for
    a surface without walls may stand in its middle.

    Args:
        surface: the rectangle.
        radius: of the thing that is put down, m.
        neighbours: what stands there already (anything else is ignored).
        robot_xy: where the base stands, ``[2]`` m in ``map``.
        reach: largest distance from the base, m.
        spacing: distance to keep to neighbours, m.
        entrance: direction ``[3]`` that the hand comes in against; the outermost spots are best then.
    """
    points, gap = _grid(surface, radius, neighbours)
    distance = np.linalg.norm(points[:, :2] - robot_xy, axis=1)
    cost = np.abs(distance - COMFORT) - 0.6 * np.minimum(gap, 0.15)
    if surface.relation == "on":
        cost -= np.minimum(_to_edge(surface, points) - radius, _SAFE)
    if entrance is not None:
        cost = 2.0 * (surface.pose.translation - points) @ entrance + 0.3 * cost
    good = (gap >= spacing) & (distance <= reach)
    return [points[i] for i in np.argsort(cost, kind="stable") if good[i]]


def in_the_way(
    surface: Surface, radius: float, neighbours: Iterable[Entity], robot_xy: FloatArray
) -> Entity | None:
    """Return the one thing whose absence would make the best room within reach; None if none would."""
    best: tuple[float, Entity] | None = None
    standing = [n for n in neighbours if stands_on(n, surface)]
    for candidate in standing:
        others = [n for n in standing if n.id != candidate.id]
        spots = free_spots(surface, radius, others, robot_xy, spacing=SPACING / 2.0)
        if spots and (best is None or len(spots) > best[0]):
            best = (len(spots), candidate)
    return None if best is None else best[1]


def stands_on(entity: Entity, surface: Surface) -> bool:
    """Tell whether an object stands at the height of a surface, wherever over it."""
    height = entity.bottom - float(surface.pose.translation[2])
    return entity.kind == "object" and abs(height) < max(0.08, entity.extent[2])


def _grid(
    surface: Surface, radius: float, neighbours: Iterable[Entity]
) -> tuple[FloatArray, FloatArray]:
    """Points ``[N, 3]`` where the disc lies on the rectangle, and their gaps ``[N]`` to neighbours."""
    walled = surface.relation == "in"
    xs, ys = (_ticks(length, radius, walled) for length in surface.size)
    points = surface.pose.apply(np.array([(x, y, 0.0) for x in xs for y in ys]).reshape(-1, 3))
    gap = np.full(len(points), 0.3)
    for entity in neighbours:
        if stands_on(entity, surface):
            gap = np.minimum(gap, _distance_to(entity, points) - radius)
    return points, gap


def _to_edge(surface: Surface, points: FloatArray) -> FloatArray:
    """Distance ``[N]`` from points ``[N, 3]`` in ``map`` to the nearest edge of a surface."""
    local = surface.pose.inverse().apply(points)[:, :2]
    return np.asarray(np.min(np.asarray(surface.size) / 2.0 - np.abs(local), axis=1))


def _ticks(length: float, radius: float, walled: bool) -> FloatArray:
    room = length / 2.0 - radius - _EDGE
    if room < 0.0:
        needed = radius if walled else _OVERHANG * radius
        return np.array([0.0]) if length / 2.0 >= needed else np.zeros(0)
    count = int(room / _GRID)
    return np.linspace(-room, room, 2 * count + 1) if count else np.array([0.0])


def _distance_to(entity: Entity, points: FloatArray) -> FloatArray:
    """Horizontal distance ``[N]`` from points to the box of an entity."""
    local = entity.pose().inverse().apply(points)[:, :2]
    outside = np.maximum(np.abs(local) - np.asarray(entity.extent[:2]) / 2.0, 0.0)
    return np.asarray(np.linalg.norm(outside, axis=1))


@dataclass(frozen=True)
class Room:
    """Where a thing may go on one surface: spots ``[3]`` best first, and what takes the room if none is."""

    spots: list[FloatArray]
    obstacle: Entity | None = None


def find_room(
    surface: Surface,
    radius: float,
    neighbours: list[Entity],
    robot_xy: FloatArray,
    entrance: FloatArray | None = None,
) -> Room:
    """Return free spots with the usual distance to neighbours; on a crowded surface with half of it."""
    for spacing in (SPACING, SPACING / 2.0):
        spots = free_spots(
            surface, radius, neighbours, robot_xy, spacing=spacing, entrance=entrance
        )
        if spots:
            return Room(_spread(spots))
    return Room([], in_the_way(surface, radius, neighbours, robot_xy))


def seen_first(
    surface: Surface, spots: list[FloatArray], unseen: FloatArray, radius: float
) -> list[FloatArray]:
    """Put spots on an open top behind the others, in their order, if part of them was never looked at.

    What stands there may be hidden behind the robot's own arm.

    Args:
        surface: whose spots.
        spots: ``[3]`` m in ``map``.
        unseen: points ``[N, 3]`` m in ``map`` that no look has reached.
        radius: of the thing that is put down, m.
    """
    if surface.relation != "on" or surface.approach != "top" or len(unseen) == 0:
        return spots

    def hidden(spot: FloatArray) -> bool:
        away = unseen - spot
        level = np.abs(away[:, 2]) < _SAME_LEVEL
        return bool(np.any(level & (np.hypot(away[:, 0], away[:, 1]) < radius + SPACING)))

    return sorted(spots, key=hidden)


def _spread(spots: list[FloatArray]) -> list[FloatArray]:
    """Bring forward, in their order, spots away from better ones: what is near one that fails fails too."""
    chosen: list[FloatArray] = []
    rest: list[FloatArray] = []
    for spot in spots:
        apart = all(float(np.linalg.norm(spot - c)) > _APART for c in chosen)
        (chosen if apart else rest).append(spot)
    return [*chosen, *rest]
