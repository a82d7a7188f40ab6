"""What is held and must not be spilled stays upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.safety.embodied import Embodied
from diarchy.safety.limits import commanded_rate, modified, previous_joints

_BISECTIONS = 6
_MOMENTS = (0.35, 0.7, 1.0)
"""Parts of the time of braking after which the lean is looked at: joints do not all rest at once."""


@dataclass(frozen=True)
class HeldUpright(Embodied):
    """Limits how fast what is held leans further: at most ``gain (most - lean)``, so nothing at ``most``.

    To lean less is always allowed. The lean is that of the hand, by the robot's own kinematics: what slips in
    the grip is not seen, and neither is sloshing.

    Attributes:
        spec: the embodiment.
        most: rad that it may lean.
        gain: 1/s.
    """

    spec: RobotSpec
    most: float = 0.7
    gain: float = 2.0
    name: str = "held_upright"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Shorten a step that leans too far or too fast."""
        up, lim = context.upright, self._limits
        if up is None:
            return Verdict(action)
        previous = previous_joints(proprio)
        step = np.minimum(np.maximum(action.joints - previous, -lim.step), lim.step)
        if not step.any() or not np.isfinite(previous).all():
            return Verdict(action)
        lean = self._lean(previous, up)
        if self._fits(previous, step, up, lean):
            return Verdict(action)
        # Between braking, on a way that was free a tick ago, and what was told.
        brake = self._braking_step(proprio, context)
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            fits = self._fits(previous, brake + middle * (step - brake), up, lean)
            low, high = (middle, high) if fits else (low, middle)
        joints = previous + brake + low * (step - brake)
        # A joint that was outside its range may stay there; braking must not take it out.
        low_end, high_end = np.minimum(lim.lower, previous), np.maximum(lim.upper, previous)
        joints = np.minimum(np.maximum(joints, low_end), high_end)
        safe = Action(action.base, joints, action.gripper)
        magnitude = lim.magnitude(action, safe)
        return modified(
            safe, magnitude, self.name, f"what is held would lean beyond {self.most:.2g} rad"
        )

    def _fits(self, previous: FloatArray, step: FloatArray, up: FloatArray, lean: float) -> bool:
        """Whether a step leans no faster than allowed, and leaves room to brake: also one that rights it swings on."""
        lim = self._limits
        most = lean + max(self.gain * (self.most - lean), 0.0) * lim.dt + 1e-9
        if self._lean(previous + step, up) > most:
            return False
        rate = step / lim.dt
        times = np.abs(rate) / lim.acceleration
        for share in _MOMENTS:
            t = np.minimum(share * times.max(), times)
            way = rate * t - np.copysign(lim.acceleration, rate) * t * t / 2.0
            if self._lean(previous + step + way, up) > max(self.most, lean) + 1e-9:
                return False
        return True

    def _braking_step(self, proprio: Proprio, context: GuardContext) -> FloatArray:
        """Return the step ``[J]`` of braking: no joint stops dead."""
        lim = self._limits
        rate = commanded_rate(proprio, context, lim)
        if rate is None:
            return np.zeros_like(lim.lower)
        slower = np.maximum(np.abs(rate) - lim.acceleration * lim.dt, 0.0)
        return np.asarray(np.copysign(slower, rate) * lim.dt)

    def _lean(self, q: FloatArray, up: FloatArray) -> float:
        """Angle (rad) between a direction ``[3]`` of the gripper's frame and the vertical."""
        height = float((self._body.gripper_rotation(q) @ up)[2])
        return float(np.arccos(np.clip(height, -1.0, 1.0)))
