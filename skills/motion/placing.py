"""Choosing where and how to put down what is held: a spot, a pose of the hand, the way there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from diarchy.contracts.entity import Box, Entity, FixtureInfo, Surface
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.skill import Cause
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.collision import Attached, Solid
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.motion.spots import SPACING, free_spots

_HOVER = 0.07
_INSERT_HOVER = 0.035
_OUTSIDE = (0.10, 0.20)
"""How far (m) before the mouth of a compartment the held thing begins its way in."""
_OVERTRAVEL = 0.02
_DEEP = 0.15
"""A receptacle whose rim stands this high (m) above its floor is dropped into."""
_TRIES = 96
_TURNS = 8
_LEANS = (0.0, 0.5, 0.9)
"""Tilts (rad) of the hand into a compartment, for what need not stay upright."""
_UPRIGHT = frozenset({"Cup", "Mug", "Bowl", "Plate", "Pot", "Pan", "SodaCan", "SaltShaker"})


@dataclass(frozen=True)
class Placement:
    """A spot ``[3]`` in map, ``base_from_gripper`` with the thing resting there, the thing's height there."""

    spot: FloatArray
    gripper: SE3
    height: float


@dataclass
class PlacePlan:
    """Where the held thing goes and how.

    Attributes:
        spot: point ``[3]`` in ``map``.
        put_down: the thing as it will stand there.
        path: joint waypoints to where the straight parts begin.
        lines: rows ``[N, J]`` of straight motions in free space, in order.
        descent: rows until contact; None: let it drop.
        retreat: gripper poses in base to leave through.
    """

    spot: FloatArray
    put_down: Solid
    path: list[FloatArray] = field(default_factory=list)
    lines: list[FloatArray] = field(default_factory=list)
    descent: FloatArray | None = None
    retreat: list[SE3] = field(default_factory=list)


def choose_place(
    arm: Arm, info: FixtureInfo, surfaces: list[Surface], entity: Entity, held: Attached
) -> PlacePlan:
    """Return the first plan that puts the held box on one of the surfaces.

    Raises:
        MotionFailedError: there is no free spot, or the arm reaches none from here.
    """
    world = arm.context.world
    arm.scene.attach(held)
    arm.scene.update(world)
    arm.scene.set_opening(min(arm.context.spec.gripper.max_width, arm.proprio.gripper_width))
    others = [e for e in world.entities() if e.kind == "object" and e.id != entity.id]
    radius = float(np.hypot(held.size[0], held.size[1]) / 2.0)
    front = np.append(info.front, 0.0)
    found_spot = False
    for surface in surfaces:
        deep = is_deep(info, surface)
        entrance = front if surface.approach == "front" else None
        spots = (
            [surface.pose.translation]
            if deep
            else _roomy_or_tight(surface, radius, others, arm, entrance)
        )
        found_spot = found_spot or bool(spots)
        leans = _LEANS if entrance is not None and entity.cls not in _UPRIGHT else (0.0,)
        for placement in islice(_placements(arm, spots, held, leans), _TRIES):
            for outside in _OUTSIDE if entrance is not None else (0.0,):
                plan = _plan(arm, info, surface, placement, held, outside)
                if plan is not None:
                    return plan
    name = info.entity.id
    if not found_spot:
        raise MotionFailedError(Cause.NO_SPACE, f"there is no free spot on {name} within reach")
    raise MotionFailedError(Cause.UNREACHABLE, f"the arm reaches no free spot of {name} from here")


def is_deep(info: FixtureInfo, surface: Surface) -> bool:
    """Tell whether a surface is the floor of something open above with high walls, like a bin."""
    rim = info.entity.top - float(surface.pose.translation[2])
    return surface.approach == "top" and surface.relation == "in" and rim > _DEEP


def _placements(
    arm: Arm, spots: list[FloatArray], held: Attached, leans: tuple[float, ...]
) -> Iterator[Placement]:
    """Yield hands that bring the box's underside to a spot, turned about the vertical and leaning."""
    now = arm.kinematics.gripper_pose(arm.proprio.q).rotation
    level = _about_z(-_heading(now)) @ now
    corners = held.pose.apply(_corners(held.size))
    into_base = arm.base.inverse()
    for lean in leans:
        for spot in spots[:12]:
            target = into_base.apply(spot)
            facing = float(np.arctan2(target[1], target[0]))
            inwards = _lean(facing, lean)
            for k in range(_TURNS):
                turn = _about_z(facing + k * 2.0 * np.pi / _TURNS)
                rotation = inwards @ turn @ level
                heights = (corners @ rotation.T)[:, 2]
                shift = rotation @ held.pose.translation
                position = target - np.array([shift[0], shift[1], heights.min()])
                yield Placement(spot, SE3(rotation, position), float(np.ptp(heights)))


def _about_z(angle: float) -> FloatArray:
    return SE3.from_xyz_yaw(0.0, 0.0, 0.0, angle).rotation


def _lean(facing: float, angle: float) -> FloatArray:
    """Rotation that tips a hand that points down towards the direction ``facing``."""
    yaw, c, s = _about_z(facing), np.cos(-angle), np.sin(-angle)
    return np.asarray(yaw @ np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]) @ yaw.T)


