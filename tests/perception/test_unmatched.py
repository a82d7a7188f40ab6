"""Points of a scan that the map does not explain, in a room whose scan is computed exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Box, StaticMap
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import LidarScan, Pose2
from diarchy.perception.unmatched import NEAR_MAP, Unmatched

SIDE, HEIGHT = 4.0, 0.3
ANGLES = np.linspace(-1.9, 1.9, 361)
MOUNT = SE3.from_xyz_yaw(0.2, 0.0, HEIGHT, 0.0)


def room() -> StaticMap:
    """Four walls of 10 cm around 4 m by 4 m."""
    middle, half = SIDE / 2.0, 0.05
    walls = [
        Box(SE3.from_xyz_yaw(middle, -half, 1.0, 0.0), np.array([SIDE, 0.1, 2.0])),
        Box(SE3.from_xyz_yaw(middle, SIDE + half, 1.0, 0.0), np.array([SIDE, 0.1, 2.0])),
        Box(SE3.from_xyz_yaw(-half, middle, 1.0, 0.0), np.array([0.1, SIDE, 2.0])),
        Box(SE3.from_xyz_yaw(SIDE + half, middle, 1.0, 0.0), np.array([0.1, SIDE, 2.0])),
    ]
    return StaticMap(rooms={}, walls=tuple(walls), fixtures={}, bounds=(0.0, 0.0, SIDE, SIDE))


def scan_of(base: SE3, posts: list[tuple[float, float, float]]) -> LidarScan:
    """What a lidar reads in the empty room with round posts ``(x, y, radius)`` in it."""
    lidar = base @ MOUNT
    eye = lidar.translation[:2]
    heading = ANGLES + lidar.yaw
    rays = np.stack([np.cos(heading), np.sin(heading)], axis=1)
    with np.errstate(divide="ignore"):
        to_walls = np.where(rays > 0.0, (SIDE - eye) / rays, -eye / rays)
    ranges = to_walls.min(axis=1)
    for x, y, radius in posts:
        to = np.array([x, y]) - eye
        along = rays @ to
        across2 = float(to @ to) - along**2
        hit = (across2 < radius**2) & (along > 0.0)
        depth = along - np.sqrt(np.maximum(radius**2 - across2, 0.0))
        ranges = np.where(hit, np.minimum(ranges, depth), ranges)
    return LidarScan(0.0, ANGLES, ranges, MOUNT)


places = st.tuples(st.floats(1.0, 3.0), st.floats(1.0, 3.0), st.floats(-3.0, 3.0))


@settings(max_examples=40, deadline=None)
@given(places)
def test_an_empty_room_holds_nothing_unknown(place: tuple[float, float, float]) -> None:
    base = Pose2(*place).se3()
    assert len(Unmatched(room()).of(scan_of(base, []), base, fitted=True)) == 0


@settings(max_examples=40, deadline=None)
@given(st.floats(0.6, 1.6), st.floats(-0.6, 0.6), st.floats(-3.0, 3.0))
def test_who_stands_before_the_robot_is_met_where_they_stand(
    ahead: float, aside: float, yaw: float
) -> None:
    base = SE3.from_xyz_yaw(2.0, 2.0, 0.0, yaw)
    at = base.apply([ahead, aside, 0.0])[:2]
    inside = np.all((at > 0.4) & (at < SIDE - 0.4))
    found = Unmatched(room()).of(scan_of(base, [(*at, 0.08)]), base, fitted=True)
    if inside:
        assert len(found) > 0
    if len(found):
        assert np.abs(np.linalg.norm(found - at, axis=1) - 0.08).max() < 0.02


def test_what_stands_right_at_a_wall_is_taken_for_the_wall() -> None:
    base = SE3.from_xyz_yaw(2.0, 2.0, 0.0, 0.0)
    post = (SIDE - NEAR_MAP / 2.0, 2.0, 0.04)
    assert len(Unmatched(room()).of(scan_of(base, [post]), base, fitted=True)) == 0


def test_a_pose_in_doubt_makes_no_intruders_of_walls() -> None:
    true, believed = SE3.from_xyz_yaw(2.0, 2.0, 0.0, 0.0), SE3.from_xyz_yaw(2.1, 1.9, 0.0, 0.04)
    scan = scan_of(true, [])
    assert len(Unmatched(room()).of(scan, believed, fitted=False)) == 0


def test_a_lidar_without_returns_met_nobody() -> None:
    base = SE3.from_xyz_yaw(2.0, 2.0, 0.0, 0.0)
    blind = LidarScan(0.0, ANGLES, np.full(len(ANGLES), np.inf), MOUNT)
    assert Unmatched(room()).of(blind, base, fitted=True).shape == (0, 2)


def test_who_stands_close_is_met_and_a_map_without_walls_is_noticed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    base = SE3.from_xyz_yaw(2.0, 2.0, 0.0, 0.0)
    close = scan_of(base, [(2.75, 2.0, 0.45)])
    known = Unmatched(room())
    assert len(known.of(close, base, fitted=True)) > 5
    without = Unmatched(StaticMap(rooms={}, walls=(), fixtures={}, bounds=(0.0, 0.0, SIDE, SIDE)))
    found = [len(without.of(scan_of(base, []), base, fitted=True)) for _ in range(40)]
    assert found[0] > 0
    assert found[-1] == 0
    assert "explains" in caplog.text
