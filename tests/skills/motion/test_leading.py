"""A hand that leads something is led where it shall go, by joints that do not turn to and fro."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.safety.limits import Limits
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.leading import lead
from tests.skills.motion.bare_arm import bare_arm, rows_sent

AHEAD, ASIDE, SECONDS = 0.25, 0.10, 4.0


def led_to_the_end_of_its_reach(arm: Arm, turn: float) -> FloatArray:
    """Rows ``[N, J]`` that lead the hand until the arm is stretched, turning by ``turn`` rad, as a door does."""
    begin = arm.kinematics.gripper_pose(arm.q)

    def pose_at(u: float) -> SE3:
        to = begin.translation + u * np.array([AHEAD, ASIDE, 0.0])
        return SE3(SE3.from_xyz_yaw(0.0, 0.0, 0.0, turn * u).rotation @ begin.rotation, to)

    return rows_sent(arm, lead(arm, pose_at, seconds=SECONDS, weights=(1.0, 0.03)))


@pytest.mark.parametrize("turn", [0.0, 2.0, -2.0])
def test_an_arm_that_is_led_until_it_is_stretched_moves_calmly(turn: float) -> None:
    arm = bare_arm()
    start = arm.kinematics.gripper_pose(arm.q).translation
    rows = led_to_the_end_of_its_reach(arm, turn)

    jerked = np.abs(np.diff(rows, n=2, axis=0)) > Limits.of(arm.context.spec).hard_change
    assert jerked.any(axis=1).mean() < 0.01, "the guard has to smooth too many ticks"
    moved = arm.kinematics.gripper_pose(rows[-1]).translation - start
    assert moved == pytest.approx([AHEAD, ASIDE, 0.0], abs=0.001)
