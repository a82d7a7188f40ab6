"""The area that the base must stay in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.safety.braking import reach_to_rest, slowed, slowest, way_to_rest
from diarchy.safety.limits import Limits, base_of, modified

Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class KeepIn:
    """Slows the base so that it can always still brake inside the keep-in area.

    The path predicted for a command is what follows if the robot brakes from it with the turning
    rate kept: ``reaction`` seconds at full speed, then the base's own deceleration. A command is
    allowed if that path stays inside; else the speed is scaled down to what is; if no speed the base
    can reach in this tick is, it brakes along the curve it is on, which was allowed a tick ago. So
    the guard never has to ask for more deceleration than the base has. Turning on the spot is always
    allowed, and so is any motion that does not lead further out for a base that is outside.

    Attributes:
        limits: of the embodiment; the footprint's radius is kept inside the area.
        reaction: s that the real base may lag behind its command.
    """

    limits: Limits
    reaction: float = 0.05
    name: str = "keep_in"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Slow down what would not stop inside; brake if the base does not know where it is."""
        if context.keep_in is None:
            return Verdict(action)
        told = base_of(action)
        pose = context.base_pose
        if pose is None:
            after = (slowest(proprio, self.limits)[0], told[1])
            return self._verdict(
                action, after, "the base does not know where it is: it may only turn"
            )
        area = self._area(context.keep_in, pose)
        if self._surely_inside(told[0], pose, area) or self._stops_inside(told, pose, area):
            return Verdict(action)
        after = slowed(
            told, proprio, self.limits, lambda base: self._stops_inside(base, pose, area)
        )
        return self._verdict(
            action, after, "the base would not come to rest inside the keep-in area"
        )

    def _verdict(self, action: Action, after: tuple[float, float], reason: str) -> Verdict:
        magnitude = self.limits.base_magnitude(base_of(action), after)
        if magnitude == 0.0:
            return Verdict(action)
        safe = Action(np.array(after), action.joints, action.gripper)
        return modified(safe, magnitude, self.name, reason)

    def _area(self, keep_in: Area, pose: Pose2) -> Area:
        """Shrink the area by the footprint and stretch it to where the base already is."""
        x0, x1 = _shrunk(keep_in[0], keep_in[2], self.limits.radius)
        y0, y1 = _shrunk(keep_in[1], keep_in[3], self.limits.radius)
        return min(x0, pose.x), min(y0, pose.y), max(x1, pose.x), max(y1, pose.y)

    def _surely_inside(self, v: float, pose: Pose2, area: Area) -> bool:
        reach = reach_to_rest(v, self.limits, self.reaction)
        return (
            pose.x - reach >= area[0]
            and pose.y - reach >= area[1]
            and pose.x + reach <= area[2]
            and pose.y + reach <= area[3]
        )

    def _stops_inside(self, base: tuple[float, float], pose: Pose2, area: Area) -> bool:
        if base[0] == 0.0:
            return True
        x, y = way_to_rest(base, pose, self.limits, self.reaction)
        slack = 1e-9
        return bool(
            x.min() >= area[0] - slack
            and y.min() >= area[1] - slack
            and x.max() <= area[2] + slack
            and y.max() <= area[3] + slack
        )


def _shrunk(lower: float, upper: float, margin: float) -> tuple[float, float]:
    """Take a margin off both ends; what is too narrow for that becomes its middle."""
    if upper - lower < 2.0 * margin:
        return 0.5 * (lower + upper), 0.5 * (lower + upper)
    return lower + margin, upper - margin
