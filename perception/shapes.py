"""Boxes around partially seen things: footprints, completion of the unseen back, round bodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle

ROUND_RESIDUAL = 0.0025
"""Largest rms distance (m) of points from an ellipsoid that still counts as round."""
STICKS_OUT = 0.05
"""At most this fraction of the points may lie above the body's top (a stem, a leaf)."""
ON_BODY = 0.8
"""At least this fraction of the points must lie on the body."""


@dataclass(frozen=True)
class Footprint:
    """A rectangle on the ground: ``centre`` ``[2]`` m, ``yaw`` rad of its longer side, ``size`` ``[2]`` m."""

    centre: FloatArray
    yaw: float
    size: FloatArray


def rectangle(points: FloatArray) -> Footprint:
    """Smallest rectangle around points ``[N, 2]``, its longer side first; yaw in (-pi/2, pi/2].

    Every side of the convex hull is tried: the smallest rectangle lies along one of them.
    """
    hull = _hull(points)
    edges = np.diff(np.vstack([hull, hull[:1]]), axis=0)
    angles = np.unique(np.round(np.mod(np.arctan2(edges[:, 1], edges[:, 0]), np.pi / 2.0), 6))
    c, s = np.cos(angles), np.sin(angles)
    u = hull @ np.stack([c, s])
    v = hull @ np.stack([-s, c])
    spans = np.stack([np.ptp(u, axis=0), np.ptp(v, axis=0)])
    best = int(np.argmin(spans[0] * spans[1]))
    middle = np.array(
        [np.ptp(u[:, best]) / 2 + u[:, best].min(), np.ptp(v[:, best]) / 2 + v[:, best].min()]
    )
    axes = np.array([[c[best], s[best]], [-s[best], c[best]]])
    return _ordered(middle @ axes, float(angles[best]), spans[:, best])


def grown(footprint: Footprint, by: float) -> Footprint:
    """The same rectangle with every side moved outwards by ``by`` m."""
    return Footprint(footprint.centre, footprint.yaw, footprint.size + 2.0 * by)


def complete_back(points: FloatArray, view: FloatArray) -> FloatArray:
    """Add the unseen half of an upright thing whose top could not be seen.

    Points ``[N, 2]`` are its visible front, ``view`` ``[2]`` the unit viewing direction over ground. It is
    taken to be as deep as it is wide, which holds for everything that is round seen from above:
    points are mirrored through the centre that follows from that.
    """
    side = np.array([-view[1], view[0]])
    lateral, depth = points @ side, points @ view
    low, high = np.percentile(lateral, [1.0, 99.0])
    front = float(np.percentile(depth, 1.0))
    centre = side * (low + high) / 2.0 + view * (front + (high - low) / 2.0)
    if float(np.percentile(depth, 99.0)) - front > high - low:
        return points
    return np.concatenate([points, 2.0 * centre - points])


def fit_ellipsoid(points: FloatArray, bottom: float, top: float) -> tuple[Footprint, float] | None:
    """Footprint and top (m) of an upright ellipsoid through points ``[N, 3]``, standing on ``bottom``.

    ``top`` is the highest it may reach: a stem or a leaf may stick out of the body, so lower ones are
    tried too. None if the points do not lie on an ellipsoid (rms above 2.5 mm) or determine it badly.
    """
    heights = [
        h for h in top - np.arange(0.0, 0.018, 0.003) if np.mean(points[:, 2] > h) < STICKS_OUT
    ]
    tries = [(_fit_between(points, bottom, height), height) for height in heights]
    fits = [(fit, rms, height) for (fit, rms), height in tries if fit is not None]
    if not fits:
        return None
    best, rms, height = min(fits, key=lambda f: f[1])
    return (best, float(height)) if rms < ROUND_RESIDUAL else None


