"""How the robot comes to rest: one tick of braking, and the way the base still goes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.safety.limits import Limits, hold, previous_base, toward_zero

_SAMPLES = 12
_BISECTIONS = 7

Allowed = Callable[[tuple[float, float]], bool]
"""Whether a base command ``(v, w)`` leaves the base a way to rest that is allowed."""


def braked(rate: FloatArray, proprio: Proprio, limits: Limits) -> Action:
    """Return the next action of a robot that comes to rest inside its limits and keeps its grip.

    Args:
        rate: velocity ``[J]`` that the joints were commanded with.
        proprio: what the robot feels now.
        limits: of the embodiment.
    """
    still = hold(proprio, limits)
    speed = np.maximum(np.abs(rate) - limits.acceleration * limits.dt, 0.0)
    joints = still.joints + np.copysign(speed, rate) * limits.dt
    v, w = previous_base(proprio, limits)
    v = toward_zero(v, limits.linear_braking * limits.dt)
    w = toward_zero(w, limits.angular_braking * limits.dt)
    return Action(np.array([v, w]), joints, still.gripper)


def way_to_rest(
    base: tuple[float, float], pose: Pose2, limits: Limits, reaction: float
) -> tuple[FloatArray, FloatArray]:
    """Return x and y ``[N]`` (m, ``map``) along the curve on which a base comes to rest from a command.

    ``reaction`` seconds at full speed, then it slows down as motions are planned to, with the turning rate kept.
    """
    v, w = base
    braking = abs(v) / limits.linear_acceleration
    edges = np.linspace(0.0, reaction + braking, _SAMPLES + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    fraction = np.minimum((edges[-1] - middle) / max(braking, 1e-12), 1.0)
    distance = v * fraction * (edges[1] - edges[0])
    heading = pose.yaw + w * middle
    x = pose.x + np.cumsum(distance * np.cos(heading))
    y = pose.y + np.cumsum(distance * np.sin(heading))
    return x, y


def reach_to_rest(v: float, limits: Limits, reaction: float) -> float:
    """Return the length (m) of that curve."""
    return abs(v) * reaction + v * v / (2.0 * limits.linear_acceleration)


def slowest(proprio: Proprio, limits: Limits) -> tuple[float, float]:
    """Return the slowest forward speed the base can have a tick from now, and its present turning rate."""
    v, w = previous_base(proprio, limits)
    return toward_zero(v, limits.linear_acceleration * limits.dt), w


def slowed(
    told: tuple[float, float], proprio: Proprio, limits: Limits, allowed: Allowed
) -> tuple[float, float]:
    """Return the fastest allowed command between the slowest within reach and what was told.

    If not even the slowest is, the base brakes along the curve it is on: that was allowed a tick ago.
    """
    slow, turning = slowest(proprio, limits)
    if not allowed((slow, told[1])):
        return slow, turning
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        v = slow + middle * (told[0] - slow)
        low, high = (middle, high) if allowed((v, told[1])) else (low, middle)
    return slow + low * (told[0] - slow), told[1]
