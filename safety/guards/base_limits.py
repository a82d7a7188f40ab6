"""Speed and acceleration of the base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio, slew_rate
from diarchy.safety.limits import Limits, base_of, clamp, modified, previous_base

_SLACK = 1e-9


@dataclass(frozen=True)
class BaseLimits:
    """Limits forward and turning speed, and how much either may change in one tick.

    Too fast a command is scaled as a whole, which keeps the radius of the curve. Acceleration is
    measured from the previous command, and limits braking too (by a limit of its own): a base told to
    stand still at once gets there as fast as it may.
    """

    limits: Limits
    name: str = "base"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Limit speed, then acceleration."""
        told = base_of(action)
        after, reason = self._limited(told, proprio)
        if not reason:
            return Verdict(action)
        safe = Action(np.array(after), action.joints, action.gripper)
        return modified(safe, self.limits.base_magnitude(told, after), self.name, reason)

    def _limited(
        self, told: tuple[float, float], proprio: Proprio
    ) -> tuple[tuple[float, float], str]:
        lim, (v, w), reason = self.limits, told, ""
        if abs(v) > lim.linear + _SLACK or abs(w) > lim.angular + _SLACK:
            scale = min(lim.linear / max(abs(v), 1e-300), lim.angular / max(abs(w), 1e-300), 1.0)
            v = clamp(v * scale, -lim.linear, lim.linear)
            w = clamp(w * scale, -lim.angular, lim.angular)
            reason = (
                f"the base was told {told[0]:.3g} m/s and {told[1]:.3g} rad/s, "
                f"its limits are {lim.linear:.3g} and {lim.angular:.3g}"
            )
        v0, w0 = previous_base(proprio, lim)
        dv = slew_rate(v, v0, lim.linear_acceleration, lim.linear_braking) * lim.dt
        dw = slew_rate(w, w0, lim.angular_acceleration, lim.angular_braking) * lim.dt
        if abs(v - v0) > dv + _SLACK or abs(w - w0) > dw + _SLACK:
            v, w = clamp(v, v0 - dv, v0 + dv), clamp(w, w0 - dw, w0 + dw)
            reason = reason or (
                f"the base was told to change by {abs(told[0] - v0) / lim.dt:.3g} m/s^2 and "
                f"{abs(told[1] - w0) / lim.dt:.3g} rad/s^2, its limits are "
                f"{dv / lim.dt:.3g} and {dw / lim.dt:.3g}"
            )
        return (v, w), reason
