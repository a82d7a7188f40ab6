"""A cost map of what was mapped: where the base may be in a home that nobody told it about."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import RobotSpec
from diarchy.perception.slam.occupancy_grid import FREE, OccupancyGrid
from diarchy.skills.motion.costmap import (
    FALLOFF,
    MARGIN,
    PENALTY,
    CostMap,
    Grid,
    open_escape,
)


def mapped_costmap(
    grid: OccupancyGrid,
    spec: RobotSpec,
    *,
    seen_now: FloatArray | None = None,
    escape_from: tuple[float, float] | None = None,
) -> CostMap:
    """Build the cost map of an occupancy grid; what is unknown is as good as solid.

    Args:
        grid: what was mapped.
        spec: the embodiment, for the radius of its base.
        seen_now: points ``[N, 2]`` m that the lidar meets just now: somebody may have stepped in.
        escape_from: a point near which the base may leave a place it should not be in.
    """
    open_floor = grid.cells == FREE
    if seen_now is not None and len(seen_now):
        index = grid.index(seen_now)
        inside = np.all((index >= 0) & (index < open_floor.shape), axis=1)
        open_floor[index[inside, 0], index[inside, 1]] = False
    # From middle to middle of cells; the side of the solid one is half a cell nearer.
    distance = distance_transform_edt(open_floor) * grid.resolution - 0.5 * grid.resolution
    lethal = spec.base.radius + MARGIN
    cost = 1.0 + PENALTY * np.exp(-np.maximum(distance - lethal, 0.0) / FALLOFF)
    cost[distance < lethal] = np.inf
    cells = Grid(grid.origin, (grid.cells.shape[0], grid.cells.shape[1]), grid.resolution)
    if escape_from is not None:
        open_escape(cost, cells, escape_from)
    return CostMap(cells, distance, cost, lethal)
