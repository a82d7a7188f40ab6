from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Box
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.perception.raycast import cast, depth_frame, lidar_scan, look_from

CUBE = Box(SE3.from_xyz_yaw(2.0, 0.0, 0.5, 0.0), np.array([1.0, 1.0, 1.0]))


def test_a_ray_stops_at_the_near_face() -> None:
    ranges, which = cast([0, 0, 0.5], [[1, 0, 0], [-1, 0, 0]], [CUBE])
    assert ranges[0] == 1.5
    assert np.isinf(ranges[1])
    assert which.tolist() == [0, -1]


def test_the_nearer_of_two_boxes_is_hit() -> None:
    near = Box(SE3.from_xyz_yaw(1.0, 0.0, 0.5, 0.3), np.array([0.2, 0.2, 0.2]))
    _, which = cast([0, 0, 0.5], [[1, 0, 0]], [CUBE, near])
    assert which[0] == 1


def test_depth_is_along_the_optical_axis_and_ids_are_labels() -> None:
    camera = look_from([0, 0, 0.5], [2, 0, 0.5])
    intrinsics = Intrinsics.from_fovy(64, 48, 50.0)
    frame = depth_frame([CUBE], camera, SE3.identity(), intrinsics, ids=[7])
    assert frame.instance_ids is not None
    seen = frame.depth[frame.instance_ids == 7]
    assert np.allclose(seen, 1.5, atol=1e-5)
    assert np.all(frame.depth[frame.instance_ids == -1] == 0)


def test_the_lidar_says_nothing_beyond_its_reach() -> None:
    angles = np.array([0.0, np.pi])
    scan = lidar_scan([CUBE], SE3.identity(), SE3.from_translation([0, 0, 0.3]), angles, reach=1.0)
    assert np.all(np.isinf(scan.ranges))


def test_an_upright_camera_has_its_y_axis_down() -> None:
    pose = look_from([1, 2, 1], [3, 3, 0.4])
    assert pose.rotation[2, 1] < 0
    assert np.allclose(pose.rotation @ pose.rotation.T, np.eye(3))
    assert np.isclose(np.linalg.det(pose.rotation), 1.0)
