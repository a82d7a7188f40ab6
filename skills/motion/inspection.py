"""The skill `inspect`: see what stands on, or lies in, a piece of furniture."""

from __future__ import annotations

from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import Outcome, SkillCall, SkillContext, SkillRun, SkillSpec
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.search import visit
from diarchy.skills.specs import INSPECT


class Inspect:
    """Drives to where all of a surface can be seen, no nearer; what was seen before is not gone to."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return INSPECT

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        place = str(call.args["target"])
        if context.world.inspected(place) is not None:
            return Outcome.done(f"{place} was seen in passing")
        try:
            now = yield from fold_arm(context, proprio, "motion:inspect")
            yield from visit(context, now, place)
        except MotionFailedError as failure:
            return failure.outcome
        seen = context.world.inspected(place) is not None
        return Outcome.done(f"looked at {'all' if seen else 'most'} of {place}")
