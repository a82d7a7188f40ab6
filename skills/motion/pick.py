"""The skill `pick`: look, choose a grasp the arm can reach, take hold, lift, check, carry."""

from __future__ import annotations

from collections.abc import Collection, Generator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
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
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import attached_now, fold
from diarchy.skills.motion.dock import dock
from diarchy.skills.motion.grasps import Grasp, grasp_candidates, spread
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.specs import PICK

_BACK_OFF = 0.09
_LIFTS = (0.10, 0.06, 0.03)
_ATTEMPTS = 3
_EMPTY_WIDTH = 0.0035
"""Fingers closer than this (m) hold nothing: nothing that is picked has a thinner wall."""
_HOLD_FORCE = 3.0
_PLANS = 4


@dataclass
class GraspPlan:
    """A grasp with the motion that reaches it.

    Attributes:
        grasp: what to do.
        path: joint waypoints to the pregrasp.
        approach: rows ``[N, J]`` of the straight last part.
    """

    grasp: Grasp
    path: list[FloatArray]
    approach: FloatArray


class Pick:
    """Grasps an object within reach of where the base stands, lifts it and folds the arm."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return PICK

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        arm = Arm(context, proprio, "motion:pick")
        target = str(call.args["object"])
        try:
            yield from _pick(arm, context, target)
        except MotionFailedError as failure:
            return Outcome.failed(failure.cause, failure.detail)
        return Outcome.done(f"holding {target}")


def _pick(arm: Arm, context: SkillContext, target: str) -> Motion:
    tried: list[Grasp] = []
    docked = False
    failure = MotionFailedError(Cause.UNREACHABLE, f"no grasp of {target} is within reach")
    for _ in range(_ATTEMPTS):
        entity = yield from _see(arm, context, target)
        plan = choose_grasp(arm, entity, tried)
        if plan is None and not docked and not tried:
            docked = True
            yield from dock(arm, target)
            entity = yield from _see(arm, context, target)
            plan = choose_grasp(arm, entity, tried)
        if plan is None:
            break
        tried.append(plan.grasp)
        try:
            yield from _take(arm, context, entity, plan)
        except MotionFailedError as missed:
            if missed.cause not in (Cause.GRASP_MISSED, Cause.SLIPPED, Cause.BLOCKED):
                raise
            failure = missed
            yield from _back_away(arm, context)
            continue
        yield from fold(arm, target)
        if not holding(arm.proprio):
            context.claim_held(None)
            raise MotionFailedError(Cause.SLIPPED, f"{target} was lost while the arm folded")
        return
    raise failure


def _see(arm: Arm, context: SkillContext, target: str) -> Generator[Command, Proprio, Entity]:
    """Look at the target; what is believed afterwards must come from this look."""
    began = arm.proprio.stamp
    yield from arm.look(np.asarray(context.world.entity(target).position))
    known = {e.id: e for e in context.world.entities()}
    if target not in known:
        raise MotionFailedError(Cause.NOT_FOUND, f"{target} is not where it was believed to be")
    entity = known[target]
    if entity.last_seen is None or entity.last_seen < began:
        raise MotionFailedError(Cause.NOT_VISIBLE, f"{target} was not seen from here")
    return entity


def choose_grasp(arm: Arm, entity: Entity, tried: Collection[Grasp] = ()) -> GraspPlan | None:
    """Return the cheapest grasp that the arm reaches without touching anything else.

    Cost is the grasp's own, plus what speaks against the place: neighbours near the fingers and an
    arm near the end of its reach.
    """
    arm.scene.attach(None)
    arm.scene.update(arm.context.world)
    robot_xy = arm.base.translation[:2]
    tip = arm.kinematics.fingertip
    grasps = grasp_candidates(entity, robot_xy, arm.context.spec.gripper, tip)
    grasps = [g for g in grasps if not any(_alike(g, t) for t in tried)]
    ranked: list[tuple[float, int, Grasp, FloatArray]] = []
    for grasp in spread(grasps, 30):
        reached = _reach(arm, entity.id, grasp)
        if reached is not None:
            q, room = reached
            ranked.append((grasp.cost - 8.0 * min(room, 0.04), len(ranked), grasp, q))
    ranked.sort(key=lambda r: r[:2])
    for _, _, grasp, q in ranked[:_PLANS]:
        plan = _plan(arm, entity.id, grasp, q)
        if plan is not None:
            return plan
    return None


def _alike(first: Grasp, second: Grasp) -> bool:
    turn = float(np.trace(first.pose.rotation.T @ second.pose.rotation))
    near = np.linalg.norm(first.pose.translation - second.pose.translation) < 0.02
    return first.kind == second.kind and bool(near) and turn > 2.8


def _reach(arm: Arm, target: str, grasp: Grasp) -> tuple[FloatArray, float] | None:
    """Return joints at the pregrasp and the clearance at the grasp, None if out of reach."""
    into_base = arm.base.inverse()
    pose = into_base @ grasp.pose
    if float(np.hypot(*pose.translation[:2])) > 1.1:
        return None
    arm.scene.set_opening(grasp.opening)
    for half_turn in (False, True):
        wanted = _flipped(pose) if half_turn else pose
        q = arm.kinematics.solve(wanted, arm.q, seeds=arm_seeds(arm, wanted))
        if q is None:
            continue
        room = arm.scene.clearance(q, arm.base, allow={target}, upto=0.05)
        if room < 0.002:
            continue
        back = SE3(wanted.rotation, wanted.translation - _BACK_OFF * wanted.rotation[:, 0])
        before = arm.kinematics.solve(back, q)
        if before is not None and arm.free(before, allow={target}, margin=0.006):
            return before, room
    return None


def _flipped(pose: SE3) -> SE3:
    """The same grasp with the gripper rolled by half a turn: the fingers are alike."""
    return SE3(pose.rotation @ np.diag([1.0, -1.0, -1.0]), pose.translation)


def _plan(arm: Arm, target: str, grasp: Grasp, before: FloatArray) -> GraspPlan | None:
    before = arm.gaze_kept(before)
    start = arm.kinematics.gripper_pose(before)
    pose = arm.base.inverse() @ grasp.pose
    approach = arm.line(before, SE3(start.rotation, pose.translation), speed=0.10)
    if approach is None:
        return None
    if any(not arm.free(q, allow={target}, margin=0.002) for q in approach[::16]):
        return None
    if grasp.sink > 0.0:
        deeper = pose.translation + grasp.sink * start.rotation[:, 0]
        approach = arm.line(before, SE3(start.rotation, deeper), speed=0.10)
    path = arm.plan(before)
    return None if path is None or approach is None else GraspPlan(grasp, path, approach)


def _take(arm: Arm, context: SkillContext, entity: Entity, plan: GraspPlan) -> Motion:
    yield from arm.move_joints(plan.path[-1], path=plan.path, width=plan.grasp.opening)
    yield from arm.follow_until_contact(plan.approach, 0.008)
    yield from arm.set_gripper(0.0)
    if not holding(arm.proprio):
        raise MotionFailedError(Cause.GRASP_MISSED, f"the fingers closed beside {entity.id}")
    context.claim_held(entity.id)
    arm.scene.attach(attached_now(arm, entity))
    yield from _lift(arm)
    yield from arm.hold(0.2)
    if not holding(arm.proprio):
        context.claim_held(None)
        arm.scene.attach(None)
        raise MotionFailedError(Cause.SLIPPED, f"{entity.id} slipped while it was lifted")


def holding(proprio: Proprio) -> bool:
    """Tell from the fingers whether something is between them."""
    return proprio.gripper_width > _EMPTY_WIDTH and proprio.gripper_force > _HOLD_FORCE


def _lift(arm: Arm) -> Motion:
    pose = arm.kinematics.gripper_pose(arm.q)
    for height in _LIFTS:
        up = SE3(pose.rotation, pose.translation + np.array([0.0, 0.0, height]))
        rows = arm.line(arm.q, up, speed=0.12)
        if rows is not None and arm.free(rows[-1], margin=0.004):
            yield from arm.follow(rows)
            return
    up = SE3(pose.rotation, pose.translation + np.array([0.0, 0.0, _LIFTS[-1]]))
    yield from arm.move_line(up, speed=0.08)


def _back_away(arm: Arm, context: SkillContext) -> Motion:
    """Open, and leave the thing the way the gripper came."""
    context.claim_held(None)
    arm.scene.attach(None)
    yield from arm.set_gripper(context.spec.gripper.max_width)
    pose = arm.kinematics.gripper_pose(arm.q)
    away = SE3(pose.rotation, pose.translation - _BACK_OFF * pose.rotation[:, 0])
    rows = arm.line(arm.q, away, speed=0.15)
    if rows is not None:
        yield from arm.follow(rows, guard=False)
    arm.scene.update(context.world)
    ready = arm.gaze_kept(context.spec.postures["ready"])
    path = arm.plan(ready)
    if path is not None:
        yield from arm.move_joints(ready, path=path)
