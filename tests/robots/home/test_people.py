from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot, Scene

ROUND_AND_FLAT = ("Apple", "Mug", "Plate", "Spoon", "SodaCan", "Pencil", "Bread")


@pytest.fixture
def room(small_scene: Callable[..., Scene]) -> Iterator[HomeRobot]:
    things = [
        {"class": c, "where": [0.4 + 0.3 * i, 4.5, 0.01]} for i, c in enumerate(ROUND_AND_FLAT)
    ]
    person = {"x": 3.0, "y": 1.0, "yaw_deg": 90}
    scene = small_scene(objects=things, fixtures=[], people=[person])
    robot = HomeRobot(scene)
    yield robot
    robot.close()


def wait(robot: HomeRobot, seconds: float) -> None:
    held = Action(np.zeros(2), robot.proprio().q, 0.0)
    for _ in range(round(200 * seconds)):
        robot.apply(held)


def test_the_palms_are_held_out_in_front_of_the_person(room: HomeRobot) -> None:
    palms = room.static_map.hands["person_1"]
    np.testing.assert_allclose(palms.pose.translation, [3.0, 1.52, 0.95], atol=1e-9)
    assert palms.relation == "on"
    assert palms.approach == "top"


def test_what_is_put_on_the_palms_stays_and_is_given(room: HomeRobot) -> None:
    palms = room.static_map.hands["person_1"].pose
    for thing in room.truth.objects:
        back = room.truth.pose(thing)
        assert not room.truth.holds("given", thing, "person_1")
        at = palms.apply([0.03, 0.04, 0.012])
        room.move_object(thing, at, 0.4)
        wait(room, 1.5)
        assert room.truth.holds("given", thing, "person_1"), thing
        assert np.linalg.norm(room.truth.pose(thing).translation[:2] - at[:2]) < 0.02
        room.truth.place(thing, back)


def test_a_round_thing_does_not_roll_off_the_palms(room: HomeRobot) -> None:
    palms = room.static_map.hands["person_1"].pose
    for push in ([0.12, 0.0], [0.0, 0.12], [-0.12, 0.0]):
        room.move_object("apple_1", palms.apply([0.0, 0.0, 0.003]))
        room._data.joint("apple_1").qvel[:2] = push
        wait(room, 2.0)
        assert room.truth.holds("given", "apple_1", "person_1")


def test_a_person_who_moves_takes_the_palms_along(room: HomeRobot) -> None:
    room.move_person("person_1", 1.5, 3.5, 0.0)
    room.move_object("apple_1", [2.02, 3.5, 0.953])
    wait(room, 0.5)
    assert room.truth.holds("given", "apple_1", "person_1")
    assert not room.truth.holds("near", "person_1", "robot")


def test_the_silhouette_of_a_person_ends_at_the_elbows(room: HomeRobot) -> None:
    room.move_person("person_1", 2.2, 2.5, np.pi)
    frame = room.sense(["head_camera"]).frames["head_camera"]
    person = next(i for i, v in room.instances.items() if v.entity_id == "person_1")
    assert frame.instance_ids is not None
    seen = frame.instance_ids == person
    assert seen.sum() > 500
    camera = room.truth.base().se3() @ frame.base_from_camera
    points = camera.apply(frame.intrinsics.backproject(frame.depth).reshape(-1, 3)[seen.ravel()])
    # The hands reach 0.65 m before the feet: of that the silhouette has the elbows only.
    assert points[:, 0].min() > 2.2 - 0.30
    assert points[:, 0].max() < 2.2 + 0.20
