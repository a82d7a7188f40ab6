"""Was a place looked at, and what was there? Evidence of presence, of absence, or none at all.

A point projects to a pixel; the depth there says whether the line of sight ended before the point
(hidden), about at it (something is there), or went on behind it (nothing is there).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.boxes import box_grid

MARGIN = 0.015
"""Depth noise (m) that is neither before nor behind."""
MAX_RANGE = 4.0
"""A pixel farther away than this (m) says nothing about small things."""


class Look(Enum):
    """What one view says about a box."""

    PRESENT = "present"  # lines of sight end inside it
    EMPTY = "empty"  # lines of sight pass through it: nothing of that size is there
    OCCLUDED = "occluded"  # something stands before it
    OUTSIDE = "outside"  # not in the image, or too far away


@dataclass(frozen=True)
class PointEvidence:
    """Per point: inside the image and range; hidden by something nearer; seen through.

    All are ``[N]`` bool. A point that is ``in_view`` and neither is where the line of sight ended.
    """

    in_view: npt.NDArray[np.bool_]
    hidden: npt.NDArray[np.bool_]
    through: npt.NDArray[np.bool_]

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """In view and not hidden: the light reached the point."""
        return self.in_view & ~self.hidden


def probe_points(
    frame: CameraFrame, map_from_camera: SE3, points: FloatArray, *, margin: float = MARGIN
) -> PointEvidence:
    """Compare points ``[N, 3]`` in ``map`` with the depth image."""
    camera = map_from_camera.inverse().apply(points)
    height, width = frame.depth.shape
    with np.errstate(invalid="ignore"):
        pixels = np.floor(frame.intrinsics.project(camera))
    inside = (
        (camera[:, 2] > 0.05)
        & (camera[:, 2] < MAX_RANGE)
        & (pixels[:, 0] >= 0)
        & (pixels[:, 0] < width)
        & (pixels[:, 1] >= 0)
        & (pixels[:, 1] < height)
    )
    u = np.where(inside, pixels[:, 0], 0).astype(np.intp)
    v = np.where(inside, pixels[:, 1], 0).astype(np.intp)
    depth = frame.depth[v, u].astype(np.float64)
    in_view = inside & (depth > 0.0)
    hidden = in_view & (depth < camera[:, 2] - margin)
    through = in_view & (depth > camera[:, 2] + margin)
    return PointEvidence(in_view, hidden, through)


def look_at_box(frame: CameraFrame, map_from_camera: SE3, pose: SE3, size: npt.ArrayLike) -> Look:
    """Say what a view tells about a box (pose of its centre in ``map``, full size m).

    Samples fill the middle of the box. EMPTY asks that at least 60% of the samples are in the
    image and at least 80% of those were seen through; PRESENT that at least a quarter of the samples in view
    is where lines of sight ended, or the nearest layer is; hidden ones give no evidence.
    """
    samples = box_grid(pose, size, (4, 4, 4), 0.7)
    evidence = probe_points(frame, map_from_camera, samples)
    total, in_view = len(samples), int(evidence.in_view.sum())
    if in_view < 0.6 * total:
        return Look.OUTSIDE
    through = int(evidence.through.sum())
    if through >= 0.8 * in_view:
        return Look.EMPTY
    entry = entry_depth(map_from_camera, pose, np.asarray(size, dtype=np.float64))
    before = probe_points(frame, map_from_camera, entry)
    reached = before.in_view & ~before.hidden
    if int(reached.sum()) < 0.3 * max(1, int(before.in_view.sum())):
        return Look.OCCLUDED
    return Look.PRESENT


def entry_depth(map_from_camera: SE3, pose: SE3, size: FloatArray) -> FloatArray:
    """Samples ``[M, 3]`` on the faces of a box that look towards the camera."""
    eye = pose.inverse().apply(map_from_camera.translation)
    half = size / 2.0
    grid = np.linspace(-0.7, 0.7, 4)
    a, b = (g.ravel() for g in np.meshgrid(grid, grid))
    faces: list[FloatArray] = []
    for axis in range(3):
        if abs(eye[axis]) <= half[axis]:
            continue
        face = np.zeros((len(a), 3))
        others = [i for i in range(3) if i != axis]
        face[:, axis] = np.sign(eye[axis]) * half[axis]
        face[:, others[0]], face[:, others[1]] = a * half[others[0]], b * half[others[1]]
        faces.append(face)
    points = np.concatenate(faces) if faces else np.zeros((1, 3))
    return pose.apply(points)
