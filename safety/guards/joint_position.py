"""Joint position limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import all_true
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety.limits import WORST, Limits, modified


@dataclass(frozen=True)
class JointPosition:
    """Clamps joint targets to the limits of the joints."""

    limits: Limits
    name: str = "joint_position"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Clamp what is outside; a pass returns the action itself."""
        joints = action.joints
        clamped = np.minimum(np.maximum(joints, self.limits.lower), self.limits.upper)
        if all_true(clamped == joints):
            return Verdict(action)
        with np.errstate(over="ignore"):
            change = np.abs((clamped - joints) * self.limits.inverse_range)
        worst = int(change.argmax())
        magnitude = min(float(change[worst]), WORST)
        lower, upper = self.limits.lower[worst], self.limits.upper[worst]
        reason = (
            f"{self.limits.names[worst]} was told {float(joints[worst]):.4g}, "
            f"its range is {lower:.4g} to {upper:.4g}"
        )
        return modified(Action(action.base, clamped, action.gripper), magnitude, self.name, reason)
