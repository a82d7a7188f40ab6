"""From gripper poses to joints."""

import numpy as np

from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.vla.decoding import decode_rows
from diarchy.skills.vla.flow.processing import pose_row

SPEC = fetch_spec()
KINEMATICS = Kinematics(SPEC)
READY = SPEC.postures["ready"]


def rows(step: np.ndarray, count: int = 10) -> np.ndarray:  # type: ignore[type-arg]
    pose = pose_row(KINEMATICS.gripper_pose(READY))
    table = np.tile(np.append(pose, 0.1), (count + 1, 1))
    table[:, :3] += np.outer(np.arange(count + 1), step)
    table[:, 9] = np.linspace(0.1, 0.05, count + 1)
    return table


def test_the_joints_follow_the_poses() -> None:
    wanted = rows(np.array([-0.004, 0.003, -0.002]))
    joints, widths = decode_rows(KINEMATICS, READY, wanted, 8, READY)
    assert joints.shape == (80, len(READY))
    reached = KINEMATICS.gripper_pose(joints[-1])
    assert np.linalg.norm(reached.translation - wanted[-1, :3]) < 1e-3
    assert np.isclose(widths[-1], 0.05)
    assert np.all(np.diff(widths) <= 1e-12)


def test_the_first_tick_continues_where_the_arm_is_commanded() -> None:
    joints, widths = decode_rows(KINEMATICS, READY, rows(np.array([0.0, 0.0, 0.005])), 8, READY)
    assert np.abs(joints[0] - READY).max() < 0.02
    assert abs(widths[0] - 0.1) < 0.001


def test_no_joint_is_told_to_move_faster_than_it_can() -> None:
    far = rows(np.array([0.05, 0.05, 0.05]), count=6)
    joints, _ = decode_rows(KINEMATICS, READY, far, 8, READY)
    speed = np.abs(np.diff(np.vstack([READY, joints]), axis=0)) * SPEC.control_hz
    assert np.all(speed <= SPEC.limits("velocity") + 1e-9)


def test_joints_that_are_not_arm_or_torso_stay() -> None:
    joints, _ = decode_rows(KINEMATICS, READY, rows(np.array([0.0, 0.01, 0.0])), 8, READY)
    head = list(SPEC.groups["head"])
    assert np.allclose(joints[:, head], READY[head])
