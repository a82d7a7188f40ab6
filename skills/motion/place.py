"""The skills `place_on` and `place_in`: look, choose a free spot, put down softly, let go, look again."""

from __future__ import annotations

from collections.abc import Generator

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Command,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.pick import Pick
from diarchy.skills.motion.putting import Manner, put_down
from diarchy.skills.specs import PLACE_IN, PLACE_ON


class PlaceOn:
    """Puts the held object on a surface within reach."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return PLACE_ON

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        return (yield from _run(self._robot, call, context, proprio, "on"))


class PlaceIn:
    """Puts the held object into a container within reach: onto its floor, or dropped from above."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return PLACE_IN

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        return (yield from _run(self._robot, call, context, proprio, "in"))


def _run(
    robot: RobotSpec, call: SkillCall, context: SkillContext, proprio: Proprio, relation: str
) -> SkillRun:
    arm = Arm(context, proprio, f"motion:place_{relation}")
    thing, receptacle = str(call.args["object"]), str(call.args["receptacle"])
    stated = Condition(Predicate(relation, (thing, receptacle)))
    try:
        yield from put_down(arm, thing, receptacle, relation, Manner())
        if context.world.truth(stated) is Truth.FALSE and (yield from _taken_up(robot, arm, thing)):
            yield from put_down(arm, thing, receptacle, relation, Manner())
    except MotionFailedError as failure:
        return failure.outcome
    if context.world.truth(stated) is Truth.FALSE:
        detail = f"{thing} was let go, but is not {relation} {receptacle}"
        return Outcome.failed(Cause.NO_EFFECT, detail)
    return Outcome.done(f"{thing} is {relation} {receptacle}")


def _taken_up(robot: RobotSpec, arm: Arm, thing: str) -> Generator[Command, Proprio, bool]:
    """Take up again what came to lie beside its place; False if it cannot be had from here."""
    if thing not in {e.id for e in arm.context.world.entities()}:
        return False
    call = SkillCall("pick", {"object": thing})
    outcome = yield from Pick(robot).start(call, arm.context, arm.proprio)
    return outcome.success
