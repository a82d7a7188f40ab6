"""What scans say of the floor, drawn."""

from __future__ import annotations

import numpy as np

from diarchy.perception.slam.frontiers import frontiers
from diarchy.perception.slam.keyframes import Keyframe
from diarchy.perception.slam.occupancy_grid import FREE, SOLID, UNKNOWN, draw
from diarchy.perception.slam.outline import outline_of
from tests.perception.slam.flat import cast


def _frame(x: float, y: float, yaw: float, obstacles: object = None) -> Keyframe:
    pose = np.array([x, y, yaw])
    seen = np.zeros((0, 2)) if obstacles is None else np.asarray(obstacles, dtype=np.float64)
    return Keyframe(0.0, pose, outline_of(cast(pose)), np.zeros(2), 0.0, obstacles=seen)


def test_floor_is_free_walls_are_solid_and_the_next_room_is_unknown() -> None:
    grid = draw([_frame(1.5, 1.5, 0.0), _frame(1.5, 1.5, 3.1)])
    assert grid.at([[2.5, 1.0], [2.0, 2.5]]).tolist() == [FREE, FREE]
    assert SOLID in grid.at([[3.99, 0.5], [4.01, 0.5]]).tolist()
    assert grid.at([[7.5, 0.9], [30.0, 0.0]]).tolist() == [UNKNOWN, UNKNOWN]


def test_what_the_camera_saw_above_the_lidar_is_solid() -> None:
    grid = draw([_frame(1.52, 1.52, 0.0, [[1.0, 0.0]])])
    assert grid.at([[2.52, 1.52]]).tolist() == [SOLID]
    assert grid.at([[2.32, 1.52]]).tolist() == [FREE]


def test_a_person_who_has_gone_leaves_free_floor() -> None:
    blocked = _frame(1.5, 1.5, 0.0)
    scan = cast(blocked.pose)
    scan.ranges[170:190] = 0.8
    person = Keyframe(0.0, blocked.pose, outline_of(scan), np.zeros(2), 0.0)
    assert SOLID in draw([person]).at([[2.3, 1.5], [2.3, 1.47], [2.3, 1.53]]).tolist()
    later = [person, *[_frame(1.5, 1.5, 0.0)] * 4]
    assert set(draw(later).at([[2.3, 1.5], [2.3, 1.47], [2.3, 1.53]]).tolist()) == {FREE}


def test_the_door_to_the_next_room_is_an_edge_of_what_is_known() -> None:
    found = frontiers(draw([_frame(1.0, 1.0, 0.0), _frame(1.0, 1.0, 3.1)]))
    assert found
    assert any(abs(f.middle[0] - 4.2) < 1.6 and f.length > 0.3 for f in found)


def test_a_home_that_was_seen_from_everywhere_has_no_edges_left() -> None:
    looks = [
        _frame(x, y, yaw)
        for x, y in ((0.6, 0.6), (3.4, 0.5), (1.8, 3.5), (0.5, 2.6), (3.5, 3.5), (4.4, 2.0))
        for yaw in (-1.6, 0.0, 1.6, 3.1)
    ]
    looks += [
        _frame(x, y, yaw)
        for x, y in ((4.5, 0.5), (4.5, 3.5), (7.4, 1.2), (7.5, 3.5), (6.2, 0.5))
        for yaw in (-1.6, 0.0, 1.6, 3.1)
    ]
    assert frontiers(draw(looks)) == []


def test_nothing_seen_is_an_empty_map() -> None:
    grid = draw([])
    assert grid.known_m2 == 0.0
    assert frontiers(grid) == []
