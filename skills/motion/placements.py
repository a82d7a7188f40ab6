"""Poses of the hand that put what it holds on a spot: turned, leaning, stood on end; the best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.memory.containers import ROUND
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.collision import Attached
from diarchy.skills.motion.hand_turns import about_y, about_z, heading, rotation_about
from diarchy.skills.motion.on_end import goes_on_end, hands_on_end, through_the_mouth
from diarchy.skills.motion.receptacle import Receptacle

_TURNS = 8
_SPOTS = 10
_LEANS = (0.0, 0.25, 0.4, 0.55, 0.75, 0.9)
"""Tilts (rad) of the hand into a compartment or a tray."""
_LEANING, _TILTING = 0.1, 1.0
"""What a radian of tilt costs, of what may lie and of what must stand."""
_STEADY, _PIVOTED = 0.8, 1.1
"""Parts of the angle at which a thing would fall over that it is tilted when it touches the ground: in
any case, and if it can turn upright between the fingers when it is pressed down."""
_MOST_TILTED, _LATERAL = 0.75, 0.9
_FALLS = 0.7
"""What is let go tilted more than this (rad) comes to lie."""
_STANDS = frozenset(
    {"Cup", "Mug", "Bowl", "Plate", "Pot", "Pan", "Box", "SodaCan", "SaltShaker", "PepperShaker",
     "Candle", "SoapBottle", "GlassBottle", "WineBottle", "Vase", "Statue"}
)  # fmt: skip
"""What people put down standing."""
_TIGHT = 0.5
_OPEN_FINGERS, _WALLS = 0.04, 0.9
"""Thickness (m) of two fingers that let go, and the part of a container's width that they may take."""
_WALLED, _UPRIGHT_HAND = 0.05, 0.1
_LONG, _DIAGONAL = 1.3, 0.3
"""From how many times its width on a thing is long, and what it costs to leave such a one diagonally in a
compartment: hardly a hand comes to it there again."""
_WRIST = 0.17
_HAND = 0.045
"""Half the thickness of the hand (m): how far its middle stays above a rim."""


@dataclass(frozen=True)
class Placement:
    """One way to put it down.

    Attributes:
        spot: ``[3]`` m in ``map``.
        gripper: ``base_from_gripper`` with the thing resting there (or let go, if ``drop``).
        height: of the thing there, m.
        drop: it is let go above the spot and falls in.
        pivot: it comes in tilted and is pressed upright on the ground.
        attitude: number of the hand's attitude, the same for all spots.
        cost: lower is better.
    """

    spot: FloatArray
    gripper: SE3
    height: float
    drop: bool
    pivot: bool
    attitude: int
    cost: float


@dataclass(frozen=True)
class Attitude:
    """A rotation of the hand ``[3, 3]`` for a spot straight ahead of the base, and what it costs."""

    rotation: FloatArray
    cost: float
    tilt: float
    on_end: bool = False


def placements(
    arm: Arm,
    receptacle: Receptacle,
    surface: Surface,
    spots: list[FloatArray],
    entity: Entity,
    held: Attached,
    *,
    level: bool = False,
) -> list[Placement]:
    """Return hands that bring the box's underside to one of the spots, the best first.

    ``level``: with something on or in it, it must not lean.
    """
    # The hand with the thing upright, wherever it leans at the moment.
    now = held.pose.rotation.T
    into_base, found = arm.base.inverse(), []
    fitting = [
        (a, corners, height)
        for a in _attitudes(now, receptacle, surface, entity, held)
        if not (level and a.tilt > 0.0)
        for corners, height in [_tilted(a, held)]
        if height <= _headroom(receptacle, surface)
    ]
    for rank, spot in enumerate(spots[:_SPOTS]):
        target = into_base.apply(spot)
        facing = about_z(float(np.arctan2(target[1], target[0])))
        for number, (attitude, corners, height) in enumerate(fitting):
            rotation = facing @ attitude.rotation
            if _snug(receptacle, surface, held) and not attitude.on_end:
                rotation = _along_box(arm, surface, held, rotation)
            shift = rotation @ held.pose.translation
            position = target - np.array([shift[0], shift[1], corners[:, 2].min()])
            if attitude.on_end:
                rim = float(into_base.apply([*spot[:2], receptacle.rim])[2])
                position[2] = max(position[2], rim + _HAND)
                position[:2] += through_the_mouth(held, rotation, corners, position[2], rim)
            tight = receptacle.movable and not fingers_enter(arm, surface, rotation)
            wrist = position - _WRIST * rotation[:, 0]
            beyond = float(np.hypot(*wrist[:2]) - np.hypot(*target[:2]))
            cost = attitude.cost + 0.04 * rank + 1.5 * max(0.0, beyond + 0.05) + _TIGHT * tight
            if surface.approach == "front":
                cost += _DIAGONAL * diagonality(surface, held, arm.base.rotation @ rotation)
            pose = SE3(rotation, position)
            pivot = stands(entity) and attitude.tilt > 0.1
            found.append(Placement(spot, pose, height, attitude.on_end, pivot, number, cost))
    return sorted(found, key=lambda p: p.cost)


def fingers_enter(arm: Arm, surface: Surface, rotation: FloatArray) -> bool:
    """Tell whether the open fingers of a hand ``[3, 3]`` in base fit between the walls of a container."""
    across = surface.pose.rotation.T @ arm.base.rotation @ rotation[:, 1]
    gap = float((np.asarray(surface.size) / np.maximum(np.abs(across[:2]), 1e-3)).min())
    return arm.proprio.gripper_width + _OPEN_FINGERS < _WALLS * gap


