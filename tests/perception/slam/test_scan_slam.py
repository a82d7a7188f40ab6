"""A robot that starts with an empty map knows where it is, though its wheels lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("small_gicp")

import itertools

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import LidarScan, Pose2, Proprio
from diarchy.perception.planar import between, compose, planar
from diarchy.perception.slam import ScanSlam

Reading = Callable[..., tuple[Proprio, LidarScan]]


def _tour() -> FloatArray:
    """Round both rooms and back, twice, a step every 8 cm."""
    corners = [(1.0, 1.0), (3.0, 1.0), (3.4, 2.0), (4.8, 2.0), (6.0, 1.5), (6.8, 3.0), (5.0, 2.4)]
    corners = [*corners, (3.2, 2.0), (2.0, 2.6), (1.0, 1.0)] * 2
    steps = []
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        yaw = np.arctan2(y1 - y0, x1 - x0)
        count = max(1, int(np.hypot(x1 - x0, y1 - y0) / 0.08))
        if steps:
            turn = (yaw - steps[-1][2] + np.pi) % (2 * np.pi) - np.pi
            for _k in range(1, max(2, int(abs(turn) / 0.15))):
                steps.append((*steps[-1][:2], steps[-1][2] + np.sign(turn) * 0.15))
        steps += [
            (x0 + (x1 - x0) * k / count, y0 + (y1 - y0) * k / count, yaw) for k in range(count)
        ]
    return np.array(steps)


def _drive(slam: ScanSlam, reading: Reading, error: float) -> tuple[FloatArray, FloatArray]:
    """Errors of the map's pose and of odometry alone ``[N, 3]`` along the tour."""
    tour, odom, off, alone = _tour(), np.zeros(3), [], []
    for k, pose in enumerate(tour):
        if k:
            step = between(tour[k - 1], pose)
            odom = compose(odom, step * [1 + error, 1.0, 1 - error])
        found = planar(slam.correct(*reading(pose, odom, 0.2 * k)))
        truth = between(tour[0], pose)
        off.append(between(truth, found))
        alone.append(between(truth, odom))
    return np.array(off), np.array(alone)


def test_the_map_holds_where_odometry_drifts(reading: Reading) -> None:
    slam = ScanSlam()
    off, alone = _drive(slam, reading, 0.04)
    assert np.hypot(alone[:, 0], alone[:, 1]).max() > 0.4
    assert np.hypot(off[:, 0], off[:, 1]).mean() < 0.03
    assert np.hypot(off[:, 0], off[:, 1]).max() < 0.08
    assert np.degrees(np.abs(off[:, 2])).mean() < 0.7
    assert slam.drift.loops > 0
    assert slam.drift.shift == pytest.approx(np.hypot(*(alone[-1] - off[-1])[:2]), abs=0.1)


def test_a_start_that_is_known_is_where_the_map_begins(reading: Reading) -> None:
    slam = ScanSlam(Pose2(1.0, 1.0, 0.0))
    pose = slam.correct(*reading(np.array([1.0, 1.0, 0.0]), np.zeros(3)))
    np.testing.assert_allclose(planar(pose), [1.0, 1.0, 0.0], atol=1e-9)


def test_a_scan_of_somewhere_else_changes_nothing_and_says_why(reading: Reading) -> None:
    slam = ScanSlam()
    here = np.array([1.0, 1.0, 0.0])
    slam.correct(*reading(here, np.zeros(3)))
    pose = slam.correct(*reading(np.array([6.0, 2.0, 2.5]), np.zeros(3), 0.2))
    np.testing.assert_allclose(planar(pose), np.zeros(3), atol=1e-9)
    assert not slam.quality.accepted
    assert slam.quality.reason
    assert len(slam.keyframes) == 1


def test_a_lidar_that_returns_nothing_leaves_the_odometry(reading: Reading) -> None:
    slam = ScanSlam()
    slam.correct(*reading(np.array([1.0, 1.0, 0.0]), np.zeros(3)))
    proprio, scan = reading(np.array([1.2, 1.0, 0.0]), np.array([0.2, 0.0, 0.0]), 0.2)
    scan.ranges[:] = np.inf
    np.testing.assert_allclose(planar(slam.correct(proprio, scan)), [0.2, 0.0, 0.0], atol=1e-9)
    assert "0 beams" in slam.quality.reason
