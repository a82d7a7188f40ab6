"""Where to take hold of a thing, from nothing but its perceived box and class.

Most things are taken across their narrow side with the fingers coming from above, steeply or, where
the arm cannot come from above, at a slant down to nearly level. Wide hollow things are pinched by the
rim: what does not fit between the fingers has a wall that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import GripperSpec
from diarchy.skills.motion.rims import RimPoint, body_centre, handle_direction, rim_points

ROUNDED = frozenset({"Egg", "Potato"})
"""Longish classes without flat sides, which fingers may also take at an angle."""
RIM_OPENING = 0.045
"""Opening (m) for a rim pinch: fully open fingers hit the inside of a mug."""
_LEANING_OPENING = 0.035
"""Opening (m) for the rim of a low thing with leaning walls: the outer finger comes near its foot."""
_ELEVATIONS = (90.0, 70.0, 50.0, 30.0, 10.0)
_LEVEL = 20.0
"""Approaches of less elevation (degrees) keep the wrist above what the thing stands on."""
_CROWDED = 0.12
"""A rim is pinched at least so far (m) from what lies in it, if there is a choice."""
_OBLIQUE = (0.35, -0.35, 0.7, -0.7)
_SIDE_GAP = 0.006
_PINCH_DEPTH = 0.030
_SLANTED_DEPTH = 0.022
_RIM_SLANTS = (0.4, 0.7)
"""Angles (rad) off the steepest approach to a rim; beyond these the palm meets the nearer wall."""
_FINGER_HALF, _PALM_HALF = 0.0135, 0.040
"""Half the width (m) of a finger and of the palm, across the plane of the fingers."""
_PALM = 0.070
"""Distance (m) from the fingertips back to the palm."""
_OFF_WALL = 0.3
"""How far (rad) off the wall a hand may lean to get under a ceiling; the thing then leans as much."""
_BESIDE = 0.6
"""Cosine to the robot's direction below which a point of a rim lies at its side."""
_FLAT = 0.040
_FLAT_ELEVATIONS, _LEANING = (90.0, 70.0, 60.0, 50.0), 1.5
"""A hand that leans holds a flat thing less well: what that costs. In a drawer there may be no room above."""
_SINK = 0.007


@dataclass(frozen=True)
class Grasp:
    """One way to hold a thing.

    Attributes:
        kind: ``top``, ``slanted``, ``side``, ``rim``, ``slanted rim`` or ``handle``.
        pose: ``map_from_gripper`` when the fingers close.
        opening: of the fingers on the way there, m.
        width: what is expected between the fingers after closing, m.
        cost: lower is better; about 0 to 3, before reach and neighbours are known.
        sink: how much deeper than ``pose`` (m) to go before closing, until something is touched:
            flat things are only held well by fingers that scrape what they lie on.
    """

    kind: str
    pose: SE3
    opening: float
    width: float
    cost: float
    sink: float = 0.0

    def backed_off(self, distance: float) -> SE3:
        """Return ``map_from_gripper`` pulled back by ``distance`` m against the approach."""
        return SE3(self.pose.rotation, self.pose.translation - distance * self.pose.rotation[:, 0])


def gripper_rotation(approach: FloatArray, opening: FloatArray) -> FloatArray:
    """Return the rotation with x along ``approach`` and y along ``opening`` made square to it."""
    x = approach / np.linalg.norm(approach)
    y = opening - (opening @ x) * x
    y = y / np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def grasp_candidates(
    entity: Entity,
    robot_xy: FloatArray,
    gripper: GripperSpec,
    fingertip: float,
    *,
    content: Sequence[FloatArray] = (),
) -> list[Grasp]:
    """Return grasps of a perceived thing, best first; empty if it fits in no way.

    Args:
        entity: its oriented box and class.
        robot_xy: ``[2]`` m in ``map``: slanted approaches come from this side.
        gripper: widths.
        fingertip: distance in m from the gripper site to the end of the fingers.
        content: where ``[3]`` m the things are that lie on or in it: its rim is taken away from them.
    """
    grasps = [
        *_across(entity, robot_xy, gripper, fingertip),
        *(
            grasp
            for point in rim_points(entity)
            for grasp in _pinch(entity, point, robot_xy, fingertip, content)
        ),
    ]
    return sorted(grasps, key=lambda g: g.cost)


