"""What the lidar meets where the map has nothing: somebody who stepped in, a thing that fell."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import LidarScan
from diarchy.perception.distance_grid import DistanceGrid
from diarchy.perception.planar import planar, transform

NEAR_MAP = 0.10
"""What is so near (m) to a wall or a piece of furniture is taken for that: pose and map err by as much."""
_PER_METRE, _DOUBTED = 0.02, 0.20
"""How much farther (m) a point may be off for each metre of its range, and where the scan did not fit."""
_CELL = 0.05


class Unmatched:
    """Sorts the points of scans into known and unknown ones.

    Args:
        static_map: walls and furniture, doors and drawers closed.
    """

    def __init__(self, static_map: StaticMap) -> None:
        self._map = static_map
        self._grid: DistanceGrid | None = None

    def of(self, scan: LidarScan, map_from_base: SE3, *, fitted: bool) -> FloatArray:
        """Return the points ``[N, 2]`` m in ``map`` that nothing of the map explains, one of each 5 cm square.

        Args:
            scan: the reading.
            map_from_base: where it was taken.
            fitted: whether that pose comes from this scan; else more is put down to its error.
        """
        valid = np.isfinite(scan.ranges) & (scan.ranges > 0.05)
        ranges, angles = scan.ranges[valid], scan.angles[valid]
        flat = np.stack(
            [ranges * np.cos(angles), ranges * np.sin(angles), np.zeros(len(ranges))], axis=1
        )
        ends = scan.base_from_lidar.apply(flat)[:, :2]
        points = transform(ends, planar(map_from_base))
        distance, _ = self._at(float(scan.base_from_lidar.translation[2])).sample(points)
        slack = NEAR_MAP + _PER_METRE * ranges + (0.0 if fitted else _DOUBTED)
        unknown = points[distance > slack]
        _, first = np.unique(np.floor(unknown / _CELL), axis=0, return_index=True)
        return unknown[np.sort(first)]

    def _at(self, height: float) -> DistanceGrid:
        if self._grid is None or abs(self._grid.height - height) > 0.01:
            self._grid = DistanceGrid(self._map, height)
        return self._grid
