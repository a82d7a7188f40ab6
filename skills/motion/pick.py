"""The skill `pick`: look, choose a grasp the arm can reach, take hold, lift, check, carry.

A grasp that fails is not the end: the robot looks again and takes another one, from another side, or
drives to where it reaches more, three grasps in all. If only a neighbour is in the way, the outcome
names it.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
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
from diarchy.skills.motion.carry import attached_now, fold, look_past_arm
from diarchy.skills.motion.dock import NEARBY, dock
from diarchy.skills.motion.grasp_plan import (
    BACK_OFF,
    GraspPlan,
    blocker,
    choose_grasp,
    show_world,
)
from diarchy.skills.motion.grasps import Grasp
from diarchy.skills.motion.navigate import is_aboard
from diarchy.skills.motion.receptacle import receptacle_of, standing_on
from diarchy.skills.motion.riders import resting_on, riders
from diarchy.skills.specs import PICK

_LIFTS = (0.10, 0.06, 0.03)
_OVER_WALLS = 0.04
_ATTEMPTS = 3
_FOLDS = 2
"""How often the arm is folded with what was taken, if it is stopped on the way."""
_EMPTY_WIDTH = 0.0035
"""Fingers closer than this (m) hold nothing: nothing that is picked has a thinner wall."""
_HOLD_FORCE = 3.0
_CHASE = 1.4
"""How far (m) a thing may be for the base to drive nearer once more."""
_PLACES = 2
"""Other places to stand that are tried when nothing of it is in reach, and how far (m) apart from the second on."""
_APART = 0.08
_ASIDE = 0.3
"""How far (m) away the place is from which to look when it does not show from here."""
_TRY_AGAIN = (Cause.GRASP_MISSED, Cause.SLIPPED, Cause.BLOCKED)


class InTheWayError(MotionFailedError):
    """A thing cannot be grasped because another movable one, ``obstacle``, is in the way."""

    def __init__(self, target: str, obstacle: str) -> None:
        super().__init__(Cause.UNREACHABLE, f"{obstacle} is in the way of {target}")
        self.obstacle = obstacle


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
        except InTheWayError as failure:
            return Outcome.failed(failure.cause, failure.detail, failure.obstacle)
        except MotionFailedError as failure:
            return Outcome.failed(failure.cause, failure.detail)
        return Outcome.done(f"holding {target}")


def _pick(arm: Arm, context: SkillContext, target: str) -> Motion:
    tried: list[Grasp] = []
    failure: MotionFailedError | None = None
    left: list[FloatArray] = []
    while len(tried) < _ATTEMPTS:
        try:
            entity = yield from _find(arm, context, target)
            above = resting_on(context.world, entity)
            if above is not None:
                raise InTheWayError(target, above.id)
            plan = choose_grasp(arm, entity, tried)
            while plan is None and len(left) < _PLACES and _better_from_elsewhere(arm, entity):
                entity, plan = yield from _from_elsewhere(arm, context, entity, tried, left)
        except MotionFailedError as lost:
            # Why the last grasp failed says more than that the thing is out of sight or reach since.
            raise failure or lost from lost
        if plan is None:
            break
        tried.append(plan.grasp)
        try:
            yield from _take(arm, context, entity, plan)
            yield from _carry_off(arm, context, target)
            return
        except MotionFailedError as missed:
            if missed.cause not in _TRY_AGAIN:
                raise
            failure = missed
        yield from _back_away(arm, context)
    if failure is None:
        failure = _unreachable(arm, context.world.entity(target))
    raise failure


def _find(arm: Arm, context: SkillContext, target: str) -> Generator[Command, Proprio, Entity]:
    """Look at the target, from another place in reach of it if it does not show from here."""
    try:
        return (yield from _see(arm, context, target))
    except MotionFailedError as unseen:
        known = {e.id: e for e in context.world.entities()}
        if unseen.cause is not Cause.NOT_VISIBLE or not _near(arm, known[target]):
            raise
        hidden = unseen
    if is_aboard(context, known[target]):
        yield from _uncover(arm, context)
        return (yield from _see(arm, context, target))
    try:
        yield from dock(arm, target, apart=_ASIDE)
    except MotionFailedError as stuck:
        # That it does not show is what is wrong, if there is no other place to stand.
        raise (hidden if stuck.cause is Cause.UNREACHABLE else stuck) from stuck
    return (yield from _see(arm, context, target))


def _uncover(arm: Arm, context: SkillContext) -> Motion:
    """Take the arm away from over the robot's own base."""
    arm.scene.update(context.world, without=set())
    path = arm.plan(arm.gaze_kept(context.spec.postures["ready"]))
    if path is not None:
        yield from arm.move_joints(path[-1], path=path)


