"""From gripper poses to joints: one inverse-kinematics step a row, straight lines between rows."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.vla.flow.processing import row_pose

_ROUNDS = 3
_SHARE = 0.95
"""Share of the joints' speed limits that is used, so that rounding does not wake the guard."""


def decode_rows(
    kinematics: Kinematics, q: FloatArray, rows: FloatArray, stride: int, posture: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Turn poses into joint and opening targets, one a tick.

    Args:
        kinematics: of the robot.
        q: joints ``[J]`` commanded for the tick of row 0.
        rows: ``[n + 1, 10]`` poses in ``base`` and opening; row 0 is where ``q`` stands.
        stride: ticks between rows.
        posture: joints ``[J]`` to stay near where a pose leaves a choice.

    Returns:
        Joints ``[n * stride, J]`` and openings ``[n * stride]`` of the ticks after row 0; what a
        row asks beyond the joints' speed is made up by later rows.

    Raises:
        ValueError: a row's rotation is degenerate.
    """
    limit = kinematics.spec.limits("velocity") * _SHARE * stride / kinematics.spec.control_hz
    knots = [q]
    for row in rows[1:]:
        knots.append(_towards(kinematics, knots[-1], row_pose(row), limit, posture))
    grid = np.arange(len(knots)) * stride
    ticks = np.arange(1, grid[-1] + 1)
    table = np.asarray(knots)
    joints = np.stack([np.interp(ticks, grid, table[:, j]) for j in range(len(q))], axis=1)
    return joints, np.interp(ticks, grid, rows[:, 9])


def _towards(
    kinematics: Kinematics, q: FloatArray, target: SE3, limit: FloatArray, posture: FloatArray
) -> FloatArray:
    """Return the joints of the next row; what a joint at its speed limit lacks, the others make up."""
    moving = np.asarray(kinematics.arm, dtype=np.intp)
    following = q
    for _ in range(_ROUNDS):
        wanted = kinematics.step(following, target, joints=moving.tolist(), posture=posture)
        following = q + np.clip(wanted - q, -limit, limit)
        slow = np.abs(wanted - q)[moving] > limit[moving]
        if not slow.any() or slow.all():
            break
        moving = moving[~slow]
    return following
