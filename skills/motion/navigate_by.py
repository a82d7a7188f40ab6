"""The skill `navigate_to` on a robot that brings its own navigation (Nav2): it drives, we dock.

Where to stand is still our choice; the way there is the other stack's, through the guard; the last centimetres and
the look at the work are ours again.
"""

from __future__ import annotations

from diarchy.contracts.motion import MotionStatus, Navigator
from diarchy.contracts.robot import Pose2, Proprio, RobotSpec
from diarchy.contracts.skill import Cause, Look, SkillContext
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.drive import ROUGH, Drive, Driver
from diarchy.skills.motion.head import AHEAD
from diarchy.skills.motion.head_turn import turn_head
from diarchy.skills.motion.navigate import NavigateTo, Visit, look_at_work
from diarchy.skills.motion.talk import hold

_NEAR = 0.6
"""m under which our own driver goes there: other stacks' goal tolerances are a quarter of a metre."""
_TICKS = 10


class NavigateBy(NavigateTo):
    """Drives by a `Navigator`."""

    backend = "navigator"
    _SOURCE = "navigator:navigate_to"

    def __init__(self, robot: RobotSpec, navigator: Navigator) -> None:
        super().__init__(robot)
        self._navigator = navigator

    def _arrive(self, context: SkillContext, now: Proprio, visit: Visit) -> Drive:
        now = yield from turn_head(context, now, AHEAD, self._SOURCE)
        driver = Driver(context, self._SOURCE, careful=visit.careful)
        if driver.off(visit.goal) > _NEAR:
            now = yield from self._drive(context, now, visit.goal)
            now = yield Look(())
        now = yield from driver.to(now, visit.goal, ROUGH)
        return (yield from look_at_work(context, now, visit.target, visit.purpose))

    def _drive(self, context: SkillContext, now: Proprio, goal: Pose2) -> Drive:
        """Let it drive; the arm holds meanwhile. It is cancelled if this skill is broken off."""
        navigator = self._navigator
        navigator.go(goal)
        try:
            while not (status := navigator.poll()).done:
                now = yield hold(context, now, _TICKS, self._SOURCE)
        finally:
            navigator.cancel()
        if status.state != "succeeded":
            raise MotionFailedError(_cause(status), status.reason or "the navigation failed")
        return now


def _cause(status: MotionStatus) -> Cause:
    if status.state == "cancelled":
        return Cause.STOPPED
    return Cause.UNREACHABLE if status.other_goal else Cause.BLOCKED
