"""The skills `place_on` and `place_in`: look, choose a free spot, put down softly, let go, look again."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Surface, Truth
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Command,
    Look,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import attached_now, fold
from diarchy.skills.motion.dock import dock
from diarchy.skills.motion.pick import holding
from diarchy.skills.motion.placing import PlacePlan, choose_place
from diarchy.skills.specs import PLACE_IN, PLACE_ON

_CONTACT_LAG = 0.004
_RELEASE = 0.03


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
        return (yield from _run(call, context, proprio, "on"))


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
        return (yield from _run(call, context, proprio, "in"))


def _run(call: SkillCall, context: SkillContext, proprio: Proprio, relation: str) -> SkillRun:
    arm = Arm(context, proprio, f"motion:place_{relation}")
    thing, receptacle = str(call.args["object"]), str(call.args["receptacle"])
    try:
        yield from _place(arm, context, thing, receptacle, relation)
    except MotionFailedError as failure:
        return Outcome.failed(failure.cause, failure.detail)
    stated = Condition(Predicate(relation, (thing, receptacle)))
    if context.world.truth(stated) is Truth.FALSE:
        return Outcome.failed(
            Cause.NO_EFFECT, f"{thing} was let go, but is not {relation} {receptacle}"
        )
    return Outcome.done(f"{thing} is {relation} {receptacle}")


def _place(arm: Arm, context: SkillContext, thing: str, receptacle: str, relation: str) -> Motion:
    info = _receptacle(context, receptacle, relation)
    if context.world.held() != thing or not holding(arm.proprio):
        raise MotionFailedError(Cause.PRECONDITION, f"{thing} is not in the gripper")
    surfaces = [s for s in info.surfaces if s.relation == relation]
    try:
        plan = yield from _look_and_choose(arm, info, surfaces, thing)
    except MotionFailedError as failure:
        if failure.cause not in (Cause.UNREACHABLE, Cause.NO_SPACE):
            raise
        yield from dock(arm, receptacle)
        plan = yield from _look_and_choose(arm, info, surfaces, thing)
    yield from arm.move_joints(plan.path[-1], path=plan.path, speed=0.8)
    for rows in plan.lines:
        yield from arm.follow(rows)
    if not holding(arm.proprio):
        context.claim_held(None)
        raise MotionFailedError(Cause.SLIPPED, f"{thing} was lost on the way")
    yield from _let_go(arm, context, plan)
    yield from fold(arm, None, put_down=plan.put_down)
    yield from arm.look(plan.spot)


def _look_and_choose(
    arm: Arm, info: FixtureInfo, surfaces: list[Surface], thing: str
) -> Generator[Command, Proprio, PlacePlan]:
    yield from arm.look(_towards(arm, surfaces[0]))
    entity = arm.context.world.entity(thing)
    return choose_place(arm, info, surfaces, entity, attached_now(arm, entity))


def _receptacle(context: SkillContext, receptacle: str, relation: str) -> FixtureInfo:
    info = context.world.static_map.fixtures.get(receptacle)
    if info is None or not any(s.relation == relation for s in info.surfaces):
        detail = f"nothing can be put {relation} {receptacle}"
        raise MotionFailedError(Cause.UNSUPPORTED, detail)
    return info


def _towards(arm: Arm, surface: Surface) -> FloatArray:
    """The point of a surface to look at: as near to the middle as the robot can reach."""
    local = surface.pose.inverse().apply(arm.base.apply([0.65, 0.0, 0.0]))
    half = np.asarray(surface.size) / 2.0
    return surface.pose.apply([*np.clip(local[:2], -half * 0.8, half * 0.8), 0.0])


def _let_go(arm: Arm, context: SkillContext, plan: PlacePlan) -> Motion:
    dropped = plan.descent is None
    if plan.descent is not None:
        yield from arm.follow_until_contact(plan.descent, _CONTACT_LAG)
    widest = context.spec.gripper.max_width
    width = widest if dropped else min(widest, arm.proprio.gripper_width + _RELEASE)
    yield from arm.set_gripper(width, seconds=0.4)
    context.claim_held(None)
    arm.scene.attach(None)
    if dropped:
        # The hand still hangs over the opening: no eye sees better what lies at the bottom.
        arm.proprio = yield Look(context.spec.cameras)
    for pose in plan.retreat:
        rows = arm.line(arm.q, pose, speed=0.15)
        if rows is not None:
            yield from arm.follow(rows)
