"""Poses in the plane as arrays ``[3]``: x and y in m, yaw in rad."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.robot import LidarScan

_NEAREST = 0.05


def planar(pose: SE3) -> FloatArray:
    """Return a pose seen from above ``[3]``."""
    return np.array([pose.translation[0], pose.translation[1], pose.yaw])


def spatial(pose: FloatArray) -> SE3:
    """Return the pose on the floor."""
    return SE3.from_xyz_yaw(float(pose[0]), float(pose[1]), 0.0, float(pose[2]))


def compose(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the pose ``second``, which is given in the frame of ``first``, in the frame that ``first`` is given in."""
    x, y = transform(second[None, :2], first)[0]
    return np.array([x, y, wrap_angle(float(first[2] + second[2]))])


def between(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return ``second`` in the frame of ``first``, both given in one frame."""
    c, s = np.cos(first[2]), np.sin(first[2])
    dx, dy = second[0] - first[0], second[1] - first[1]
    turn = wrap_angle(float(second[2] - first[2]))
    return np.array([c * dx + s * dy, c * dy - s * dx, turn])


def transform(points: FloatArray, pose: FloatArray) -> FloatArray:
    """Return points ``[N, 2]`` of the frame at ``pose`` in the frame that it is given in."""
    return np.asarray(points @ rotation(pose).T + pose[:2])


def rotation(pose: FloatArray) -> FloatArray:
    """Return the rotation ``[2, 2]`` of a pose."""
    c, s = np.cos(pose[2]), np.sin(pose[2])
    return np.array([[c, -s], [s, c]])


def scan_ends(scan: LidarScan) -> tuple[FloatArray, FloatArray]:
    """Return where the beams that met something end, points ``[N, 2]`` m in ``base``, and their ranges ``[N]`` m.

    Returns from nearer than 5 cm are of the robot itself, or no distance at all.
    """
    valid = np.isfinite(scan.ranges) & (scan.ranges > _NEAREST)
    r, a = scan.ranges[valid], scan.angles[valid]
    flat = np.stack([r * np.cos(a), r * np.sin(a), np.zeros(len(r))], axis=1)
    return scan.base_from_lidar.apply(flat)[:, :2], r
