"""The differential base: velocity commands become a stiff position set-point; odometry drifts."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import BaseSpec, Pose2

LEASH_M, LEASH_RAD = 0.02, 0.04
"""How far the set-point may run ahead of the real base, which may be blocked."""


class DifferentialBase:
    """Integrates ``(v, w)``, limited in speed and acceleration, to a planar set-point."""

    def __init__(self, spec: BaseSpec, start: Pose2, period: float) -> None:
        self._speed = np.array([spec.linear_velocity, spec.angular_velocity])
        self._rate = np.array([spec.linear_acceleration, spec.angular_acceleration]) * period
        self._period = period
        self.velocity = np.zeros(2)
        self.setpoint = np.array([start.x, start.y, start.yaw])

    def step(self, command: FloatArray, actual: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Advance one tick towards ``command`` ``[2]``, given the ``actual`` planar pose ``[3]``.

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
        self.setpoint = self._leashed(np.array([*ahead, yaw + w * self._period]), actual)
        return self.setpoint, np.array([*(v * direction), w])

    def _leashed(self, setpoint: FloatArray, actual: FloatArray) -> FloatArray:
        offset = setpoint - actual
        distance = float(np.hypot(offset[0], offset[1]))
        if distance > LEASH_M:
            offset[:2] *= LEASH_M / distance
        offset[2] = np.clip(offset[2], -LEASH_RAD, LEASH_RAD)
        return np.asarray(actual + offset, dtype=np.float64)


class WheelOdometry:
    """Dead reckoning with the errors of wheels: a scale error for the run, and noise with distance.

    Each run draws a scale of about 1% for distance and 3% for turning; white noise of the same
    relative size comes on top, tick by tick, so that the estimate drifts as a random walk.
    """

    def __init__(self, rng: np.random.Generator, *, noisy: bool, start: FloatArray) -> None:
        self._rng = rng
        self._noisy = noisy
        self._scale = rng.normal(0.0, [0.006, 0.02]) if noisy else np.zeros(2)
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
            # Random-walk terms: 1 cm per sqrt(metre), 0.02 rad per sqrt(radian).
            forward += self._scale[0] * forward + 0.006 * noise[0] * np.sqrt(abs(forward)) * 0.3
            turn += self._scale[1] * turn + 0.02 * noise[1] * np.sqrt(abs(turn)) * 0.3
        pose = self.pose
        heading = pose.yaw + turn / 2
        self.pose = Pose2(
            pose.x + forward * float(np.cos(heading)) - sideways * float(np.sin(heading)),
            pose.y + forward * float(np.sin(heading)) + sideways * float(np.cos(heading)),
            wrap_angle(pose.yaw + turn),
        )
