from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.geometry import SE3
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.grasps import gripper_rotation
from diarchy.skills.motion.kinematics import Kinematics, rotation_error
from diarchy.skills.motion.seeds import arm_seeds

SPEC = fetch_spec()
KINEMATICS = Kinematics(SPEC)
READY = np.array([0.25, 0.0, -0.6, 0.0, 1.4, 0.0, 0.77, 0.0, 0.0, 0.6])
DOWN = np.array([0.0, 0.0, -1.0])


def downwards(x: float, y: float, z: float, yaw: float) -> SE3:
    side = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    return SE3(gripper_rotation(DOWN, side), np.array([x, y, z]))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.5, 0.7),
    st.floats(-0.15, 0.15),
    st.floats(0.4, 1.0),
    st.floats(-1.5, 1.5),
)
def test_a_solution_brings_the_gripper_where_it_was_asked_to_be(
    x: float, y: float, z: float, yaw: float
) -> None:
    target = downwards(x, y, z, yaw)
    q = KINEMATICS.solve(target, READY, seeds=arm_seeds(KINEMATICS, target))
    assert q is not None
    pose = KINEMATICS.gripper_pose(q)
    assert np.linalg.norm(pose.translation - target.translation) < 2e-3
    assert np.linalg.norm(rotation_error(target.rotation, pose.rotation)) < 0.03
    assert np.all(q >= KINEMATICS.lower)
    assert np.all(q <= KINEMATICS.upper)


def test_what_lies_out_of_reach_has_no_solution() -> None:
    assert KINEMATICS.solve(downwards(1.6, 0.0, 0.5, 0.0), READY) is None


def test_only_the_joints_that_may_move_do_move() -> None:
    arm = KINEMATICS.spec.groups["arm"]
    start = READY.copy()
    pose = KINEMATICS.gripper_pose(start)
    moved = SE3(pose.rotation, pose.translation + np.array([0.0, 0.05, 0.02]))
    q = KINEMATICS.solve(moved, start, joints=arm)
    assert q is not None
    still = [i for i in range(len(start)) if i not in arm]
    np.testing.assert_array_equal(q[still], start[still])


def test_the_jacobian_is_the_derivative_of_the_pose() -> None:
    q, step = READY.copy(), 1e-6
    jacobian = KINEMATICS.jacobian(q)
    pose = KINEMATICS.gripper_pose(q)
    for j in range(len(q)):
        moved = q.copy()
        moved[j] += step
        after = KINEMATICS.gripper_pose(moved)
        linear = (after.translation - pose.translation) / step
        angular = rotation_error(after.rotation, pose.rotation) / step
        np.testing.assert_allclose(jacobian[:, j], np.concatenate([linear, angular]), atol=1e-4)


def test_servoing_on_the_commanded_joints_tracks_a_line() -> None:
    q, pose = READY.copy(), KINEMATICS.gripper_pose(READY)
    for k in range(1, 26):
        wanted = SE3(pose.rotation, pose.translation + np.array([0.0, 0.0, -0.004 * k]))
        q = KINEMATICS.step(q, wanted)
        off = KINEMATICS.gripper_pose(q).translation - wanted.translation
        assert np.linalg.norm(off) < 1e-3


def test_joints_outside_their_range_are_clipped_before_a_step() -> None:
    q = READY.copy()
    q[1] = KINEMATICS.upper[1] + 0.3
    moved = KINEMATICS.step(q, KINEMATICS.gripper_pose(READY))
    assert np.all(moved <= KINEMATICS.upper)


@pytest.mark.parametrize("angle", [0.0, 1e-7, 0.5, 3.1, np.pi])
def test_the_rotation_error_is_the_rotation_vector(angle: float) -> None:
    turned = SE3.from_xyz_yaw(0.0, 0.0, 0.0, angle).rotation
    error = rotation_error(turned, np.eye(3))
    assert np.abs(error[2]) == pytest.approx(angle, abs=1e-6)
    np.testing.assert_allclose(error[:2], 0.0, atol=1e-6)


def test_a_tucked_arm_leaves_the_view_ahead_free_and_a_raised_one_does_not() -> None:
    look = list(SPEC.groups["head"])
    tuck, raised = SPEC.postures["tuck"].copy(), SPEC.postures["ready"].copy()
    tuck[look] = raised[look] = (0.0, 0.35)
    assert KINEMATICS.hidden(tuck, SPEC.head_camera) == 0.0
    assert 0.5 < KINEMATICS.hidden(raised, SPEC.head_camera) <= 1.0
    raised[look] = (0.0, 0.9)
    assert KINEMATICS.hidden(raised, SPEC.head_camera) == 0.0, "below the arm"
