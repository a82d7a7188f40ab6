"""Places that the base must not enter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Zone
from diarchy.contracts.geometry import polygon_distance
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.safety.braking import reach_to_rest, slowed, way_to_rest
from diarchy.safety.limits import Limits, base_of, modified

_SLACK = 1e-9


@dataclass(frozen=True)
class KeepOut:
    """Slows the base so that it can always still brake before a zone, as `KeepIn` does inside its area.

    The footprint is a circle about the middle of the base; arm and load may reach over a zone. A base that is
    in one already may move to where it is no deeper. A base that does not know where it is, is left to `KeepIn`.

    Attributes:
        limits: of the embodiment.
        reaction: s that the real base may lag behind its command.
    """

    limits: Limits
    reaction: float = 0.05
    name: str = "keep_out"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Slow down what would not stop before a zone."""
        pose, told = context.base_pose, base_of(action)
        if not context.keep_out or pose is None:
            return Verdict(action)
        here = np.array([[pose.x, pose.y]])
        gaps = [(zone, float(polygon_distance(here, zone)[0])) for zone in context.keep_out]
        reach = reach_to_rest(told[0], self.limits, self.reaction) + self.limits.radius
        near = [(zone, min(gap, self.limits.radius)) for zone, gap in gaps if gap < reach]
        if not near or self._stops_before(told, pose, near):
            return Verdict(action)
        after = slowed(
            told, proprio, self.limits, lambda base: self._stops_before(base, pose, near)
        )
        magnitude = self.limits.base_magnitude(told, after)
        safe = Action(np.array(after), action.joints, action.gripper)
        reason = "the base would not come to rest before a keep-out zone"
        return modified(safe, magnitude, self.name, reason)

    def _stops_before(
        self, base: tuple[float, float], pose: Pose2, near: list[tuple[Zone, float]]
    ) -> bool:
        if base[0] == 0.0:
            return True
        points = np.stack(way_to_rest(base, pose, self.limits, self.reaction), axis=1)
        return all(float(polygon_distance(points, z).min()) >= least - _SLACK for z, least in near)
