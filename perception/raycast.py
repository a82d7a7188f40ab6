"""What a depth camera or a lidar would see of known boxes, without a renderer.

Slab method on all boxes at once; meant for tests and for asking what a view would show.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Box
from diarchy.contracts.geometry import SE3, FloatArray, Intrinsics
from diarchy.contracts.robot import CameraFrame, LidarScan


def cast(
    origin: npt.ArrayLike, directions: npt.ArrayLike, boxes: Sequence[Box]
) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """First hits of rays.

    Args:
        origin: ``[3]`` m in ``map``.
        directions: ``[N, 3]``; ranges are in units of their lengths.
        boxes: solid boxes.

    Returns:
        Ranges ``[N]`` (inf: no hit) and the index ``[N]`` of the box hit (-1: none).
    """
    rays = np.asarray(directions, dtype=np.float64)
    best = np.full(len(rays), np.inf)
    which = np.full(len(rays), -1, dtype=np.int32)
    for index, box in enumerate(boxes):
        start = box.pose.inverse().apply(np.asarray(origin, dtype=np.float64))
        local = rays @ box.pose.rotation
        local = np.where(np.abs(local) < 1e-12, 1e-12, local)
        half = np.asarray(box.size) / 2.0
        a, b = (-half - start) / local, (half - start) / local
        enter = np.minimum(a, b).max(axis=1)
        leave = np.maximum(a, b).min(axis=1)
        closer = (enter <= leave) & (enter > 1e-6) & (enter < best)
        best[closer], which[closer] = enter[closer], index
    return best, which


def depth_frame(
    boxes: Sequence[Box],
    base_from_camera: SE3,
    map_from_base: SE3,
    intrinsics: Intrinsics,
    *,
    stamp: float = 0.0,
    name: str = "head_camera",
    ids: Sequence[int] | None = None,
) -> CameraFrame:
    """Depth image of boxes; ``ids`` gives each box the instance id that its pixels carry."""
    camera = map_from_base @ base_from_camera
    rays = intrinsics.backproject(np.ones((intrinsics.height, intrinsics.width))).reshape(-1, 3)
    ranges, which = cast(camera.translation, rays @ camera.rotation.T, boxes)
    shape = (intrinsics.height, intrinsics.width)
    labels = np.array([*(ids if ids is not None else range(len(boxes))), -1], dtype=np.int32)
    return CameraFrame(
        name=name,
        stamp=stamp,
        rgb=np.zeros((*shape, 3), dtype=np.uint8),
        depth=np.where(np.isfinite(ranges), ranges, 0.0).reshape(shape).astype(np.float32),
        intrinsics=intrinsics,
        base_from_camera=base_from_camera,
        instance_ids=labels[which].reshape(shape),
    )


def lidar_scan(
    boxes: Sequence[Box],
    map_from_base: SE3,
    base_from_lidar: SE3,
    angles: FloatArray,
    *,
    stamp: float = 0.0,
    reach: float = 10.0,
) -> LidarScan:
    """Planar scan of boxes along ``angles`` ``[N]`` rad."""
    pose = map_from_base @ base_from_lidar
    rays = np.stack([np.cos(angles), np.sin(angles), np.zeros(len(angles))], axis=1)
    ranges, _ = cast(pose.translation, rays @ pose.rotation.T, boxes)
    return LidarScan(stamp, angles, np.where(ranges <= reach, ranges, np.inf), base_from_lidar)


def look_from(eye: npt.ArrayLike, target: npt.ArrayLike) -> SE3:
    """Pose of an upright optical frame at ``eye`` ``[3]`` that looks at ``target`` ``[3]``."""
    at = np.asarray(eye, dtype=np.float64)
    z = np.asarray(target, dtype=np.float64) - at
    z = z / np.linalg.norm(z)
    x = np.cross(z, np.array([0.0, 0.0, 1.0]))
    x = x / np.linalg.norm(x)
    return SE3(np.stack([x, np.cross(z, x), z], axis=1), at)
