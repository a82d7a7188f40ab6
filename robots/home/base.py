"""The differential base: velocity commands become a stiff position set-point; odometry drifts."""

from __future__ import annotations

import math

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import BaseSpec, Pose2, slew_rate

LEASH_M, LEASH_RAD = 0.006, 0.015
"""How far the set-point may run ahead of the real base, which may be blocked."""

SCALE = (0.008, 0.025)
WALK_M, WALK_RAD = 0.004, 0.010
_BLOCK = 256


class DifferentialBase:
    """Integrates ``(v, w)``, limited in speed and acceleration, to a planar set-point."""

    def __init__(self, spec: BaseSpec, start: Pose2, period: float) -> None:
        self._speed = (spec.linear_velocity, spec.angular_velocity)
        self._rate = (spec.linear_acceleration * period, spec.angular_acceleration * period)
        self._brake = (spec.linear_braking * period, spec.angular_braking * period)
        self._period = period
        self.velocity = (0.0, 0.0)
        self.setpoint = (start.x, start.y, start.yaw)

    def step(
        self, command: FloatArray, actual: FloatArray, measured: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Advance one tick towards ``command`` ``[2]``.

        Args:
            command: forward m/s and turning rad/s.
            actual: planar pose ``[3]`` of the base in ``map``.
            measured: its forward and turning velocity ``[2]``: what is left of the commanded one
                where something is in the way.

        Returns:
            The set-point ``[3]`` and its velocity ``[3]``, both in ``map``.
        """
        # Scalars: NumPy's overhead on arrays of two would cost a tenth of the whole control tick.
        v = self._slewed(0, float(command[0]))
        w = self._slewed(1, float(command[1]))
        x, y, yaw = self.setpoint
        at_x, at_y, at_yaw = actual.tolist()
        middle = yaw + 0.5 * w * self._period
        cos, sin = math.cos(middle), math.sin(middle)
        dx = x + v * self._period * cos - at_x
        dy = y + v * self._period * sin - at_y
        turn = yaw + w * self._period - at_yaw
        distance = math.hypot(dx, dy)
        # Only a set-point that is ahead of the base is held back by what blocks it: one that brakes lags behind.
        if distance > LEASH_M:
            dx, dy = dx * LEASH_M / distance, dy * LEASH_M / distance
            v = float(measured[0]) if (dx * cos + dy * sin) * v > 0.0 else v
        if abs(turn) > LEASH_RAD:
            turn = math.copysign(LEASH_RAD, turn)
            w = float(measured[1]) if turn * w > 0.0 else w
        self.velocity = (v, w)
        self.setpoint = (at_x + dx, at_y + dy, at_yaw + turn)
        return np.array(self.setpoint), np.array((v * cos, v * sin, w))

    def _slewed(self, axis: int, wanted: float) -> float:
        """The velocity of one axis after a tick: within its limits of speed and acceleration."""
        limit, now = self._speed[axis], self.velocity[axis]
        wanted = min(max(wanted, -limit), limit)
        rate = slew_rate(wanted, now, self._rate[axis], self._brake[axis])
        return now + min(max(wanted - now, -rate), rate)


class WheelOdometry:
    """Dead reckoning with the errors of wheels: a scale error for the run, and noise with distance.

    Each run draws a scale error (standard deviation 0.8% of distance, 2.5% of turning); a random walk
    of `WALK_M` per root metre and `WALK_RAD` per root radian comes on top. ``scale`` replaces the drawn errors.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        *,
        noisy: bool,
        start: FloatArray,
        scale: tuple[float, float] | None = None,
    ) -> None:
        self._rng = rng
        self._noisy = noisy
        self._scale = tuple(rng.normal(0.0, SCALE).tolist()) if noisy else (0.0, 0.0)
        if noisy and scale is not None:
            self._scale = scale
        self._noise: list[list[float]] = []
        self._last = (float(start[0]), float(start[1]), float(start[2]))
        self.pose = Pose2(0.0, 0.0, 0.0)

    def step(self, actual: FloatArray) -> None:
        """Account for the motion of one tick to the planar pose ``actual`` ``[3]``."""
        x, y, yaw = actual.tolist()
        dx, dy, turn = x - self._last[0], y - self._last[1], yaw - self._last[2]
        middle = self._last[2] + turn / 2
        cos, sin = math.cos(middle), math.sin(middle)
        forward, sideways = dx * cos + dy * sin, dy * cos - dx * sin
        self._last = (x, y, yaw)
        if self._noisy:
            # Drawn in blocks, the same numbers in the same order: one by one takes longer than all the rest.
            self._noise = self._noise or self._rng.normal(0.0, 1.0, (_BLOCK, 2))[::-1].tolist()
            ahead, aside = self._noise.pop()
            forward += self._scale[0] * forward + WALK_M * ahead * math.sqrt(abs(forward))
            turn += self._scale[1] * turn + WALK_RAD * aside * math.sqrt(abs(turn))
        pose = self.pose
        heading = pose.yaw + turn / 2
        cos, sin = math.cos(heading), math.sin(heading)
        self.pose = Pose2(
            pose.x + forward * cos - sideways * sin,
            pose.y + forward * sin + sideways * cos,
            wrap_angle(pose.yaw + turn),
        )
