"""A static map as an occupancy grid, as a SLAM would have drawn it at the height of the lidar."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Box, StaticMap
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.ros2.convert.maps import Grid

SOLID, FREE = 100, 0


def rasterise(static_map: StaticMap, *, height: float, resolution: float = 0.05) -> Grid:
    """Draw walls and fixtures that stand at a height (m) over the home's bounds."""
    x0, y0, x1, y1 = static_map.bounds
    columns, rows = (int(np.ceil(d / resolution)) for d in (x1 - x0, y1 - y0))
    x: FloatArray = np.asarray(x0 + (np.arange(columns) + 0.5) * resolution, dtype=np.float64)
    y: FloatArray = np.asarray(y0 + (np.arange(rows) + 0.5) * resolution, dtype=np.float64)
    cells = np.full((rows, columns), FREE, dtype=np.int8)
    boxes = [*static_map.walls, *(b for f in static_map.fixtures.values() for b in f.boxes)]
    for box in boxes:
        _draw(cells, box, x, y, height, resolution)
    return Grid(cells, resolution, SE3.from_translation([x0, y0, 0.0]))


def _draw(
    cells: npt.NDArray[np.int8], box: Box, x: FloatArray, y: FloatArray, height: float, cell: float
) -> None:
    half = 0.5 * np.asarray(box.size)
    if abs(height - float(box.pose.translation[2])) > half[2]:
        return
    across, along = np.meshgrid(x, y)
    level = np.full_like(across, box.pose.translation[2])
    local = box.pose.inverse().apply(np.stack([across, along, level], axis=-1))
    # Half a cell more, so that thin walls have no holes.
    inside = (np.abs(local[..., :2]) <= half[:2] + 0.5 * cell).all(axis=-1)
    cells[inside] = SOLID
