"""A flat of two rooms in the plane, and a lidar in it."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import LidarScan

WALLS = np.array(
    [
        # x0, y0, x1, y1: a flat of two rooms with a door, a cupboard in a corner of each
        (0, 0, 8, 0), (8, 0, 8, 4), (8, 4, 0, 4), (0, 4, 0, 0), (4, 0, 4, 1.4), (4, 2.6, 4, 4),
        (0, 3.2, 1.1, 3.2), (1.1, 3.2, 1.1, 4), (6.8, 0, 6.8, 0.7), (6.8, 0.7, 8, 0.7),
    ],
    dtype=np.float64,
)  # fmt: skip


def cast(pose: FloatArray, noise: float = 0.0, seed: int = 0) -> LidarScan:
    """What a lidar of 220 degrees in the middle of the base measures at a pose ``[3]`` between the walls."""
    angles = np.linspace(-np.radians(110), np.radians(110), 360)
    heading = pose[2] + angles
    ray = np.stack([np.cos(heading), np.sin(heading)], axis=1)
    begin, along = WALLS[:, :2], WALLS[:, 2:] - WALLS[:, :2]
    across = ray[:, None, 0] * along[None, :, 1] - ray[:, None, 1] * along[None, :, 0]
    to = begin - pose[:2]
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (to[:, 0] * along[:, 1] - to[:, 1] * along[:, 0]) / across
        share = (to[None, :, 0] * ray[:, 1:] - to[None, :, 1] * ray[:, :1]) / across
    hit = (far > 0) & (share >= 0) & (share <= 1) & np.isfinite(far)
    ranges = np.where(hit, far, np.inf).min(axis=1)
    ranges = ranges + np.random.default_rng(seed).normal(0.0, noise, len(ranges))
    return LidarScan(0.0, angles, ranges, SE3.from_translation(np.array([0.0, 0.0, 0.3])))
