"""The skill `hand_over`: lay what is held onto the open palms of a person, slowly, and let go."""

from __future__ import annotations

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.putting import Manner, put_down
from diarchy.skills.specs import HAND_OVER

_GENTLE = Manner(travel=0.5, near=0.3, fastest=0.22, press=0.4, clear=0.28)
"""Near a person a hand moves slower than a quarter of a metre a second and hardly presses."""


class HandOver:
    """Puts the held object into the open hands of a person within reach."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return HAND_OVER

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        arm = Arm(context, proprio, "motion:hand_over")
        thing, person = str(call.args["object"]), str(call.args["person"])
        if context.world.static_map.holder(person) is None:
            return Outcome.failed(Cause.UNSUPPORTED, f"{person} holds out no hands")
        try:
            yield from put_down(arm, thing, person, "on", _GENTLE)
        except MotionFailedError as failure:
            return failure.outcome
        if context.world.truth(Condition(Predicate("given", (thing, person)))) is Truth.FALSE:
            detail = f"{thing} was let go, but {person} does not have it"
            return Outcome.failed(Cause.NO_EFFECT, detail)
        return Outcome.done(f"{person} has {thing}")
