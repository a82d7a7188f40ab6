"""The limits of an embodiment as arrays, and the small arithmetic that every guard shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio, RobotSpec

TOLERANCE = 1e-6
"""A change below this fraction of a component's range is rounding, not a modification."""

HARD = 20.0
"""Motions are planned with a joint's acceleration; a command may change its velocity so many times faster.

A policy's rows and a sudden stop are not planned, and none of the two is to be bent for being lively.
"""

WORST = 1e3
"""Reported magnitudes end here: a report has no use for 1e300, and JSON none for infinity."""


@dataclass(frozen=True)
class Limits:
    """The limits of a `RobotSpec`, read once because the control loop has no time to.

    Arrays are ``[J]``; ``velocity`` and ``acceleration`` are rates per second, ``inverse_range`` is
    ``1 / (upper - lower)``; ``dt`` is the control period in s.
    """

    names: tuple[str, ...]
    lower: FloatArray
    upper: FloatArray
    velocity: FloatArray
    acceleration: FloatArray
    motor_acceleration: FloatArray
    inverse_range: FloatArray
    linear: float
    angular: float
    linear_acceleration: float
    angular_acceleration: float
    linear_braking: float
    angular_braking: float
    radius: float
    max_width: float
    dt: float

    @cached_property
    def hard_acceleration(self) -> FloatArray:
        """How fast ``[J]`` commanded joint velocities may change at all, per second squared."""
        return np.minimum(HARD * self.acceleration, self.motor_acceleration)

    @cached_property
    def hard_change(self) -> FloatArray:
        """How much ``[J]`` a joint's step may differ from its last one: `hard_acceleration` for one tick."""
        return self.hard_acceleration * self.dt**2

    @cached_property
    def run_out(self) -> FloatArray:
        """How far ``[J]`` a joint at its fastest still moves when it is braked as hard as that allows."""
        return self.velocity**2 / (2.0 * self.hard_acceleration) + self.step

    @cached_property
    def step(self) -> FloatArray:
        """How far ``[J]`` joint targets may move in one tick."""
        return self.velocity * self.dt

    @staticmethod
    def of(spec: RobotSpec) -> Limits:
        """Read the limits of an embodiment."""
        lower, upper = spec.limits("lower"), spec.limits("upper")
        return Limits(
            names=spec.joint_names,
            lower=lower,
            upper=upper,
            velocity=spec.limits("velocity"),
            acceleration=spec.limits("acceleration"),
            motor_acceleration=spec.limits("motor_acceleration"),
            inverse_range=1.0 / np.maximum(upper - lower, 1e-9),
            linear=spec.base.linear_velocity,
            angular=spec.base.angular_velocity,
            linear_acceleration=spec.base.linear_acceleration,
            angular_acceleration=spec.base.angular_acceleration,
            linear_braking=spec.base.linear_braking,
            angular_braking=spec.base.angular_braking,
            radius=spec.base.radius,
            max_width=spec.gripper.max_width,
            dt=1.0 / spec.control_hz,
        )

    def base_magnitude(self, before: tuple[float, float], after: tuple[float, float]) -> float:
        """Largest change of the base command as a fraction of its range."""
        dv = abs(after[0] - before[0]) / (2.0 * self.linear)
        dw = abs(after[1] - before[1]) / (2.0 * self.angular)
        return min(max(dv, dw), WORST)

    def magnitude(self, before: Action, after: Action) -> float:
        """Largest change of any component as a fraction of its range."""
        joints = float(np.abs((after.joints - before.joints) * self.inverse_range).max(initial=0.0))
        gripper = abs(after.gripper - before.gripper) / self.max_width
        base = self.base_magnitude(base_of(before), base_of(after))
        return min(max(joints, gripper, base), WORST)


def base_of(action: Action) -> tuple[float, float]:
    """Return the base command as two Python floats, which are faster than an array of two."""
    return float(action.base[0]), float(action.base[1])


def previous_base(proprio: Proprio, limits: Limits) -> tuple[float, float]:
    """Return the base velocity the next command is measured against, inside the limits.

    That is what was commanded last; before the first command, what is measured.
    """
    base = proprio.base_velocity if proprio.commanded is None else proprio.commanded.base
    v, w = float(base[0]), float(base[1])
    v = v if math.isfinite(v) else 0.0
    w = w if math.isfinite(w) else 0.0
    return clamp(v, -limits.linear, limits.linear), clamp(w, -limits.angular, limits.angular)


def previous_joints(proprio: Proprio) -> FloatArray:
    """Return the joint targets ``[J]`` the next command is measured against."""
    return proprio.q if proprio.commanded is None else proprio.commanded.joints


def unmoved(action: Action, proprio: Proprio) -> bool:
    """Tell whether the joints are told just what they were told last: at most ticks, and told quickly.

    Bytes are compared, so a True holds of the values too; arrays of other types are simply not the same.
    """
    last = proprio.commanded
    return last is not None and last.joints.tobytes() == action.joints.tobytes()


def commanded_rate(proprio: Proprio, context: GuardContext, limits: Limits) -> FloatArray | None:
    """Return the joint velocity ``[J]`` that the last two commands make; None when there are not two.

    A faster one than the joints have counts as their fastest: the robot did not follow it.
    """
    now, before = proprio.commanded, context.before
    if now is None or before is None:
        return None
    rate = (now.joints - before.joints) / limits.dt
    if not np.isfinite(rate).all():
        return None
    return np.minimum(np.maximum(rate, -limits.velocity), limits.velocity)


def hold(proprio: Proprio, limits: Limits) -> Action:
    """Return the action that keeps the pose and the grip, base zero.

    Built from the last command; before the first, or if that is not finite, from what is measured.
    """
    joints = np.array(previous_joints(proprio), dtype=np.float64)
    if joints.shape != limits.lower.shape or not np.isfinite(joints).all():
        joints = np.nan_to_num(
            np.resize(np.asarray(proprio.q, dtype=np.float64), limits.lower.shape)
        )
        joints = np.minimum(np.maximum(joints, limits.lower), limits.upper)
    gripper = float(
        proprio.gripper_width if proprio.commanded is None else proprio.commanded.gripper
    )
    gripper = gripper if math.isfinite(gripper) else 0.0
    return Action(np.zeros(2), joints, clamp(gripper, 0.0, limits.max_width))


def clamp(value: float, lower: float, upper: float) -> float:
    """Limit a number to an interval."""
    return lower if value < lower else min(value, upper)


def toward_zero(value: float, step: float) -> float:
    """Reduce a rate by ``step``, not past zero."""
    return math.copysign(max(abs(value) - step, 0.0), value)


def modified(action: Action, magnitude: float, guard: str, reason: str) -> Verdict:
    """Build the verdict on a change; one below `TOLERANCE` is a pass with the cleaned action."""
    if magnitude <= TOLERANCE:
        return Verdict(action)
    return Verdict(action, "modified", magnitude, guard, reason, {guard: magnitude})
