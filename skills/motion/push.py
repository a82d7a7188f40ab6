"""The skill `push_aside`: sweep an object along the surface it stands on with the closed hand."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity, Surface
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
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import fold
from diarchy.skills.motion.dock import dock
from diarchy.skills.motion.grasps import gripper_rotation
from diarchy.skills.motion.seeds import solutions
from diarchy.skills.motion.spots import footprint
from diarchy.skills.motion.straight import free_line
from diarchy.skills.specs import PUSH_ASIDE

_DISTANCES = (0.12, 0.10, 0.08)
"""How far (m) it is pushed."""
_MOVED = 0.05
_DIRECTIONS = 16
_BEFORE = 0.05
"""From the fingers to the thing (m) where the sweep begins."""
_FINGERS = 0.012
"""Half the thickness (m) of the closed fingers."""
_AT = 1.0 / 3.0
"""Part of its height at which it is pushed."""
_SLENDER = 1.3
_BASE = 0.02
"""What is slender is pushed this close (m) above the surface, where it does not tip."""
_TIPPY = 3.2
_LOWEST = 0.006
_LEAN = 0.45
"""Tilt (rad) of the fingers, tips towards the thing."""
_EDGE = 0.02
_SPEED = 0.06
_TRIES = 24
_TOUCH = 0.006
_FLAT, _FLAT_EXTRA = 0.02, 0.03
"""Thin things (m) are caught late: the sweep goes so much (m) further."""


@dataclass
class _Sweep:
    """Joint waypoints to where it begins, rows ``[N, J]`` down to the surface, and along it."""

    path: list[FloatArray]
    down: FloatArray
    along: FloatArray


class PushAside:
    """Pushes an object 8 to 12 cm in a free direction."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return PUSH_ASIDE

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        arm = Arm(context, proprio, "motion:push_aside")
        thing = str(call.args["object"])
        try:
            moved = yield from _push(arm, thing)
        except MotionFailedError as failure:
            return failure.outcome
        if moved < _MOVED:
            return Outcome.failed(Cause.NO_EFFECT, f"{thing} moved by {100 * moved:.0f} cm only")
        if _support(context.world, context.world.entity(thing)) is None:
            return Outcome.failed(
                Cause.NO_EFFECT, f"{thing} does not stand where it stood any more"
            )
        return Outcome.done(f"{thing} was pushed aside by {100 * moved:.0f} cm")


def _push(arm: Arm, thing: str) -> Generator[Command, Proprio, float]:
    """Push it and return how far (m) it went."""
    world = arm.context.world
    if world.held() is not None:
        raise MotionFailedError(Cause.PRECONDITION, f"{world.held()} is in the gripper")
    entity = yield from _see(arm, thing)
    sweep = _choose(arm, entity)
    if sweep is None:
        yield from dock(arm, thing)
        entity = yield from _see(arm, thing)
        sweep = _choose(arm, entity)
    if sweep is None:
        detail = f"there is no free way to push {thing}, or the arm does not reach behind it"
        raise MotionFailedError(Cause.UNREACHABLE, detail)
    yield from arm.move_joints(sweep.path[-1], path=sweep.path, width=0.0)
    yield from arm.follow_until_contact(sweep.down, _TOUCH)
    yield from arm.follow(sweep.along, guard=False)
    yield from _leave(arm)
    yield from fold(arm, None)
    after = yield from _see(arm, thing)
    return float(np.linalg.norm(np.subtract(after.position, entity.position)[:2]))


def _see(arm: Arm, thing: str) -> Generator[Command, Proprio, Entity]:
    began = arm.proprio.stamp
    yield from arm.look(np.asarray(arm.context.world.entity(thing).position))
    known = {e.id: e for e in arm.context.world.entities()}
    if thing not in known:
        raise MotionFailedError(Cause.NOT_FOUND, f"{thing} is not where it was believed to be")
    stamp = known[thing].last_seen
    if stamp is None or stamp < began:
        raise MotionFailedError(Cause.NOT_VISIBLE, f"{thing} was not seen from here")
    return known[thing]


def _choose(arm: Arm, entity: Entity) -> _Sweep | None:
    """Return the first sweep that the arm reaches, towards the most room first.

    Raises:
        MotionFailedError: it would fall over, or stands on nothing that is known.
    """
    if entity.extent[2] > _TIPPY * min(entity.extent[:2]):
        raise MotionFailedError(Cause.UNSUPPORTED, f"{entity.id} would fall over")
    world = arm.context.world
    support = _support(world, entity)
    if support is None:
        raise MotionFailedError(Cause.UNSUPPORTED, f"{entity.id} stands on nothing that is known")
    arm.scene.attach(None)
    arm.scene.update(world)
    arm.scene.set_opening(0.0)
    for count, (goal, direction) in enumerate(_goals(world, entity, support[1])):
        if count >= _TRIES:
            return None
        sweep = _reach(arm, entity, support, goal, direction)
        if sweep is not None:
            return sweep
    return None


