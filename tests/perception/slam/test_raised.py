"""What a camera sees that the lidar does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.perception.slam.raised import raised_points
from diarchy.robots.home import HomeRobot
from tests.skills.harness import scene_with


def test_a_table_top_is_in_the_way_and_the_floor_is_not() -> None:
    home = HomeRobot(scene_with())
    frame = home.sense((home.spec.head_camera,), lidar=False).frames[home.spec.head_camera]
    base = home.truth.base()
    seen = base.se3().apply(np.c_[raised_points(frame), np.zeros(len(raised_points(frame)))])
    assert len(seen)
    solid = [b for f in home.static_map.fixtures.values() for b in f.boxes]
    solid += list(home.static_map.walls)
    for x, y, _ in seen:
        gaps = [
            np.abs(b.pose.inverse().apply(np.array([x, y, b.pose.translation[2]])))[:2]
            - b.size[:2] / 2
            for b in solid
        ]
        assert min(float(np.max(g)) for g in gaps) < 0.15, (x, y)
    home.close()


def test_a_black_depth_picture_shows_nothing() -> None:
    home = HomeRobot(scene_with())
    frame = home.sense((home.spec.head_camera,), lidar=False).frames[home.spec.head_camera]
    assert len(raised_points(replace(frame, depth=np.zeros_like(frame.depth)))) == 0
    home.close()
