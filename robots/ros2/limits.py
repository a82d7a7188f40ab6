"""The last limits before a command leaves for the robot: numbers that no driver should have to see.

The guard chain of the safety floor has decided before; this holds for whoever publishes, and against
mistakes of ours. Nothing is silently made worse: what is not finite becomes a stop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import BaseSpec, RobotSpec, slew_rate

_ROUNDING = 1e-9


@dataclass
class BaseLimiter:
    """Limits forward (m/s) and turning (rad/s) speed and their rates between two commands."""

    spec: BaseSpec
    _last: tuple[float, float] = (0.0, 0.0)

    def limit(self, forward: float, turning: float, dt: float) -> tuple[float, float]:
        """Return what may be sent ``dt`` s after the command before; not finite: brake."""
        if not (math.isfinite(forward) and math.isfinite(turning)):
            forward = turning = 0.0
        spec = self.spec
        v0, w0 = self._last
        forward = _clamp(forward, spec.linear_velocity)
        turning = _clamp(turning, spec.angular_velocity)
        dv = slew_rate(forward, v0, spec.linear_acceleration, spec.linear_braking)
        dw = slew_rate(turning, w0, spec.angular_acceleration, spec.angular_braking)
        v, w = _slew(v0, forward, dv * dt), _slew(w0, turning, dw * dt)
        self._last = (v, w)
        return v, w

    def stopped(self) -> None:
        """Note that zero was sent at once: the driver brakes as hard as it may."""
        self._last = (0.0, 0.0)


class JointLimiter:
    """Limits position targets ``[J]`` to the joints' ranges, and their change to the joints' speeds."""

    def __init__(self, spec: RobotSpec) -> None:
        self._lower, self._upper = spec.limits("lower"), spec.limits("upper")
        self._velocity = spec.limits("velocity")

    def limit(self, target: FloatArray, before: FloatArray, dt: float) -> FloatArray:
        """Return the target that may be sent ``dt`` s after ``before``; not finite: stay."""
        good = np.where(np.isfinite(target), target, before)
        step = self._velocity * dt + _ROUNDING
        near = np.minimum(np.maximum(good, before - step), before + step)
        return np.asarray(np.minimum(np.maximum(near, self._lower), self._upper))


def _clamp(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _slew(before: float, wanted: float, step: float) -> float:
    return before + min(max(wanted - before, -step), step)