def _across(
    entity: Entity, robot_xy: FloatArray, gripper: GripperSpec, fingertip: float
) -> list[Grasp]:
    found: list[Grasp] = []
    centre = body_centre(entity)
    away = np.append(centre[:2] - robot_xy, 0.0)
    handle = handle_direction(entity)
    for yaw, width in _opening_yaws(entity, away, handle):
        if width > gripper.max_width - 2 * _SIDE_GAP:
            continue
        opening = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        ahead = np.array([-opening[1], opening[0], 0.0])
        ahead = ahead if ahead @ away >= 0.0 else -ahead
        flat = entity.extent[2] < _FLAT
        for elevation in _FLAT_ELEVATIONS if flat else _ELEVATIONS:
            tilt = np.radians(elevation)
            approach = np.cos(tilt) * ahead - np.sin(tilt) * np.array([0.0, 0.0, 1.0])
            rotation = gripper_rotation(approach, opening)
            tip = _tip_point(entity, centre, elevation, approach)
            # Slanted grasps want to come from the robot; long things tip when taken off their side.
            sideways = 1.0 - float(ahead @ away) / (float(np.linalg.norm(away)) + 1e-9)
            cost = width / gripper.max_width + 0.012 * (90.0 - elevation)
            # Across the narrow side is best; anything wider is held less firmly.
            cost += sideways * np.cos(tilt) + 20.0 * (width - min(entity.extent[:2]))
            pose = SE3(rotation, tip - fingertip * rotation[:, 0])
            wide = min(gripper.max_width, width + 0.035)
            if handle is not None and elevation < 80.0 and float(ahead @ handle) < -0.5:
                continue
            kind = "top" if elevation > 80.0 else "side" if elevation < _LEVEL else "slanted"
            cost += _LEANING * (flat and kind != "top")
            found.append(Grasp(kind, pose, wide, width, cost, _SINK if flat else 0.0))
            if flat and kind == "top":
                # What it lies on may be believed a little too low for the fingers to fit.
                raised = SE3(rotation, pose.translation - 0.006 * rotation[:, 0])
                found.append(Grasp(kind, raised, wide, width, cost + 0.1, 2.0 * _SINK))
    return found


def _opening_yaws(
    entity: Entity, away: FloatArray, handle: FloatArray | None
) -> list[tuple[float, float]]:
    """Directions (rad) to open the fingers in, with the width there."""
    x, y = entity.extent[0], entity.extent[1]
    across = entity.yaw + (0.0 if x < y else np.pi / 2)
    sides = [(across, min(x, y)), (across + np.pi / 2, max(x, y))]
    nearly_round = max(x, y) < 1.2 * min(x, y)
    if not nearly_round and handle is None:
        return [*sides, *(_oblique(entity, across) if entity.cls in ROUNDED else ())]
    # As good as round: any direction will do, the first is square to where the robot stands.
    square = float(np.arctan2(away[1], away[0])) + np.pi / 2
    turns = [square + k * np.pi / 6 for k in range(6)]
    if nearly_round:
        return [*((turn, max(x, y)) for turn in turns), *sides]
    assert handle is not None
    # Round but for a handle, which no finger may land on.
    clear = [t for t in turns if abs(np.cos(t) * handle[0] + np.sin(t) * handle[1]) < 0.75]
    return [*((turn, min(x, y)) for turn in clear), sides[0]]


def _oblique(entity: Entity, across: float) -> Iterator[tuple[float, float]]:
    """Directions (rad) off the narrow side of a thing without corners: it turns between the fingers."""
    narrow, long = sorted(entity.extent[:2])
    for turn in _OBLIQUE:
        width = float(np.hypot(narrow * np.cos(turn), long * np.sin(turn)))
        yield across + turn, width


def _tip_point(
    entity: Entity, centre: FloatArray, elevation: float, approach: FloatArray
) -> FloatArray:
    """Where the fingertips go: deep enough to hold, clear of what the thing stands on."""
    height = entity.extent[2]
    if height < _FLAT and elevation < 80.0:
        above = _FINGER_HALF * float(np.cos(np.radians(elevation)))
        return np.array([centre[0], centre[1], entity.bottom + 0.004 + above])
    if elevation > 80.0:
        low = max(entity.bottom + 0.005, entity.top - 0.055)
        return np.array([centre[0], centre[1], min(low, entity.top - 0.012)])
    # Slanted: the fingers reach 1.2 cm past the axis; their lower edge and the palm behind them stay
    # above the support.
    level, rise = np.cos(np.radians(elevation)), np.sin(np.radians(elevation))
    clear = max(0.012 + 0.014 * level, (_PALM_HALF + 0.010) * level - _PALM * rise)
    z = max(entity.bottom + clear, centre[2] - 0.1 * height)
    middle = np.array([centre[0], centre[1], z])
    past = 0.012 * np.array([approach[0], approach[1], 0.0])
    return np.asarray(middle + past)


