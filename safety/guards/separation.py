"""Speed and separation: slower near people, and no nearer than the protective distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio, RobotSpec
from diarchy.safety.embodied import Embodied
from diarchy.safety.limits import (
    base_of,
    commanded_rate,
    modified,
    previous_base,
    previous_joints,
    toward_zero,
    unmoved,
)

_BODY = 0.25
"""A person is a cylinder of this radius (m)."""
_REACH = 1.3
"""No part of the arm is farther (m) from the middle of the base."""


@dataclass(frozen=True)
class Separation(Embodied):
    """Limits how fast base and arm come nearer to a person, after ISO/TS 15066's protective distance.

    At a gap d the robot may approach at the speed v for which a person who walks towards it is not reached
    before it has stopped: ``walking (reaction + v / a) + v reaction + v^2 / 2a + uncertainty = d``. At the
    protective distance, ``walking reaction + uncertainty``, that is zero. Only approach is limited: to move
    away, or past, is always allowed. A hand-over to that very person may go on at `gentle`: contact is its aim.

    It knows where people are BELIEVED to be, as points; it does not see hands, children lying on the floor,
    or who has just come in. It is not a certified safety function.

    Attributes:
        spec: the embodiment.
        walking: m/s that a person may come nearer with.
        reaction: s until the robot begins to brake.
        uncertainty: m that the belief may be wrong by.
        gentle: m/s in a hand-over (ISO 10218's reduced speed is 0.25).
    """

    spec: RobotSpec
    walking: float = 1.6
    reaction: float = 0.1
    uncertainty: float = 0.15
    gentle: float = 0.25
    name: str = "separation"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Slow down what comes nearer too fast."""
        pose = context.base_pose
        if not context.people or pose is None:
            return Verdict(action)
        near = [p for p in context.people if math.hypot(p[0] - pose.x, p[1] - pose.y) < self._alert]
        if not near:
            return Verdict(action)
        if self._surely_slow(action, proprio, pose, near):
            return Verdict(action)
        people = np.array(near)
        least = np.array([self.gentle if p == context.receiver else 0.0 for p in near])
        base = self._slower_base(base_of(action), proprio, pose, people, least)
        joints = self._slower_arm(action, proprio, context, people, least)
        if joints is action.joints and base == base_of(action):
            return Verdict(action)
        safe = Action(np.array(base), joints, action.gripper)
        magnitude = self._limits.magnitude(action, safe)
        return (
            modified(safe, magnitude, self.name, "it would come near a person too fast")
            if (magnitude > 0.0)
            else Verdict(action)
        )

    def _surely_slow(
        self, action: Action, proprio: Proprio, pose: Pose2, near: list[tuple[float, float]]
    ) -> bool:
        """Whether nothing can come too near, wherever the arm is: most ticks end here, without kinematics."""
        away = min(math.hypot(p[0] - pose.x, p[1] - pose.y) for p in near) - _BODY
        if abs(float(action.base[0])) > self._speed_at(away - self._limits.radius):
            return False
        if unmoved(action, proprio):
            return True
        step = np.abs(action.joints - previous_joints(proprio))
        return float(step @ self._body.lever) <= self._speed_at(away - _REACH) * self._limits.dt

    @cached_property
    def _alert(self) -> float:
        """Distance (m) of a person from the middle of the base beyond which nothing can be too fast."""
        lim = self._limits
        fastest = lim.linear + lim.angular * _REACH + 2.0
        return _REACH + _BODY + self.gap_for(fastest)

    def gap_for(self, speed: float) -> float:
        """Return the protective distance (m) at an approaching speed (m/s)."""
        a = self._limits.linear_braking
        return (
            self.walking * (self.reaction + speed / a)
            + speed * self.reaction
            + speed * speed / (2.0 * a)
            + self.uncertainty
        )

    def speed_at(self, gap: FloatArray) -> FloatArray:
        """Return how fast ``[N]`` m/s the robot may come nearer at gaps ``[N]`` m: the inverse of `gap_for`."""
        a = self._limits.linear_braking
        half = self.walking + a * self.reaction
        room = np.maximum(gap - self.walking * self.reaction - self.uncertainty, 0.0)
        return np.asarray(np.sqrt(half * half + 2.0 * a * room) - half)

    def _speed_at(self, gap: float) -> float:
        """The same of one gap, as Python floats: faster."""
        a = self._limits.linear_braking
        half = self.walking + a * self.reaction
        room = max(gap - self.walking * self.reaction - self.uncertainty, 0.0)
        return math.sqrt(half * half + 2.0 * a * room) - half

    def _slower_base(
        self,
        told: tuple[float, float],
        proprio: Proprio,
        pose: Pose2,
        people: FloatArray,
        least: FloatArray,
    ) -> tuple[float, float]:
        """Scale the forward speed to what all people allow; no harder than the base may brake."""
        if told[0] == 0.0:
            return told  # a turn on the spot comes nearer to nobody
        cos, sin, share = math.cos(pose.yaw), math.sin(pose.yaw), 1.0
        # Plain Python: for one or two people several times faster than arrays.
        for (x, y), gentle in zip(people.tolist(), least.tolist(), strict=True):
            dx, dy = x - pose.x, y - pose.y
            away = max(math.hypot(dx, dy), 1e-6)
            approach = told[0] * (dx * cos + dy * sin) / away
            allowed = max(self._speed_at(away - _BODY - self._limits.radius), gentle)
            share = min(share, allowed / approach if approach > allowed else 1.0)
        if share >= 1.0:
            return told
        slowest = abs(
            toward_zero(
                previous_base(proprio, self._limits)[0],
                self._limits.linear_braking * self._limits.dt,
            )
        )
        v = math.copysign(max(abs(told[0]) * float(share), min(slowest, abs(told[0]))), told[0])
        return v, told[1]

    def _slower_arm(
        self,
        action: Action,
        proprio: Proprio,
        context: GuardContext,
        people: FloatArray,
        least: FloatArray,
    ) -> FloatArray:
        """Shorten the step of the joints until no part of the arm comes nearer too fast by it."""
        assert context.base_pose is not None
        lim, previous = self._limits, previous_joints(proprio)
        if unmoved(action, proprio):
            return action.joints
        step = np.minimum(np.maximum(action.joints - previous, -lim.step), lim.step)
        if not step.any() or not np.isfinite(previous).all():
            return action.joints
        standing = np.zeros((len(people), 3))
        standing[:, :2] = people
        local = context.base_pose.se3().inverse().apply(standing)[:, :2]
        before, after = self._gaps(previous, local), self._gaps(previous + step, local)
        approach = (before - after) / lim.dt
        allowed = np.maximum(self.speed_at(before), least[:, None])
        share = np.where(approach > allowed, allowed / np.maximum(approach, 1e-9), 1.0).min()
        if share >= 1.0:
            return action.joints
        rate = commanded_rate(proprio, context, lim)
        slow = (
            np.zeros_like(step)
            if rate is None
            else np.maximum(np.abs(rate) - lim.acceleration * lim.dt, 0.0) * lim.dt
        )
        size = np.maximum(np.abs(step) * float(share), np.minimum(slow, np.abs(step)))
        return np.asarray(previous + np.copysign(size, step))

    def _gaps(self, q: FloatArray, people: FloatArray) -> FloatArray:
        """Horizontal gaps ``[P, N]`` m of parts of the arm to people ``[P, 2]`` in the base frame."""
        parts = self._body.points(q)[:, :2]
        apart = parts[None] - people[:, None]
        return np.asarray(np.hypot(apart[..., 0], apart[..., 1]) - _BODY)
