"""Where the robot is at some moments of the way on which it comes to rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2
from diarchy.safety.limits import Limits

_STEPS = 16
_LAG = 0.03
"""Time (s) that the real base follows its command by: its way to rest is longer by so much."""
_TRUE_BRAKING = 0.8
"""The base really brakes with this part of what it is told to, at worst."""
_SHORT = 0.03
_MOMENTS = (0.04, 0.1, 0.18, 0.28, 0.4, 0.55, 0.75, 1.0)
"""Parts of the time of braking; nearer to each other where the robot is still fast."""


@dataclass(frozen=True)
class Moment:
    """Joints ``[J]`` and the base's pose in ``map`` at one moment."""

    q: FloatArray
    base: Pose2


def moments(
    q: FloatArray, rate: FloatArray, base: tuple[float, float], pose: Pose2, limits: Limits
) -> list[Moment]:
    """Return some moments of braking, the end last.

    Args:
        q: joint targets ``[J]`` from which braking begins.
        rate: velocity ``[J]`` that they are reached with.
        base: forward speed and turning rate.
        pose: of the base, now.
        limits: of the embodiment: joints brake as motions are planned to, the base as fast as it may.
    """
    v, w = base
    down = limits.linear_braking * _TRUE_BRAKING, limits.angular_braking * _TRUE_BRAKING
    arm = np.abs(rate) / limits.acceleration
    ends = abs(v) / down[0], abs(w) / down[1]
    drive = max(ends) + _LAG if max(ends) > 0.0 else 0.0
    whole = max(float(arm.max(initial=0.0)), drive)
    shares = _MOMENTS if whole > _SHORT else _MOMENTS[-1:]
    found = []
    way = _drive(v, w, down, drive, pose)
    for share in shares:
        t = np.minimum(share * whole, arm)
        joints = q + rate * t - np.copysign(limits.acceleration, rate) * t * t / 2.0
        joints = np.minimum(np.maximum(joints, limits.lower), limits.upper)
        at = min(share * whole / drive, 1.0) if drive > 0.0 else 1.0
        found.append(Moment(joints, way[round(at * (len(way) - 1))]))
    return found


def _drive(v: float, w: float, down: tuple[float, float], lasts: float, pose: Pose2) -> list[Pose2]:
    """Poses at equal times from now to rest: at full speed for the lag, then slower and slower."""
    if lasts == 0.0:
        return [pose]
    dt = lasts / _STEPS
    x, y, yaw = pose.x, pose.y, pose.yaw
    way = [pose]
    for step in range(_STEPS):
        braked = max((step + 0.5) * dt - _LAG, 0.0)
        speed = math.copysign(max(abs(v) - down[0] * braked, 0.0), v)
        turn = math.copysign(max(abs(w) - down[1] * braked, 0.0), w)
        heading = yaw + 0.5 * turn * dt
        x, y = x + speed * dt * math.cos(heading), y + speed * dt * math.sin(heading)
        yaw += turn * dt
        way.append(Pose2(x, y, yaw))
    return way


def travel(
    rate: FloatArray, base: tuple[float, float], limits: Limits
) -> tuple[FloatArray, float, float]:
    """Return how far joints ``[J]`` (rad or m) and base (m, rad) go at most until they rest, this tick included."""
    v, w = abs(base[0]), abs(base[1])
    down = limits.linear_braking * _TRUE_BRAKING, limits.angular_braking * _TRUE_BRAKING
    joints = np.abs(rate) * limits.dt + rate * rate / (2.0 * limits.acceleration)
    lag = _LAG + limits.dt
    return joints, v * lag + v * v / (2.0 * down[0]), w * lag + w * w / (2.0 * down[1])
