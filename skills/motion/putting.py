"""Putting down what is held: choose, carry there, lower until it touches, let go, leave, look."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Surface
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import Cause, Command, Look
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import attached_now, fold, look_past_arm
from diarchy.skills.motion.dock import dock
from diarchy.skills.motion.pick import holding
from diarchy.skills.motion.placing import PlacePlan, choose_place
from diarchy.skills.motion.receptacle import Receptacle, receptacle_of
from diarchy.skills.motion.riders import riders
from diarchy.skills.motion.straight import free_line, shifted
from diarchy.skills.motion.trajectory import held_below, time_path

_STOPPED_LAG = 0.012
"""A hand that lags this far (m) behind its command on a free way has run into something."""
_ATTEMPTS = 3
_APART = (0.1, 0.3)
"""How far (m) from the places before a robot stands next when it reaches no free spot."""
_EASING = 0.15
"""Seconds over which a hand that must not be faster is slowed down before, and speeds up after."""
_LADEN = 0.5
"""Part of the joints' speed with something on or in what is held."""


@dataclass(frozen=True)
class Manner:
    """How it is put down.

    Attributes:
        travel: part of the joints' speed on the way.
        near: part of the hand's usual speed near the end.
        fastest: m/s the hand never exceeds, if it matters.
        press: part of the usual lag of the hand that counts as contact.
        clear: how far (m) the empty hand backs off before it folds.
    """

    travel: float = 0.6
    near: float = 1.0
    fastest: float = np.inf
    press: float = 1.0
    clear: float = 0.0


def put_down(arm: Arm, thing: str, place: str, relation: str, manner: Manner) -> Motion:
    """Put what is held on (or in) a place, let go of it, fold the arm and look.

    If the arm reaches no free spot it docks elsewhere, and once more somewhere unlike both; if it is
    stopped on the way it backs off and takes another spot.

    Raises:
        MotionFailedError: it is not held (any more), nothing goes there, there is no room, or the arm
            gets nowhere.
    """
    context = arm.context
    receptacle_of(context.world, place, relation)
    if context.world.held() != thing or not holding(arm.proprio):
        raise MotionFailedError(Cause.PRECONDITION, f"{thing} is not in the gripper")
    tried: list[FloatArray] = []
    left: list[FloatArray] = []
    stopped: MotionFailedError | None = None
    while True:
        try:
            plan = yield from _look_and_choose(arm, thing, place, relation, tried)
        except MotionFailedError as failure:
            if failure.cause not in (Cause.UNREACHABLE, Cause.NO_SPACE):
                raise
            if stopped is not None:
                # What stopped the arm at the only spot says more than that there is no other.
                raise stopped from failure
            if len(left) == len(_APART):
                raise
            here = arm.base.translation[:2].copy()
            yield from _stand_elsewhere(arm, place, relation, failure, left)
            left.append(here)
            continue
        tried.append(plan.spot)
        try:
            yield from _bring(arm, thing, plan, manner)
            break
        except MotionFailedError as failure:
            if failure.cause is not Cause.BLOCKED or len(tried) >= _ATTEMPTS:
                raise
            stopped = failure
            yield from fold(arm, thing)
    yield from _let_go(arm, plan, manner)
    yield from _fold_away(arm, plan)
    yield from arm.look(plan.spot)


def _stand_elsewhere(
    arm: Arm,
    place: str,
    relation: str,
    failure: MotionFailedError,
    left: list[FloatArray],
) -> Motion:
    """Dock where more of the place is in reach, apart from the places ``[2]`` that were left already.

    Raises:
        MotionFailedError: ``failure``, if there is no such place: it says what is wrong here.
    """
    try:
        point = _work_point(receptacle_of(arm.context.world, place, relation))
        yield from dock(arm, place, point=point, apart=_APART[len(left)], left=left)
    except MotionFailedError as stuck:
        raise (failure if stuck.cause is Cause.UNREACHABLE else stuck) from failure


def _look_and_choose(
    arm: Arm, thing: str, place: str, relation: str, tried: list[FloatArray]
) -> Generator[Command, Proprio, PlacePlan]:
    seen = receptacle_of(arm.context.world, place, relation)
    yield from look_past_arm(arm, thing, _towards(arm, seen.surfaces[0]))
    receptacle = receptacle_of(arm.context.world, place, relation)
    entity = arm.context.world.entity(thing)
    held = attached_now(arm, entity, riders(arm.context.world, thing))
    return choose_place(arm, receptacle, entity, held, tried)


def _towards(arm: Arm, surface: Surface) -> FloatArray:
    """The point of a surface to look at: as near to the middle as the robot can reach."""
    local = surface.pose.inverse().apply(arm.base.apply([0.65, 0.0, 0.0]))
    half = np.asarray(surface.size) / 2.0
    return surface.pose.apply([*np.clip(local[:2], -half * 0.8, half * 0.8), 0.0])


def _work_point(receptacle: Receptacle) -> FloatArray | None:
    """Where to work ``[2]``: at the hands of a person; of other things their middle or edge will do."""
    person = receptacle.entity.kind == "person"
    return receptacle.surfaces[0].pose.translation[:2] if person else None


