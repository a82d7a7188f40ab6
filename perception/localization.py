"""Where the base is: odometry, corrected by matching the lidar to the static map.

Robust Gauss-Newton on the signed distance of the map's cross-section at the height of the lidar
(the idea of likelihood fields, Thrun et al., Probabilistic Robotics 6.4, with a smooth objective),
from coarse to fine scales, so that people and moved things lose their say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.robot import LidarScan, Pose2, Proprio
from diarchy.perception.distance_grid import DistanceGrid
from diarchy.perception.percept import LocalizationQuality
from diarchy.perception.planar import scan_ends, transform

SCALES = (0.20, 0.10, 0.05, 0.025)
SETTLED = 1e-4
"""Steps (m, rad) below this end the descent; a coarse scale only has to lead to the next."""
INLIER = 0.05
MIN_BEAMS = 40
MIN_INLIERS = 0.5
GOOD_INLIERS = 0.8
"""With fewer, other starts are tried too, unless the last scan fitted and this one agrees with it."""
SMALL_SHIFT = 0.03
MAX_SHIFT, MAX_TURN = 0.45, float(np.radians(20.0))
PRIOR_SIGMA = np.array([0.15, 0.15, np.radians(8.0)])
BEAM_SIGMA = 0.10
"""Deliberately large: beams err together, and the prior must win where the scan says nothing."""


@dataclass(frozen=True)
class _Beams:
    """Ends of the beams ``points`` ``[N, 2]`` and where they start ``origin`` ``[2]``, in ``base``, m."""

    points: FloatArray
    origin: FloatArray
    height: float

    def at(
        self, grid: DistanceGrid, pose: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Ends in ``map``, distances, gradients, and which ends lie on a face that looks at the lidar.

        Thin walls have two faces; only the near one can have been hit.
        """
        world, eye = transform(self.points, pose), transform(self.origin, pose)
        distance, gradient = grid.sample(world)
        ray = world - eye
        ray /= np.maximum(np.sqrt(_row_dot(ray, ray)), 1e-9)[:, None]
        return world, distance, gradient, _row_dot(gradient, ray) < 0.3


@dataclass(frozen=True)
class _Fit:
    pose: FloatArray
    inliers: float
    rms: float


class ScanLocalizer:
    """Implements `Localizer`: ``map_from_odom`` changes only when a scan fits.

    Args:
        static_map: walls and fixtures; doors are taken as closed.
        start: ``map_from_base`` at the first reading.
        max_beams: a longer scan is thinned to about this many beams.
    """

    def __init__(self, static_map: StaticMap, start: Pose2, *, max_beams: int = 360) -> None:
        self._map = static_map
        self._start = start
        self._max_beams = max_beams
        self._map_from_odom: SE3 | None = None
        self._grid: DistanceGrid | None = None
        self._quality = LocalizationQuality(False, 0.0, 0.0, 0.0, 0.0, "no scan yet")

    @property
    def static_map(self) -> StaticMap:
        """The map that scans are matched to."""
        return self._map

    @property
    def quality(self) -> LocalizationQuality:
        """How the last scan fitted."""
        return self._quality

    @property
    def map_from_odom(self) -> SE3:
        """The present correction of the odometry; identity before the first reading."""
        return self._map_from_odom or SE3.identity()

    def predict(self, proprio: Proprio) -> SE3:
        """Return ``map_from_base`` by odometry since the last correction; cheap."""
        odom = proprio.odom.se3()
        if self._map_from_odom is None:
            self._map_from_odom = self._start.se3() @ odom.inverse()
        return self._map_from_odom @ odom

    def correct(self, proprio: Proprio, scan: LidarScan) -> SE3:
        """Correct drift by matching a scan; returns the new ``map_from_base``.

        A scan that does not fit (see `quality`) changes nothing.
        """
        predicted = self.predict(proprio)
        beams = self._beams(scan)
        if len(beams.points) < MIN_BEAMS:
            return self._refuse(predicted, None, f"only {len(beams.points)} beams returned")
        grid = self._grid_at(beams.height)
        prior = np.array([*predicted.translation[:2], predicted.yaw])
        before = _score(grid, beams, prior)
        fit = self._match(grid, beams, prior)
        shift = float(np.linalg.norm(fit.pose[:2] - prior[:2]))
        turn = abs(wrap_angle(float(fit.pose[2] - prior[2])))
        reason = _objection(fit, before, shift, turn)
        if reason:
            return self._refuse(predicted, fit, reason, shift, turn)
        base = Pose2(*(float(v) for v in fit.pose)).se3()
        self._map_from_odom = base @ proprio.odom.se3().inverse()
        self._quality = LocalizationQuality(True, fit.inliers, fit.rms, shift, turn, "", scan.stamp)
        return base

    def _match(self, grid: DistanceGrid, beams: _Beams, prior: FloatArray) -> _Fit:
        best = _descend(grid, beams, prior, prior)
        shift = float(np.linalg.norm(best.pose[:2] - prior[:2]))
        tracking = self._quality.accepted and shift < SMALL_SHIFT and best.inliers >= MIN_INLIERS
        if tracking or best.inliers >= GOOD_INLIERS:
            return best
        for dx in (-0.12, 0.0, 0.12):
            for dy in (-0.12, 0.0, 0.12):
                for turn in np.radians([-6.0, -3.0, 0.0, 3.0, 6.0]):
                    fit = _descend(grid, beams, prior + np.array([dx, dy, turn]), prior)
                    if fit.inliers > best.inliers + 1e-3:
                        best = fit
        return best

    def _refuse(
        self, predicted: SE3, fit: _Fit | None, why: str, shift: float = 0.0, turn: float = 0.0
    ) -> SE3:
        inliers, rms = (fit.inliers, fit.rms) if fit else (0.0, 0.0)
        self._quality = LocalizationQuality(
            False, inliers, rms, shift, turn, why, self._quality.stamp
        )
        return predicted

    def _beams(self, scan: LidarScan) -> _Beams:
        """Valid returns, thinned."""
        points, _ = scan_ends(scan)
        points = points[:: max(1, int(np.ceil(len(points) / self._max_beams)))]
        mount = scan.base_from_lidar.translation
        return _Beams(points, mount[:2], float(mount[2]))

    def _grid_at(self, height: float) -> DistanceGrid:
        if self._grid is None or abs(self._grid.height - height) > 0.01:
            self._grid = DistanceGrid(self._map, height)
        return self._grid


