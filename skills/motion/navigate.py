"""The skill `navigate_to`: fold the arm, drive to where the target can be worked on, look, dock."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2, Proprio, RobotSpec
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
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.carry import fold
from diarchy.skills.motion.costmap import front_panel
from diarchy.skills.motion.dock import BACK_OFF
from diarchy.skills.motion.drive import ROUGH, Drive, Driver
from diarchy.skills.motion.head import AHEAD, off_axis
from diarchy.skills.motion.standpoints import (
    OPEN_ENOUGH,
    Purpose,
    standpoints,
    supporting_fixture,
    work_points,
)
from diarchy.skills.motion.turning import loaded
from diarchy.skills.specs import NAVIGATE_TO

_FOLDED = 0.50
"""Distance (m) of the hand from the middle of the base up to which the arm counts as folded."""
_HIDDEN = 0.35
"""Part of what the head sees ahead from which on an empty arm is in its way."""
_LOW = 0.85
"""A hand (m above the floor) that carries something lower meets the edges of tables."""
_ELBOW_OUT = 0.55
"""How far (m) from the middle of the base an empty arm may stick out: tucked it is 46 cm."""
_TIGHTER = 0.04
"""How much (m) nearer to the body a load must come for it to be folded again."""
_BACK_OUT = 0.25
"""How far (m) a base that was stopped on its way draws back before it tries the same way again."""
_DOCK_AGAIN = 1.5
"""Drive again when the fresh look moved the estimate by more than this many tolerances."""
_TRIES = 3
_DECK = 0.20
"""Whatever lies over the base is on it, not under it, when it is so high (m)."""


@dataclass(frozen=True)
class Visit:
    """What is driven to, what for, the place to stand, and whether to fail rather than turn without room."""

    target: Entity
    purpose: Purpose
    goal: Pose2
    careful: bool


class NavigateTo:
    """Drives to where a fixture, an object or a person can be worked on."""

    backend = "motion"
    _SOURCE = "motion:navigate_to"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return NAVIGATE_TO

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        target = str(call.args["target"])
        known = {e.id: e for e in context.world.entities()}
        if target not in known:
            return Outcome.failed(Cause.PRECONDITION, f"it is not known where {target} is")
        try:
            now = yield from fold_arm(context, proprio, self._SOURCE)
            if is_aboard(context, known[target]):
                yield from look_at_work(context, now, known[target], "reach")
                return Outcome.done(f"{target} lies on the robot itself")
            goal = yield from self._go(context, now, known[target])
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)
        left = Driver(context, self._SOURCE).off(goal)
        return Outcome.done(f"stands at {target}, {100 * left:.1f} cm off")

    def _go(
        self, context: SkillContext, now: Proprio, target: Entity
    ) -> Generator[Command, Proprio, Pose2]:
        """Drive to the best place that can be reached; returns it."""
        problem = MotionFailedError(Cause.UNREACHABLE, f"no free place to stand at {target.id}")
        purpose = purpose_of(context, target)
        places = standpoints(context.world, context.spec, target.id, purpose)
        if not places and target.kind == "fixture":
            # A sofa behind a table is gone to all the same; what then is done there finds its own place.
            places = standpoints(context.world, context.spec, target.id, "look")
        driver, arm = Driver(context, self._SOURCE), loaded(context, now)
        # Where the folded arm would be in an open door is no good place to stand, if there is another.
        places.sort(key=lambda p: arm.scene.in_collision(arm.q, p.se3(), margin=0.0))
        for goal in _spread(places)[:_TRIES]:
            for again in (False, True):
                visit = Visit(target, purpose, goal, careful=not again)
                try:
                    now = yield from self._arrive(context, now, visit)
                except MotionFailedError as error:
                    problem, now = error, (yield Look(()))
                    if again or error.cause is not Cause.BLOCKED:
                        break
                    now = yield from _back_out(driver, now)
                    now = yield from fold_tighter(context, now, self._SOURCE)
                else:
                    return goal
        raise problem

    def _arrive(self, context: SkillContext, now: Proprio, visit: Visit) -> Drive:
        """Drive to one place and look at what will be worked on, nearer still if that shows it is off."""
        target, goal, purpose = visit.target, visit.goal, visit.purpose
        work = work_point(context, target, purpose, goal)
        driver = Driver(context, self._SOURCE, gaze=AHEAD, towards=work, careful=visit.careful)
        now = yield from driver.to(now, goal, ROUGH)
        now = yield from look_at_work(context, now, target, purpose)
        if driver.off(goal) > _DOCK_AGAIN * ROUGH.position:
            now = yield from Driver(context, self._SOURCE).to(now, goal, ROUGH)
            now = yield from look_at_work(context, now, target, purpose)
        return now


def is_aboard(context: SkillContext, thing: Entity) -> bool:
    """Tell whether a thing lies on the robot's own base: it would come along wherever that drives."""
    away = np.asarray(thing.position)[:2] - context.world.map_from_base().translation[:2]
    own = thing.movable and thing.id != context.world.held() and thing.bottom > _DECK
    return own and float(np.hypot(*away)) < context.spec.base.radius


