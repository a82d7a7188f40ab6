from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.robots.home import HomeRobot, Scene, sensors
from diarchy.robots.home.pictures import CHASE_AZIMUTHS, _camera


def test_only_what_is_asked_for_is_read(home: HomeRobot) -> None:
    seen = home.sense((), lidar=False)
    assert not seen.frames
    assert seen.scan is None
    assert home._cameras._renderer is None


def test_an_unknown_camera_names_those_there_are(home: HomeRobot) -> None:
    with pytest.raises(BadInputError, match="did you mean 'head_camera'"):
        home.sense(("haed_camera",))


def test_pixels_of_an_object_lift_to_where_the_object_is(
    small_scene: Callable[..., Scene],
) -> None:
    scene = small_scene(robot={"x": 0.5, "y": 2.5, "posture": "carry"})
    robot = HomeRobot(scene, camera_size=(320, 240))
    frame = robot.sense(("head_camera",)).frames["head_camera"]
    labels = robot.instances
    assert frame.instance_ids is not None
    seen = {labels[i].entity_id for i in np.unique(frame.instance_ids) if i >= 0}
    assert {"soda_can_1", "dining_table_1"} <= seen
    can = next(i for i, label in labels.items() if label.entity_id == "soda_can_1")
    assert labels[can].attributes == {"color": "red"}
    mask = frame.instance_ids == can
    points = frame.base_from_camera.apply(frame.intrinsics.backproject(frame.depth)[mask])
    in_map = robot.start.se3().apply(points)
    np.testing.assert_allclose(
        np.median(in_map, axis=0), robot.truth.centre("soda_can_1"), atol=0.06
    )
    assert np.linalg.norm(in_map - robot.truth.centre("soda_can_1"), axis=1).max() < 0.10
    assert frame.rgb.shape == (240, 320, 3)
    assert frame.rgb[mask].mean(axis=0)[0] > 80
    robot.close()


def test_the_gripper_camera_sees_the_fingertips(home: HomeRobot) -> None:
    frame = home.sense(("gripper_camera",)).frames["gripper_camera"]
    tip = home.start.se3().inverse() @ home.truth.gripper()
    pixel = frame.intrinsics.project(frame.base_from_camera.inverse().apply(tip.translation))
    assert abs(pixel[0] - 320) < 2
    assert 240 < pixel[1] < 480
    assert frame.depth.min() < 0.2


def test_the_door_angle_is_that_of_the_moment(home: HomeRobot) -> None:
    def angle() -> float | None:
        return next(v for v in home.instances.values() if v.entity_id == "fridge_1").opening

    assert angle() == pytest.approx(0.0, abs=1e-3)
    home.set_door("fridge_1", 0.7)
    assert angle() == pytest.approx(0.7, abs=1e-3)


def test_the_lidar_sees_walls_and_not_the_robot(small_scene: Callable[..., Scene]) -> None:
    scene = small_scene(objects=[], fixtures=[], robot={"x": 2.5, "y": 2.5})
    robot = HomeRobot(scene)
    scan = robot.sense().scan
    assert scan is not None
    origin = scan.base_from_lidar.translation[:2] + np.array([2.5, 2.5])
    ends = origin + scan.ranges[:, None] * np.stack([np.cos(scan.angles), np.sin(scan.angles)], 1)
    # Inner faces of the walls lie 5 cm inside the room's bounds.
    off = np.min(np.abs(np.concatenate([ends - 0.05, ends - 4.95], axis=1)), axis=1)
    assert off.max() < 0.03


def test_the_lidar_noise_is_five_millimetres(small_scene: Callable[..., Scene]) -> None:
    robot = HomeRobot(small_scene(objects=[], fixtures=[]))
    scans = np.array([robot.sense().scan.ranges for _ in range(60)])  # type: ignore[union-attr]
    assert np.median(scans.std(axis=0)) == pytest.approx(0.005, rel=0.2)


@pytest.mark.parametrize("view", ["overview", "chase", "top"])
def test_pictures_are_neither_black_nor_burnt_out(home: HomeRobot, view: str) -> None:
    picture = home.render(view, 320, 180)  # type: ignore[arg-type]
    assert picture.shape == (180, 320, 3)
    assert 60 < picture.mean() < 235
    assert picture.std() > 20


def test_an_unknown_view_names_those_there_are(home: HomeRobot) -> None:
    with pytest.raises(BadInputError, match="overview"):
        home.render("overveiw")  # type: ignore[arg-type]


def test_without_opengl_physics_runs_and_a_camera_says_what_to_install() -> None:
    code = (
        "from diarchy.robots.home import HomeRobot\n"
        "robot = HomeRobot()\n"
        "robot.sense()\n"
        "try:\n"
        "    robot.sense(('head_camera',))\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "MUJOCO_GL": "disabled"},
        check=True,
    )
    assert done.stdout.startswith("NoGraphicsError")
    assert "apt-get install libegl1 libgl1-mesa-dri" in done.stdout


@pytest.mark.parametrize("seed", [0, 3])
def test_what_the_lidar_leaves_out_is_what_no_level_ray_meets(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = HomeRobot("household_flat", seed=seed)
    quick = robot.sense((), lidar=True).scan
    robot._lidar._at_height = robot._model  # every shape of the home, high and low
    monkeypatch.setattr(sensors, "_above_or_below", lambda model, data, height: [])
    whole = robot.sense((), lidar=True).scan
    assert quick is not None
    assert whole is not None
    both = np.isfinite(quick.ranges) & np.isfinite(whole.ranges)
    assert (np.isfinite(quick.ranges) == np.isfinite(whole.ranges)).all()
    assert np.abs(quick.ranges - whole.ranges)[both].max() < 0.05  # two draws of the noise


def test_the_view_of_the_hand_also_shows_whom_it_gives_something_where_a_wall_allows_it() -> None:
    robot = HomeRobot("household_flat", seed=0)
    pictures, rng, turned = robot._pictures, np.random.default_rng(1), 0
    x0, y0, x1, y1 = robot.static_map.bounds
    for _ in range(100):
        base = SE3.from_xyz_yaw(rng.uniform(x0, x1), rng.uniform(y0, y1), 0.0, rng.uniform(-3, 3))
        hand, person = base.apply([0.45, 0.0, 0.85]), base.apply([1.1, 0.0, 0.9])
        ways = [
            pictures._sees(
                _camera(tuple(hand), 2.4, float(np.degrees(base.yaw)) + a, -25.0), p, robot._data
            )
            for a in CHASE_AZIMUTHS
            for p in (hand, person)
        ]
        both = [h and p for h, p in zip(ways[::2], ways[1::2], strict=True)]
        if any(both):
            assert pictures._sees(pictures._chase(base, robot._data), person, robot._data)
            turned += not both[ways[::2].index(True)]
    assert turned > 2, "the first view of the hand alone would not do"
    robot.close()
