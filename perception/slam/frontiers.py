"""Where what is known ends: free cells beside unknown ones (Yamauchi, "A frontier-based approach", CIRA 1997)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, label

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.slam.occupancy_grid import FREE, UNKNOWN, OccupancyGrid

_LEAST_M = 0.30
"""A shorter edge of the known hides nothing that a robot would fit into."""
_PIECE_M = 1.0
"""Longer edges are cut: the edge of a first look around is one line through the whole home."""
_EIGHT = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Frontier:
    """One connected edge of what is known, or a piece of a long one.

    Attributes:
        points: middles of its cells ``[N, 2]`` m.
        length: m.
    """

    points: FloatArray
    length: float

    @property
    def middle(self) -> FloatArray:
        """The point ``[2]`` of it that is nearest to its centre."""
        centre = self.points.mean(axis=0)
        return np.asarray(self.points[np.argmin(np.linalg.norm(self.points - centre, axis=1))])


def frontiers(grid: OccupancyGrid) -> list[Frontier]:
    """Return the edges of what is known, the longest first."""
    free, unknown = grid.cells == FREE, grid.cells == UNKNOWN
    edge = free & binary_dilation(unknown, _EIGHT)
    index = np.argwhere(edge)
    numbered, _ = label(edge, _EIGHT)
    square = np.floor(grid.centres(index) / _PIECE_M).astype(np.int64)
    keys = np.column_stack([numbered[index[:, 0], index[:, 1]], square])
    _, piece = np.unique(keys, axis=0, return_inverse=True)
    found = []
    for k in range(int(piece.max(initial=-1)) + 1):
        points = grid.centres(index[piece.ravel() == k])
        length = len(points) * grid.resolution
        if length >= _LEAST_M:
            found.append(Frontier(points, length))
    return sorted(found, key=lambda f: (-f.length, *f.middle.tolist()))
