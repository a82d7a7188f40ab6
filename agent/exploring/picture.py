"""The map for others: as a picture for people, and as a grid for ROS."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.perception.slam.occupancy_grid import FREE, SOLID, OccupancyGrid
from diarchy.robots.ros2.convert.maps import Grid

_UNKNOWN, _FLOOR, _WALL = (205, 208, 212), (250, 249, 246), (38, 50, 64)
_WAY, _START, _END = (219, 112, 61), (46, 139, 87), (178, 34, 34)
_SCALE = 5
_SPOT = 6


def picture(grid: OccupancyGrid, way: FloatArray, *, scale: int = _SCALE) -> Image.Image:
    """Draw a grid and the poses ``[N, 3]`` of the robot on it, north up; the start is green, the end red."""
    colours = np.empty((*grid.cells.shape, 3), dtype=np.uint8)
    colours[:] = _UNKNOWN
    colours[grid.cells == FREE], colours[grid.cells == SOLID] = _FLOOR, _WALL
    upright = np.ascontiguousarray(colours.transpose(1, 0, 2)[::-1])
    height, width = upright.shape[:2]
    image = Image.fromarray(upright).resize(
        (width * scale, height * scale), Image.Resampling.NEAREST
    )
    if not len(way):
        return image
    spots = (way[:, :2] - grid.origin) / grid.resolution * scale
    points = [(float(x), float(height * scale - y)) for x, y in spots]
    pen = ImageDraw.Draw(image)
    if len(points) > 1:
        pen.line(points, fill=_WAY, width=2)
    for (x, y), colour in ((points[0], _START), (points[-1], _END)):
        pen.ellipse((x - _SPOT, y - _SPOT, x + _SPOT, y + _SPOT), fill=colour)
    return image


def ros_grid(grid: OccupancyGrid) -> Grid:
    """Return a grid as ROS has it: rows along y, the origin as a pose."""
    origin = SE3.from_translation([*grid.origin.tolist(), 0.0])
    return Grid(np.ascontiguousarray(grid.cells.T), grid.resolution, origin)
