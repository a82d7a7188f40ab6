"""Joint velocity limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import all_true
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety.limits import WORST, Limits, modified, previous_joints, unmoved

_SLACK = 1e-9


@dataclass(frozen=True)
class JointVelocity:
    """Limits how far joint targets move in one tick, measured from the previous COMMANDED target.

    The measured joints lag behind the command; measuring from them would allow less than the limit
    in steady motion and more after a reversal.
    """

    limits: Limits
    name: str = "joint_velocity"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Shorten a step that is too long; each joint keeps its direction."""
        if unmoved(action, proprio):
            return Verdict(action)
        previous = previous_joints(proprio)
        step = action.joints - previous
        longest = self.limits.step
        if all_true(np.abs(step) - longest <= _SLACK):
            return Verdict(action)
        # A robot that neither feels its joints nor was commanded gives nothing to measure from.
        previous = np.where(np.isfinite(previous), previous, action.joints)
        step = action.joints - previous
        joints = previous + np.minimum(np.maximum(step, -longest), longest)
        with np.errstate(over="ignore"):
            change = np.abs((joints - action.joints) * self.limits.inverse_range)
        worst = int(change.argmax())
        reason = (
            f"{self.limits.names[worst]} was told to move at "
            f"{abs(float(step[worst])) / self.limits.dt:.3g} per second, "
            f"its limit is {self.limits.velocity[worst]:.3g}"
        )
        magnitude = min(float(change[worst]), WORST)
        return modified(Action(action.base, joints, action.gripper), magnitude, self.name, reason)
