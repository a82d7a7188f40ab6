"""Rigid-body and camera geometry. SI units, radians, right-handed frames.

Frame names used everywhere: ``map`` (fixed, z up), ``odom`` (drifts), ``base`` (robot base on the
floor, x forward, z up), ``gripper`` (between the fingertips, x along the approach direction, y along
the opening direction), camera frames are *optical*: x right, y down, z into the scene.
``a_from_b`` is the transform that takes coordinates in ``b`` to coordinates in ``a``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def wrap_angle(angle: float) -> float:
    """Wrap an angle to (-pi, pi]."""
    wrapped = (float(angle) + math.pi) % (2.0 * math.pi) - math.pi
    return wrapped if wrapped != -math.pi else math.pi


def all_finite(values: npt.NDArray[Any]) -> bool:
    """Tell whether all of a vector ``[N]`` is finite, several times faster than `numpy.isfinite` on a few numbers.

    A sum is finite only if every number is; where it is not, it may have overflown, and each is asked.
    """
    return math.isfinite(sum(values.tolist())) or bool(np.isfinite(values).all())


def all_true(values: npt.NDArray[np.bool_]) -> bool:
    """Tell whether all of a vector ``[N]`` is true, several times faster than `numpy.ndarray.all` on a few values."""
    return False not in values.tolist()


@dataclass(frozen=True)
class SE3:
    """A rigid transform.

    Attributes:
        rotation: ``[3, 3]`` rotation matrix.
        translation: ``[3]`` metres.
    """

    rotation: FloatArray
    translation: FloatArray

    @staticmethod
    def identity() -> SE3:
        """Return the transform that changes nothing."""
        return SE3(np.eye(3), np.zeros(3))

    @staticmethod
    def from_matrix(matrix: npt.ArrayLike) -> SE3:
        """Build from a homogeneous ``[4, 4]`` matrix."""
        m = np.asarray(matrix, dtype=np.float64)
        if m.shape != (4, 4):
            raise ValueError(f"expected a [4, 4] matrix, got {m.shape}")
        return SE3(m[:3, :3].copy(), m[:3, 3].copy())

    @staticmethod
    def from_translation(translation: npt.ArrayLike) -> SE3:
        """Build a pure translation from ``[3]`` metres."""
        return SE3(np.eye(3), np.asarray(translation, dtype=np.float64).reshape(3))

    @staticmethod
    def from_xyz_yaw(x: float, y: float, z: float, yaw: float) -> SE3:
        """Build from a position and a rotation about z."""
        c, s = math.cos(yaw), math.sin(yaw)
        return SE3(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), np.array([x, y, z]))

    @staticmethod
    def from_quat(translation: npt.ArrayLike, quat_wxyz: npt.ArrayLike) -> SE3:
        """Build from ``[3]`` metres and a unit quaternion ``[4]`` in w, x, y, z order."""
        w, x, y, z = np.asarray(quat_wxyz, dtype=np.float64) / np.linalg.norm(quat_wxyz)
        rotation = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )
        return SE3(rotation, np.asarray(translation, dtype=np.float64).reshape(3).copy())

    def matrix(self) -> FloatArray:
        """Return the homogeneous ``[4, 4]`` matrix."""
        m = np.eye(4)
        m[:3, :3], m[:3, 3] = self.rotation, self.translation
        return m

    def inverse(self) -> SE3:
        """Return the inverse transform."""
        rt = self.rotation.T
        return SE3(rt, -rt @ self.translation)

    def __matmul__(self, other: SE3) -> SE3:
        return SE3(
            self.rotation @ other.rotation, self.rotation @ other.translation + self.translation
        )

    def apply(self, points: npt.ArrayLike) -> FloatArray:
        """Transform points ``[..., 3]``."""
        return np.asarray(points, dtype=np.float64) @ self.rotation.T + self.translation

    @property
    def yaw(self) -> float:
        """Heading of the x axis in the xy plane, radians."""
        return math.atan2(self.rotation[1, 0], self.rotation[0, 0])

    def quat(self) -> FloatArray:
        """Return the unit quaternion ``[4]`` in w, x, y, z order, w >= 0."""
        (a, b, c), (d, e, f), (g, h, i) = self.rotation.tolist()
        # Four times each component times each other; the row of the largest is the most exact (Shepperd 1978).
        rows = (
            (1.0 + a + e + i, h - f, c - g, d - b),
            (h - f, 1.0 + a - e - i, b + d, c + g),
            (c - g, b + d, 1.0 - a + e - i, f + h),
            (d - b, c + g, f + h, 1.0 - a - e + i),
        )
        best = rows[max(range(4), key=lambda k: rows[k][k])]
        sign = next(value for value in best if value != 0.0)
        scale = math.copysign(math.hypot(*best), sign)
        return np.array([value / scale for value in best])


def rotation_to_6d(rotation: FloatArray) -> FloatArray:
    """Return the first two columns of ``[..., 3, 3]`` as ``[..., 6]`` (Zhou et al., CVPR 2019)."""
    return np.concatenate([rotation[..., :, 0], rotation[..., :, 1]], axis=-1)


def rotation_from_6d(values: npt.ArrayLike, *, tolerance: float = 1e-6) -> FloatArray:
    """Project ``[..., 6]`` onto rotations ``[..., 3, 3]`` by Gram-Schmidt.

    Raises:
        ValueError: a column is (nearly) zero or the two are parallel.
    """
    v = np.asarray(values, dtype=np.float64)
    a, b = v[..., :3], v[..., 3:6]
    norm_a = np.linalg.norm(a, axis=-1, keepdims=True)
    if not np.all(norm_a > tolerance):
        raise ValueError("degenerate 6D rotation: the first column has no length")
    x = a / norm_a
    b = b - np.sum(x * b, axis=-1, keepdims=True) * x
    norm_b = np.linalg.norm(b, axis=-1, keepdims=True)
    if not np.all(norm_b > tolerance):
        raise ValueError("degenerate 6D rotation: the columns are parallel")
    y = b / norm_b
    return np.stack([x, y, np.cross(x, y)], axis=-1)


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera without distortion; pixels, origin at the top left."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    @staticmethod
    def from_fovy(width: int, height: int, fovy_deg: float) -> Intrinsics:
        """Build from a vertical field of view in degrees, square pixels, centred."""
        f = 0.5 * height / float(np.tan(np.radians(fovy_deg) / 2.0))
        return Intrinsics(width, height, f, f, width / 2.0, height / 2.0)

    def backproject(self, depth: FloatArray | npt.NDArray[np.float32]) -> FloatArray:
        """Lift a depth image ``[H, W]`` (metres along z) to points ``[H, W, 3]`` in the camera frame."""
        u = np.arange(self.width) + 0.5
        v = np.arange(self.height) + 0.5
        z = np.asarray(depth, dtype=np.float64)
        x = (u[None, :] - self.cx) / self.fx * z
        y = (v[:, None] - self.cy) / self.fy * z
        return np.stack([x, y, z], axis=-1)

    def project(self, points: npt.ArrayLike) -> FloatArray:
        """Project camera-frame points ``[..., 3]`` to pixels ``[..., 2]``; NaN behind the camera."""
        p = np.asarray(points, dtype=np.float64)
        z = np.where(p[..., 2] > 1e-9, p[..., 2], np.nan)
        return np.stack(
            [p[..., 0] / z * self.fx + self.cx, p[..., 1] / z * self.fy + self.cy], axis=-1
        )


def polygon_distance(points: FloatArray, polygon: Sequence[tuple[float, float]]) -> FloatArray:
    """Return the signed distance ``[N]`` m of points ``[N, 2]`` to a polygon; negative inside of it."""
    corners = np.asarray(polygon, dtype=np.float64)
    edge = np.roll(corners, -1, axis=0) - corners
    from_corner = points[:, None] - corners[None]
    along = (from_corner * edge).sum(-1) / np.maximum((edge * edge).sum(-1), 1e-18)
    apart = from_corner - np.clip(along, 0.0, 1.0)[..., None] * edge
    distance = np.sqrt((apart * apart).sum(-1)).min(axis=1)
    # A ray along +x crosses the outline an odd number of times from inside.
    y, y0, y1 = points[:, None, 1], corners[:, 1], corners[:, 1] + edge[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = corners[:, 0] + (y - y0) / edge[:, 1] * edge[:, 0]
    crossed = ((y0 > y) != (y1 > y)) & (points[:, None, 0] < crossing)
    inside = crossed.sum(axis=1) % 2 == 1
    return np.asarray(np.where(inside, -distance, distance))
