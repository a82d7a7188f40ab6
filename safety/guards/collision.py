"""No collision with what is known to be solid, nor of the robot with itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio, RobotSpec
from diarchy.safety.braking import braked
from diarchy.safety.embodied import Embodied
from diarchy.safety.limits import (
    base_of,
    commanded_rate,
    modified,
    previous_base,
    previous_joints,
)

if TYPE_CHECKING:
    from diarchy.safety.barriers.near import Pair
    from diarchy.safety.barriers.scene import BarrierScene

_NOWHERE = Pose2(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class _Tick:
    """What one check is about."""

    proprio: Proprio
    previous: FloatArray
    rate: FloatArray
    pose: Pose2
    brake: Action
    pairs: Sequence[Pair]


@dataclass(frozen=True)
class Collision(Embodied):
    """Lets an action through only if the robot could then still come to rest without touching anything.

    The way on which it would brake is looked at, at a few moments: joints at their planned acceleration, the base
    along its curve. If a gap there falls below its margin, the action is changed as little as a control barrier
    function asks (a quadratic programme over the speeds of base and joints), and looked at once more; if that
    does not help either, the robot brakes, on the way that was found free a tick ago. A gap that is too small
    already need only not become smaller, so that what is near may part.

    What the running skill may touch is left out for the arm, and the hand of such a skill may touch other
    things lightly: it works on surfaces. What is held is not looked at, nor what moves.

    Attributes:
        spec: the embodiment.
    """

    spec: RobotSpec
    name: str = "collision"

    @cached_property
    def _scene(self) -> BarrierScene:
        from diarchy.safety.barriers.scene import BarrierScene

        return BarrierScene(self.spec)

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Pass what can be braked from, change or replace the rest."""
        tick = self._tick(action, proprio, context)
        if tick is None or not tick.pairs:
            return Verdict(action)
        self._scene.begin(tick.pairs, tick.previous, tick.pose, proprio.gripper_width)
        blocking = self._blocking(action, tick)
        if blocking is None:
            return Verdict(action)
        after = self._changed(action, tick)
        reason = f"it could not come to rest before {self._scene.words(blocking)}"
        magnitude = self._limits.magnitude(action, after)
        if magnitude == 0.0:
            return Verdict(action)
        return modified(after, magnitude, self.name, reason)

    def _tick(self, action: Action, proprio: Proprio, context: GuardContext) -> _Tick | None:
        lim, previous = self._limits, previous_joints(proprio)
        if not np.isfinite(previous).all():
            return None
        rate = commanded_rate(proprio, context, lim)
        rate = np.zeros_like(previous) if rate is None else rate
        told, now = base_of(action), previous_base(proprio, lim)
        fastest = np.maximum(np.abs(rate), np.abs(action.joints - previous) / lim.dt)
        base = max(abs(told[0]), abs(now[0])), max(abs(told[1]), abs(now[1]))
        pose = context.base_pose or _NOWHERE
        known = context if context.base_pose is not None else GuardContext(context.spec)
        pairs = self._scene.near.pairs(previous, fastest, base, pose, known, proprio.gripper_width)
        return _Tick(proprio, previous, rate, pose, braked(rate, proprio, lim), pairs)

    def _blocking(self, action: Action, tick: _Tick) -> Pair | None:
        """Return a pair that would come too near while the robot brakes after this action; None: none would."""
        rate = (action.joints - tick.previous) / self._limits.dt
        return self._scene.blocking(action.joints, rate, base_of(action), tick.pose)

    def _changed(self, action: Action, tick: _Tick) -> Action:
        lim, brake = self._limits, tick.brake
        told, still = self._speeds(action, tick), self._speeds(brake, tick)
        lower, upper = self._reachable(tick, told, still)
        speeds = self._scene.least_change(told, still, lower, upper)
        for share in (1.0, 0.4):
            if speeds is None:
                break
            mixed = still + share * (speeds - still)
            joints = tick.previous + mixed[2:] * lim.dt
            joints = np.minimum(
                np.maximum(joints, np.minimum(lim.lower, tick.previous)),
                np.maximum(lim.upper, tick.previous),
            )
            after = Action(mixed[:2].copy(), joints, action.gripper)
            if self._blocking(after, tick) is None:
                return after
        return Action(
            brake.base, np.minimum(np.maximum(brake.joints, lim.lower), lim.upper), action.gripper
        )

    def _speeds(self, action: Action, tick: _Tick) -> FloatArray:
        """Speeds ``[2 + J]`` of base and joints that an action asks for."""
        return np.concatenate([action.base, (action.joints - tick.previous) / self._limits.dt])

    def _reachable(
        self, tick: _Tick, told: FloatArray, still: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Bounds of speeds ``[2 + J]`` one tick from now, by what base and joints accelerate with."""
        lim = self._limits
        most = lim.acceleration * lim.dt
        lower = np.maximum(tick.rate - most, -lim.velocity)
        upper = np.minimum(tick.rate + most, lim.velocity)
        low, high = np.minimum(told, still), np.maximum(told, still)
        # The base is only ever slowed: it does not dodge by a motion that nobody asked for.
        lower = np.concatenate([low[:2], np.minimum(lower, low[2:])])
        upper = np.concatenate([high[:2], np.maximum(upper, high[2:])])
        return lower, upper
