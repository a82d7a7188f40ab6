"""What stands in a robot's way and not at the height of its lidar: table tops, chairs' seats, open drawers."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import CameraFrame

LOWEST, HIGHEST = 0.12, 1.30
"""What begins below the lowest (m) is floor, as far as depth and the mount of the camera can tell."""
FARTHEST = 2.5
"""Farther than this (m) an error of the mount by a degree lifts the floor by half of the lowest."""
_OWN = 0.60
"""What is nearer to the middle of the base (m) may be the robot's own arm."""
_STRIDE = 4
_CELL = 0.05


def raised_points(frame: CameraFrame) -> FloatArray:
    """Return where ``[N, 2]`` m in ``base`` a camera sees something that the robot could not drive under; one point a cell."""
    points = frame.intrinsics.backproject(frame.depth)[::_STRIDE, ::_STRIDE].reshape(-1, 3)
    points = points[points[:, 2] > 0.0]
    seen = frame.base_from_camera.apply(points)
    away = np.hypot(seen[:, 0], seen[:, 1])
    high = (seen[:, 2] > LOWEST) & (seen[:, 2] < HIGHEST)
    flat = seen[high & (away > _OWN) & (away < FARTHEST), :2]
    # A cell counts from two points on: single ones are edges, where depth lies between two things.
    keys, count = np.unique(np.floor(flat / _CELL).astype(np.int64), axis=0, return_counts=True)
    return np.asarray((keys[count >= 2] + 0.5) * _CELL)