def _bring(arm: Arm, thing: str, plan: PlacePlan, manner: Manner) -> Motion:
    """Carry it to above the spot.

    Raises:
        MotionFailedError: blocked: the arm was stopped, the thing is still held; slipped: it is not.
    """
    try:
        laden = bool(riders(arm.context.world, thing))
        speed = min(manner.travel, _LADEN) if laden else manner.travel
        yield from _travel(arm, plan.path, speed, manner.fastest)
        for rows in plan.lines:
            # What hangs lower or wider than believed touches a wall or the floor on the way.
            touched = yield from arm.follow_until_contact(rows, _STOPPED_LAG)
            if touched.contact:
                limits = 0.3 * arm.velocity, 0.3 * arm.acceleration
                back = time_path([arm.q, rows[0]], *limits, arm.period)
                yield from arm.follow(back, guard=False)
                raise MotionFailedError(Cause.BLOCKED, f"{thing} touched something on the way in")
    finally:
        lost = not holding(arm.proprio)
        if lost:
            arm.context.claim_held(None)
    if lost:
        raise MotionFailedError(Cause.SLIPPED, f"{thing} was lost on the way")


def _travel(arm: Arm, path: list[FloatArray], speed: float, fastest: float) -> Motion:
    """Follow joint waypoints, the hand at most ``fastest`` m/s."""
    rows = arm.timed(path, 0.9 * speed)
    if np.isfinite(fastest) and len(rows) > 1:
        at = np.array([arm.kinematics.gripper_pose(q).translation for q in (arm.q, *rows)])
        speeds = np.linalg.norm(np.diff(at, axis=0), axis=1) / arm.period
        rows = held_below(rows, speeds / fastest, round(_EASING / arm.period))
    yield from arm.follow(rows)
    yield from arm.settle()


def _let_go(arm: Arm, plan: PlacePlan, manner: Manner) -> Motion:
    if plan.descent is not None:
        yield from arm.follow_until_contact(
            slowed(plan.descent, manner.near), manner.press * plan.contact
        )
    yield from arm.set_gripper(plan.release, seconds=0.4)
    arm.context.claim_held(None)
    arm.scene.attach(None)
    if plan.descent is None:
        # The hand still hangs over the opening: no eye sees better what lies at the bottom.
        arm.proprio = yield Look(arm.context.spec.cameras)
    yield from _leave(arm, plan, 0.15 * manner.near)
    if plan.walled:
        arm.proprio = yield Look(arm.context.spec.cameras)
    if manner.clear > 0.0:
        yield from _back_off(arm, manner)


def _back_off(arm: Arm, manner: Manner) -> Motion:
    """Move the empty hand slowly out of the way of whoever was given something."""
    pose = arm.kinematics.gripper_pose(arm.q)
    for back, up in ((1.0, 0.2), (0.7, 0.5), (0.4, 0.8), (0.0, 1.0)):
        away = shifted(pose, [-back * manner.clear, 0.0, up * manner.clear])
        rows = free_line(arm, arm.q, away, manner.fastest / 2.0)
        if rows is not None:
            yield from arm.follow(rows)
            return


def _leave(arm: Arm, plan: PlacePlan, speed: float) -> Motion:
    """Take the open hand off the thing and out: as planned, else back the way it came."""
    for k, pose in enumerate(plan.retreat):
        rows = free_line(arm, arm.q, pose, speed, plan.beside, leaving=plan.touch)
        if rows is not None:
            yield from arm.follow(rows)
        elif k == 0:
            plan.retreat = []
        else:
            path = arm.plan(arm.gaze_kept(plan.path[-1]), allow=plan.beside)
            if path is not None:
                yield from arm.move_joints(path[-1], path=path, speed=0.5)
            return
    if not plan.retreat and plan.descent is not None:
        yield from _back(arm, plan)


def _fold_away(arm: Arm, plan: PlacePlan) -> Motion:
    """Fold the arm; if no way is found from here, the way it came is one for most of it."""
    try:
        yield from fold(arm, None, put_down=plan.put_down)
        return
    except MotionFailedError as failure:
        if failure.cause is not Cause.UNREACHABLE:
            raise
    way = [arm.q, *(arm.gaze_kept(q) for q in reversed(plan.path))]
    yield from arm.move_joints(way[-1], path=way, speed=0.4)


def _back(arm: Arm, plan: PlacePlan) -> Motion:
    """Go the way back that the hand came, which was free for more than the hand."""
    assert plan.descent is not None
    limits = 0.3 * arm.velocity, 0.3 * arm.acceleration
    yield from arm.follow(time_path([arm.q, plan.descent[0]], *limits, arm.period))
    for rows in reversed(plan.lines):
        yield from arm.follow(rows[::-1])


def slowed(rows: FloatArray, fraction: float) -> FloatArray:
    """Return joint rows ``[N, J]`` that take ``1 / fraction`` times as long."""
    count = int(np.ceil(len(rows) / fraction))
    at, grid = np.linspace(0.0, len(rows) - 1.0, count), np.arange(len(rows))
    return np.stack([np.interp(at, grid, rows[:, j]) for j in range(rows.shape[1])], axis=1)