def _see(arm: Arm, context: SkillContext, target: str) -> Generator[Command, Proprio, Entity]:
    """Look at the target; what is believed afterwards must come from this look."""
    began = arm.proprio.stamp
    known = {e.id: e for e in context.world.entities()}
    if target in known:
        # An arm that has just closed its fingers beside it may be all that the head sees.
        point, radius = np.asarray(known[target].position), max(known[target].extent) / 2.0
        yield from look_past_arm(arm, context.world.held(), point, radius=radius)
        known = {e.id: e for e in context.world.entities()}
    if target not in known:
        raise MotionFailedError(Cause.NOT_FOUND, f"{target} is not where it was believed to be")
    entity = known[target]
    if entity.last_seen is None or entity.last_seen < began:
        raise MotionFailedError(Cause.NOT_VISIBLE, f"{target} was not seen from here")
    return entity


def _near(arm: Arm, entity: Entity) -> bool:
    """Tell whether it is still about where the robot was sent to: a skill of the hand drives no tours."""
    away = np.asarray(entity.position)[:2] - arm.base.translation[:2]
    return float(np.linalg.norm(away)) < _CHASE


def _better_from_elsewhere(arm: Arm, entity: Entity) -> bool:
    """Tell whether driving can help: not to what lies on the robot itself."""
    return _near(arm, entity) and not is_aboard(arm.context, entity)


def _from_elsewhere(
    arm: Arm, context: SkillContext, entity: Entity, tried: list[Grasp], left: list[FloatArray]
) -> Generator[Command, Proprio, tuple[Entity, GraspPlan | None]]:
    """Drive to where the target is in better reach, not where it was not; look and choose again."""
    obstacle = blocker(arm, entity)
    apart = _APART if left else NEARBY
    left.append(arm.base.translation[:2].copy())
    try:
        yield from dock(arm, entity.id, left=left, apart=apart)
    except MotionFailedError as failure:
        if obstacle is not None and failure.cause is Cause.UNREACHABLE:
            raise InTheWayError(entity.id, obstacle) from failure
        raise
    entity = yield from _see(arm, context, entity.id)
    return entity, choose_grasp(arm, entity, tried)


def _unreachable(arm: Arm, entity: Entity) -> MotionFailedError:
    obstacle = blocker(arm, entity)
    if obstacle is not None:
        return InTheWayError(entity.id, obstacle)
    return MotionFailedError(Cause.UNREACHABLE, f"no grasp of {entity.id} is within reach")


def _take(arm: Arm, context: SkillContext, entity: Entity, plan: GraspPlan) -> Motion:
    aboard = riders(context.world, entity.id)
    yield from arm.move_joints(plan.path[-1], path=plan.path, width=plan.grasp.opening)
    yield from arm.follow_until_contact(plan.approach, 0.008)
    yield from arm.set_gripper(0.0)
    if not holding(arm.proprio):
        raise MotionFailedError(Cause.GRASP_MISSED, f"the fingers closed beside {entity.id}")
    walls = _above_walls(context, entity)
    context.claim_held(entity.id)
    show_world(arm, entity, without={e.id for e in aboard})
    arm.scene.attach(attached_now(arm, entity, aboard))
    yield from _lift(arm, walls)
    yield from arm.hold(0.2)
    if not holding(arm.proprio):
        raise MotionFailedError(Cause.SLIPPED, f"{entity.id} slipped while it was lifted")


def _carry_off(arm: Arm, context: SkillContext, target: str) -> Motion:
    """Fold the arm; what stops it on the way is no reason to let go: whoever drives folds it again."""
    for _ in range(_FOLDS):
        try:
            yield from fold(arm, target)
            break
        except MotionFailedError as failure:
            if failure.cause is not Cause.BLOCKED or not holding(arm.proprio):
                raise
            arm.proprio = yield Look()
    if not holding(arm.proprio):
        raise MotionFailedError(Cause.SLIPPED, f"{target} was lost while the arm folded")


def holding(proprio: Proprio) -> bool:
    """Tell from the fingers whether something is between them."""
    return proprio.gripper_width > _EMPTY_WIDTH and proprio.gripper_force > _HOLD_FORCE


def _above_walls(context: SkillContext, entity: Entity) -> float:
    """How far (m) a thing must go up to be clear of the walls around it; 0 where there are none."""
    rims = [0.0]
    for name in standing_on(context.world, entity.id):
        inner = [s for s in context.world.surfaces(name) if s.relation == "in"]
        if any(s.approach == "top" for s in inner):
            around = receptacle_of(context.world, name, "in")
            if not around.dropped_into(inner[0]):
                rims.append(around.rim - entity.bottom + _OVER_WALLS)
    return max(rims)


def _lift(arm: Arm, walls: float) -> Motion:
    pose = arm.kinematics.gripper_pose(arm.q)
    heights = (walls, *_LIFTS) if walls > _LIFTS[0] else _LIFTS
    for height in heights:
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
    away = SE3(pose.rotation, pose.translation - BACK_OFF * pose.rotation[:, 0])
    rows = arm.line(arm.q, away, speed=0.15)
    if rows is not None:
        yield from arm.follow(rows, guard=False)
    arm.scene.update(context.world)
    ready = arm.gaze_kept(context.spec.postures["ready"])
    path = arm.plan(ready)
    if path is not None:
        yield from arm.move_joints(ready, path=path)
