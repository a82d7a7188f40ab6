"""Leading the hand along a path of poses at 50 Hz, while it holds or pushes something that gives way."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import Cause
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError

_SERVO_TICKS = 4
_DAMPING = 2e-2
"""Less lets joints turn to and fro at full speed where the arm is nearly stretched, and the guard smooth it."""
_LAG = 0.06
"""How far (m) the hand may stay behind its command before what it leads counts as stuck."""
_STUCK_STEPS = 15
_REHEARSED, _REHEARSED_ERROR, _REHEARSED_STEP = 31, 0.05, 0.6
"""Steps of a rehearsal; the largest error (m) and change of a joint (rad) of one."""


def lead(
    arm: Arm,
    pose_at: Callable[[float], SE3],
    *,
    seconds: float,
    weights: tuple[float, float] = (1.0, 0.5),
    lost: Callable[[Proprio], bool] = lambda now: False,
    watch: Callable[[int], None] = lambda step: None,
    what: str = "it",
) -> Motion:
    """Lead the hand along ``pose_at(u)`` (``base_from_gripper``) for u from 0 to 1, at rest at both ends.

    Args:
        arm: what moves; its hand is at ``pose_at(0)`` already.
        pose_at: the path; it may learn on the way.
        seconds: for the whole of it.
        weights: of position (per m) and rotation (per rad): what is led may turn the hand.
        lost: tells that the hand does not hold it any more.
        watch: is called after each step with its number, from 1.
        what: is named in errors.

    Raises:
        MotionFailedError: ``SLIPPED`` when lost, ``BLOCKED`` when the hand stays behind.
    """
    steps, stuck = max(2, int(seconds / (_SERVO_TICKS * arm.period))), 0
    for k in range(1, steps + 1):
        u = k / steps
        yield from _servo(arm, pose_at(u * u * (3.0 - 2.0 * u)), weights)
        watch(k)
        if lost(arm.proprio):
            raise MotionFailedError(Cause.SLIPPED, f"the hand lost {what}")
        wanted = arm.kinematics.gripper_pose(arm.q).translation
        behind = float(np.linalg.norm(arm.gripper_pose().translation - wanted))
        stuck = stuck + 1 if behind > _LAG else 0
        if stuck > _STUCK_STEPS:
            raise MotionFailedError(Cause.BLOCKED, f"{what} does not move on")


def rehearse(
    arm: Arm,
    pose_at: Callable[[float], SE3],
    start: FloatArray,
    *,
    weights: tuple[float, float] = (1.0, 0.5),
    allow: Collection[str] = (),
) -> bool:
    """Tell whether the arm can lead its hand along a path from joints ``[J]`` without being in its own way.

    Args:
        arm: its planning scene holds what must not be touched.
        pose_at, weights: as for `lead`.
        start: joints with the hand at ``pose_at(0)``.
        allow: ids of entities that may be touched.
    """
    q = start
    for u in np.linspace(0.0, 1.0, _REHEARSED)[1:]:
        target = pose_at(float(u))
        before = q
        q = arm.kinematics.step(q, target, weights=weights, iterations=6)
        reached = arm.kinematics.gripper_pose(q).translation
        if float(np.linalg.norm(reached - target.translation)) > _REHEARSED_ERROR:
            return False
        if float(np.abs(q - before).max()) > _REHEARSED_STEP or not arm.free(
            q, allow=allow, margin=0.0
        ):
            return False
    return True


def _servo(arm: Arm, target: SE3, weights: tuple[float, float]) -> Motion:
    """One step of 50 Hz towards a pose, on the commanded joints, spread over its ticks."""
    following = arm.kinematics.step(arm.q, target, weights=weights, damping=_DAMPING)
    change, limit = following - arm.q, arm.velocity * _SERVO_TICKS * arm.period
    # All joints slower alike: each by itself would lead the hand elsewhere, and back at the next step.
    following = arm.q + change / max(1.0, float(np.max(np.abs(change) / limit)))
    fractions = np.arange(1, _SERVO_TICKS + 1)[:, None] / _SERVO_TICKS
    yield from arm.follow(arm.q + fractions * (following - arm.q), guard=False)
