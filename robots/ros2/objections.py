"""What is wrong with a joint trajectory, before it is sent: ranges, speeds, its start, what is in the way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import RobotSpec
from diarchy.robots.ros2.convert.joints import Trajectory

SPEED_SLACK = 1.05
START = 0.05
"""rad or m that a trajectory may begin away from where the joints are."""
Clear = Callable[[FloatArray], bool]
"""Tells of joint positions ``[J]`` whether the robot hits nothing there."""


def objections(
    plan: Trajectory, q: FloatArray, spec: RobotSpec, clear: Clear | None = None
) -> list[str]:
    """Say what is wrong with a trajectory; nothing: it may be sent.

    Args:
        plan: joints by the spec's names.
        q: where the joints are ``[J]``.
        spec: limits.
        clear: asked along the path, every 0.05 rad or m of the joint that moves most.
    """
    index = [spec.joint_names.index(n) for n in plan.names]
    path = np.vstack([q[index], plan.positions])
    times = np.concatenate([[0.0], plan.times])
    told = []
    lower, upper = spec.limits("lower")[index], spec.limits("upper")[index]
    speed = spec.limits("velocity")[index]
    outside = (plan.positions < lower - 1e-6) | (plan.positions > upper + 1e-6)
    told += [f"{plan.names[j]} leaves its range" for j in np.flatnonzero(outside.any(axis=0))]
    step, dt = np.abs(np.diff(path, axis=0)), np.maximum(np.diff(times), 1e-9)
    if times[1] <= 1e-3:  # the first point is where it should be already
        away = step[0] > START
        told += [f"{plan.names[j]} starts {step[0, j]:.3f} away" for j in np.flatnonzero(away)]
        step, dt = step[1:], dt[1:]
    fast = (
        (step / dt[:, None] > speed * SPEED_SLACK).any(axis=0)
        if len(step)
        else np.zeros(len(index), bool)
    )
    if plan.velocities is not None:
        fast = fast | (np.abs(plan.velocities) > speed * SPEED_SLACK).any(axis=0)
    told += [f"{plan.names[j]} is too fast" for j in np.flatnonzero(fast)]
    if not told and clear is not None and (hit := _first_hit(path, q, index, clear)) is not None:
        told.append(f"it hits something at {times[hit]:.2f} s")
    return told


def _first_hit(path: FloatArray, q: FloatArray, index: list[int], clear: Clear) -> int | None:
    for k in range(1, len(path)):
        count = max(1, int(np.ceil(np.abs(path[k] - path[k - 1]).max() / 0.05)))
        for share in np.arange(1, count + 1) / count:
            at = q.copy()
            at[index] = (1.0 - share) * path[k - 1] + share * path[k]
            if not clear(at):
                return k
    return None
