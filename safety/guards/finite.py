"""The first guard: an action that is not numbers of the right shape never gets further."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import all_finite
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety.limits import Limits, hold

_REAL = frozenset("fiu")


@dataclass(frozen=True)
class FiniteAction:
    """Stops on a wrong shape, a wrong type, NaN or infinity, and on joints that cannot be read.

    What replaces the action holds the pose and the grip with the base at zero; the guards after it
    bring a moving base there within its limits.
    """

    limits: Limits
    name: str = "finite"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Pass numbers of the right shape; stop on anything else."""
        fault = self._fault(action) or self._blind(proprio)
        if not fault:
            return Verdict(action)
        safe = hold(proprio, self.limits)
        return Verdict(safe, "stopped", 1.0, self.name, fault, {self.name: 1.0})

    def _fault(self, action: Action) -> str:
        count = len(self.limits.names)
        for name, values, size in (("base", action.base, 2), ("joints", action.joints, count)):
            if not isinstance(values, np.ndarray) or values.dtype.kind not in _REAL:
                return f"the action's {name} are not an array of real numbers"
            if values.shape != (size,):
                return f"the action's {name} have shape {list(values.shape)}, expected [{size}]"
            if not all_finite(values):
                return f"the action's {name} are not finite"
        try:
            gripper_ok = math.isfinite(action.gripper)
        except (TypeError, ValueError, OverflowError):
            gripper_ok = False
        return "" if gripper_ok else "the action's gripper opening is not a finite number"

    def _blind(self, proprio: Proprio) -> str:
        if proprio.q.shape == self.limits.lower.shape and all_finite(proprio.q):
            return ""
        return (
            "the measured joints are not finite or have a wrong shape: the robot cannot feel itself"
        )
