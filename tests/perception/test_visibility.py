from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Box
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.perception import Look, look_at_box
from diarchy.perception.raycast import depth_frame, look_from

TABLE = Box(SE3.from_xyz_yaw(1.5, 0, 0.35, 0), np.array([0.6, 1.0, 0.7]))
FLOOR = Box(SE3.from_xyz_yaw(0, 0, -0.05, 0), np.array([10.0, 10.0, 0.1]))
MUG = Box(SE3.from_xyz_yaw(1.4, 0.1, 0.75, 0.3), np.array([0.08, 0.08, 0.1]))
CAMERA = look_from([0.4, 0, 1.3], [1.4, 0, 0.7])
WIDE = Intrinsics.from_fovy(200, 150, 55.0)


def look(*boxes: Box, at: Box = MUG) -> Look:
    frame = depth_frame([FLOOR, *boxes], CAMERA, SE3.identity(), WIDE)
    return look_at_box(frame, CAMERA, at.pose, at.size)


def test_what_stands_there_is_present() -> None:
    assert look(TABLE, MUG) is Look.PRESENT


def test_a_place_seen_through_is_empty() -> None:
    assert look(TABLE) is Look.EMPTY


def test_behind_a_screen_nothing_is_known() -> None:
    screen = Box(SE3.from_xyz_yaw(1.0, 0.0, 1.0, 0), np.array([0.05, 0.6, 0.8]))
    assert look(TABLE, screen) is Look.OCCLUDED


@pytest.mark.parametrize("at", [(-1.0, 0.0, 0.7), (1.4, 2.5, 0.7), (8.0, 0.0, 0.0)])
def test_behind_beside_or_far_away_is_outside(at: tuple[float, float, float]) -> None:
    assert look(TABLE, at=Box(SE3.from_translation(at), MUG.size)) is Look.OUTSIDE


def test_a_flat_thing_cannot_be_told_from_what_it_lies_on() -> None:
    card = Box(SE3.from_xyz_yaw(1.4, 0, 0.705, 0), np.array([0.1, 0.05, 0.01]))
    assert look(TABLE, at=card) is Look.PRESENT


def test_no_depth_is_no_evidence() -> None:
    frame = depth_frame([], CAMERA, SE3.identity(), WIDE)
    assert look_at_box(frame, CAMERA, MUG.pose, MUG.size) is Look.OUTSIDE
