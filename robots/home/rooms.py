"""Floors and walls from the rooms of a scene: touching rooms share a wall, doorways open it."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.robots.home.parts import Part, box
from diarchy.robots.home.scene import Scene

WALL_HEIGHT, WALL_THICKNESS, DOOR_HEIGHT = 2.4, 0.10, 2.05
LOW_WALL = 0.85
"""Pictures from above show this much (m) of a wall inside the home that would hide what is behind."""
Interval = tuple[float, float]


@dataclass(frozen=True)
class Wall:
    """A solid wall part in ``map``, the room colour it wears, and whether it hides the overview."""

    part: Part
    near_viewer: bool


def home_bounds(scene: Scene) -> tuple[float, float, float, float]:
    """Return ``(xmin, ymin, xmax, ymax)`` of all rooms."""
    bounds = [room.bounds for room in scene.rooms.values()]
    return (
        min(b[0] for b in bounds),
        min(b[1] for b in bounds),
        max(b[2] for b in bounds),
        max(b[3] for b in bounds),
    )


def walls(scene: Scene) -> list[Wall]:
    """Return the walls, cut at the doorways, with a lintel above each doorway."""
    lines: dict[tuple[str, float], list[tuple[Interval, str]]] = {}
    for room in scene.rooms.values():
        x0, y0, x1, y1 = room.bounds
        for x in (x0, x1):
            lines.setdefault(("x", round(x, 3)), []).append(((y0, y1), room.walls))
        for y in (y0, y1):
            lines.setdefault(("y", round(y, 3)), []).append(((x0, x1), room.walls))
    bounds = home_bounds(scene)
    built: list[Wall] = []
    for (axis, at), spans in lines.items():
        near = axis == "y" and abs(at - bounds[1]) < 1e-6
        inner = axis == "y" and bounds[1] + 1e-6 < at < bounds[3] - 1e-6
        openings = _openings(scene, axis, at)
        runs = _union([span for span, _ in spans])
        for (lo, hi), material in _side_by_side(spans):
            # Only the free ends of a run grow, to meet the wall around the corner.
            lo -= WALL_THICKNESS / 2 * any(abs(lo - run[0]) < 1e-6 for run in runs)
            hi += WALL_THICKNESS / 2 * any(abs(hi - run[1]) < 1e-6 for run in runs)
            for a, b in _cut((lo, hi), openings):
                if inner:
                    built.append(Wall(_slab(axis, at, a, b, 0.0, LOW_WALL, material), False))
                    built.append(Wall(_slab(axis, at, a, b, LOW_WALL, WALL_HEIGHT, material), True))
                else:
                    built.append(Wall(_slab(axis, at, a, b, 0.0, WALL_HEIGHT, material), near))
        for a, b in openings:
            lintel = _slab(axis, at, a, b, DOOR_HEIGHT, WALL_HEIGHT, spans[0][1])
            built.append(Wall(lintel, near or inner))
    return built


def skirting(wall: Part) -> Part | None:
    """Return the white board at the foot of a wall; None for a lintel."""
    if wall.at[2] > WALL_HEIGHT / 2 + 0.01:
        return None
    x, y, _ = wall.size
    grow = 0.02
    return box((x + grow, y + grow, 0.09), (wall.at[0], wall.at[1], 0.045), "trim", solid=False)


def _slab(axis: str, at: float, a: float, b: float, z0: float, z1: float, material: str) -> Part:
    middle, length, height = (a + b) / 2, b - a, z1 - z0
    if axis == "x":
        return box((WALL_THICKNESS, length, height), (at, middle, (z0 + z1) / 2), material)
    return box((length, WALL_THICKNESS, height), (middle, at, (z0 + z1) / 2), material)


def _openings(scene: Scene, axis: str, at: float) -> list[Interval]:
    found = []
    for doorway in scene.doorways:
        across, along = (doorway.x, doorway.y) if axis == "x" else (doorway.y, doorway.x)
        if abs(across - at) < 0.05:
            found.append((along - doorway.width / 2, along + doorway.width / 2))
    return sorted(found)


def _side_by_side(spans: list[tuple[Interval, str]]) -> list[tuple[Interval, str]]:
    """Keep each room's own stretch; where two rooms share a stretch the first one's colour wins."""
    taken: list[tuple[Interval, str]] = []
    for span, material in spans:
        covered = sorted(other for other, _ in taken)
        taken += [(piece, material) for piece in _cut(span, covered) if piece[1] - piece[0] > 1e-6]
    return taken


def _union(spans: list[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for lo, hi in sorted(spans):
        if merged and lo <= merged[-1][1] + 1e-6:
            merged[-1] = (merged[-1][0], max(hi, merged[-1][1]))
        else:
            merged.append((lo, hi))
    return merged


def _cut(span: Interval, openings: list[Interval]) -> list[Interval]:
    pieces, start = [], span[0]
    for a, b in openings:
        if min(a, span[1]) > start:
            pieces.append((start, min(a, span[1])))
        start = max(start, b)
    if span[1] > start:
        pieces.append((start, span[1]))
    return pieces
