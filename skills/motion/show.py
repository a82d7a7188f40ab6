"""The skill `show`: hold what is in the hand into the light of a lamp, and look at it there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.geometry import SE3, FloatArray
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
from diarchy.memory.relations import lamp_head
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import attached_now
from diarchy.skills.motion.dock import dock
from diarchy.skills.motion.pick import holding
from diarchy.skills.motion.seeds import solutions
from diarchy.skills.specs import SHOW

_NEAREST, _FARTHEST = 0.22, 0.55
"""Distances (m) from the lamp's head at which the thing is held."""
_HEIGHTS = (0.0, -0.10, 0.10, -0.20)
_OUT = (0.62, 0.55, 0.70, 0.48, 0.78)
"""Distances (m) from the base at which the arm has room."""
_ASIDE = (0.0, 0.25, -0.25, 0.5, -0.5)
_TURNS = (0.0, 0.8, -0.8, 1.6, -1.6)
_ROOMY = 0.02


class Show:
    """Lifts the held object into the light of a lamp and looks at it; the arm stays there."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return SHOW

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        arm = Arm(context, proprio, "motion:show")
        thing, lamp = str(call.args["object"]), str(call.args["lamp"])
        try:
            yield from _show(arm, thing, lamp)
        except MotionFailedError as failure:
            return failure.outcome
        if context.world.truth(Condition(Predicate("lit", (thing,)))) is Truth.FALSE:
            return Outcome.failed(Cause.NO_EFFECT, f"{thing} is not in the light of {lamp}")
        return Outcome.done(f"{thing} is in the light of {lamp}")


def _show(arm: Arm, thing: str, lamp: str) -> Motion:
    world = arm.context.world
    if world.held() != thing or not holding(arm.proprio):
        raise MotionFailedError(Cause.PRECONDITION, f"{thing} is not in the gripper")
    head = lamp_head(world.entity(lamp))
    path = _way_into_light(arm, world.entity(thing), head)
    if path is None:
        yield from dock(arm, lamp, point=head[:2])
        path = _way_into_light(arm, world.entity(thing), head)
    if path is None:
        raise MotionFailedError(Cause.UNREACHABLE, f"the arm does not reach the light of {lamp}")
    yield from arm.move_joints(path[-1], path=path, speed=0.8)
    if not holding(arm.proprio):
        arm.context.claim_held(None)
        raise MotionFailedError(Cause.SLIPPED, f"{thing} was lost on the way")
    yield from arm.look(np.asarray(world.entity(thing).position))


def _way_into_light(arm: Arm, entity: Entity, head: FloatArray) -> list[FloatArray] | None:
    """Waypoints ``[J]`` to where the thing is near the lamp's head, upright, and touches nothing."""
    held = attached_now(arm, entity)
    arm.scene.attach(held)
    arm.scene.update(arm.context.world, without={entity.id})
    arm.scene.set_opening(min(arm.context.spec.gripper.max_width, arm.proprio.gripper_width))
    for pose in _poses(arm, arm.base.inverse().apply(head), held.pose):
        for q in solutions(arm.kinematics, pose, arm.q):
            if arm.free(arm.gaze_kept(q), margin=_ROOMY):
                path = arm.plan(arm.gaze_kept(q), iterations=700)
                if path is not None:
                    return path
    return None


def _poses(arm: Arm, head: FloatArray, held: SE3) -> Iterator[SE3]:
    """Hands ``base_from_gripper`` that hold the thing in the light, between the robot and the lamp."""
    now = arm.kinematics.gripper_pose(arm.proprio.q).rotation
    bearing = float(np.arctan2(head[1], head[0]))
    for height in _HEIGHTS:
        for aside in _ASIDE:
            for out in _OUT:
                angle = bearing + aside
                point = np.array([out * np.cos(angle), out * np.sin(angle), head[2] + height])
                gap = float(np.linalg.norm(point - head))
                if not _NEAREST < gap < _FARTHEST:
                    continue
                for turn in _TURNS:
                    rotation = SE3.from_xyz_yaw(0.0, 0.0, 0.0, turn).rotation @ now
                    yield SE3(rotation, point - rotation @ held.translation)