def _support(world: WorldView, entity: Entity) -> tuple[str, Surface] | None:
    """The surface that an object stands on, and whose: of furniture only, not a plate or a hand."""
    for name in sorted(world.static_map.fixtures):
        for surface in world.surfaces(name):
            x, y, z = surface.pose.inverse().apply(entity.position)
            over = abs(x) <= surface.size[0] / 2.0 + 0.01 and abs(y) <= surface.size[1] / 2.0 + 0.01
            if over and abs(z - entity.extent[2] / 2.0) < 0.04:
                return name, surface
    return None


def _goals(
    world: WorldView, entity: Entity, surface: Surface
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Where it could go ``[3]`` and the direction ``[3]`` there, the most room first."""
    at, radius = np.asarray(entity.position), footprint(np.asarray(entity.extent))
    others = [
        (np.asarray(e.position), footprint(np.asarray(e.extent)))
        for e in world.entities()
        if e.kind == "object" and e.id != entity.id and abs(e.bottom - entity.bottom) < 0.15
    ]
    found: list[tuple[float, int, FloatArray, FloatArray]] = []
    for k in range(_DIRECTIONS):
        angle = 2.0 * np.pi * k / _DIRECTIONS
        direction = np.array([np.cos(angle), np.sin(angle), 0.0])
        for distance in _DISTANCES:
            goal = at + distance * direction
            inside = np.abs(surface.pose.inverse().apply(goal)[:2])
            margin = float((np.asarray(surface.size) / 2.0 - inside).min()) - radius - _EDGE
            gaps = [float(np.linalg.norm(p[:2] - goal[:2])) - r - radius for p, r in others]
            room = min([0.3, *gaps])
            if margin >= 0.0 and room >= _EDGE:
                found.append(
                    (-min(room, 0.15) - 0.5 * min(margin, 0.1), len(found), goal, direction)
                )
                break
    for _, _, goal, direction in sorted(found, key=lambda f: f[:2]):
        yield goal, direction


def _reach(
    arm: Arm,
    entity: Entity,
    support: tuple[str, Surface],
    goal: FloatArray,
    direction: FloatArray,
) -> _Sweep | None:
    """Plan down beside the thing, opposite to where it shall go, and along."""
    at, ground = np.asarray(entity.position), float(support[1].pose.translation[2])
    slender = entity.extent[2] > _SLENDER * min(entity.extent[:2])
    height = max(_LOWEST, min(_AT * entity.extent[2], _BASE if slender else np.inf))
    half = _half_along(entity, direction)
    begin = at - (half + _FINGERS + _BEFORE) * direction
    further = _FLAT_EXTRA if entity.extent[2] < _FLAT else 0.0
    end = goal + (further - half - _FINGERS) * direction
    begin[2] = end[2] = ground + height
    into, tip = arm.base.inverse(), arm.kinematics.fingertip
    way = into.rotation @ direction
    for lean in (_LEAN,) if slender else (_LEAN, 0.0):
        # The tips lead: what is wider above than below is touched at its foot.
        approach = np.sin(lean) * way - np.cos(lean) * np.array([0.0, 0.0, 1.0])
        for side in (np.cross([0.0, 0.0, 1.0], way), way):
            rotation = gripper_rotation(approach, side)
            low, far = (SE3(rotation, into.apply(p) - tip * rotation[:, 0]) for p in (begin, end))
            above = SE3(rotation, low.translation + np.array([0.0, 0.0, entity.extent[2] + 0.04]))
            sweep = _plan(arm, {support[0], *_parents(arm, support[0])}, entity, (above, low, far))
            if sweep is not None:
                return sweep
    return None


def _parents(arm: Arm, name: str) -> set[str]:
    whole = arm.context.world.entity(name).part_of
    return set() if whole is None else {whole}


def _half_along(entity: Entity, direction: FloatArray) -> float:
    """Half the extent (m) of a box in a horizontal direction."""
    local = entity.pose().rotation.T @ direction
    return float(np.abs(local) @ np.asarray(entity.extent) / 2.0)


def _plan(
    arm: Arm, ground: set[str], entity: Entity, stations: tuple[SE3, SE3, SE3]
) -> _Sweep | None:
    """Plan to above, low beside and along the thing; the tips may touch the ``ground``."""
    above, low, far = stations
    for q in solutions(arm.kinematics, above, arm.q):
        start = arm.gaze_kept(q)
        if not arm.free(start, margin=0.006):
            continue
        down = free_line(arm, start, low, 0.10, ground)
        may = {entity.id, *ground}
        along = None if down is None else free_line(arm, down[-1], far, _SPEED, may)
        if down is None or along is None:
            continue
        path = arm.plan(start, iterations=700)
        if path is not None:
            return _Sweep(path, down, along)
    return None


def _leave(arm: Arm) -> Motion:
    """Back off a little from what was pushed, and up."""
    pose = arm.kinematics.gripper_pose(arm.q)
    rows = arm.line(arm.q, SE3(pose.rotation, pose.translation + np.array([0.0, 0.0, 0.10])))
    if rows is not None:
        yield from arm.follow(rows, guard=False)