def _heading(rotation: FloatArray) -> float:
    """Direction of the gripper's own z axis, or of its approach if that is the more level one."""
    axis = rotation[:, 2] if abs(rotation[2, 2]) < abs(rotation[2, 0]) else rotation[:, 0]
    return float(np.arctan2(axis[1], axis[0]))


def _corners(size: FloatArray) -> FloatArray:
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return np.asarray(signs * size / 2.0)


def _plan(
    arm: Arm,
    info: FixtureInfo,
    surface: Surface,
    placement: Placement,
    held: Attached,
    outside: float,
) -> PlacePlan | None:
    stations = _stations(arm, info, surface, placement, outside)
    end = arm.kinematics.solve(stations[-1], arm.q, seeds=arm_seeds(arm, stations[-1]))
    if end is None or not arm.free(end, margin=0.004):
        return None
    begin = end if len(stations) == 1 else arm.kinematics.solve(stations[0], end)
    if begin is None or not arm.free(begin, margin=0.004):
        return None
    begin = end = arm.gaze_kept(begin)
    plan = PlacePlan(placement.spot, _standing(placement, held))
    for station in stations[1:]:
        rows = _free_line(arm, end, station, 0.10, frozenset())
        if rows is None:
            return None
        plan.lines.append(rows)
        end = rows[-1]
    if not is_deep(info, surface):
        down = _shifted(placement.gripper, [0.0, 0.0, -_OVERTRAVEL])
        plan.descent = _free_line(arm, end, down, 0.04, frozenset({info.entity.id}))
        if plan.descent is None:
            return None
    path = arm.plan(begin, iterations=700)
    if path is None:
        return None
    plan.path = path
    plan.retreat = _retreat(arm, placement.gripper, stations, held, dropped=plan.descent is None)
    last = end if plan.descent is None else plan.descent[-1]
    return plan if arm.line(last, plan.retreat[0]) is not None else None


def _stations(
    arm: Arm, info: FixtureInfo, surface: Surface, placement: Placement, outside: float
) -> list[SE3]:
    """Poses of the hand before the descent: above the spot, and for a compartment first outside."""
    gripper = placement.gripper
    if is_deep(info, surface):
        rim = float(info.entity.top - surface.pose.translation[2])
        return [_shifted(gripper, [0.0, 0.0, rim + 0.01])]
    if surface.approach == "top":
        return [_shifted(gripper, [0.0, 0.0, _HOVER])]
    above = _shifted(gripper, [0.0, 0.0, _INSERT_HOVER])
    outward = np.append(info.front, 0.0)
    depth = float((surface.pose.translation - placement.spot) @ outward)
    half = np.abs(surface.pose.rotation.T @ outward)[:2] @ np.asarray(surface.size) / 2.0
    way = outward * (depth + float(half) + outside)
    return [_shifted(above, arm.base.rotation.T @ way), above]


def _retreat(
    arm: Arm, gripper: SE3, stations: list[SE3], held: Attached, *, dropped: bool
) -> list[SE3]:
    """Poses to leave through: off the thing first, then, out of a compartment, outwards."""
    if dropped:
        return [_shifted(stations[0], [0.0, 0.0, 0.08])]
    inside = held.pose.apply(_corners(held.size))[:, 0].min()
    engaged = max(0.0, arm.kinematics.fingertip - float(inside))
    back = -gripper.rotation[:, 0]
    back[2] = max(float(back[2]), 0.3)
    off = _shifted(gripper, back / np.linalg.norm(back) * (engaged + 0.02))
    if len(stations) == 1:
        return [off]
    return [off, _shifted(off, stations[0].translation - stations[1].translation)]


def _standing(placement: Placement, held: Attached) -> Solid:
    across = float(np.hypot(held.size[0], held.size[1]))
    centre = placement.spot + np.array([0.0, 0.0, placement.height / 2.0])
    size = np.array([across, across, placement.height])
    return Solid(held.entity_id, Box(SE3.from_translation(centre), size))


def _shifted(pose: SE3, shift: FloatArray | list[float]) -> SE3:
    return SE3(pose.rotation, pose.translation + np.asarray(shift))


def _free_line(
    arm: Arm, start: FloatArray, target: SE3, speed: float, allow: frozenset[str]
) -> FloatArray | None:
    rows = arm.line(start, target, speed=speed)
    if rows is None:
        return None
    step = max(1, len(rows) // 8)
    checked = [*rows[::step], rows[-1]]
    return rows if all(arm.free(q, allow=allow, margin=0.003) for q in checked) else None


def _roomy_or_tight(
    surface: Surface,
    radius: float,
    others: list[Entity],
    arm: Arm,
    entrance: FloatArray | None,
) -> list[FloatArray]:
    """Free spots with the usual distance to neighbours; on a crowded surface with half of it."""
    here = arm.base.translation[:2]
    for spacing in (SPACING, SPACING / 2.0):
        spots = free_spots(surface, radius, others, here, spacing=spacing, entrance=entrance)
        if spots:
            return spots
    return []
