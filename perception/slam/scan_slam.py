"""Where the robot is in a home that it does not know, and the map that it draws of it meanwhile.

Scans are fitted to the outline of what was seen lately around here (small_gicp). Every few decimetres a scan becomes a
keyframe; when the robot comes back to where it was long ago, the scan is fitted to what was seen then, and the graph of
all keyframes is solved anew (pose-graph SLAM, after Grisetti et al. 2010).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.robot import LidarScan, Pose2, Proprio
from diarchy.perception.localization import MIN_BEAMS, objection
from diarchy.perception.percept import LocalizationQuality
from diarchy.perception.planar import between, compose, spatial
from diarchy.perception.slam.keyframes import Keyframe, is_new
from diarchy.perception.slam.loops import Loop, find_loop
from diarchy.perception.slam.occupancy_grid import Drawing, OccupancyGrid
from diarchy.perception.slam.outline import Outline, joined, outline_of
from diarchy.perception.slam.pose_graph import Edge, optimised
from diarchy.perception.slam.registration import Fit, Target

_REACHES = (0.30, 0.10)
_AROUND = 8.0
"""Keyframes within so many m are what a scan is fitted to."""
_LATELY = 8.0
"""How far (m) the robot may have come since a keyframe for it to count without a loop that vouches for it."""
_CELL = 0.03
_TURN_M = 0.3
"""What a radian of turning counts as, in m of way."""
_SIGMA = np.array([0.002, 0.002, np.radians(0.03)])
_SIGMA_BLIND = np.array([0.05, 0.05, np.radians(2.0)])
"""How wrong (m, rad) a step between keyframes may be: fitted, and by odometry alone. Chosen on two recorded tours of 60 m."""
_STILL_SIGMA, _STEP_SHARE = np.array([0.005, 0.005, np.radians(0.3)]), 0.06
"""How wrong (m, rad) odometry may be between two scans, and by what share of the way and the turn more."""
_WORTH = np.array([0.005, 0.005, np.radians(0.1)])
"""A loop that is off by less than this (m, rad) changes nothing."""


@dataclass(frozen=True)
class Drift:
    """What the map has taken back of the odometry's errors.

    Attributes:
        travelled: m of way, a radian of turning counted as 0.3 m.
        shift, turn: how far odometry alone would be off by now, m and rad.
        loops: places that were seen again and joined.
    """

    travelled: float
    shift: float
    turn: float
    loops: int


class ScanSlam:
    """Implements `Localizer` without a map: it draws one.

    The frame ``map`` begins where the robot is at the first reading: at ``start``.

    Args:
        start: ``map_from_base`` at the first reading.
        footprint: radius (m) of the base, which stands on free floor.
        loops: whether places that are seen again are joined.
    """

    def __init__(
        self, start: Pose2 | None = None, *, footprint: float = 0.0, loops: bool = True
    ) -> None:
        self._footprint, self._loops = footprint, loops
        self._start = np.array([0.0, 0.0, 0.0] if start is None else [start.x, start.y, start.yaw])
        self.keyframes: list[Keyframe] = []
        self.edges: list[Edge] = []
        self.quality = LocalizationQuality(False, 0.0, 0.0, 0.0, 0.0, "no scan yet")
        self._map_from_odom: FloatArray | None = None
        self._first_map_from_odom = np.zeros(3)
        self._odom: FloatArray | None = None  # at the last scan
        self._travelled = 0.0
        self._vouched: dict[int, float] = {}  # keyframe: way at which a loop last agreed with it
        self._target: Target | None = None
        self._drawing = Drawing()
        self._fitted_at: FloatArray | None = None  # odometry at the last scan that fitted
        self._blind = False  # a scan was refused since the last keyframe

    def predict(self, proprio: Proprio) -> SE3:
        """Return ``map_from_base`` by odometry since the last scan that fitted; cheap."""
        return spatial(self._predicted(_odom_of(proprio)))

    def correct(self, proprio: Proprio, scan: LidarScan) -> SE3:
        """Fit a scan to what is known around here, and take it into the map; returns the new ``map_from_base``.

        A scan that does not fit (see `quality`) changes nothing.

        Raises:
            MissingExtraError: the ``slam`` extra is not installed.
        """
        odom, outline = _odom_of(proprio), outline_of(scan)
        predicted = self._predicted(odom)
        self._count(odom)
        if len(outline) < MIN_BEAMS:
            return self._refuse(predicted, None, f"only {len(outline)} beams returned")
        if not self.keyframes:
            self._take(self._frame(scan, predicted, outline), None)
            self.quality = LocalizationQuality(True, 1.0, 0.0, 0.0, 0.0, "", scan.stamp)
            return spatial(predicted)
        fit = self._around(predicted).fit(outline, predicted, _REACHES)
        shift, turn = _apart(predicted, fit.pose)
        reason = objection(fit.inliers, shift, turn)
        if reason:
            return self._refuse(predicted, fit, reason, shift, turn)
        pose = self._weighed(predicted, fit, odom)
        self._believe(pose, odom)
        self._fitted_at = odom
        self.quality = LocalizationQuality(True, fit.inliers, fit.rms, shift, turn, "", scan.stamp)
        if is_new(self.keyframes[-1].pose, pose):
            self._take(self._frame(scan, pose, outline), odom)
        return spatial(self._predicted(odom))

    def saw(self, obstacles: FloatArray) -> None:
        """Add what the camera saw just now, points ``[N, 2]`` in ``base``, to the newest keyframe.

        Only right after that was taken: the robot must not have moved since.
        """
        if self.keyframes:
            newest = self.keyframes[-1]
            seen = np.concatenate([newest.obstacles, obstacles])
            self.keyframes[-1] = replace(newest, obstacles=seen)

    def grid(self) -> OccupancyGrid:
        """Draw what is known by now."""
        return self._drawing.draw(self.keyframes)

    @property
    def drift(self) -> Drift:
        """What odometry alone would be wrong by."""
        now = self._map_from_odom
        if now is None or self._odom is None:
            return Drift(0.0, 0.0, 0.0, 0)
        alone = compose(self._first_map_from_odom, self._odom)
        shift, turn = _apart(compose(now, self._odom), alone)
        return Drift(self._travelled, shift, turn, sum(e.loop for e in self.edges))

    def _predicted(self, odom: FloatArray) -> FloatArray:
        if self._map_from_odom is None:
            self._believe(self._start, odom)
            assert self._map_from_odom is not None
            self._first_map_from_odom = self._map_from_odom
        return compose(self._map_from_odom, odom)

    def _believe(self, pose: FloatArray, odom: FloatArray) -> None:
        """Take over where the base is while the odometry reads ``odom``."""
        self._map_from_odom = compose(pose, between(odom, np.zeros(3)))

    def _weighed(self, predicted: FloatArray, fit: Fit, odom: FloatArray) -> FloatArray:
        """Weigh a fit ``[3]`` against the odometry since the last one: where the scan says little, that wins."""
        step = between(odom if self._fitted_at is None else self._fitted_at, odom)
        way, turn = float(np.hypot(step[0], step[1])), abs(float(step[2]))
        sigma = _STILL_SIGMA + _STEP_SHARE * np.array([way, way, turn])
        prior = np.diag(1.0 / sigma**2)
        off = fit.pose - predicted
        off[2] = wrap_angle(float(off[2]))
        moved = np.linalg.solve(fit.information + prior, fit.information @ off)
        return np.array([*(predicted + moved)[:2], wrap_angle(float(predicted[2] + moved[2]))])

    def _count(self, odom: FloatArray) -> None:
        if self._odom is not None:
            step = between(self._odom, odom)
            self._travelled += float(np.hypot(step[0], step[1])) + _TURN_M * abs(float(step[2]))
        self._odom = odom

    def _refuse(
        self,
        predicted: FloatArray,
        fit: Fit | None,
        why: str,
        shift: float = 0.0,
        turn: float = 0.0,
    ) -> SE3:
        inliers, rms = (fit.inliers, fit.rms) if fit else (0.0, 0.0)
        self.quality = LocalizationQuality(
            False, inliers, rms, shift, turn, why, self.quality.stamp
        )
        self._blind = True
        return spatial(predicted)

    def _frame(self, scan: LidarScan, pose: FloatArray, outline: Outline) -> Keyframe:
        eye = scan.base_from_lidar.translation[:2].copy()
        return Keyframe(scan.stamp, pose, outline, eye, self._travelled, self._footprint)

    def _take(self, frame: Keyframe, odom: FloatArray | None) -> None:
        """Make a scan part of the map, and close the loop if this place was seen long ago."""
        if self.keyframes:
            measured = between(self.keyframes[-1].pose, frame.pose)
            sigma = _SIGMA_BLIND if self._blind else _SIGMA
            last = len(self.keyframes) - 1
            self.edges.append(Edge(last, last + 1, measured, sigma))
        self.keyframes.append(frame)
        self._blind, self._target = False, None
        loop = find_loop(self.keyframes) if self._loops else None
        if loop is not None and odom is not None:
            self._close(loop, odom)

    def _close(self, loop: Loop, odom: FloatArray) -> None:
        self.edges.append(loop.edge)
        for k in loop.seen_again:
            self._vouched[k] = self._travelled
        if (np.abs(loop.off) < _WORTH).all():
            return
        poses = optimised(np.array([k.pose for k in self.keyframes]), self.edges)
        before = self.keyframes[-1].pose
        self.keyframes = [k.moved_to(p) for k, p in zip(self.keyframes, poses, strict=True)]
        here = self._predicted(odom)
        self._believe(compose(poses[-1], between(before, here)), odom)

    def _around(self, pose: FloatArray) -> Target:
        """What is known around a pose ``[3]``, and trusted: seen lately, or vouched for by a loop lately."""
        if self._target is None:
            seen: list[Outline] = []
            for k, frame in enumerate(self.keyframes):
                known = max(frame.travelled, self._vouched.get(k, -np.inf))
                near = float(np.hypot(*(frame.pose[:2] - pose[:2]))) < _AROUND
                if near and self._travelled - known < _LATELY:
                    seen.append(frame.outline.at(frame.pose))
            seen = seen or [self.keyframes[-1].outline.at(self.keyframes[-1].pose)]
            self._target = Target(joined(seen[::-1]).thinned(_CELL))
        return self._target


def _odom_of(proprio: Proprio) -> FloatArray:
    return np.array([proprio.odom.x, proprio.odom.y, proprio.odom.yaw])


def _apart(first: FloatArray, second: FloatArray) -> tuple[float, float]:
    turn = abs(wrap_angle(float(second[2] - first[2])))
    return float(np.hypot(*(second[:2] - first[:2]))), turn
