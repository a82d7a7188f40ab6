"""Forces of contact: what presses too hard presses no harder, and then less."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray, all_finite
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.safety.embodied import Embodied
from diarchy.safety.limits import (
    base_of,
    modified,
    previous_base,
    previous_joints,
    toward_zero,
)

_EVERY = 4
"""Ticks between two measurements of the force."""
_SMOOTHING = 0.05
"""Time constant (s) of the felt force: jerks of a lively motion pass in it, a push does not."""
_DOUBT = 25.0
"""The force is felt through the motors of the arm: by so much (N) it may be wrong."""
_EASE = 0.5
"""Share of the joints' fastest speed at which a command goes back to where the arm really is."""


@dataclass
class ContactForce(Embodied):
    """Keeps the arm from pressing, and the fingers from squeezing, beyond the running skill's force limit.

    The pressing force is what the motors exert beyond what motion needs (`Body.pressing`), smoothed. Above
    the limit, and what it may be wrong by, a command that pushes on is taken back to where the arm is, at half
    speed, and a base that drives into the push brakes; motion away from it is free. The fingers may not be told
    to close further, and never have to open: a grip is not lost to its own strength.

    It feels what the arm presses against with its hand; the base has no such sense, and a push against the
    elbow is felt as another force at the hand.

    Attributes:
        spec: the embodiment; a robot that measures no effort feels nothing, and nothing is changed.
    """

    spec: RobotSpec
    name: str = "contact_force"

    def __post_init__(self) -> None:
        self._force = np.zeros(3)
        self._rows = np.zeros((3, len(self.spec.joints)))
        self._tick: int | None = None
        self._dq: FloatArray | None = None

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Ease what presses too hard."""
        limit = context.force_limit
        if not limit < math.inf or not self._feel(proprio):
            return Verdict(action)
        after = self._gripped(action, proprio, limit)
        pressing = math.hypot(*self._force)
        if pressing > limit + _DOUBT:
            after = self._eased(after, proprio)
        if after is action:
            return Verdict(action)
        magnitude = self._limits.magnitude(action, after)
        reason = (
            f"the hand presses with {pressing:.0f} N and squeezes with {proprio.gripper_force:.0f} N, "
            f"the skill's limit is {limit:.0f} N"
        )
        return modified(after, magnitude, self.name, reason)

    def _feel(self, proprio: Proprio) -> bool:
        """Take in the force, every few ticks; False where the motors tell of none."""
        since = None if self._tick is None else proprio.tick - self._tick
        if since is not None and 0 <= since < _EVERY:
            return True
        if not all_finite(proprio.effort) or not any(proprio.effort.tolist()):
            return False
        span = self._limits.dt * _EVERY
        last = self._dq if since == _EVERY and self._dq is not None else proprio.dq
        force, self._rows = self._body.pressing(proprio, (proprio.dq - last) / span)
        gain = min(span / _SMOOTHING, 1.0)
        kept = self._force if since == _EVERY else np.zeros(3)
        self._force = kept + gain * (force - kept)
        self._tick, self._dq = proprio.tick, proprio.dq
        return True

    def _gripped(self, action: Action, proprio: Proprio, limit: float) -> Action:
        if proprio.gripper_force <= limit or proprio.commanded is None:
            return action
        width = max(action.gripper, min(proprio.commanded.gripper, proprio.gripper_width))
        return action if width == action.gripper else Action(action.base, action.joints, width)

    def _eased(self, action: Action, proprio: Proprio) -> Action:
        """Take back what pushes on: the joints to where they are, the base to rest."""
        lim, previous = self._limits, previous_joints(proprio)
        push = self._force / np.linalg.norm(self._force)
        joints, base = action.joints, base_of(action)
        if float(push @ self._rows @ (action.joints - proprio.q)) > 0.0:
            back = _EASE * lim.step
            eased = previous + np.minimum(np.maximum(proprio.q - previous, -back), back)
            # The head does not push: it goes on looking where it is told to.
            joints = np.where(self._rows.any(axis=0), eased, joints)
        if base[0] * push[0] > 0.0:
            v = toward_zero(previous_base(proprio, lim)[0], lim.linear_braking * lim.dt)
            base = (v if abs(v) < abs(base[0]) else base[0], base[1])
        if joints is action.joints and base == base_of(action):
            return action
        return Action(np.array(base), joints, action.gripper)
