"""The base stops before what was perceived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.guard import DistanceField, GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.safety.braking import reach_to_rest, slowed, slowest, way_to_rest
from diarchy.safety.limits import Limits, base_of, modified

_LEVEL = 0.30


@dataclass(frozen=True)
class BaseClearance:
    """Slows the base so that it can always still brake before what the distance field says is solid.

    For robots that have no map but the one they draw: the field is built from what was PERCEIVED
    (``GuardContext.distance_field``), with the newest scan in it. The way on which the base comes to rest from a
    command (as in `KeepIn`) must keep the footprint's radius clear, or at least come no nearer than the base is
    already, so that it may leave what it stands too near to. Turning on the spot is always allowed: the footprint is
    round, and the arm is not looked at. Without a field nothing is changed; a field that is too old stops the base.

    Attributes:
        limits: of the embodiment.
        margin: m that the footprint's radius is grown by.
        reaction: s that the real base may lag behind its command.
        oldest: s that the newest evidence of the field may be old while the base moves.
    """

    limits: Limits
    margin: float = 0.0
    reaction: float = 0.05
    oldest: float = 1.0
    name: str = "base_clearance"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Slow down what would not stop in time; brake if there is a field and no pose, or an old field."""
        field, pose, told = context.distance_field, context.base_pose, base_of(action)
        if field is None or told[0] == 0.0:
            return Verdict(action)
        if pose is None or proprio.stamp - field.stamp > self.oldest:
            after = (slowest(proprio, self.limits)[0], told[1])
            what = "where it is" if pose is None else "what is around it now"
            return self._verdict(action, after, f"the base does not know {what}: it may only turn")
        now = float(field.distance([[pose.x, pose.y, _LEVEL]])[0])
        needed = self.limits.radius + self.margin
        if now - reach_to_rest(told[0], self.limits, self.reaction) > needed:
            return Verdict(action)
        least = min(needed, now)

        def clear(base: tuple[float, float]) -> bool:
            return base[0] == 0.0 or self._keeps_clear(base, pose, field, least)

        if clear(told):
            return Verdict(action)
        after = slowed(told, proprio, self.limits, clear)
        return self._verdict(action, after, "the base would not come to rest before what is there")

    def _keeps_clear(
        self, base: tuple[float, float], pose: Pose2, field: DistanceField, least: float
    ) -> bool:
        x, y = way_to_rest(base, pose, self.limits, self.reaction)
        points = np.stack([x, y, np.full(len(x), _LEVEL)], axis=1)
        return bool(field.distance(points).min() >= least - 1e-6)

    def _verdict(self, action: Action, after: tuple[float, float], reason: str) -> Verdict:
        magnitude = self.limits.base_magnitude(base_of(action), after)
        if magnitude == 0.0:
            return Verdict(action)
        safe = Action(np.array(after), action.joints, action.gripper)
        return modified(safe, magnitude, self.name, reason)