def _objection(fit: _Fit, before: _Fit, shift: float, turn: float) -> str:
    """Why a fit is not to be trusted; empty if it is."""
    worse = fit.inliers < before.inliers - 0.02
    return objection(fit.inliers, shift, turn) or ("the odometry fits better" if worse else "")


def objection(inliers: float, shift: float, turn: float) -> str:
    """Why a fit with a share of inliers, so far (m, rad) off the odometry, is not to be trusted; empty if it is."""
    if inliers < MIN_INLIERS:
        return f"only {inliers:.0%} of the beams fit the map"
    if shift > MAX_SHIFT or turn > MAX_TURN:
        return f"the fit is {shift:.2f} m and {np.degrees(turn):.0f} degrees off the odometry"
    return ""


def _row_dot(first: FloatArray, second: FloatArray) -> FloatArray:
    """Dot product ``[N]`` of each row of two arrays ``[N, 2]``."""
    product = first * second
    return np.asarray(product[:, 0] + product[:, 1])


def _score(grid: DistanceGrid, beams: _Beams, pose: FloatArray) -> _Fit:
    _, distance, _, facing = beams.at(grid, pose)
    good = facing & (np.abs(distance) < INLIER)
    rms = float(np.sqrt(np.mean(distance[good] ** 2))) if good.any() else 0.0
    return _Fit(pose, float(good.mean()), rms)


def _descend(grid: DistanceGrid, beams: _Beams, start: FloatArray, prior: FloatArray) -> _Fit:
    """Gauss-Newton with Cauchy weights, coarse to fine, and a weak pull to the odometry."""
    pose = start.copy()
    pull = np.diag(1.0 / PRIOR_SIGMA**2)
    for scale in SCALES:
        for _ in range(6):
            world, distance, gradient, facing = beams.at(grid, pose)
            arm = world - pose[:2]
            turn = gradient[:, 1] * arm[:, 0] - gradient[:, 0] * arm[:, 1]
            jacobian = np.column_stack([gradient, turn])
            weight = np.where(
                facing & (np.abs(distance) < 4.0 * scale),
                1.0 / (1.0 + (distance / scale) ** 2),
                0.0,
            )
            weight /= BEAM_SIGMA**2
            offset = pose - prior
            offset[2] = wrap_angle(float(offset[2]))
            information = jacobian.T @ (weight[:, None] * jacobian) + pull
            step = -np.linalg.solve(information, jacobian.T @ (weight * distance) + pull @ offset)
            pose = pose + step
            if float(np.abs(step).max()) < (SETTLED if scale == SCALES[-1] else 0.01 * scale):
                break
    pose[2] = wrap_angle(float(pose[2]))
    return _score(grid, beams, pose)
