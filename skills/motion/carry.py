"""Folding the arm for driving, with and without something in the hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from diarchy.contracts.entity import Entity, Solid
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.skill import Cause
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.collision import Attached
from diarchy.skills.motion.level import LEVEL, level_path
from diarchy.skills.motion.riders import riders
from diarchy.skills.motion.rims import RIMS

_SPOTS = (
    (0.05, 0.30, 1.08),
    (0.03, -0.33, 1.07),
    (0.21, -0.18, 0.93),
    (0.21, 0.18, 0.93),
    (0.30, -0.20, 0.90),
    (0.35, 0.00, 0.80),
    (0.45, 0.00, 0.75),
)
"""Where the gripper may be carried (m in base), the nearest to the body first."""
_LARGEST_HELD = 0.30
_EFFORTS = ((500, 16), (3000, 3), (12000, 1))
"""Samples to try for each folded posture, and for how many of them: first a little for all, then much for few."""
_LEVEL_EFFORTS = ((40, 16), (400, 16), (2000, 3))
"""The same for a way on which the load stays level."""
_UPRIGHT = 0.35
"""How much (rad) what holds nothing may lean in a folded arm."""
_LOADED_SPEED = 0.5
_EVERY = 4
"""Ticks between the points of a straight line that are looked at."""
_PER_TURN = 0.05
"""What a radian of the joint that goes farthest costs, in metres that a folded arm sticks out."""
_HIDDEN = 0.4
"""Share of the middle of the picture that an arm may fill when the head looks where to put something."""
_LOOKS = ((0.0, 0.3), (0.0, 0.9), (0.7, 0.5), (-0.7, 0.5))
"""Pan and tilt (rad) that a folded arm must leave room for."""


def attached_now(arm: Arm, entity: Entity, aboard: Sequence[Entity] = ()) -> Attached:
    """Return the held box as it lies between the fingers now, from where it was seen before.

    How it lies there is known from when the fingers closed; else it is taken to stand upright now. A box
    that is not at the fingers (the belief may lag) is taken to hang at them.

    Args:
        arm: whose fingers.
        entity: what is held.
        aboard: what lies on or in it; the box grows around them.
    """
    gripper = arm.base @ arm.kinematics.gripper_pose(arm.proprio.q)
    low, high = _around(entity, aboard)
    size = np.maximum(high - low, 0.02)
    offset = arm.context.world.in_gripper(entity.id) or gripper.inverse() @ entity.pose()
    if float(np.linalg.norm(offset.translation)) > _LARGEST_HELD / 2.0:
        offset = SE3(offset.rotation, np.array([0.02, 0.0, 0.0]))
    centred = offset @ SE3.from_translation((low + high) / 2.0)
    return Attached(entity.id, centred, np.minimum(size, _LARGEST_HELD))


def upright(arm: Arm, held: str | None) -> FloatArray:
    """Return a rotation of the hand ``[3, 3]`` in base with which what is held stands upright."""
    taken = None if held is None else arm.context.world.in_gripper(held)
    if taken is None:
        return arm.kinematics.gripper_pose(arm.q).rotation
    return np.asarray(taken.rotation.T)


def _around(entity: Entity, aboard: Sequence[Entity]) -> tuple[FloatArray, FloatArray]:
    """Lower and upper corner ``[3]``, in the frame of its box, of a thing and what is aboard."""
    half = np.asarray(entity.extent, dtype=np.float64) / 2.0
    low, high = -half, half.copy()
    into = entity.pose().inverse()
    for rider in aboard:
        pose = into @ rider.pose()
        reach = np.abs(pose.rotation) @ np.asarray(rider.extent, dtype=np.float64) / 2.0
        low = np.minimum(low, pose.translation - reach)
        high = np.maximum(high, pose.translation + reach)
    return low, high


def fold(
    arm: Arm,
    held: str | None,
    *,
    put_down: Solid | None = None,
    within: float = np.inf,
    sight: FloatArray | None = None,
) -> Motion:
    """Fold to ``carry`` with something in the hand, kept upright, or to ``tuck`` without.

    What can hold others stays level all the way, and moves slowly if there is something on or in it.

    Args:
        arm: what moves.
        held: id of what is in the hand.
        put_down: what was let go just now, where it was let go: the belief may lag.
        within: how far (m) the folded arm may stick out from the middle of the base.
        sight: a point ``[3]`` in ``map`` that it must not hide from the head.

    Raises:
        MotionFailedError: the arm was blocked, or no free way to any folded posture was found.
    """
    aboard = {e.id for e in riders(arm.context.world, held)} if held is not None else set()
    if put_down is None:
        arm.scene.update(arm.context.world, without=aboard)
    else:
        arm.scene.update(arm.context.world, without={put_down.owner}, extra=[put_down])
    if held is not None and held in {e.id for e in arm.context.world.entities()}:
        on_it = riders(arm.context.world, held)
        arm.scene.attach(attached_now(arm, arm.context.world.entity(held), on_it))
    arm.scene.set_opening(arm.width)
    yield from rise_free(arm)
    level = held is not None and (bool(aboard) or _is_hollow(arm, held))
    postures = _goals(arm, held, LEVEL if level else _UPRIGHT)
    goals = _Goals(
        q
        for q in postures
        if arm.scene.reach(q, arm.base) <= within and (sight is None or not _hides(arm, q, sight))
    )
    for effort, most in _LEVEL_EFFORTS if level else ():
        for goal in islice(goals, most):
            path = level_path(arm, goal, iterations=effort, up=upright(arm, held)[2])
            if path is not None:
                speed = _LOADED_SPEED if aboard else 0.8
                yield from arm.move_joints(path[-1], path=path, speed=speed)
                return
    if aboard:
        detail = f"no way was found on which {held} stays level, with what is on or in it"
        raise MotionFailedError(Cause.UNREACHABLE, detail)
    for effort, most in _EFFORTS:
        for goal in islice(goals, most):
            path = arm.plan(goal, iterations=effort)
            if path is not None:
                yield from arm.move_joints(goal, path=path, speed=0.8 if held else 1.0)
                return
    raise MotionFailedError(Cause.UNREACHABLE, "no free way to a folded arm was found")


def look_past_arm(
    arm: Arm, held: str | None, point: FloatArray, *, radius: float | None = None
) -> Motion:
    """Look at a point ``[3]`` in ``map``; an arm that hides it, or what is ``radius`` m around it, is folded another way first.

    Where no other way is found, what can be seen is seen.

    Raises:
        MotionFailedError: the arm was blocked.
    """
    if _hides(arm, arm.q, point, radius):
        try:
            yield from fold(arm, held, sight=point)
        except MotionFailedError as failure:
            if failure.cause is not Cause.UNREACHABLE:
                raise
    yield from arm.look(point)


def _hides(arm: Arm, q: FloatArray, point: FloatArray, radius: float | None = None) -> bool:
    """Tell whether the robot itself, at joints ``[J]``, hides from the head what it looks at."""
    local, camera = arm.base.inverse().apply(point), arm.context.spec.head_camera
    looking = arm.gaze(local, q)
    if radius is None:
        return arm.kinematics.hidden(looking, camera) > _HIDDEN
    away = float(np.linalg.norm(arm.kinematics.camera_pose(looking, camera).translation - local))
    within = radius / max(away, radius)
    return arm.kinematics.hidden(looking, camera, within=within) > _HIDDEN


class _Goals:
    """Folded postures, each searched for once and only when those before it were of no use."""

    def __init__(self, source: Iterator[FloatArray]) -> None:
        self._source, self._found = source, list[FloatArray]()

    def __iter__(self) -> Iterator[FloatArray]:
        yield from self._found
        for goal in self._source:
            self._found.append(goal)
            yield goal


def _is_hollow(arm: Arm, held: str) -> bool:
    known = {e.id: e.cls for e in arm.context.world.entities()}
    return known.get(held) in RIMS


def rise_free(arm: Arm) -> Motion:
    """Leave what the hand is still close to: up, or back towards the robot."""
    if arm.free(arm.q):
        return
    pose = arm.kinematics.gripper_pose(arm.q)
    for shift in ((0.0, 0.0, 0.08), (-0.2, 0.0, 0.03), (-0.12, 0.0, 0.0), (0.0, 0.0, 0.03)):
        target = SE3(pose.rotation, pose.translation + np.array(shift))
        rows = arm.line(arm.q, target, speed=0.15)
        if rows is not None and arm.free(rows[-1]) and _keeps_off_itself(arm, rows):
            yield from arm.follow(rows)
            return


def _keeps_off_itself(arm: Arm, rows: FloatArray) -> bool:
    """Tell whether rows ``[N, J]`` nowhere bring the arm to the robot itself, the head above all.

    Where it touches itself at the start it may leave.
    """
    if "self" in arm.scene.touching(rows[0], arm.base):
        return True
    return not any("self" in arm.scene.touching(q, arm.base) for q in rows[::_EVERY])


def _goals(arm: Arm, held: str | None, lean: float) -> Iterator[FloatArray]:
    postures = arm.context.spec.postures
    if held is None:
        yield postures["tuck"]
        return
    level = upright(arm, held)
    for name in ("carry", "tuck"):
        q = postures.get(name)
        if q is not None and _keeps_upright(arm, q, level, lean) and _leaves_head_free(arm, q):
            yield q
    yield from _searched(arm, level)


def _keeps_upright(arm: Arm, q: FloatArray, level: FloatArray, lean: float) -> bool:
    """Tell whether the load leans at most ``lean`` rad; ``level`` ``[3, 3]`` is a hand that holds it upright."""
    then = arm.kinematics.gripper_pose(q)
    cosine = float(then.rotation[2] @ level[2])
    return bool(cosine > np.cos(lean))


def _leaves_head_free(arm: Arm, q: FloatArray) -> bool:
    """Tell whether a folded arm touches nothing, wherever the head looks."""
    if not arm.free(q, margin=0.004):
        return False
    looking = q.copy()
    for look in _LOOKS if len(arm.head) == 2 else ():
        looking[list(arm.head)] = look
        if not arm.free(looking, margin=0.004):
            return False
    return True


def _searched(arm: Arm, level: FloatArray) -> Iterator[FloatArray]:
    """Other folded arms that hold the load upright, nearest to the body first."""
    kinematics, rng = arm.kinematics, arm.context.rng
    start = arm.context.spec.postures["tuck"]
    joints = arm.context.spec.groups["arm"]
    for spot in _SPOTS:
        found = []
        for _ in range(60):
            turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, float(rng.uniform(-np.pi, np.pi)))
            target = SE3(turn.rotation @ level, np.array(spot))
            seed = start.copy()
            low, high = kinematics.lower[list(joints)], kinematics.upper[list(joints)]
            seed[list(joints)] = rng.uniform(np.maximum(low, -np.pi), np.minimum(high, np.pi))
            q = kinematics.solve(target, seed, joints=joints, iterations=25)
            if q is not None and _leaves_head_free(arm, q):
                found.append(q)
        yield from sorted(found, key=lambda q: _bulk(arm, q))[:2]


def _bulk(arm: Arm, q: FloatArray) -> float:
    """What a folded arm costs: how far (m) it sticks out, and how far its joints have to go."""
    out = arm.scene.reach(q, arm.base)
    return out + _PER_TURN * float(np.abs(q - arm.q).max())
