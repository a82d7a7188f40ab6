"""Turning the head while the base drives, or by itself."""

from __future__ import annotations

from collections.abc import Generator

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import Command, SkillContext
from diarchy.skills.motion.talk import hold
from diarchy.skills.motion.trajectory import time_path


def turn_head(
    context: SkillContext, now: Proprio, pan_tilt: tuple[float, float], source: str
) -> Generator[Command, Proprio, Proprio]:
    """Turn the head to pan and tilt (rad) and move nothing else."""
    rows = head_rows(context, hold(context, now, 1, source).values[0, 2:-1], pan_tilt)
    if len(rows):
        chunk = hold(context, now, len(rows), source)
        chunk.values[:, [2 + i for i in context.spec.groups["head"]]] = rows
        now = yield chunk
    return now


def head_rows(
    context: SkillContext, joints: FloatArray, pan_tilt: tuple[float, float]
) -> FloatArray:
    """Return positions of the head's joints ``[N, 2]``, one a tick, from joints ``[J]`` to pan and tilt (rad)."""
    spec = context.spec
    head = list(spec.groups["head"])
    goal = joints.copy()
    goal[head] = pan_tilt
    fast = 0.8 * spec.limits("velocity"), 0.8 * spec.limits("acceleration")
    return time_path([joints, goal], *fast, 1.0 / spec.control_hz)[:, head]
