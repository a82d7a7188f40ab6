"""A robot that knows nothing of a home draws its map, and touches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mujoco")
pytest.importorskip("small_gicp")

from diarchy.agent.exploring import Exploration, Explorer, Wheels
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action
from diarchy.perception.planar import between, compose
from diarchy.perception.slam import ScanSlam
from diarchy.perception.slam.occupancy_grid import SOLID
from diarchy.robots.home import HomeRobot
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.motion.unicycle import Follow

TWO_ROOMS: dict[str, Any] = {
    "name": "two_rooms",
    "rooms": {
        "kitchen": {"bounds": [0, 0, 3.5, 3.5], "floor": "tiles"},
        "living_room": {"bounds": [3.5, 0, 7, 3.5], "floor": "wood_floor"},
    },
    "doorways": [{"x": 3.5, "y": 1.75, "width": 1.3}],
    "fixtures": [
        {"class": "DiningTable", "x": 1.0, "y": 0.6, "yaw_deg": 90},
        {"class": "Shelf", "x": 5.2, "y": 0.26, "yaw_deg": 90},
    ],
    "people": [{"x": 6.3, "y": 2.9, "yaw_deg": 180}],
    "robot": {"x": 1.8, "y": 2.0, "yaw_deg": 180},
}


class Watched:
    """The robot, and how near it came to anything solid by the simulator's truth."""

    def __init__(self, robot: HomeRobot) -> None:
        self._robot = robot
        self.least = np.inf
        boxes = [
            *robot.static_map.walls,
            *(b for f in robot.static_map.fixtures.values() for b in f.boxes),
        ]
        self._boxes = [b for b in boxes if b.pose.translation[2] - b.size[2] / 2.0 < 1.2]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._robot, name)

    def apply(self, action: Action) -> None:
        self._robot.apply(action)
        if self._robot.clock.tick % 10 == 0:
            self.least = min(self.least, self._gap())

    def _gap(self) -> float:
        base = self._robot.truth.base()
        gaps = []
        for box in self._boxes:
            local = box.pose.inverse().apply(np.array([base.x, base.y, box.pose.translation[2]]))
            out = np.maximum(np.abs(local[:2]) - box.size[:2] / 2.0, 0.0)
            gaps.append(float(np.hypot(*out)))
        return min(gaps) - self._robot.spec.base.radius


@pytest.fixture
def robot() -> Iterator[HomeRobot]:
    home = HomeRobot(parse_scene(TWO_ROOMS), seed=3, odometry_scale=(0.02, -0.02))
    yield home
    home.close()


def _truth(robot: HomeRobot) -> FloatArray:
    base = robot.truth.base()
    return np.array([base.x, base.y, base.yaw])


@pytest.mark.slow
def test_it_finds_both_rooms_and_knows_where_it_is(robot: HomeRobot) -> None:
    start, watched = _truth(robot), Watched(robot)
    wheels = Wheels(
        watched, ScanSlam(footprint=robot.spec.base.radius), camera=robot.spec.head_camera
    )
    found: Exploration = Explorer(wheels).run(max_seconds=300.0)
    assert found.status == "closed"
    assert 14.0 < found.area < 24.5, "of 24.5 m2, furniture included"
    pose = wheels.pose()
    off = between(_truth(robot), compose(start, np.array([pose.x, pose.y, pose.yaw])))
    assert np.hypot(*off[:2]) < 0.05
    assert abs(np.degrees(off[2])) < 2.0
    assert watched.least > 0.0
    wall = between(start, np.array([3.5, 0.5, 0.0]))[:2]
    around = wall + np.stack(np.meshgrid([-0.05, 0.0, 0.05], [-0.05, 0.0, 0.05]), -1).reshape(-1, 2)
    assert SOLID in found.grid.at(around).tolist(), "the wall between the rooms"


def test_somebody_who_steps_in_stops_it(robot: HomeRobot) -> None:
    wheels = Wheels(robot, ScanSlam())
    here = wheels.pose()
    way = Follow(np.array([[here.x, here.y], [here.x + 1.4, here.y]]))
    gaps: list[float] = []

    def somebody_comes() -> bool:
        if not gaps:
            base = robot.truth.base()
            x, y = base.se3().apply(np.array([1.1, 0.0, 0.0]))[:2]
            robot.move_person("person_1", float(x), float(y), 0.0)
        now = wheels.pose()
        gaps.append(float(np.linalg.norm(wheels.seen_now() - [now.x, now.y], axis=1).min()))
        return True

    assert not wheels.follow(way, somebody_comes), "it did not get to the end"
    assert min(gaps) < 0.9, "it came nearer, and saw somebody"
    assert min(gaps) > robot.spec.base.radius - 0.01
    assert robot.proprio().at_rest(joint=0.1)


class Blinded:
    """A robot whose lidar returns nothing from some moment on."""

    def __init__(self, robot: HomeRobot) -> None:
        self._robot, self.blind = robot, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._robot, name)

    def sense(self, cameras: Any = (), *, lidar: bool = True) -> Any:
        observation = self._robot.sense(cameras, lidar=lidar)
        if self.blind and observation.scan is not None:
            observation.scan.ranges[:] = np.inf
        return observation


def test_a_lidar_that_sees_nothing_is_no_reason_to_drive_on(robot: HomeRobot) -> None:
    blinded = Blinded(robot)
    wheels = Wheels(blinded, ScanSlam())
    blinded.blind = True
    here, before = wheels.pose(), robot.truth.base()
    assert not wheels.follow(Follow(np.array([[here.x, here.y], [here.x + 1.4, here.y]])))
    after = robot.truth.base()
    assert np.hypot(after.x - before.x, after.y - before.y) < 0.8
    assert robot.proprio().at_rest(joint=0.1)


def test_the_look_around_goes_all_the_way_round(tmp_path: Path) -> None:
    """The predicted base begins where the real one is: it took a heading of 0 for reached at once."""
    with_nothing = tmp_path / "room.yaml"
    with_nothing.write_text(
        "name: room\nrooms:\n  kitchen: {bounds: [0, 0, 3, 3], floor: tiles}\nrobot: {x: 1.5, y: 1.5}\n"
    )
    robot = HomeRobot(str(with_nothing), seed=0)
    seen: list[float] = []
    wheels = Wheels(
        robot,
        ScanSlam(footprint=robot.spec.base.radius),
        camera=robot.spec.head_camera,
        pictured=lambda frame, base, q: seen.append(base.yaw),
    )
    Explorer(wheels).run(max_seconds=30.0)
    robot.close()
    headings = np.sort(np.mod(seen, 2.0 * np.pi))
    gaps = np.diff(np.append(headings, headings[0] + 2.0 * np.pi))
    assert np.degrees(gaps.max()) < 50.0
