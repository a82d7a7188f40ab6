"""The differential base: velocity commands become a stiff position set-point; odometry drifts."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import BaseSpec, Pose2

LEASH_M, LEASH_RAD = 0.006, 0.015
"""How far the set-point may run ahead of the real base, which may be blocked."""

SCALE = (0.008, 0.025)
WALK_M, WALK_RAD = 0.004, 0.010


class DifferentialBase:
    """Integrates ``(v, w)``, limited in speed and acceleration, to a planar set-point."""

    def __init__(self, spec: BaseSpec, start: Pose2, period: float) -> None:
        self._speed = np.array([spec.linear_velocity, spec.angular_velocity])
        self._rate = np.array([spec.linear_acceleration, spec.angular_acceleration]) * period
        self._period = period
        self.velocity = np.zeros(2)
        self.setpoint = np.array([start.x, start.y, start.yaw])

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
        wanted = np.clip(command, -self._speed, self._speed)
        self.velocity = self.velocity + np.clip(wanted - self.velocity, -self._rate, self._rate)
        v, w = self.velocity
        x, y, yaw = self.setpoint
        middle = yaw + 0.5 * w * self._period
        direction = np.array([np.cos(middle), np.sin(middle)])
        ahead = np.array([x, y]) + v * self._period * direction
        offset = np.array([*ahead, yaw + w * self._period]) - actual
        distance = float(np.hypot(offset[0], offset[1]))
        if distance > LEASH_M:
            offset[:2] *= LEASH_M / distance
            self.velocity[0] = measured[0]
        if abs(offset[2]) > LEASH_RAD:
            offset[2] = np.copysign(LEASH_RAD, offset[2])
            self.velocity[1] = measured[1]
        self.setpoint = actual + offset
        v, w = self.velocity
        return self.setpoint, np.array([*(v * direction), w])


class WheelOdometry:
    """Dead reckoning with the errors of wheels: a scale error for the run, and noise with distance.

    Each run draws a scale error (standard deviation 0.8% of distance, 2.5% of turning); a random walk
    of `WALK_M` per root metre and `WALK_RAD` per root radian comes on top.
    """

    def __init__(self, rng: np.random.Generator, *, noisy: bool, start: FloatArray) -> None:
        self._rng = rng
        self._noisy = noisy
        self._scale = rng.normal(0.0, SCALE) if noisy else np.zeros(2)
        self._last = start.copy()
        self.pose = Pose2(0.0, 0.0, 0.0)

    def step(self, actual: FloatArray) -> None:
        """Account for the motion of one tick to the planar pose ``actual`` ``[3]``."""
        dx, dy = actual[0] - self._last[0], actual[1] - self._last[1]
        turn = float(actual[2] - self._last[2])
        middle = self._last[2] + turn / 2
        forward = float(dx * np.cos(middle) + dy * np.sin(middle))
        sideways = float(-dx * np.sin(middle) + dy * np.cos(middle))
        self._last = actual.copy()
        if self._noisy:
            noise = self._rng.normal(0.0, 1.0, 2)
            forward += self._scale[0] * forward + WALK_M * noise[0] * np.sqrt(abs(forward))
            turn += self._scale[1] * turn + WALK_RAD * noise[1] * np.sqrt(abs(turn))
        pose = self.pose
        heading = pose.yaw + turn / 2
        self.pose = Pose2(
            float(pose.x + forward * np.cos(heading) - sideways * np.sin(heading)),
            float(pose.y + forward * np.sin(heading) + sideways * np.cos(heading)),
            wrap_angle(pose.yaw + turn),
        )
