"""The distance field of what was mapped, for the guards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.world import FAR
from diarchy.perception.slam.occupancy_grid import SOLID, OccupancyGrid


class GridField:
    """Implements `DistanceField` on an occupancy grid: how far it is, seen from above, to what was perceived as solid.

    The map is flat: a point is as near to a table top above it as to a wall. What is unknown is not solid; whoever
    plans a way keeps out of it.

    Args:
        grid: what was mapped.
        stamp: s on the robot's clock of the newest evidence.
        seen_now: points ``[N, 2]`` m that the lidar meets just now, which may have stepped in.
    """

    def __init__(
        self, grid: OccupancyGrid, stamp: float, seen_now: FloatArray | None = None
    ) -> None:
        self._grid, self._stamp = grid, stamp
        solid = grid.cells == SOLID
        # From middle to middle of cells; the side of the solid one is half a cell nearer.
        self._distance = (
            np.maximum(distance_transform_edt(~solid) - 0.5, 0.0) * grid.resolution
            if solid.any()
            else np.full(solid.shape, FAR)
        )
        self._seen = np.zeros((0, 2)) if seen_now is None else seen_now

    @property
    def stamp(self) -> float:
        """Seconds on the robot's clock of the newest evidence in it."""
        return self._stamp

    def with_scan(self, seen_now: FloatArray, stamp: float) -> GridField:
        """Return the same map with another scan: cheap."""
        other = object.__new__(GridField)
        other._grid, other._distance = self._grid, self._distance
        other._stamp, other._seen = stamp, seen_now
        return other

    def distance(self, points: npt.ArrayLike) -> FloatArray:
        """Distance ``[N]`` m of points ``[N, 3]`` (or ``[N, 2]``) in ``map``; 0 inside what is solid."""
        flat = np.atleast_2d(np.asarray(points, dtype=np.float64))[:, :2]
        index = self._grid.index(flat)
        inside = np.all((index >= 0) & (index < self._distance.shape), axis=1)
        safe = np.where(inside[:, None], index, 0)
        found = np.where(inside, self._distance[safe[:, 0], safe[:, 1]], FAR)
        if len(self._seen):
            gaps = np.linalg.norm(flat[:, None] - self._seen[None], axis=2)
            found = np.minimum(found, gaps.min(axis=1))
        return np.asarray(found)
