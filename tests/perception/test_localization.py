from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Box, Entity, FixtureInfo, StaticMap
from diarchy.contracts.geometry import SE3, wrap_angle
from diarchy.contracts.robot import LidarScan, Pose2, Proprio
from diarchy.perception.localization import ScanLocalizer
from diarchy.perception.raycast import lidar_scan

MOUNT = SE3.from_translation([0.2, 0.0, 0.3])
ANGLES = np.linspace(-1.9, 1.9, 360)


def box(x: float, y: float, sx: float, sy: float, sz: float = 1.0, yaw: float = 0.0) -> Box:
    return Box(SE3.from_xyz_yaw(x, y, sz / 2, yaw), np.array([sx, sy, sz]))


WALLS = (
    box(0, 2.5, 0.1, 5.1, 2.4), box(6, 2.5, 0.1, 5.1, 2.4),
    box(3, 0, 6.1, 0.1, 2.4), box(3, 5, 6.1, 0.1, 2.4),
    box(4, 1.0, 0.1, 2.0, 2.4),
)  # fmt: skip
FURNITURE = (box(1, 4.6, 1.6, 0.6), box(5.3, 3.5, 0.6, 0.9, yaw=0.4), box(2.2, 0.5, 1.0, 0.6))


def room() -> StaticMap:
    fixtures = {}
    for i, part in enumerate(FURNITURE):
        entity = Entity(id=f"table_{i}", cls="Table", kind="fixture", position=(0, 0, 0))
        fixtures[entity.id] = FixtureInfo(entity, (part,), np.array([1.0, 0.0]))
    return StaticMap((0, 0, 6, 5), {"room": (0, 0, 6, 5)}, WALLS, fixtures)


ROOM = room()


def proprio(odom: Pose2) -> Proprio:
    zero = np.zeros(1)
    return Proprio(0.0, 0, zero, zero, zero, 0.1, 0.0, odom, np.zeros(2))


def scan_at(pose: Pose2, extra: tuple[Box, ...] = (), noise: float = 0.005) -> LidarScan:
    clean = lidar_scan([*WALLS, *FURNITURE, *extra], pose.se3(), MOUNT, ANGLES)
    rng = np.random.default_rng(3)
    return LidarScan(0.0, ANGLES, clean.ranges + rng.normal(0, noise, len(ANGLES)), MOUNT)


def corrected(truth: Pose2, guess: Pose2, scan: LidarScan) -> tuple[Pose2, ScanLocalizer]:
    localizer = ScanLocalizer(ROOM, guess)
    return Pose2.from_se3(localizer.correct(proprio(Pose2(0, 0, 0)), scan)), localizer


def error(a: Pose2, b: Pose2) -> tuple[float, float]:
    return float(np.hypot(a.x - b.x, a.y - b.y)), abs(wrap_angle(a.yaw - b.yaw))


@settings(max_examples=30, deadline=None)
@given(
    x=st.floats(1.0, 3.2), y=st.floats(1.6, 3.6), yaw=st.floats(-3.1, 3.1),
    dx=st.floats(-0.1, 0.1), dy=st.floats(-0.1, 0.1), turn=st.floats(-5.0, 5.0),
)  # fmt: skip
def test_offsets_up_to_10_cm_and_5_degrees_are_recovered(
    x: float, y: float, yaw: float, dx: float, dy: float, turn: float
) -> None:
    truth = Pose2(x, y, yaw)
    guess = Pose2(x + dx, y + dy, yaw + np.radians(turn))
    found, localizer = corrected(truth, guess, scan_at(truth))
    distance, angle = error(found, truth)
    assert localizer.quality.accepted, localizer.quality
    assert distance < 0.01
    assert angle < np.radians(0.5)


def strangers_before(truth: Pose2) -> tuple[Box, ...]:
    """Two things of a person's width, 0.9 and 1.1 m before the robot."""
    at = [
        truth.se3().apply([d * np.cos(a), d * np.sin(a), 0]) for a, d in ((0.3, 0.9), (-0.9, 1.1))
    ]
    return tuple(box(float(p[0]), float(p[1]), 0.3, 0.25, 1.7) for p in at)