def _back_out(driver: Driver, now: Proprio) -> Drive:
    """Draw back from what a folded arm caught on while the base turned, as far as there is room."""
    try:
        return (yield from driver.back_off(now, _BACK_OUT))
    except MotionFailedError:
        return (yield Look(()))


def purpose_of(context: SkillContext, target: Entity) -> Purpose:
    """What one usually stands at a target for: to open a closed door, else to reach, or to talk."""
    if target.kind == "person":
        # Who holds out their hands is stood before so that the hands are in reach.
        return "talk" if context.world.static_map.holder(target.id) is None else "reach"
    support = supporting_fixture(context.world, target)
    if support is not None and support.openable:
        opening = context.world.opening(support.entity.id) or 0.0
        return "reach" if opening >= OPEN_ENOUGH * support.max_opening else "open"
    if support is not None and support.entity.id == target.id and support.control is not None:
        return "operate"
    return "reach"


def fold_arm(context: SkillContext, now: Proprio, source: str) -> Drive:
    """Fold the arm for driving, unless the hand is close to the body already.

    Where something is too close to fold it (a door that was just opened), or somebody so close that the guard lets
    the arm move no further, the base first backs off; likewise from where there was only room to fold it low: at the height
    of tables a load is torn away by them.

    Raises:
        MotionFailedError: no free way of the arm was found, or it was blocked.
    """
    held = context.world.held()
    for left in (1, 0):
        arm = Arm(context, now, source)
        folded = is_folded(arm)
        if folded and not (held is not None and left and _hangs_low(arm)):
            break
        if folded:
            now = yield from Driver(context, source, slow=0.5).back_off(now, BACK_OFF)
            arm = Arm(context, now, source)
        try:
            yield from fold(arm, held)
        except MotionFailedError as failure:
            if failure.cause not in (Cause.UNREACHABLE, Cause.BLOCKED) or not left:
                raise
            now = yield from Driver(context, source, slow=0.5).back_off(arm.proprio, BACK_OFF)
        else:
            break
    return arm.proprio


def fold_tighter(context: SkillContext, now: Proprio, source: str) -> Drive:
    """Fold a load nearer to the body than it is, if a way is found: it was too far out to turn here."""
    arm, held = Arm(context, now, source), context.world.held()
    try:
        if held is not None:
            yield from fold(arm, held, within=arm.scene.reach(arm.q, arm.base) - _TIGHTER)
    except MotionFailedError:
        arm.proprio = yield Look(())
    return arm.proprio


def _hangs_low(arm: Arm) -> bool:
    return float(arm.kinematics.gripper_pose(arm.q).translation[2]) < _LOW


def is_folded(arm: Arm) -> bool:
    """Tell whether the hand is close enough to the body for driving.

    An empty arm must also be out of the head's sight, with its elbow not far out: it always has a better posture.
    """
    hand = arm.kinematics.gripper_pose(arm.q).translation
    near = float(np.hypot(hand[0], hand[1])) <= _FOLDED
    if not near or arm.context.world.held() is not None:
        return near
    if arm.scene.reach(arm.q, arm.base) > _ELBOW_OUT:
        return False
    ahead = arm.q.copy()
    if len(arm.head) == len(AHEAD):
        ahead[list(arm.head)] = AHEAD
    return arm.kinematics.hidden(ahead, arm.context.spec.head_camera) < _HIDDEN


def look_at_work(context: SkillContext, now: Proprio, target: Entity, purpose: Purpose) -> Drive:
    """Look from the new place at what will be worked on, so that belief and pose are fresh."""
    here = Pose2.from_se3(context.world.map_from_base())
    point = work_point(context, target, purpose, here)
    arm = Arm(context, now, NavigateTo._SOURCE)
    if off_axis(arm, point) < np.radians(60.0):
        yield from arm.look(point)
        return arm.proprio
    now = yield Look(())
    return now


def work_point(context: SkillContext, target: Entity, purpose: Purpose, place: Pose2) -> FloatArray:
    """The point ``[3]`` in ``map`` that will be worked on from a place: the middle of a thing or a door, the nearest of a top."""
    surfaces = context.world.surfaces(target.id) if target.kind == "fixture" else ()
    support = supporting_fixture(context.world, target)
    if purpose == "open" and support is not None and support.openable:
        return np.array(front_panel(context.world, support.entity.id).pose.translation)
    if not surfaces:
        return np.array(target.position)
    points, here = work_points(context.world, target), np.array([place.x, place.y])
    nearest = min(points, key=lambda p: (float(np.linalg.norm(p - here)), *p))
    return np.array([*nearest, surfaces[0].pose.translation[2]])


def _spread(places: list[Pose2]) -> list[Pose2]:
    """Best first, leaving out places next to an earlier one: if one is blocked, so is its neighbour."""
    chosen: list[Pose2] = []
    for pose in places:
        if all(np.hypot(pose.x - c.x, pose.y - c.y) > 0.25 for c in chosen):
            chosen.append(pose)
    return chosen
