"""Places that are seen again: which they are, and where the robot is by what was seen there before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.planar import between
from diarchy.perception.slam.keyframes import Keyframe
from diarchy.perception.slam.outline import joined
from diarchy.perception.slam.pose_graph import Edge, residual
from diarchy.perception.slam.registration import Target

_AGO = 8.0
"""How far (m) the robot must have come since a place for it to be seen again."""
_NEAR, _PER_METRE = 1.0, 0.02
"""How near (m) the robot must be to where it was, and how much more for each metre it has come since."""
_TOGETHER = 1.5
"""Keyframes within so many m of the nearest one, and of that time, are what a scan is fitted to."""
_REACHES = (0.60, 0.25, 0.10)
_FITS = 0.7
"""Share of the scan that must fit."""
_SIGMA = np.array([0.03, 0.03, np.radians(0.5)])
_CELL = 0.03


@dataclass(frozen=True)
class Loop:
    """A place that was seen again: the measurement, how far ``[3]`` the map was off it, and the keyframes it is about."""

    edge: Edge
    off: FloatArray
    seen_again: tuple[int, ...]


def find_loop(frames: list[Keyframe]) -> Loop | None:
    """Return the loop that the newest keyframe closes, if it closes one."""
    now = frames[-1]
    nearest = _nearest(frames)
    if nearest is None:
        return None
    then = frames[nearest]
    together = tuple(
        k
        for k, frame in enumerate(frames)
        if abs(frame.travelled - then.travelled) < _AGO / 2.0
        and float(np.hypot(*(frame.pose[:2] - then.pose[:2]))) < _TOGETHER
    )
    known = joined([frames[k].outline.at(frames[k].pose) for k in together]).thinned(_CELL)
    fit = Target(known).fit(now.outline, now.pose, _REACHES)
    reach = _reach(now, then)
    if fit.inliers < _FITS or float(np.hypot(*(fit.pose[:2] - now.pose[:2]))) > reach:
        return None
    edge = Edge(nearest, len(frames) - 1, between(then.pose, fit.pose), _SIGMA, loop=True)
    off = residual(edge, np.array([f.pose for f in frames])) * _SIGMA
    return Loop(edge, off, together)


def _nearest(frames: list[Keyframe]) -> int | None:
    """The keyframe of long ago that the newest one is nearest to, if it is near enough."""
    now = frames[-1]
    found, least = None, np.inf
    for k, frame in enumerate(frames):
        if now.travelled - frame.travelled < _AGO:
            continue
        away = float(np.hypot(*(frame.pose[:2] - now.pose[:2])))
        if away < min(least, _reach(now, frame)):
            found, least = k, away
    return found


def _reach(now: Keyframe, then: Keyframe) -> float:
    return _NEAR + _PER_METRE * (now.travelled - then.travelled)
