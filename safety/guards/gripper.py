"""Range of the gripper."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety.limits import WORST, Limits, clamp, modified


@dataclass(frozen=True)
class GripperRange:
    """Clamps the opening to what the gripper has; its servo limits speed and force itself."""

    limits: Limits
    name: str = "gripper"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Clamp an opening that is negative or too wide."""
        told = action.gripper
        width = clamp(told, 0.0, self.limits.max_width)
        if width == told:
            return Verdict(action)
        magnitude = min(abs(width - told) / self.limits.max_width, WORST)
        reason = (
            f"the gripper was told {told:.4g} m, its range is 0 to {self.limits.max_width:.4g} m"
        )
        return modified(Action(action.base, action.joints, width), magnitude, self.name, reason)