def _fit_between(points: FloatArray, bottom: float, top: float) -> tuple[Footprint | None, float]:
    """Least squares with both ends known; linear: ``Q(x, y) = 1 - ((z - zc) / c)^2``, Q quadratic."""
    c, zc = (top - bottom) / 2.0, (top + bottom) / 2.0
    if c < 0.01 or len(points) < 60:
        return None, np.inf
    origin = np.median(points[:, :2], axis=0)
    p, rms = points, np.inf
    for _ in range(3):
        xy = (p[:, :2] - origin) / c
        z = (p[:, 2] - zc) / c
        x, y = xy[:, 0], xy[:, 1]
        design = np.stack([x * x, x * y, y * y, x, y, np.ones(len(x))], axis=1)
        solution, *_ = np.linalg.lstsq(design, 1.0 - z * z, rcond=None)
        a, b, d, e, f, _g = solution
        gradient = np.stack([2 * a * x + b * y + e, b * x + 2 * d * y + f, 2.0 * z], axis=1)
        slope = np.maximum(np.linalg.norm(gradient, axis=1), 1e-9)
        residual = (design @ solution - 1.0 + z * z) / slope * c
        keep = np.abs(residual) <= max(0.001, 2.5 * float(np.median(np.abs(residual))) * 1.4826)
        rms = float(np.sqrt(np.mean(residual[keep] ** 2)))
        p = p[keep]
        if len(p) < ON_BODY * len(points):
            return None, np.inf
    return _ellipse(np.asarray(solution, dtype=np.float64), origin, c), rms


def handle_ahead(footprint: Footprint, points: FloatArray, top: float, height: float) -> Footprint:
    """Turn the box of a round body with a handle so that the handle is on its +x end.

    The body of an upright thing is under its top. If the highest points ``[N, 3]`` make a round (or
    square) top and few others stick out of it, all on one side, the box is laid along that side;
    the smallest rectangle would cut the corner. Anything else keeps its footprint.
    """
    high = points[points[:, 2] > top - 0.15 * height][:, :2]
    if len(high) < 10:
        return footprint
    body = rectangle(high)
    if body.size[1] < 1e-3 or body.size[0] > 1.2 * body.size[1]:
        return footprint
    offset = points[:, :2] - body.centre
    out = offset[np.linalg.norm(offset, axis=1) > 1.15 * body.size[0] / 2.0]
    if not 8 <= len(out) < 0.25 * len(points):
        return footprint
    direction = np.mean(out / np.linalg.norm(out, axis=1, keepdims=True), axis=0)
    if float(np.linalg.norm(direction)) < 0.9:
        return footprint
    yaw = float(np.arctan2(direction[1], direction[0]))
    axes = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    local = points[:, :2] @ axes.T
    low, far = local.min(axis=0), local.max(axis=0)
    return Footprint((low + far) / 2.0 @ axes, yaw, far - low)


def _ellipse(solution: FloatArray, origin: FloatArray, scale: float) -> Footprint | None:
    """Centre and axes of ``a x^2 + b xy + d y^2 + e x + f y + g = 1`` (scaled by ``scale``)."""
    a, b, d, e, f, g = solution
    quadratic = np.array([[a, b / 2.0], [b / 2.0, d]])
    values, vectors = np.linalg.eigh(quadratic)
    if values[0] <= 1e-3:
        return None
    centre = np.linalg.solve(2.0 * quadratic, -np.array([e, f]))
    level = 1.0 - g + float(centre @ quadratic @ centre)
    if level <= 0.0:
        return None
    semi = np.sqrt(level / values) * scale
    if semi.max() > 4.0 * semi.min():
        return None
    long = vectors[:, 0]
    return _ordered(origin + centre * scale, float(np.arctan2(long[1], long[0])), 2.0 * semi)


def _ordered(centre: FloatArray, yaw: float, size: FloatArray) -> Footprint:
    if size[0] < size[1]:
        yaw, size = yaw + np.pi / 2.0, size[::-1]
    yaw = wrap_angle(yaw)
    if yaw > np.pi / 2.0:
        yaw -= np.pi
    elif yaw <= -np.pi / 2.0:
        yaw += np.pi
    return Footprint(centre, float(yaw), size.copy())


def _hull(points: FloatArray) -> FloatArray:
    from scipy.spatial import ConvexHull, QhullError

    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except QhullError:  # all on a line
        middle = points.mean(axis=0)
        _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
        along = (points - middle) @ axes[0]
        return np.asarray(middle + np.outer([along.min(), along.max()], axes[0]))
