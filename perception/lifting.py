"""From a mask and a depth image to an oriented box in ``map``.

A camera sees the front and, from above, the top. The rest of the box is inferred: it reaches down
to what the thing stands on, and round things go on behind what is seen of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Detection, Sighting, StaticMap
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.shapes import (
    Footprint,
    complete_back,
    fit_ellipsoid,
    grown,
    handle_ahead,
    rectangle,
)
from diarchy.perception.support import surface_below

MIN_POINTS = 25
JUMP = 0.03
"""A pixel this much (m) behind a neighbour may be a mix of both, so it is not used."""
SUPPORT_REACH = 0.10
"""Farther (m) below what was seen of it, a surface is not what a thing stands on."""
LOW_EYE = np.radians(10.0)
"""Seen from a lower angle than this, the top of a thing says nothing about its back."""
FOOT = 0.15
"""Fraction of the visible height that counts as the lowest part."""
SLENDER = 1.4
"""What is so many times higher than wide is round, or as deep as it is wide: its top may be a neck."""
OCCLUDED_EDGE = 0.05
"""Fraction of a mask's outline with something nearer beside it that makes a sighting truncated."""


def lift(
    frame: CameraFrame,
    map_from_camera: SE3,
    detection: Detection,
    static_map: StaticMap,
    openings: Mapping[str, float] | None = None,
) -> Sighting | None:
    """Lift one detection.

    Args:
        frame: the image it was found in.
        map_from_camera: where that was taken from.
        detection: mask ``[H, W]``.
        static_map: its surfaces are what things stand on.
        openings: how far doors and drawers are open, by fixture id; missing: closed.

    Returns:
        The box, or None if fewer than 25 usable depth pixels lie behind the mask.
    """
    crop = _crop(detection.mask)
    if crop is None:
        return None
    mask, depth = detection.mask[crop], frame.depth[crop]
    keep = _usable(mask, depth)
    if int(keep.sum()) < MIN_POINTS:
        return None
    points = map_from_camera.apply(_backproject(frame, depth, crop)[keep])
    pixel = float(np.median(depth[keep])) / frame.intrinsics.fx
    bottom, top = _heights(points, static_map, openings, pixel)
    footprint, top = _footprint(points, map_from_camera.translation, bottom, top, pixel)
    return Sighting(
        detection=detection,
        position=np.array([*footprint.centre, (bottom + top) / 2.0]),
        yaw=footprint.yaw,
        extent=np.array([*footprint.size, top - bottom]),
        stamp=frame.stamp,
        truncated=_truncated(detection.mask, frame.depth, crop),
        points=int(keep.sum()),
        foot=_foot(points),
    )


def _foot(points: FloatArray) -> FloatArray:
    """The middle ``[3]`` of the lowest part that was seen: of what leans in a mug, at the mug's rim."""
    reach = FOOT * float(np.ptp(points[:, 2])) + 0.002
    low = points[points[:, 2] <= np.percentile(points[:, 2], 2.0) + reach]
    return np.asarray(np.median(low, axis=0))


def _footprint(
    points: FloatArray, eye: FloatArray, bottom: float, top: float, pixel: float
) -> tuple[Footprint, float]:
    """The footprint, and the top: that of the round body if it is one."""
    round_body = fit_ellipsoid(points, bottom, top)
    trimmed = _trim(points[:, :2])
    if round_body is not None and _plausible(round_body[0], rectangle(trimmed)):
        return round_body
    toward = np.median(points[:, :2], axis=0) - eye[:2]
    distance = float(np.linalg.norm(toward))
    low = np.arctan2(eye[2] - top, distance) < LOW_EYE
    slender = top - bottom > SLENDER * float(rectangle(trimmed).size[0])
    if distance > 1e-6 and (low or slender):
        trimmed = complete_back(trimmed, toward / distance)
    box = handle_ahead(rectangle(trimmed), points, top, top - bottom)
    return grown(box, pixel / 2.0), top


def _plausible(body: Footprint, visible: Footprint) -> bool:
    """A completed body is not smaller than what was seen of it, and not twice as large."""
    return bool(
        np.all(body.size > 0.85 * visible.size.min())
        and body.size.max() < 1.5 * visible.size.max() + 0.005
    )


def _heights(
    points: FloatArray, static_map: StaticMap, openings: Mapping[str, float] | None, pixel: float
) -> tuple[float, float]:
    """Lower and upper end (m): what was seen, drawn down to the surface below."""
    low, top = (float(v) for v in np.percentile(points[:, 2], [1.0, 98.5]))
    middle = np.median(points[:, :2], axis=0)
    foot = np.array([*middle, low])
    support = surface_below(static_map, foot, SUPPORT_REACH, openings)
    bottom = low if support is None else support
    return bottom, max(top, bottom + pixel)


def _usable(mask: npt.NDArray[np.bool_], depth: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Pixels of the mask with depth of the thing itself: no jumps, no outliers."""
    from scipy.ndimage import minimum_filter

    valid = mask & (depth > 0.0)
    if not valid.any():
        return valid
    nearest = minimum_filter(np.where(depth > 0.0, depth, np.inf), size=3)
    smooth = valid & (depth - nearest < JUMP)
    if int(smooth.sum()) < MIN_POINTS:
        smooth = valid
    values = depth[smooth]
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    return np.asarray(smooth & (np.abs(depth - middle) <= max(0.15, 4.0 * spread)))


def _trim(points: FloatArray) -> FloatArray:
    """Drop the 0.5% of points ``[N, 2]`` that lie farthest from the middle."""
    distance = np.linalg.norm(points - np.median(points, axis=0), axis=1)
    return np.asarray(points[distance <= np.percentile(distance, 99.5)])


def _backproject(
    frame: CameraFrame, depth: npt.NDArray[np.float32], crop: tuple[slice, slice]
) -> FloatArray:
    k = frame.intrinsics
    u = np.arange(crop[1].start, crop[1].stop) + 0.5
    v = np.arange(crop[0].start, crop[0].stop) + 0.5
    z = depth.astype(np.float64)
    x = (u[None, :] - k.cx) / k.fx * z
    y = (v[:, None] - k.cy) / k.fy * z
    return np.stack([x, y, z], axis=-1)


def _crop(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """Window around a mask, two pixels wider; None for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return None
    height, width = mask.shape
    return (
        slice(max(0, int(rows[0]) - 2), min(height, int(rows[-1]) + 3)),
        slice(max(0, int(columns[0]) - 2), min(width, int(columns[-1]) + 3)),
    )


def _truncated(
    mask: npt.NDArray[np.bool_], depth: npt.NDArray[np.float32], crop: tuple[slice, slice]
) -> bool:
    """Whether the thing is cut off by the image's border or by something before it."""
    from scipy.ndimage import binary_dilation, minimum_filter

    if mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any():
        return True
    inner, near = mask[crop], depth[crop]
    outline = binary_dilation(inner) & ~inner
    farthest_own = -minimum_filter(np.where(inner, -near, np.inf), size=3)
    before = outline & (near > 0.0) & (near < farthest_own * 0.99 - 0.01)
    return bool(before.sum() > OCCLUDED_EDGE * max(1, int(outline.sum())))