def _approaches(rim: RimPoint, robot_xy: FloatArray) -> Iterator[tuple[FloatArray, float]]:
    """Directions ``[3]`` to come to a rim, each with the angle (rad) off its best one.

    Best is along the wall. At the sides a hand also comes in slanting from the robot, and at the near
    point it may lean towards the robot, off the wall: there is not always room above.
    """
    yield rim.down, 0.0
    towards = robot_xy - rim.at[:2]
    facing = float(rim.outward[:2] @ towards) / (float(np.linalg.norm(towards)) + 1e-9)
    if abs(facing) < _BESIDE:
        along = np.array([-rim.outward[1], rim.outward[0], 0.0])
        along = along if along[:2] @ towards < 0.0 else -along
        for slant in _RIM_SLANTS:
            yield np.cos(slant) * rim.down + np.sin(slant) * along, slant
    elif facing > _BESIDE:
        lean = float(np.arccos(np.clip(-rim.down[2], -1.0, 1.0))) + _OFF_WALL
        yield -np.sin(lean) * rim.outward - np.array([0.0, 0.0, np.cos(lean)]), 2.0 * _OFF_WALL


def _pinch(
    entity: Entity,
    rim: RimPoint,
    robot_xy: FloatArray,
    fingertip: float,
    content: Sequence[FloatArray],
) -> Iterator[Grasp]:
    """Pinch the wall at one point of the rim, one finger inside and one outside."""
    towards = robot_xy - rim.at[:2]
    side = 1.0 - float(rim.outward[:2] @ towards) / (float(np.linalg.norm(towards)) + 1e-9)
    near = min((float(np.linalg.norm(rim.at - c)) for c in content), default=_CROWDED)
    low = entity.extent[2] < 2.5 * _PINCH_DEPTH and rim.down[2] > -0.99
    opening = _LEANING_OPENING if low else RIM_OPENING
    radius = min(entity.extent[:2]) / 2.0
    for approach, slant in _approaches(rim, robot_xy):
        rotation = gripper_rotation(approach, rim.outward)
        depth = min(_SLANTED_DEPTH if slant else _PINCH_DEPTH, 0.5 * entity.extent[2])
        beside = abs(float(approach @ np.cross(rim.outward, rim.down))) > 1e-6
        if beside and not _enters(radius, depth, float(-approach[2])):
            continue
        if slant and content and not beside:
            # A hand that leans off the wall makes the thing lean as well.
            continue
        point = rim.at + depth / max(float(-rim.down[2]), 0.5) * rim.down
        cost = 0.9 + 0.2 * side + 0.8 * slant + 15.0 * max(0.0, _CROWDED - near)
        pose = SE3(rotation, point - fingertip * rotation[:, 0])
        yield Grasp("slanted rim" if slant else "rim", pose, opening, 0.006, cost)


def _enters(radius: float, depth: float, steepness: float) -> bool:
    """Tell whether a slanting hand gets ``depth`` m into a vessel without touching its nearer rim.

    ``steepness`` is the sine of its elevation. Neither the finger inside nor the palm may be below the
    rim where they pass over it.
    """
    level = float(np.sqrt(max(0.0, 1.0 - steepness**2))) + 1e-6
    before = radius - _FINGER_HALF * steepness - 0.005
    finger = before * steepness / level - _FINGER_HALF * level - depth
    over = _PALM * level - _PALM_HALF * steepness < radius
    palm = _PALM * steepness - _PALM_HALF * level - depth if over else 1.0
    return min(finger, palm) > 0.002


def spread(grasps: Sequence[Grasp], count: int) -> list[Grasp]:
    """Return the first ``count`` grasps, taking turns between kinds so that all get a chance."""
    kinds = list(dict.fromkeys(g.kind for g in grasps))
    queues = [[g for g in grasps if g.kind == kind] for kind in kinds]
    out: list[Grasp] = []
    while len(out) < count and any(queues):
        for queue in queues:
            if queue:
                out.append(queue.pop(0))
    return out[:count]
