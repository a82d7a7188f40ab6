"""Straight motions of the gripper that were checked to be free."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.arm_path import Arm


def shifted(pose: SE3, shift: FloatArray | list[float]) -> SE3:
    """Return the pose moved by ``shift`` ``[3]`` m."""
    return SE3(pose.rotation, pose.translation + np.asarray(shift))


def raised(pose: SE3, height: float) -> SE3:
    """Return the pose moved up by ``height`` m."""
    return shifted(pose, [0.0, 0.0, height])


def free_line(
    arm: Arm,
    start: FloatArray,
    target: SE3,
    speed: float,
    allow: Collection[str] = (),
    *,
    leaving: Collection[str] = (),
) -> FloatArray | None:
    """Return rows ``[N, J]`` of a straight motion of the gripper that touches nothing but ``allow``.

    What is in ``leaving`` may be touched in the first third of the way.
    """
    rows = arm.line(start, target, speed=speed)
    if rows is None:
        return None
    step = max(1, len(rows) // 9)
    checked = [*rows[::step], rows[-1]]
    for k, q in enumerate(checked):
        may = {*allow, *leaving} if k <= len(checked) // 3 else allow
        if not arm.free(q, allow=may, margin=0.003):
            return None
    return rows
