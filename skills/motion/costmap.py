"""Where the base may be, and how much it minds: distance of every cell of the floor to what is solid.

Distances come from the boxes themselves, not from filled cells, so that they are exact at the
centre of a cell. What never moves is computed once for a map and kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from diarchy.contracts.entity import Box, StaticMap
from diarchy.contracts.geometry import SE3, FloatArray, polygon_distance
from diarchy.contracts.robot import RobotSpec
from diarchy.contracts.world import WorldView

RESOLUTION = 0.05
MARGIN = 0.03
"""Added to the radius of the base (m): what localisation and tracking may be off by."""
_HEADROOM = 1.5
_ON_FLOOR = 0.30
_PERSON_SPACE = 0.30
_NEWCOMER_SPACE = 0.35
FALLOFF = 0.18
PENALTY = 8.0
_AVOIDED, _DEAR = 0.15, 40.0
"""Radius (m) of a neighbourhood to keep out of, and what a metre in it costs more."""


@dataclass(frozen=True)
class Grid:
    """Cells of the floor: ``origin`` is the outer corner ``[2]`` m in ``map``, ``shape`` is (nx, ny)."""

    origin: FloatArray
    shape: tuple[int, int]
    resolution: float = RESOLUTION

    def axes(self) -> tuple[FloatArray, FloatArray]:
        """Where the centres of cells lie, m: x ``[nx]`` and y ``[ny]``."""
        x = self.origin[0] + (np.arange(self.shape[0]) + 0.5) * self.resolution
        y = self.origin[1] + (np.arange(self.shape[1]) + 0.5) * self.resolution
        return x, y

    def centres(self) -> FloatArray:
        """Centres of all cells ``[nx, ny, 2]`` m."""
        return np.stack(np.meshgrid(*self.axes(), indexing="ij"), axis=-1)

    def cells(self, points: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Indices ``[..., 2]`` of the cells of points ``[..., 2]``; outside ones at the border."""
        raw = np.floor((np.asarray(points, dtype=np.float64) - self.origin) / self.resolution)
        return np.clip(raw.astype(np.intp), 0, np.array(self.shape) - 1)

    def inside(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Tell which points ``[..., 2]`` lie in the grid."""
        local = (np.asarray(points, dtype=np.float64) - self.origin) / self.resolution
        return np.asarray(np.all((local >= 0) & (local < np.array(self.shape)), axis=-1))


@dataclass(frozen=True)
class CostMap:
    """Distance to solid things and the cost of driving, per cell.

    Attributes:
        grid: the cells.
        distance: ``[nx, ny]`` m from the centre of the cell to the nearest solid thing.
        cost: ``[nx, ny]`` per metre driven, 1 in the open; infinite where the base cannot be.
        lethal: distance (m) below which the base would touch.
    """

    grid: Grid
    distance: FloatArray
    cost: FloatArray
    lethal: float

    def distance_at(self, points: npt.ArrayLike) -> FloatArray:
        """Distance ``[...]`` m at points ``[..., 2]`` (nearest cell); 0 outside the map."""
        cells = self.grid.cells(points)
        found = self.distance[cells[..., 0], cells[..., 1]]
        return np.where(self.grid.inside(points), found, 0.0)

    def avoiding(self, point: FloatArray) -> CostMap:
        """Return the same map with a neighbourhood of a point ``[2]`` m that one drives through only if one must."""
        gap = np.linalg.norm(self.grid.centres() - point, axis=-1)
        return replace(self, cost=np.where(gap < _AVOIDED, self.cost + _DEAR, self.cost))

    def free(self, x: float, y: float, *, slack: float = 0.0) -> bool:
        """Tell whether the base fits at a point."""
        return float(self.distance_at([x, y])) >= self.lethal - slack


def build_costmap(
    world: WorldView,
    spec: RobotSpec,
    *,
    ignore: Collection[str] = (),
    escape_from: tuple[float, float] | None = None,
    overhang: float = 0.0,
    newcomers: bool = True,
) -> CostMap:
    """Build the cost map of the present belief.

    Args:
        world: the belief; doors and drawers are as they were last perceived.
        spec: the embodiment, for the radius of its base.
        ignore: ids of objects and people to leave out.
        escape_from: a point near which the base may leave a place it should not be in.
        overhang: how far (m) arm and load stick out beyond the base: where they may meet something it drives only if
            it must.
        newcomers: whether what the lidar met lately, and nobody knows, is in the way.
    """
    static = world.static_map
    openings = tuple(round(world.opening(n) or 0.0, 3) for n in sorted(static.fixtures))
    grid, furnished = _furnished_distance(_MapKey(static), openings)
    distance = furnished.copy()
    for footprint in _moving(world, spec, ignore):
        _lower(distance, grid, footprint)
    met = world.newcomers().points if newcomers else np.zeros((0, 2))
    if len(met):
        distance = np.minimum(distance, _to_points(grid, met))
    lethal = spec.base.radius + MARGIN
    beyond = np.maximum(distance - lethal - max(0.0, overhang), np.minimum(distance - lethal, 0.0))
    cost = 1.0 + PENALTY * np.exp(-beyond / FALLOFF)
    cost[distance < lethal] = np.inf
    if escape_from is not None:
        open_escape(cost, grid, escape_from)
    return CostMap(grid, distance, cost, lethal)


@dataclass(frozen=True)
class _Footprint:
    """A rectangle on the floor, grown by ``space`` m."""

    pose: SE3
    half: FloatArray
    space: float = 0.0


class _MapKey:
    """A static map as a cache key, by identity; holds it alive so that the identity stays its own."""

    def __init__(self, static: StaticMap) -> None:
        self.static = static

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _MapKey) and other.static is self.static

    def __hash__(self) -> int:
        return id(self.static)


@lru_cache(maxsize=4)
def _static_distance(key: _MapKey) -> tuple[Grid, FloatArray]:
    """Distance field ``[nx, ny]`` of walls and fixtures without their doors and drawers."""
    static = key.static
    x0, y0, x1, y1 = static.bounds
    shape = (int(np.ceil((x1 - x0) / RESOLUTION)), int(np.ceil((y1 - y0) / RESOLUTION)))
    grid = Grid(np.array([x0, y0]), shape)
    centres = grid.centres()
    border = np.minimum(centres - [x0, y0], np.array([x1, y1]) - centres).min(axis=-1)
    distance = border + RESOLUTION
    for box in _static_boxes(static):
        _lower(distance, grid, _flat(box))
    for zone in static.keep_out:
        apart = polygon_distance(centres.reshape(-1, 2), zone)
        distance = np.minimum(distance, apart.reshape(distance.shape))
    return grid, distance


@lru_cache(maxsize=32)
def _furnished_distance(key: _MapKey, openings: tuple[float, ...]) -> tuple[Grid, FloatArray]:
    """The same with doors and drawers at these openings, in the order of the fixtures' names."""
    grid, fixed = _static_distance(key)
    distance = fixed.copy()
    for name, opening in zip(sorted(key.static.fixtures), openings, strict=True):
        info = key.static.fixtures[name]
        parts = info.boxes_at(opening)
        for i in info.moving:
            _lower(distance, grid, _flat(parts[i]))
    return grid, distance


def _static_boxes(static: StaticMap) -> Iterator[Box]:
    boxes: list[Box] = list(static.walls)
    for info in static.fixtures.values():
        boxes += [box for i, box in enumerate(info.boxes) if i not in info.moving]
    for box in boxes:
        if box.pose.translation[2] - box.size[2] / 2.0 < _HEADROOM:
            yield box


def _moving(world: WorldView, spec: RobotSpec, ignore: Collection[str]) -> Iterator[_Footprint]:
    """Things that lie on the floor, people with room around them; where the base stands nothing else can lie."""
    base, entities = world.map_from_base().translation[:2], world.entities()
    for entity in entities:
        if entity.id in ignore or entity.id == world.held():
            continue
        half = np.array(entity.extent[:2]) / 2.0
        if entity.kind == "person":
            yield _Footprint(entity.pose(), half, _PERSON_SPACE)
        elif entity.kind == "object" and entity.bottom < _ON_FLOOR and min(half) > 0.0:
            away = float(np.hypot(*(np.array(entity.position[:2]) - base)))
            if away > spec.base.radius:
                yield _Footprint(entity.pose(), half)


def _to_points(grid: Grid, points: FloatArray) -> FloatArray:
    """Distance ``[nx, ny]`` m to points ``[N, 2]`` that the lidar met, with some room around them."""
    clear = np.ones(grid.shape, dtype=bool)
    cells = grid.cells(points[grid.inside(points)])
    if not len(cells):
        return np.full(grid.shape, np.inf)
    clear[cells[:, 0], cells[:, 1]] = False
    away: FloatArray = distance_transform_edt(clear) * grid.resolution
    return away - 0.5 * grid.resolution - _NEWCOMER_SPACE


def front_panel(world: WorldView, fixture_id: str) -> Box:
    """Return a door's panel or a drawer's face as believed now (closed if it was never seen).

    The fixture must be openable.
    """
    info = world.static_map.fixtures[fixture_id]
    panel = info.slide.face if info.slide is not None else None
    panel = info.hinge.panel if info.hinge is not None else panel
    assert panel is not None
    return Box(info.displacement(world.opening(fixture_id)) @ panel.pose, panel.size)


def _flat(box: Box) -> _Footprint:
    """The rectangle a box covers on the floor, also when it is not upright."""
    pose = box.pose
    x, y, z = (float(v) for v in pose.translation)
    level = SE3.from_xyz_yaw(x, y, z, pose.yaw)
    spread = np.abs(level.rotation.T @ pose.rotation) @ (box.size / 2.0)
    return _Footprint(level, spread[:2])


def _lower(distance: FloatArray, grid: Grid, footprint: _Footprint) -> None:
    """Take the minimum with the signed distance to a rectangle, in place."""
    c, s = footprint.pose.rotation[0, 0], footprint.pose.rotation[1, 0]
    x, y = grid.axes()
    x, y = (x - footprint.pose.translation[0])[:, None], y - footprint.pose.translation[1]
    along = np.abs(c * x + s * y) - footprint.half[0]
    across = np.abs(c * y - s * x) - footprint.half[1]
    outside = np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0))
    inside = np.minimum(np.maximum(along, across), 0.0)
    np.minimum(distance, outside + inside - footprint.space, out=distance)


def open_escape(cost: FloatArray, grid: Grid, point: tuple[float, float]) -> None:
    """Make it possible, though dear, to drive out of where the base stands already."""
    gap = np.linalg.norm(grid.centres() - np.array(point), axis=-1)
    stuck = np.isinf(cost) & (gap < 0.30)
    cost[stuck] = 60.0
