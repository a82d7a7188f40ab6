"""The base as a unicycle, and the laws that steer it: turn on the spot, follow a line, creep."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import BaseSpec, Pose2, slew_rate

_GAIN = 6.0
"""Speed per distance left (1/s) near the goal; the servo of the base lags about 0.1 s behind."""
_SLOWEST = (0.015, 0.03)
_TURN_FIRST = 0.9
"""Heading error (rad) above which the base stops and turns on the spot."""
_BRAKING = 0.5
"""Share of what the base can brake that a drive is planned with; the rest is for what was not foreseen."""


@dataclass(frozen=True)
class Pace:
    """How fast to drive: speeds in m/s and rad/s, how fast they rise and fall in m/s^2 and rad/s^2."""

    linear: float
    angular: float
    linear_rate: float
    angular_rate: float
    linear_brake: float
    angular_brake: float

    @staticmethod
    def of(base: BaseSpec, fraction: float = 0.95) -> Pace:
        """Take a fraction of what the base can do, and brake at least as hard as it speeds up."""
        linear, angular = fraction * base.linear_acceleration, fraction * base.angular_acceleration
        return Pace(
            fraction * base.linear_velocity,
            fraction * base.angular_velocity,
            linear,
            angular,
            max(linear, _BRAKING * base.linear_braking),
            max(angular, _BRAKING * base.angular_braking),
        )

    def slower(self, factor: float) -> Pace:
        """Return the same with lower top speeds."""
        return replace(self, linear=factor * self.linear, angular=factor * self.angular)

    def gentle(self) -> Pace:
        """Return the same, braking no harder than it speeds up."""
        return replace(self, linear_brake=self.linear_rate, angular_brake=self.angular_rate)


@dataclass
class Unicycle:
    """A predicted state: pose in ``map`` and speeds; `drive` advances it by one tick."""

    x: float
    y: float
    yaw: float
    v: float
    w: float

    def drive(self, v: float, w: float, pace: Pace, period: float) -> None:
        """Speed up or down towards ``v``, ``w`` inside the limits, then move."""
        dv = slew_rate(v, self.v, pace.linear_rate, pace.linear_brake) * period
        dw = slew_rate(w, self.w, pace.angular_rate, pace.angular_brake) * period
        self.v += min(max(v - self.v, -dv), dv)
        self.w += min(max(w - self.w, -dw), dw)
        middle = self.yaw + 0.5 * self.w * period
        self.x += self.v * period * math.cos(middle)
        self.y += self.v * period * math.sin(middle)
        self.yaw += self.w * period

    def place(self, pose: Pose2) -> None:
        """Take over a measured pose, keep the speeds."""
        self.x, self.y, self.yaw = pose.x, pose.y, pose.yaw


def approach_speed(left: float, top: float, rate: float, slowest: float) -> float:
    """Speed (signed) at which to close the distance ``left`` (signed) and still stop in it, braking at ``rate``."""
    size = abs(left)
    speed = min(top, math.sqrt(1.7 * rate * size), max(_GAIN * size, slowest))
    return math.copysign(speed, left)


@dataclass
class TurnTo:
    """Turn on the spot to a heading (rad in ``map``)."""

    yaw: float
    tolerance: float = 0.006

    def command(self, state: Unicycle, pace: Pace) -> tuple[float, float] | None:
        """Return forward and turning speed, None when done."""
        left = wrap_angle(self.yaw - state.yaw)
        # Where it comes to rest if it brakes now, which is what follows when this law is done.
        rest = left - state.w * abs(state.w) / (2.0 * pace.angular_brake)
        if abs(rest) < self.tolerance and abs(state.w) < 0.5 and abs(state.v) < 0.01:
            return None
        return 0.0, approach_speed(left, pace.angular, pace.angular_brake, _SLOWEST[1])


@dataclass
class Creep:
    """Drive straight, forwards or backwards, until a point lies level with the base, keeping a heading."""

    x: float
    y: float
    yaw: float
    tolerance: float = 0.003

    def command(self, state: Unicycle, pace: Pace) -> tuple[float, float] | None:
        """Return forward and turning speed, None when done."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        left = float(c * (self.x - state.x) + s * (self.y - state.y))
        if abs(left) < self.tolerance and abs(state.v) < 0.03:
            return None
        turn = np.clip(2.0 * wrap_angle(self.yaw - state.yaw), -0.4, 0.4)
        return approach_speed(left, 0.5 * pace.linear, pace.linear_brake, _SLOWEST[0]), float(turn)


