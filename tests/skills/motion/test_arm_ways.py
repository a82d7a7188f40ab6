"""What an arm takes for free on its way is free between the points that were looked at, too."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.entity import Box, Entity, StaticMap
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.collision import Solid


class _Empty:
    """A `WorldView` of an empty room."""

    static_map = StaticMap((-3.0, -3.0, 3.0, 3.0), {}, (), {})

    def map_from_base(self) -> SE3:
        return SE3.identity()

    def entities(self) -> list[Entity]:
        return []


class _Context:
    """What an `Arm` reads of a skill's context."""

    def __init__(self, seed: int) -> None:
        self.spec, self.world, self.epoch = fetch_spec(), _Empty(), 1
        self.rng, self.clock = np.random.default_rng(seed), LockstepClock(period=0.005)


def arm_beside(seed: int, *plates: Solid) -> Arm:
    context = _Context(seed)
    q = context.spec.postures["ready"]
    zeros = np.zeros(len(q))
    proprio = Proprio(0.0, 0, q, zeros, zeros, 0.02, 0.0, Pose2(0.0, 0.0, 0.0), np.zeros(2))
    arm = Arm(context, proprio, "test")  # type: ignore[arg-type]
    arm.scene.update(context.world, extra=plates)  # type: ignore[arg-type]
    return arm


def sheet_between(seed: int) -> tuple[Arm, FloatArray]:
    """An arm, an upright sheet of 3 mm across the hand's way, and joints on the other side of it."""
    rng, bare = np.random.default_rng(seed), arm_beside(seed)
    begin = bare.kinematics.gripper_pose(bare.q)
    while True:
        shift = np.array([rng.uniform(-0.1, 0.2), rng.choice([-1, 1]) * rng.uniform(0.3, 0.5), 0.0])
        goal = bare.kinematics.solve(SE3(begin.rotation, begin.translation + shift), bare.q)
        middle = begin.translation + 0.5 * shift + np.array([0.0, 0.0, rng.uniform(-0.2, 0.2)])
        across = float(np.arctan2(shift[1], shift[0])) + np.pi / 2.0
        pose = SE3.from_xyz_yaw(*middle, across)
        arm = arm_beside(seed, Solid("sheet", Box(pose, np.array([0.3, 0.003, 0.3]))))
        if goal is not None and arm.free(arm.q) and arm.free(goal):
            return arm, goal


def least_gap(arm: Arm, rows: FloatArray, step: float) -> float:
    """Smallest distance (m) to the plate on the way through rows ``[N, J]``, looked at every ``step`` rad."""
    least = 0.1
    for a, b in pairwise(rows):
        count = max(1, int(np.ceil(np.abs(b - a).max() / step)))
        for k in range(count):
            q = a + (b - a) * k / count
            near = arm.scene.in_collision(q, arm.base, margin=0.004, itself=False)
            least = min(least, 0.0 if near else 0.1)
    return least


# With 26 a corner was cut through the sheet, before rows were looked at once more.
@pytest.mark.parametrize("seed", [0, 1, 2, 26])
def test_neither_a_thin_sheet_nor_its_edge_is_passed_through(seed: int) -> None:
    arm, goal = sheet_between(seed)
    way = arm.plan(goal)
    assert way is not None
    assert least_gap(arm, np.asarray(way), 0.01) > 0.0, "between the waypoints"
    rows = arm.timed(way, 0.9)
    assert least_gap(arm, rows, 0.5) > 0.0, "where corners are cut"
    np.testing.assert_allclose(rows[-1], way[-1], atol=1e-6)
