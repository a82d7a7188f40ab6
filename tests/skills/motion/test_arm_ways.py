"""What an arm takes for free on its way is free between the points that were looked at, too."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.entity import Box, Solid
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.carry import rise_free
from tests.skills.motion.bare_arm import bare_arm, rows_sent


def sheet_between(seed: int) -> tuple[Arm, FloatArray]:
    """An arm, an upright sheet of 3 mm across the hand's way, and joints on the other side of it."""
    rng, bare = np.random.default_rng(seed), bare_arm(seed=seed)
    begin = bare.kinematics.gripper_pose(bare.q)
    while True:
        shift = np.array([rng.uniform(-0.1, 0.2), rng.choice([-1, 1]) * rng.uniform(0.3, 0.5), 0.0])
        goal = bare.kinematics.solve(SE3(begin.rotation, begin.translation + shift), bare.q)
        middle = begin.translation + 0.5 * shift + np.array([0.0, 0.0, rng.uniform(-0.2, 0.2)])
        across = float(np.arctan2(shift[1], shift[0])) + np.pi / 2.0
        pose = SE3.from_xyz_yaw(*middle, across)
        sheet = Solid("sheet", Box(pose, np.array([0.3, 0.003, 0.3])))
        arm = bare_arm(sheet, seed=seed)
        if goal is not None and arm.free(arm.q) and arm.free(goal):
            return arm, goal


def touches(arm: Arm, rows: FloatArray, step: float) -> bool:
    """Whether the way through rows ``[N, J]``, looked at every ``step`` rad, comes within 4 mm of the sheet."""
    for a, b in pairwise(rows):
        count = max(1, int(np.ceil(np.abs(b - a).max() / step)))
        between = (a + (b - a) * k / count for k in range(count))
        if any(arm.scene.in_collision(q, arm.base, margin=0.004, itself=False) for q in between):
            return True
    return False


# With 26 a corner was cut through the sheet, before rows were looked at once more.
@pytest.mark.parametrize("seed", [0, 1, 2, 26])
def test_neither_a_thin_sheet_nor_its_edge_is_passed_through(seed: int) -> None:
    arm, goal = sheet_between(seed)
    way = arm.plan(goal)
    assert way is not None
    assert not touches(arm, np.asarray(way), 0.01), "between the waypoints"
    rows = arm.timed(way, 0.9)
    assert not touches(arm, rows, 0.5), "where corners are cut"
    np.testing.assert_allclose(rows[-1], way[-1], atol=1e-6)


def test_an_arm_that_leaves_what_it_is_close_to_does_not_rise_into_its_own_head() -> None:
    # Before an open cabinet, straight up is no room; straight back, the upper arm meets the head.
    near_head = [0.2, 0.65, -1.04, 2.23, 1.47, -0.45, 1.98, -1.87, -0.026, 0.72]
    hand = bare_arm().kinematics.gripper_pose(np.array(near_head))
    ahead = hand.translation + np.array([0.19, -0.01, 0.21])
    door = Solid("door", Box(SE3.from_xyz_yaw(*ahead, 0.0), np.array([0.02, 0.1, 0.1])))
    arm = bare_arm(door)
    arm.q = np.array(near_head)
    arm.proprio = replace(arm.proprio, q=arm.q)
    assert arm.scene.touching(arm.q, arm.base) == {"door"}

    sent = rows_sent(arm, rise_free(arm))
    assert not any("self" in arm.scene.touching(q, arm.base) for q in sent)