def _snug(receptacle: Receptacle, surface: Surface, held: Attached) -> bool:
    """Tell whether a thing goes into a movable box only along the box's sides."""
    square = receptacle.movable and surface.relation == "in" and receptacle.entity.cls not in ROUND
    return square and float(np.hypot(*np.sort(held.size)[1:])) > min(surface.size)


def _along_box(arm: Arm, surface: Surface, held: Attached, rotation: FloatArray) -> FloatArray:
    """Turn a hand ``[3, 3]`` in base about the vertical, by the least, until what it holds lies along a box."""
    longest = held.pose.rotation[:, int(np.argmax(held.size))]
    axis = rotation @ longest
    side = arm.base.rotation.T @ surface.pose.rotation[:, int(np.argmax(surface.size))]
    turn = float(np.arctan2(side[1], side[0]) - np.arctan2(axis[1], axis[0]))
    return about_z((turn + np.pi / 2) % np.pi - np.pi / 2) @ rotation


def diagonality(surface: Surface, held: Attached, rotation: FloatArray) -> float:
    """How far from along the sides of a compartment something long lies in a hand ``[3, 3]`` in map.

    0: along a side, or upright; 1: level, and at 45 degrees to both sides.
    """
    order = np.argsort(held.size)
    if held.size[order[2]] < _LONG * held.size[order[1]]:
        return 0.0
    axis = surface.pose.rotation.T @ rotation @ held.pose.rotation[:, order[2]]
    return 2.0 * abs(float(axis[0] * axis[1]))


def corners_of(size: FloatArray) -> FloatArray:
    """Corners ``[8, 3]`` of a box of full size ``[3]`` m about its centre."""
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return np.asarray(signs * size / 2.0)


def _tilted(attitude: Attitude, held: Attached) -> tuple[FloatArray, float]:
    """Corners of the held box about the gripper, and how high it will stand or lie."""
    corners = held.pose.apply(corners_of(held.size)) @ attitude.rotation.T
    height = float(np.ptp(corners[:, 2]))
    if not attitude.on_end and attitude.tilt > _FALLS:
        height = float(np.sort(held.size)[1])
    if not attitude.on_end and attitude.tilt <= _MOST_TILTED:
        height = float(held.size[2])
    return corners, height


def _headroom(receptacle: Receptacle, surface: Surface) -> float:
    """Greatest height (m) of a thing there."""
    if receptacle.lid:
        return min(surface.clearance, receptacle.depth(surface)) - 0.004
    return surface.clearance - 0.01


def _attitudes(
    now: FloatArray, receptacle: Receptacle, surface: Surface, entity: Entity, held: Attached
) -> list[Attitude]:
    level = about_z(-heading(now)) @ now
    if goes_on_end(receptacle, surface, held):
        return [Attitude(*hand, on_end=True) for hand in hands_on_end(level, held)]
    steady = _STEADY * _falls_at(held) if stands(entity) else np.inf
    found = []
    for tilted, lean in _tilts(level, receptacle, surface, entity, held):
        for k in range(_TURNS):
            rotation = about_y(-lean) @ about_z(k * 2.0 * np.pi / _TURNS) @ tilted
            tilt = abs(lean) if tilted is level else _between(tilted, level)
            if tilt > steady and abs(float(rotation[1, 1])) < _LATERAL:
                continue
            # A hand that comes from beyond the spot has the arm over the thing.
            away = max(0.0, -float(rotation[0, 0]))
            cost = (_TILTING if stands(entity) else _LEANING) * tilt + 0.5 * away
            if surface.approach == "front":
                cost += 0.2 * abs(float(rotation[0, 1]))
            found.append(Attitude(rotation, cost, tilt))
    return found


def _tilts(
    level: FloatArray, receptacle: Receptacle, surface: Surface, entity: Entity, held: Attached
) -> Iterator[tuple[FloatArray, float]]:
    """Yield rotations of the hand and how far (rad) it leans further, into a compartment."""
    for lean in _leans(receptacle, surface, entity, held):
        yield level, lean
    down = np.array([0.0, 0.0, -1.0])
    side = np.cross(level[:, 0], down)
    aslant = float(np.linalg.norm(side))
    walled = surface.approach == "top" and receptacle.depth(surface) > _WALLED
    if walled and not receptacle.movable and _UPRIGHT_HAND < aslant < np.sin(_MOST_TILTED):
        # A hand that leans out of a tray with what it holds by the rim finds room when it points down.
        yield rotation_about(side / aslant, float(np.arcsin(aslant))) @ level, 0.0


def _between(first: FloatArray, second: FloatArray) -> float:
    """Angle (rad) between two rotations."""
    return float(np.arccos(np.clip((np.trace(first.T @ second) - 1.0) / 2.0, -1.0, 1.0)))


def _leans(
    receptacle: Receptacle, surface: Surface, entity: Entity, held: Attached
) -> tuple[float, ...]:
    most = min(_PIVOTED * _falls_at(held), _MOST_TILTED) if stands(entity) else _LEANS[-1]
    if surface.approach == "front":
        return tuple(a for a in (*_LEANS, most) if a <= most)
    if receptacle.lid and held.size[2] > _headroom(receptacle, surface):
        return (_LEANS[-1],)
    return (0.0,)


def stands(entity: Entity) -> bool:
    """Tell whether a thing must be put down upright."""
    return entity.cls in _STANDS


def _falls_at(held: Attached) -> float:
    """Tilt (rad) from which a thing falls over when it is let go."""
    return float(np.arctan2(min(held.size[:2]), held.size[2]))
