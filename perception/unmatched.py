"""What the lidar meets where the map has nothing: somebody who stepped in, a thing that fell."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import LidarScan
from diarchy.perception.distance_grid import DistanceGrid
from diarchy.perception.planar import planar, scan_ends, transform

NEAR_MAP = 0.10
"""What is so near (m) to a wall or a piece of furniture is taken for that: pose and map err by as much."""
_PER_METRE, _DOUBTED = 0.02, 0.20
"""How much farther (m) a point may be off for each metre of its range, and where the scan did not fit."""
_CELL = 0.05
_LEAST, _MEMORY = 0.4, 0.05
"""A map that explains less than this part of the scans is not the map of this home; what a new scan adds to that mean."""
_log = logging.getLogger(__name__)


class Unmatched:
    """Sorts the points of scans into known and unknown ones.

    Args:
        static_map: walls and furniture, doors and drawers closed.
    """

    def __init__(self, static_map: StaticMap) -> None:
        self._map = static_map
        self._grid: DistanceGrid | None = None
        self._explained = 1.0
        self._warned = False

    def of(self, scan: LidarScan, map_from_base: SE3, *, fitted: bool) -> FloatArray:
        """Return the points ``[N, 2]`` m in ``map`` that nothing of the map explains, one of each 5 cm square.

        None where the map explains little for long: it lacks walls or furniture, and they are no newcomers.

        Args:
            scan: the reading.
            map_from_base: where it was taken.
            fitted: whether that pose comes from this scan; else more is put down to its error.
        """
        ends, ranges = scan_ends(scan)
        points = transform(ends, planar(map_from_base))
        distance, _ = self._at(float(scan.base_from_lidar.translation[2])).sample(points)
        slack = NEAR_MAP + _PER_METRE * ranges + (0.0 if fitted else _DOUBTED)
        strange = distance > slack
        if not self._is_map_of_this_home(strange):
            return np.zeros((0, 2))
        unknown = points[strange]
        _, first = np.unique(np.floor(unknown / _CELL), axis=0, return_index=True)
        return unknown[np.sort(first)]

    def _is_map_of_this_home(self, strange: npt.NDArray[np.bool_]) -> bool:
        """Whether the scans so far, with this one of ``[N]`` strange beams, fit the map: who stands close hides it for a while only."""
        if len(strange):
            self._explained += _MEMORY * (1.0 - float(strange.mean()) - self._explained)
        fits = self._explained >= _LEAST
        if not fits and not self._warned:
            self._warned = True
            _log.warning(
                "the map explains %.0f%% of what the lidar meets: whoever steps in is not told from what it lacks",
                100.0 * self._explained,
            )
        return fits

    def _at(self, height: float) -> DistanceGrid:
        if self._grid is None or abs(self._grid.height - height) > 0.01:
            self._grid = DistanceGrid(self._map, height)
        return self._grid
