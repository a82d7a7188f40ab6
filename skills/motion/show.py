"""The skill `show`: hold what is in the hand into the light of a lamp, and look at it there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.entity import Truth
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.household import LIGHT_REACH
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
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.specs import SHOW

_NEAR = 0.6
"""How near (m) the thing is brought to the lamp's head at least; well within its light."""
_AWAY = (0.32, 0.40, 0.48, 0.56)
_SIDES = (0.0, 0.5, -0.5, 1.0, -1.0)
"""Bearings (rad) from the lamp, seen from above; 0 is towards the robot."""
_RISES = (0.05, 0.15, -0.05)
_TURNS = 8


class Show:
    """Holds the held object into the light of a lamp."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return SHOW

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution. The arm stays there: folded, the thing would be in the dark again."""
        arm = Arm(context, proprio, "motion:show")
        thing, lamp = str(call.args["object"]), str(call.args["lamp"])
        try:
            yield from _hold_up(arm, thing, lamp)
        except MotionFailedError as failure:
            return failure.outcome
        if context.world.truth(Condition(Predicate("lit", (thing,)))) is not Truth.TRUE:
            return Outcome.failed(Cause.NO_EFFECT, f"{thing} is not in the light of {lamp}")
        return Outcome.done(f"{thing} is in the light of {lamp}")


def _hold_up(arm: Arm, thing: str, lamp: str) -> Motion:
    world = arm.context.world
    if world.held() != thing or not holding(arm.proprio):
        raise MotionFailedError(Cause.PRECONDITION, f"{thing} is not in the gripper")
    head = lamp_head(world.entity(lamp))
    # The lamp is looked at first: that it is on must be seen from here.
    yield from arm.look(head)
    path = _way(arm, thing, head)
    if path is None:
        yield from dock(arm, lamp)
        path = _way(arm, thing, head)
    if path is None:
        detail = f"the arm cannot hold {thing} into the light of {lamp} from here"
        raise MotionFailedError(Cause.UNREACHABLE, detail)
    yield from arm.move_joints(path[-1], path=path, speed=0.6)
    if not holding(arm.proprio):
        arm.context.claim_held(None)
        raise MotionFailedError(Cause.SLIPPED, f"{thing} was lost on the way")
    yield from arm.look(arm.base.apply(arm.gripper_pose().translation))


def _way(arm: Arm, thing: str, head: FloatArray) -> list[FloatArray] | None:
    """Return joint waypoints to the first pose of the hand in the light that the arm reaches freely."""
    arm.scene.update(arm.context.world)
    arm.scene.attach(attached_now(arm, arm.context.world.entity(thing)))
    arm.scene.set_opening(min(arm.context.spec.gripper.max_width, arm.proprio.gripper_width))
    for pose in _poses(arm, head):
        q = arm.kinematics.solve(pose, arm.q, seeds=arm_seeds(arm, pose))
        if q is None or not arm.free(q, margin=0.01):
            continue
        path = arm.plan(q, iterations=600)
        if path is not None:
            return path
    return None


def _poses(arm: Arm, head: FloatArray) -> Iterator[SE3]:
    """Yield ``base_from_gripper`` around the lamp's head, the hand level as it is now, nearest first."""
    now = arm.kinematics.gripper_pose(arm.proprio.q)
    at = arm.base.inverse().apply(head)
    back = float(np.arctan2(-at[1], -at[0]))
    for away in _AWAY:
        for side in _SIDES:
            for rise in _RISES:
                out = np.array([np.cos(back + side), np.sin(back + side), 0.0]) * away
                spot = at + out + np.array([0.0, 0.0, rise])
                if float(np.linalg.norm(spot - at)) > min(_NEAR, LIGHT_REACH):
                    continue
                for k in range(_TURNS):
                    turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, k * 2.0 * np.pi / _TURNS)
                    yield SE3(turn.rotation @ now.rotation, spot)