@dataclass
class Follow:
    """Follow a polyline ``[n >= 2, 2]`` m in ``map`` to its end (pure pursuit, after Coulter 1992).

    Beyond the end the last stretch is thought to go on, so that the base arrives along it.
    """

    points: FloatArray
    tolerance: float = 0.005
    _turning: bool = False

    def command(self, state: Unicycle, pace: Pace) -> tuple[float, float] | None:
        """Return forward and turning speed, None when done."""
        here = np.array([state.x, state.y])
        index, fraction = nearest_on(self.points, here)
        left = self._left(here, index, fraction)
        if left < self.tolerance:
            return None if abs(state.v) < 0.03 else (0.0, 0.0)
        reach = min(0.15 + 0.50 * abs(state.v), 0.50)
        ahead = self._ahead(index, fraction, reach) - here
        error = wrap_angle(float(np.arctan2(ahead[1], ahead[0])) - state.yaw)
        self._turning = abs(error) > (0.10 if self._turning else _TURN_FIRST)
        if self._turning:
            turn = approach_speed(error, pace.angular, pace.angular_brake, _SLOWEST[1])
            return 0.0, turn if abs(state.v) < 0.05 else 0.0
        curvature = 2.0 * np.sin(error) / max(float(np.hypot(*ahead)), 0.1)
        top = min(pace.linear, 0.8 * pace.angular / max(abs(curvature), 1e-6))
        speed = approach_speed(left, top, pace.linear_brake, _SLOWEST[0]) * max(0.2, np.cos(error))
        turn = min(max(speed * curvature, -pace.angular), pace.angular)
        return float(speed), float(turn)

    def remaining(self, here: FloatArray) -> FloatArray:
        """The part of the line ``[m, 2]`` that is still ahead of a point ``[2]``."""
        index, fraction = nearest_on(self.points, here)
        first = self.points[index] + fraction * (self.points[index + 1] - self.points[index])
        return np.concatenate([[first], self.points[index + 1 :]])

    def _left(self, here: FloatArray, index: int, fraction: float) -> float:
        """Distance along the line; on the last stretch also negative, beyond the end."""
        steps = self.points[1:] - self.points[:-1]
        lengths = np.sqrt(_row_dot(steps, steps))
        if index == len(lengths) - 1:
            along = (self.points[-1] - self.points[-2]) / max(float(lengths[-1]), 1e-9)
            return float(along @ (self.points[-1] - here))
        return float((1.0 - fraction) * lengths[index] + lengths[index + 1 :].sum())

    def _ahead(self, index: int, fraction: float, reach: float) -> FloatArray:
        left = reach
        start = self.points[index] + fraction * (self.points[index + 1] - self.points[index])
        for end in self.points[index + 1 :]:
            stretch = end - start
            length = math.sqrt(float(stretch @ stretch))
            if length >= left and length > 1e-9:
                return np.asarray(start + left / length * stretch)
            left, start = left - length, end
        along = self.points[-1] - self.points[-2]
        return np.asarray(self.points[-1] + left * along / max(float(np.linalg.norm(along)), 1e-9))


Law = TurnTo | Creep | Follow


def nearest_on(points: FloatArray, here: FloatArray) -> tuple[int, float]:
    """Index of the stretch of a polyline ``[n, 2]`` nearest to a point, and how far along it (0 to 1)."""
    begin = points[:-1]
    steps = points[1:] - begin
    along = _row_dot(here - begin, steps) / np.maximum(_row_dot(steps, steps), 1e-12)
    fraction = np.minimum(np.maximum(along, 0.0), 1.0)
    away = begin + fraction[:, None] * steps - here
    gaps = np.sqrt(_row_dot(away, away))
    # The later of equally near stretches: the base does not go back at a corner.
    index = len(gaps) - 1 - int(gaps[::-1].argmin())
    return index, float(fraction[index])


def _row_dot(first: FloatArray, second: FloatArray) -> FloatArray:
    """Dot product ``[n]`` of each row of two arrays ``[n, 2]``; the predicted base asks for it at every tick."""
    product = first * second
    return np.asarray(product[:, 0] + product[:, 1])
