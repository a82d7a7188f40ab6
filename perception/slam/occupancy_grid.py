"""What is free, what is solid and what nobody has seen yet, in cells of the floor.

Each keyframe says of a cell at most once that a beam went through it, and at most once that one ended there; a cell is
solid where enough of what was said is that (counting model, Hornung et al. for Karto; Thrun et al., Probabilistic
Robotics, chapter 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.planar import transform
from diarchy.perception.slam.keyframes import Keyframe

CELL = 0.05
_SOLID = 0.25
"""A cell is solid from this share of hits on."""
_BORDER = 10
"""Cells that are left around what was seen."""
_OFFSET = 1 << 20
"""A map reaches no farther than so many cells from its origin."""
_SAME_M, _SAME_RAD = 0.01, 0.003
"""A keyframe that is known to have been elsewhere by less than this (m, rad) is not drawn again."""
UNKNOWN, FREE, SOLID = -1, 0, 100
"""Values of cells, as in ROS's `nav_msgs/OccupancyGrid`."""

Cells = npt.NDArray[np.int8]


@dataclass(frozen=True)
class OccupancyGrid:
    """Cells ``[nx, ny]`` of `UNKNOWN`, `FREE` or `SOLID`; ``origin`` ``[2]`` m is the outer corner of the first."""

    cells: Cells
    origin: FloatArray
    resolution: float = CELL

    def at(self, points: npt.ArrayLike) -> Cells:
        """Values ``[N]`` of the cells that points ``[N, 2]`` m lie in; unknown outside."""
        index = self.index(points)
        inside = np.all((index >= 0) & (index < self.cells.shape), axis=-1)
        safe = np.where(inside[..., None], index, 0)
        return np.where(inside, self.cells[safe[..., 0], safe[..., 1]], UNKNOWN).astype(np.int8)

    def index(self, points: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Which cells ``[..., 2]`` points ``[..., 2]`` m lie in; may be outside."""
        scaled = (np.asarray(points, dtype=np.float64) - self.origin) / self.resolution
        return np.asarray(np.floor(scaled).astype(np.intp))

    def centres(self, index: npt.ArrayLike) -> FloatArray:
        """Middles ``[..., 2]`` m of cells ``[..., 2]``."""
        return np.asarray(self.origin + (np.asarray(index) + 0.5) * self.resolution)

    @property
    def known_m2(self) -> float:
        """Area (m^2) of what was seen to be free."""
        return float(np.count_nonzero(self.cells == FREE)) * self.resolution**2


class Drawing:
    """Draws keyframes, and what it drew of each again only when it is known to have been elsewhere."""

    def __init__(self, resolution: float = CELL) -> None:
        self._resolution = resolution
        self._known: dict[int, tuple[Keyframe, _Marks]] = {}

    def draw(self, frames: Sequence[Keyframe]) -> OccupancyGrid:
        """Return the grid of what keyframes saw, the camera's obstacles as solid too; empty where there are none."""
        marks = [self._marks(k, frame) for k, frame in enumerate(frames)]
        return _grid(marks, self._resolution)

    def _marks(self, number: int, frame: Keyframe) -> _Marks:
        known = self._known.get(number)
        if known is None or not _drawn_alike(known[0], frame):
            known = self._known[number] = (frame, _marks(frame, self._resolution))
        return known[1]


def _drawn_alike(first: Keyframe, second: Keyframe) -> bool:
    if first.outline is not second.outline or first.obstacles is not second.obstacles:
        return False
    off = np.abs(first.pose - second.pose)
    return bool(off[0] < _SAME_M and off[1] < _SAME_M and off[2] < _SAME_RAD)


def draw(frames: Sequence[Keyframe], resolution: float = CELL) -> OccupancyGrid:
    """Draw keyframes once (see `Drawing`)."""
    return Drawing(resolution).draw(frames)


@dataclass(frozen=True)
class _Marks:
    """What one keyframe says: cells ``[N, 2]``, counted from the origin of ``map``, each once."""

    through: npt.NDArray[np.int64]
    hit: npt.NDArray[np.int64]
    above: npt.NDArray[np.int64]


def _marks(frame: Keyframe, resolution: float) -> _Marks:
    eye = transform(frame.eye[None], frame.pose)[0]
    ends = transform(frame.outline.points, frame.pose)
    hit = _keys(ends, resolution)
    under = _disc(frame.pose[:2], frame.footprint, resolution)
    passed = np.concatenate([_between(eye, ends, resolution), under])
    # What ended in a cell did not go through it.
    through = np.setdiff1d(_keys(passed, resolution), hit, assume_unique=True)
    above = _keys(transform(frame.obstacles, frame.pose), resolution)
    return _Marks(_cells(through), _cells(hit), _cells(above))


def _disc(middle: FloatArray, radius: float, resolution: float) -> FloatArray:
    """Points ``[N, 2]`` half a cell apart within a radius (m) of a point."""
    steps = np.arange(-radius, radius + 1e-9, resolution / 2.0) if radius > 0.0 else np.zeros(0)
    points = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return np.asarray(middle + points[np.hypot(points[:, 0], points[:, 1]) <= radius])


def _keys(points: FloatArray, resolution: float) -> npt.NDArray[np.int64]:
    """One number for each cell that holds one of the points ``[N, 2]``: sorting numbers is much faster than pairs."""
    cells = np.floor(points / resolution).astype(np.int64) + _OFFSET
    return np.unique(cells[:, 0] * (2 * _OFFSET) + cells[:, 1])


def _cells(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The cells ``[N, 2]`` that numbers stand for."""
    return np.column_stack([keys // (2 * _OFFSET), keys % (2 * _OFFSET)]) - _OFFSET


def _grid(marks: Sequence[_Marks], resolution: float) -> OccupancyGrid:
    if not marks:
        return OccupancyGrid(np.full((1, 1), UNKNOWN, dtype=np.int8), np.zeros(2), resolution)
    through, hit, above = (
        np.concatenate([getattr(m, name) for m in marks]) for name in ("through", "hit", "above")
    )
    every = np.concatenate([through, hit, above])
    low = every.min(axis=0) - _BORDER
    shape = tuple((every.max(axis=0) + _BORDER + 1 - low).tolist())

    def counted(cells: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        flat = np.ravel_multi_index(tuple((cells - low).T), shape)
        return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)

    passed, ended, raised = counted(through), counted(hit), counted(above)
    said = passed + ended
    cells = np.full(shape, UNKNOWN, dtype=np.int8)
    cells[said > 0] = FREE
    cells[(ended > 0) & (ended >= _SOLID * said)] = SOLID
    cells[raised > 0] = SOLID
    return OccupancyGrid(cells, low * resolution, resolution)


def _between(eye: FloatArray, ends: FloatArray, resolution: float) -> FloatArray:
    """Points ``[M, 2]`` on beams from the eye, half a cell apart, that stop a cell before their ends ``[N, 2]``."""
    way = ends - eye
    length = np.hypot(way[:, 0], way[:, 1])
    steps = np.arange(0.0, float(length.max(initial=0.0)), resolution / 2.0)
    along = steps[None, :] < (length - resolution)[:, None]
    beam, step = np.nonzero(along)
    share = steps[step] / np.maximum(length[beam], 1e-9)
    return np.asarray(eye + share[:, None] * way[beam])