@settings(max_examples=15, deadline=None)
@given(x=st.floats(1.2, 3.0), y=st.floats(1.8, 3.2), yaw=st.floats(-3.1, 3.1))
def test_what_is_not_on_the_map_makes_a_scan_refused_at_worst(
    x: float, y: float, yaw: float
) -> None:
    truth, guess = Pose2(x, y, yaw), Pose2(x + 0.05, y - 0.04, yaw + 0.03)
    found, localizer = corrected(truth, guess, scan_at(truth, strangers_before(truth)))
    if not localizer.quality.accepted:
        assert error(found, guess) == pytest.approx((0.0, 0.0), abs=1e-9)
        return
    distance, angle = error(found, truth)
    assert distance < 0.015
    assert angle < np.radians(0.5)


@pytest.mark.parametrize("yaw", [-2.0, -1.0, 0.5, 1.5, 2.5])
def test_people_do_not_pull(yaw: float) -> None:
    truth = Pose2(2.0, 2.5, yaw)
    found, localizer = corrected(
        truth, Pose2(2.05, 2.46, yaw + 0.03), scan_at(truth, strangers_before(truth))
    )
    assert localizer.quality.accepted
    assert error(found, truth)[0] < 0.01


def test_a_thin_wall_is_not_taken_for_its_other_face() -> None:
    truth = Pose2(3.0, 3.5, 0.0)
    found, localizer = corrected(truth, Pose2(3.1, 3.5, 0.0), scan_at(truth))
    assert error(found, truth)[0] < 0.01
    assert localizer.quality.inliers > 0.9


def test_a_scan_of_another_place_is_refused_and_odometry_kept() -> None:
    guess = Pose2(2.0, 2.5, 0.0)
    rng = np.random.default_rng(0)
    nonsense = LidarScan(0.0, ANGLES, rng.uniform(0.3, 4.0, len(ANGLES)), MOUNT)
    found, localizer = corrected(guess, guess, nonsense)
    assert error(found, guess) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert not localizer.quality.accepted
    assert "fit the map" in localizer.quality.reason


def test_a_scan_without_returns_is_refused() -> None:
    empty = LidarScan(0.0, ANGLES, np.full(len(ANGLES), np.inf), MOUNT)
    _, localizer = corrected(Pose2(2, 2, 0), Pose2(2, 2, 0), empty)
    assert localizer.quality.reason == "only 0 beams returned"


def test_in_a_featureless_direction_odometry_decides() -> None:
    wall = StaticMap((-20, -20, 20, 20), {}, (box(0, 1.0, 30.0, 0.1),), {})
    truth = Pose2(0.0, 0.0, np.pi / 2)
    scan = lidar_scan(wall.walls, truth.se3(), MOUNT, ANGLES)
    localizer = ScanLocalizer(wall, Pose2(0.07, -0.05, np.pi / 2))
    found = Pose2.from_se3(localizer.correct(proprio(Pose2(0, 0, 0)), scan))
    assert abs(found.y) < 0.01
    assert abs(found.x - 0.07) < 0.01


def test_prediction_follows_odometry_from_the_start_pose() -> None:
    localizer = ScanLocalizer(ROOM, Pose2(2.0, 2.0, np.pi / 2))
    localizer.predict(proprio(Pose2(5.0, 5.0, 0.0)))
    moved = Pose2.from_se3(localizer.predict(proprio(Pose2(6.0, 5.0, 0.0))))
    assert error(moved, Pose2(2.0, 3.0, np.pi / 2)) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_a_correction_outlives_further_odometry() -> None:
    truth = Pose2(2.0, 2.5, 0.1)
    localizer = ScanLocalizer(ROOM, Pose2(2.06, 2.45, 0.13))
    localizer.correct(proprio(Pose2(0, 0, 0)), scan_at(truth))
    ahead = Pose2.from_se3(localizer.predict(proprio(Pose2(0.5, 0.0, 0.0))))
    expected = Pose2.from_se3(truth.se3() @ SE3.from_translation([0.5, 0, 0]))
    assert error(ahead, expected)[0] < 0.01
