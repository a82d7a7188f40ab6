"""Where what is known ends: free cells beside unknown ones (Yamauchi, "A frontier-based approach", CIRA 1997)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, label

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.slam.occupancy_grid import FREE, UNKNOWN, OccupancyGrid

_LEAST_M = 0.30
"""A shorter edge of the known hides nothing that a robot would fit into."""
_EIGHT = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Frontier:
    """One connected edge of what is known.

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
    numbered, count = label(edge, _EIGHT)
    found = []
    for k in range(1, count + 1):
        index = np.argwhere(numbered == k)
        length = len(index) * grid.resolution
        if length >= _LEAST_M:
            found.append(Frontier(grid.centres(index), length))
    return sorted(found, key=lambda f: (-f.length, *f.middle.tolist()))
