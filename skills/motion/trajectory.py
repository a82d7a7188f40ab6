"""From a path of joint waypoints to rows, one a control tick, inside the joints' limits.

Corners are rounded by parabolic blends, the speed along the path is the largest one that the
velocity and acceleration limits allow (a forward and a backward pass over the path, after Kunz and
Stilman, RSS 2012), and a short moving average bounds the jerk without raising speed or acceleration.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diarchy.contracts.geometry import FloatArray

_SHARES = (0.95, 0.8, 0.6)
"""Shares of the acceleration limit that the timing of a path is planned with, until the rows keep the limit.

Where a blend begins its curvature jumps, and finite differences see only part of it: a path with corners may need less.
"""
_SPACING = 0.02
"""Distance of path samples, as the largest change of a joint in rad (or m)."""


def time_path(
    waypoints: Sequence[FloatArray],
    velocity: FloatArray,
    acceleration: FloatArray,
    period: float,
    *,
    blend: float = 0.12,
    smooth: float = 0.08,
) -> FloatArray:
    """Return joint rows ``[N, J]``, one a ``period`` (s), from the first waypoint to rest at the last.

    Args:
        waypoints: joint vectors ``[J]``; consecutive ones are joined by straight lines.
        velocity, acceleration: limits ``[J]`` per s and per s^2, all positive.
        period: seconds between rows.
        blend: how far from a corner its rounding may begin, as the largest change of a joint.
        smooth: length in s of the moving average.

    Returns:
        Rows without the first waypoint (it is where the robot already is); ``[0, J]`` for no motion.
    """
    points = _distinct(waypoints)
    if len(points) < 2:
        return np.zeros((0, len(waypoints[0])))
    smooth = max(smooth, period)
    path = _rounded(points, blend)
    width, grid = max(1, round(smooth / period)), np.arange(len(path))
    for share in _SHARES:
        along = _progress(path, velocity, share * acceleration, period, smooth)
        rows = np.stack([np.interp(along, grid, path[:, j]) for j in range(path.shape[1])], axis=1)
        rows = _averaged(rows, path[0], width)
        if len(points) == 2 or np.all(_accelerations(rows, path[0], period) <= acceleration):
            break
    return rows


def held_below(rows: FloatArray, excess: FloatArray, easing: int) -> FloatArray:
    """Return joint rows ``[N, J]`` slowed where something is too fast, and only there.

    Args:
        rows: one a tick.
        excess: how many times too fast each row ``[N]`` is; below 1 it may stay as it is.
        easing: ticks over which a slower stretch is eased into and out of.
    """
    if excess.max(initial=0.0) <= 1.0:
        return rows
    needed = np.pad(np.maximum(excess, 1.0), easing, mode="edge")
    # The largest need around a row, averaged around it, is no smaller than its own.
    around = sliding_window_view(needed, 2 * easing + 1).max(axis=1)
    weights = np.full(2 * easing + 1, 1.0 / (2 * easing + 1))
    slower = np.convolve(np.pad(around, easing, mode="edge"), weights, mode="valid")
    passed = np.cumsum(slower)
    ticks = np.append(np.arange(1.0, passed[-1] - 1e-6), passed[-1])
    grid = np.interp(ticks, passed, np.arange(len(rows)))
    columns = [np.interp(grid, np.arange(len(rows)), rows[:, j]) for j in range(rows.shape[1])]
    return np.stack(columns, axis=1)


def _distinct(waypoints: Sequence[FloatArray]) -> list[FloatArray]:
    points = [waypoints[0]]
    for point in waypoints[1:]:
        if np.abs(point - points[-1]).max() > 1e-6:
            points.append(point)
    return points


def _rounded(points: Sequence[FloatArray], blend: float) -> FloatArray:
    """Sample the polyline ``[M, J]`` evenly with its corners replaced by quadratic Bezier curves."""
    pieces: list[FloatArray] = []
    begin = points[0]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(corner, before, blend), _towards(corner, after, blend)
        pieces.append(_line(begin, into))
        u = np.linspace(0.0, 1.0, 9)[:-1, None]
        pieces.append((1 - u) ** 2 * into + 2 * u * (1 - u) * corner + u**2 * out)
        begin = out
    pieces += [_line(begin, points[-1]), points[-1][None]]
    return _even(np.concatenate(pieces))


def _towards(corner: FloatArray, neighbour: FloatArray, blend: float) -> FloatArray:
    length = float(np.abs(neighbour - corner).max())
    return np.asarray(corner + (neighbour - corner) * min(blend / length, 0.5))


def _line(begin: FloatArray, end: FloatArray) -> FloatArray:
    """Sample a segment without its end."""
    count = max(2, int(np.ceil(np.abs(end - begin).max() / _SPACING)))
    u = np.linspace(0.0, 1.0, count + 1)[:-1, None]
    return np.asarray(begin + u * (end - begin))


def _even(path: FloatArray) -> FloatArray:
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    keep = np.concatenate([[True], np.diff(length) > 1e-12])
    length, path = length[keep], path[keep]
    count = max(8, int(np.ceil(length[-1] / _SPACING)))
    s = np.linspace(0.0, length[-1], count + 1)
    return np.stack([np.interp(s, length, path[:, j]) for j in range(path.shape[1])], axis=1)


def _progress(
    path: FloatArray,
    velocity: FloatArray,
    acceleration: FloatArray,
    period: float,
    smooth: float,
) -> FloatArray:
    """Return how far along an evenly sampled path each tick is ``[N]``, in samples."""
    step = float(np.linalg.norm(path[1] - path[0]))
    pieces = np.diff(path, axis=0) / step
    # Each kink of the sampled path is a jump of velocity that the moving average spreads out.
    kink = np.zeros(path.shape)
    kink[1:-1] = np.abs(np.diff(pieces, axis=0))
    pieces = np.abs(pieces)
    slope = np.maximum(np.vstack([pieces[:1], pieces]), np.vstack([pieces, pieces[-1:]]))
    bend = np.abs(np.gradient(np.gradient(path, step, axis=0), step, axis=0))
    with np.errstate(divide="ignore"):
        by_velocity = np.min(velocity / np.maximum(slope, 1e-9), axis=1) ** 2
        by_bend = np.min(0.6 * acceleration / np.maximum(bend, 1e-9), axis=1)
        by_kink = np.min(smooth * acceleration / np.maximum(kink, 1e-9), axis=1) ** 2
    squared = np.minimum(np.minimum(by_velocity, by_bend), by_kink)
    squared[0] = squared[-1] = 0.0
    for order in (range(1, len(path)), range(len(path) - 2, -1, -1)):
        for k in order:
            previous = k - 1 if order.step > 0 else k + 1
            budget = acceleration - bend[previous] * squared[previous]
            gain = np.min(np.maximum(budget, 0.0) / np.maximum(slope[previous], 1e-9))
            squared[k] = min(squared[k], squared[previous] + 2.0 * step * gain)
    speed = np.sqrt(squared)
    durations = 2.0 * step / np.maximum(speed[1:] + speed[:-1], 1e-6)
    times = np.concatenate([[0.0], np.cumsum(durations)])
    ticks = np.arange(1, int(np.ceil(times[-1] / period)) + 1) * period
    piece = np.clip(np.searchsorted(times, ticks, side="right") - 1, 0, len(durations) - 1)
    since = np.minimum(ticks - times[piece], durations[piece])
    gain = (speed[piece + 1] - speed[piece]) / durations[piece]
    return np.asarray(piece + (speed[piece] + 0.5 * gain * since) * since / step)


def _averaged(rows: FloatArray, before: FloatArray, width: int) -> FloatArray:
    padded = np.concatenate([np.tile(before, (width, 1)), rows, np.tile(rows[-1], (width, 1))])
    total = np.cumsum(padded, axis=0)
    return np.asarray((total[width:] - total[:-width]) / width)[1:]


def _accelerations(rows: FloatArray, before: FloatArray, period: float) -> FloatArray:
    """Accelerations ``[N + 2, J]`` of rows that are begun from rest at ``before`` ``[J]`` and ended at rest."""
    whole = np.concatenate([before[None], before[None], rows, rows[-1:], rows[-1:]])
    return np.asarray(np.abs(np.diff(whole, n=2, axis=0)) / period**2)


def smoothstep(count: int) -> FloatArray:
    """Return ``[count]`` fractions that rise from above 0 to 1 with zero speed at both ends."""
    u = np.arange(1, count + 1) / count
    return np.asarray(u * u * (3.0 - 2.0 * u))
