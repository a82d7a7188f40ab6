"""Driving along a line with an arm that sticks out: where on it the arm would meet something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.contracts.skill import SkillContext
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.costmap import CostMap
from diarchy.skills.motion.route import legs
from diarchy.skills.motion.turning import SMALL, loaded, turns_freely

_STEP = 0.06
"""Distance (m) along the line between two looks at the arm."""
_BACK_STEP = 0.02
_DETOURS, _SAME_TOUCH = 6, 0.01
"""Ways round that are tried, and how near (m) to each other two touches are of the same thing, which has none."""


class Proposal(Protocol):
    """Plans a line ``[n, 2]`` in a cost map, on request arriving along the goal's heading."""

    def __call__(self, costmap: CostMap, *, run_in: bool) -> FloatArray:
        """Return the line."""
        ...


class Sweep:
    """The arm as it is folded, with what it holds, carried along lines.

    Args:
        context: of the running skill.
        now: newest proprioception.
        pose: where the base stands, in ``map``: what the arm touches there it may leave.
    """

    def __init__(self, context: SkillContext, now: Proprio, pose: Pose2) -> None:
        self._arm = loaded(context, now)
        self._reach = self._arm.scene.reach(self._arm.q, pose.se3())
        self._arm.scene.prepare(self._arm.q, self._arm.q, pose.se3())

    def meets(self, poses: Iterable[Pose2]) -> bool:
        """Tell whether the arm meets something with the base at any of some poses in ``map``."""
        return any(self._arm.scene.in_collision(self._arm.q, pose.se3()) for pose in poses)

    def first_touch(self, line: FloatArray, costmap: CostMap) -> FloatArray | None:
        """Return where ``[2]`` the base is when the arm first meets something on a line ``[n, 2]``; None: nowhere."""
        scene, q = self._arm.scene, self._arm.q
        for x, y, yaw in _along(line):
            near = float(costmap.distance_at([x, y])) < self._reach
            if near and scene.in_collision(q, Pose2(x, y, yaw).se3()):
                return np.array([x, y])
        return None

    def turns(self, line: FloatArray, goal: Pose2, costmap: CostMap) -> bool:
        """Tell whether the base, come to the end of a line ``[n, 2]``, can turn to a goal's heading."""
        if float(costmap.distance_at([goal.x, goal.y])) >= self._reach or len(line) < 2:
            return True
        step = line[-1] - line[-2]
        end = Pose2(goal.x, goal.y, float(np.arctan2(step[1], step[0])))
        short = wrap_angle(goal.yaw - end.yaw)
        both = (short, short - float(np.copysign(2.0 * np.pi, short)))
        return abs(short) <= SMALL or any(turns_freely(self._arm, end, turn) for turn in both)


def least_touching(
    sweep: Sweep, costmap: CostMap, goal: Pose2, propose: Proposal, *, run_in: bool
) -> FloatArray:
    """Return a line ``[n, 2]`` on which the arm meets nothing, or else the one on which it does so nearest to the goal.

    Where a base drives in beside an open door, an arm that meets it early swings it shut; late, open.
    """
    tried: list[tuple[float, FloatArray]] = []
    for _ in range(_DETOURS):
        line = propose(costmap, run_in=run_in)
        touch = sweep.first_touch(line, costmap)
        if touch is not None:
            left = float(np.hypot(*(touch - [goal.x, goal.y])))
            if any(abs(left - other) < _SAME_TOUCH for other, _ in tried):
                break
            tried.append((left, line))
            costmap = costmap.avoiding(touch)
        elif run_in or sweep.turns(line, goal, costmap):
            return line
        else:
            tried.append((0.0, line))
            run_in = True
    return min(tried, key=lambda t: t[0])[1]


def free_way_back(arm: Arm, most: float) -> float:
    """How far straight back (m, up to ``most``) the base may drive before its arm meets something.

    The planning scene is taken as it is; what the arm touches already it may leave.
    """
    free = 0.0
    arm.scene.prepare(arm.q, arm.q, arm.base)
    for back in np.arange(_BACK_STEP, most + 1e-6, _BACK_STEP):
        behind = arm.base @ SE3.from_translation([-float(back), 0.0, 0.0])
        if arm.scene.in_collision(arm.q, behind):
            break
        free = float(back)
    arm.scene.relax()
    return free


def _along(line: FloatArray) -> Iterator[tuple[float, float, float]]:
    """Poses (m, m, rad) on the straight stretches of a line, headed along each."""
    for leg in legs(line):
        for a, b in pairwise(leg):
            step = b - a
            yaw = float(np.arctan2(step[1], step[0]))
            count = max(2, int(np.hypot(*step) / _STEP) + 1)
            for at in a + np.linspace(0.0, 1.0, count)[:, None] * step:
                yield float(at[0]), float(at[1]), yaw
