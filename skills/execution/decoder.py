"""Chunks of gripper poses, as policies speak, into chunks of joints, as robots obey."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray, rotation_from_6d
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.contracts.skill import SkillContext
from diarchy.skills.motion.kinematics import Kinematics

_SHARE = 0.95
"""Share of the joints' speed limits that is used, so that rounding does not wake the guard."""
_WIDTH = 10


class ActionDecoder:
    """Decodes ``ee_pose`` chunks; ``joint`` chunks pass. For `SkillExecutor`'s ``decoder``.

    Each row's rotation is projected onto SO(3), then inverse kinematics moves arm and torso from the
    row before it, inside the joints' ranges and speeds: what a row asks beyond them, later rows make
    up. The base stands still and the other joints keep their commands.
    """

    def __init__(self, robot: RobotSpec) -> None:
        self._kinematics = Kinematics(robot)

    def decode(self, chunk: ActionChunk, context: SkillContext, proprio: Proprio) -> ActionChunk:
        """Return the same motion as joints.

        Raises:
            BadInputError: the frame is neither ``base`` nor ``map``, the rows are not ``[H, 10]``,
                not finite, or a rotation is degenerate.
        """
        if chunk.representation == "joint":
            return chunk
        rows = _checked(chunk)
        last = proprio.commanded or Action(np.zeros(2), proprio.q, proprio.gripper_width)
        into_base = _into_base(chunk.frame, context)
        joints, limit = last.joints, _SHARE * context.spec.limits("velocity")
        ticks, values = 1, np.zeros((len(rows), 3 + len(joints)))
        for i, row in enumerate(rows):
            wanted = self._kinematics.step(joints, into_base @ _pose(row), posture=last.joints)
            reach = limit * ticks / context.spec.control_hz
            joints = joints + np.clip(wanted - joints, -reach, reach)
            values[i, 2:-1], values[i, -1] = joints, row[9]
            ticks = chunk.stride
        start, stride = chunk.start_tick, chunk.stride
        return ActionChunk("joint", "joint", values, start, stride, chunk.epoch, chunk.source)


def _checked(chunk: ActionChunk) -> FloatArray:
    rows = np.asarray(chunk.values, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != _WIDTH or not len(rows):
        raise BadInputError(f"expected poses [H >= 1, {_WIDTH}], got {list(rows.shape)}")
    if not np.isfinite(rows).all():
        raise BadInputError(f"a chunk of {chunk.source} holds NaN or infinity")
    return rows


def _into_base(frame: str, context: SkillContext) -> SE3:
    if frame == "base":
        return SE3.identity()
    if frame == "map":
        return context.world.map_from_base().inverse()
    raise BadInputError(f"cannot decode poses in frame '{frame}'; known: base, map")


def _pose(row: FloatArray) -> SE3:
    try:
        return SE3(rotation_from_6d(row[3:9]), row[:3])
    except ValueError as error:
        raise BadInputError(str(error)) from error
