"""The robot in its own pictures, judged by what the simulator rendered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import Action, CameraFrame
from diarchy.perception.own_body import OwnBody
from diarchy.robots.home import HomeRobot
from diarchy.skills.motion.kinematics import Kinematics


@pytest.fixture(scope="module")
def robot() -> Iterator[HomeRobot]:
    with_nobody_near = HomeRobot("flat", seed=3)
    yield with_nobody_near
    with_nobody_near.close()


def moved_to(robot: HomeRobot, posture: str, tilt: float) -> tuple[CameraFrame, np.ndarray]:
    """Take the arm to a posture and the head down, and a picture there."""
    goal = robot.spec.postures[posture].copy()
    goal[list(robot.spec.groups["head"])] = 0.0, tilt
    begin = robot.proprio().q
    for k in range(1, 601):
        robot.apply(Action(np.zeros(2), begin + (goal - begin) * k / 600, 0.0))
    for _ in range(100):
        robot.apply(Action(np.zeros(2), goal, 0.0))
    seen = robot.sense((robot.spec.head_camera,), lidar=False)
    return seen.frames[robot.spec.head_camera], seen.proprio.q


def test_an_arm_before_the_camera_is_found_whole(robot: HomeRobot) -> None:
    frame, q = moved_to(robot, "ready", 0.9)
    mask = OwnBody(robot.spec).in_view(frame, q)
    # Nothing but the robot itself is so near to a head a metre above the floor.
    own = (frame.depth > 0.0) & (frame.depth < 0.5)
    assert own.sum() > 2000
    assert mask[own].mean() > 0.99
    assert mask.mean() < 0.6


def test_a_folded_arm_hides_nothing_of_the_room(robot: HomeRobot) -> None:
    frame, q = moved_to(robot, "tuck", 0.3)
    assert OwnBody(robot.spec).in_view(frame, q).mean() < 0.02


def test_what_is_held_is_hidden_with_the_hand(robot: HomeRobot) -> None:
    q = robot.spec.postures["ready"]
    hand = Kinematics(robot.spec).gripper_pose(q)
    x, y, z = hand.rotation.T
    # From a metre before the hand, back along the fingers: right is +y, down is -z.
    camera = SE3(np.column_stack([y, -z, -x]), hand.translation + 1.0 * x)
    lens = Intrinsics(width=160, height=120, fx=100.0, fy=100.0, cx=79.5, cy=59.5)
    flat = np.ones((120, 160), dtype=np.float32)
    frame = CameraFrame("head", 0.0, np.zeros((120, 160, 3), np.uint8), flat, lens, camera)
    own = OwnBody(robot.spec)
    empty, full = own.in_view(frame, q), own.in_view(frame, q, holding=True)
    assert full[empty].all()
    # 30 cm at a metre are 30 pixels.
    assert full[60, 55:105].all()
    assert full.sum() > empty.sum() + 500
    assert not full[5, 5]
