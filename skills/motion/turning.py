"""Turning on the spot with an arm that sticks out: which way round nothing is in its way."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import wrap_angle
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.contracts.skill import SkillContext
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.carry import attached_now
from diarchy.skills.motion.riders import riders

_STEP = 0.10
"""Headings (rad) between two looks at the arm: at half a metre the hand moves 5 cm."""
SMALL = 0.20
"""Turns up to this (rad) are not looked at."""


def free_turn(context: SkillContext, now: Proprio, pose: Pose2, yaw: float) -> float | None:
    """Return the turn (rad, left is positive) to a heading in ``map`` on which the arm meets nothing.

    The shorter way round is tried first, then the longer one. What the arm touches already it may
    not come nearer to.

    Args:
        context: of the running skill.
        now: newest proprioception.
        pose: where the base stands, in ``map``.
        yaw: where to turn to, rad.

    Returns:
        None if something is in the way both ways round.
    """
    short = wrap_angle(yaw - pose.yaw)
    if abs(short) <= SMALL:
        return short
    arm = loaded(context, now)
    arm.scene.keep_in_sweep(arm.q, pose.se3())
    arm.scene.prepare(arm.q, arm.q, pose.se3())
    both = (short, short - float(np.copysign(2.0 * np.pi, short)))
    return next((turn for turn in both if turns_freely(arm, pose, turn)), None)


def turns_freely(arm: Arm, pose: Pose2, turn: float) -> bool:
    """Tell whether the arm meets nothing while the base turns by ``turn`` rad from a pose in ``map``."""
    headings = pose.yaw + np.linspace(0.0, turn, int(abs(turn) / _STEP) + 2)[1:]
    swept = (Pose2(pose.x, pose.y, float(h)).se3() for h in headings)
    return not any(arm.scene.in_collision(arm.q, base) for base in swept)


def loaded(context: SkillContext, now: Proprio) -> Arm:
    """The arm with what it holds, among what is believed to be there."""
    arm, held = Arm(context, now, "turning"), context.world.held()
    known = {e.id: e for e in context.world.entities()}
    aboard = riders(context.world, held) if held in known else []
    arm.scene.update(context.world, without={r.id for r in aboard})
    arm.scene.set_opening(arm.width)
    if held in known:
        arm.scene.attach(attached_now(arm, known[held], aboard))
    return arm
