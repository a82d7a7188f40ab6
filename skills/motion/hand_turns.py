"""Rotations of a hand, as matrices ``[3, 3]``."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray


def heading(rotation: FloatArray) -> float:
    """Direction (rad) of a hand's approach, or of its own z axis if it points down."""
    axis = rotation[:, 0] if np.hypot(*rotation[:2, 0]) > 0.3 else rotation[:, 2]
    return float(np.arctan2(axis[1], axis[0]))


def about_z(angle: float) -> FloatArray:
    """Rotation ``[3, 3]`` by an angle (rad) about the vertical."""
    return SE3.from_xyz_yaw(0.0, 0.0, 0.0, angle).rotation


def about_y(angle: float) -> FloatArray:
    """Rotation ``[3, 3]`` by an angle (rad) about the y axis."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_about(axis: FloatArray, angle: float) -> FloatArray:
    """Rotation ``[3, 3]`` by an angle (rad) about a unit vector ``[3]``."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)
