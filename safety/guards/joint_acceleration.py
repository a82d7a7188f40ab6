"""Joint acceleration limits, for targets that were not planned with any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray, all_true
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety.limits import WORST, Limits, commanded_rate, modified, previous_joints, unmoved

_SLACK = 1e-9


@dataclass
class JointAcceleration:
    """Limits how fast the commanded joint velocities change, and brakes before the end of a range.

    Velocities are those of the COMMANDED path: the last two commands and the told one. The limit is
    `Limits.hard_acceleration`, above what motions are planned with. Without two commands in a row there is no
    velocity to compare with, and the action passes.

    A joint whose step is bent falls behind what it is told. It then pursues the told target, which is taken
    to go on as fast as it last moved, with a speed from which it can brake just there: so it neither runs
    past a target that stands still nor swings about it. At the end of a range the range comes first: a joint
    that would leave it is slowed as hard as it takes.

    Attributes:
        limits: of the embodiment.
    """

    limits: Limits
    name: str = "joint_acceleration"

    def __post_init__(self) -> None:
        self._tick: int | None = None
        self._told: FloatArray | None = None  # at the tick before `_tick`
        self._latest: FloatArray | None = None  # at `_tick`

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Bend steps that change velocity too fast; each joint by itself."""
        self._follow(action, proprio)
        if self._calm(action, proprio, context):
            return Verdict(action)
        rate = commanded_rate(proprio, context, self.limits)
        if rate is None:
            return Verdict(action)
        lim, previous = self.limits, previous_joints(proprio)
        most = lim.hard_acceleration * lim.dt
        velocity = (action.joints - previous) / lim.dt
        change = np.abs(velocity - rate)
        fast = change > most + _SLACK
        if self._told is not None:
            fast |= np.abs(previous - self._told) > _SLACK  # it pursues until it has caught up
        if not fast.any() and self._far_from_ends(previous):
            return Verdict(action)
        up = _stopping_speed(lim.upper - previous, lim)
        down = _stopping_speed(previous - lim.lower, lim)
        bad = fast | (velocity > up + _SLACK) | (velocity < -down - _SLACK)
        if not bad.any():
            return Verdict(action)
        bent = self._pursue(action.joints, previous, rate)
        bent = np.minimum(np.maximum(bent, -down), up)
        joints = np.where(bad, previous + bent * lim.dt, action.joints)
        low, high = np.minimum(lim.lower, previous), np.maximum(lim.upper, previous)
        joints = np.minimum(np.maximum(joints, low), high)
        share = np.abs((joints - action.joints) * lim.inverse_range)
        worst = int(share.argmax())
        reason = (
            f"{lim.names[worst]} was told to change speed by {float(change[worst]) / lim.dt:.3g} per second, "
            f"its limit is {lim.hard_acceleration[worst]:.3g}"
        )
        safe = Action(action.base, joints, action.gripper)
        return modified(safe, min(float(share[worst]), WORST), self.name, reason)

    def _calm(self, action: Action, proprio: Proprio, context: GuardContext) -> bool:
        """Whether it is plain that nothing is to be done, as at most ticks: the same questions in fewer steps."""
        now, before, lim = proprio.commanded, context.before, self.limits
        if now is None or before is None:
            return False
        if self._rests(action, proprio, before):
            return True
        step = now.joints - before.joints
        # Comparisons with what is not a number are false.
        return (
            all_true(np.abs(step) <= lim.step)
            and all_true(np.abs(action.joints - now.joints - step) <= lim.hard_change)
            and (self._told is None or all_true(np.abs(now.joints - self._told) <= _SLACK))
            and self._far_from_ends(now.joints)
        )

    def _rests(self, action: Action, proprio: Proprio, before: Action) -> bool:
        """Whether the joints stand still, and nothing that was told is still to be caught up with."""
        if not unmoved(action, proprio):
            return False
        still = action.joints.tobytes()
        told = still if self._told is None else self._told.tobytes()
        return before.joints.tobytes() == still == told

    def _follow(self, action: Action, proprio: Proprio) -> None:
        """Remember what was told at the tick before this one, if there was one."""
        if proprio.tick != self._tick:
            consecutive = self._tick is not None and proprio.tick == self._tick + 1
            self._told = self._latest if consecutive else None
            self._tick = proprio.tick
        # A copy: whoever made the command may reuse its array.
        self._latest = action.joints.copy()

    def _far_from_ends(self, previous: FloatArray) -> bool:
        """Whether no joint can come to an end of its range this tick faster than it can brake."""
        lim = self.limits
        room = np.minimum(lim.upper - previous, previous - lim.lower)
        return all_true(room > lim.run_out)

    def _pursue(self, target: FloatArray, previous: FloatArray, rate: FloatArray) -> FloatArray:
        """Velocity ``[J]`` that catches up with a moving target inside the limits."""
        lim = self.limits
        drift = np.zeros_like(target) if self._told is None else (target - self._told) / lim.dt
        drift = np.minimum(np.maximum(drift, -lim.velocity), lim.velocity)
        behind = target - previous - drift * lim.dt
        wanted = drift + np.copysign(_stopping_speed(np.abs(behind), lim), behind)
        wanted = np.minimum(np.maximum(wanted, -lim.velocity), lim.velocity)
        most = lim.hard_acceleration * lim.dt
        return np.minimum(np.maximum(wanted, rate - most), rate + most)


def _stopping_speed(room: FloatArray, limits: Limits) -> FloatArray:
    """Fastest speed ``[J]`` of the next tick after which braking ends within ``room`` ``[J]`` (0 where there is none)."""
    a, dt = limits.hard_acceleration, limits.dt
    return a * (np.sqrt(dt * dt + 2.0 * np.maximum(room, 0.0) / a) - dt)
