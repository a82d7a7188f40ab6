"""Where to take hold of a thing, from nothing but its perceived box and class.

Most things are taken across their narrow side with the fingers coming from above, steeply or, where
the arm cannot come from above, at a slant. Wide hollow things are pinched by the rim: what does not
fit between the fingers has a wall that does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import GripperSpec

HOLLOW = frozenset({"Bowl", "Mug", "Cup", "Pot", "Pan", "Plate"})
"""Classes with a rim that two fingers can pinch."""
RIM_OPENING = 0.045
"""Opening (m) for a rim pinch: fully open fingers hit the inside of a mug."""
_ELEVATIONS = (90.0, 70.0, 50.0, 30.0)
_SIDE_GAP = 0.006
_PINCH_DEPTH = 0.030
_FLAT = 0.045
_SINK = 0.007


@dataclass(frozen=True)
class Grasp:
    """One way to hold a thing.

    Attributes:
        kind: ``top``, ``slanted`` or ``rim``.
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
    entity: Entity, robot_xy: FloatArray, gripper: GripperSpec, fingertip: float
) -> list[Grasp]:
    """Return grasps of a perceived thing, best first; empty if it fits in no way.

    Args:
        entity: its oriented box and class.
        robot_xy: ``[2]`` m in ``map``: slanted approaches come from this side.
        gripper: widths.
        fingertip: distance in m from the gripper site to the end of the fingers.
    """
    grasps = [
        *_across(entity, robot_xy, gripper, fingertip),
        *(_by_rim(entity, robot_xy, fingertip) if entity.cls in HOLLOW else ()),
    ]
    return sorted(grasps, key=lambda g: g.cost)


def _across(
    entity: Entity, robot_xy: FloatArray, gripper: GripperSpec, fingertip: float
) -> list[Grasp]:
    found: list[Grasp] = []
    for yaw, width, length in _opening_yaws(entity):
        if width > gripper.max_width - 2 * _SIDE_GAP:
            continue
        opening = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        centre = _body_centre(entity)
        away = np.append(centre[:2] - robot_xy, 0.0)
        ahead = np.array([-opening[1], opening[0], 0.0])
        ahead = ahead if ahead @ away >= 0.0 else -ahead
        for elevation in _ELEVATIONS:
            tilt = np.radians(elevation)
            approach = np.cos(tilt) * ahead - np.sin(tilt) * np.array([0.0, 0.0, 1.0])
            rotation = gripper_rotation(approach, opening)
            tip = _tip_point(entity, centre, elevation, approach)
            # Slanted grasps want to come from the robot; long things tip when taken off their side.
            sideways = 1.0 - float(ahead @ away) / (float(np.linalg.norm(away)) + 1e-9)
            cost = width / gripper.max_width + 0.012 * (90.0 - elevation)
            cost += sideways * np.cos(tilt) + (0.3 if length < width else 0.0)
            pose = SE3(rotation, tip - fingertip * rotation[:, 0])
            wide = min(gripper.max_width, width + 0.035)
            kind = "top" if elevation > 80.0 else "slanted"
            flat = kind == "top" and entity.extent[2] < _FLAT
            if kind == "slanted" and entity.extent[2] < _FLAT:
                continue
            found.append(Grasp(kind, pose, wide, width, cost, _SINK if flat else 0.0))
            if flat:
                # What it lies on may be believed a little too low for the fingers to fit.
                raised = SE3(rotation, pose.translation - 0.006 * rotation[:, 0])
                found.append(Grasp(kind, raised, wide, width, cost + 0.1, 2.0 * _SINK))
    return found


def _opening_yaws(entity: Entity) -> list[tuple[float, float, float]]:
    """Directions (rad) to open the fingers in, with the width there and the length square to it."""
    x, y = entity.extent[0], entity.extent[1]
    if max(x, y) < 1.2 * min(x, y):
        turns = [entity.yaw + k * np.pi / 6 for k in range(6)]
        return [(t, max(x, y), max(x, y)) for t in turns]
    across = entity.yaw + (0.0 if x < y else np.pi / 2)
    return [(across, min(x, y), max(x, y)), (across + np.pi / 2, max(x, y), min(x, y))]


def _body_centre(entity: Entity) -> FloatArray:
    """Centre of what the fingers close on: of the box."""
    return np.asarray(entity.position, dtype=np.float64)


def _tip_point(
    entity: Entity, centre: FloatArray, elevation: float, approach: FloatArray
) -> FloatArray:
    """Where the fingertips go: deep enough to hold, clear of what the thing stands on."""
    height = entity.extent[2]
    if elevation > 80.0:
        low = max(entity.bottom + 0.005, entity.top - 0.055)
        return np.array([centre[0], centre[1], min(low, entity.top - 0.012)])
    # Slanted: the fingers reach 1.5 cm past the axis; their lower edge stays above the support.
    clear = 0.012 + 0.014 * np.sin(np.radians(90.0 - elevation))
    z = max(entity.bottom + clear, centre[2] - 0.1 * height)
    middle = np.array([centre[0], centre[1], z])
    past = 0.012 * np.array([approach[0], approach[1], 0.0])
    return np.asarray(middle + past)


def _by_rim(entity: Entity, robot_xy: FloatArray, fingertip: float) -> list[Grasp]:
    """Pinch the wall at points of the rim, fingers inside and outside, from above."""
    x, y = entity.extent[0], entity.extent[1]
    radius = min(x, y) / 2.0
    centre, handle = _body_centre(entity), None
    if max(x, y) > 1.2 * min(x, y):
        # A handle makes one side longer; which end it is on is not known from the box.
        handle = entity.yaw + (0.0 if x > y else np.pi / 2)
    depth = min(_PINCH_DEPTH, 0.5 * entity.extent[2])
    found = []
    for k in range(12):
        angle = entity.yaw + k * np.pi / 6
        outward = np.array([np.cos(angle), np.sin(angle), 0.0])
        if handle is not None and abs(np.cos(angle - handle)) > 0.35:
            continue
        rotation = gripper_rotation(np.array([0.0, 0.0, -1.0]), outward)
        # Walls lean: aim at the middle of what is between the pads, not at the rim itself.
        lean = 0.25 * depth if radius > 0.055 else 0.0
        point = centre + outward * (radius - 0.003 - lean)
        point[2] = entity.top - depth
        towards = (robot_xy - centre[:2]) / (np.linalg.norm(robot_xy - centre[:2]) + 1e-9)
        cost = 0.9 + 0.2 * (1.0 - float(outward[:2] @ towards))
        pose = SE3(rotation, point - fingertip * rotation[:, 0])
        found.append(Grasp("rim", pose, RIM_OPENING, 0.006, cost))
    return found


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
