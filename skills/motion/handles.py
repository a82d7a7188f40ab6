"""Taking a mug by its handle: where its body and its rim are out of reach, or what is in it is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.grasps import Grasp, gripper_rotation
from diarchy.skills.motion.rims import handle_direction

_BARRED = frozenset({"Mug"})
"""Classes with an upright bar for a handle, that fingers close on from both sides."""
BAR = 0.010
"""Thickness (m) of the bar, which is the outermost part of the box."""
_OPENING = 0.045
_ELEVATIONS = (20.0, 40.0, 0.0, 60.0)
"""Approaches, degrees above level: from nearly level the fingers lie along the most of the bar."""
_TURNS = (0.0, 0.45, -0.45)
"""Turns (rad) of the hand round the bar: beside a wall there may be no room for one that comes straight at it."""
_PAST = 0.012
"""How far (m) the fingertips reach past the bar, into the gap before the body."""
_HIGH = 0.03
"""How far (m) above the middle of the bar a hand that comes from above takes it, so that it stays off the ground."""
_COST, _STEEP, _TURNED = 4.0, 0.8, 1.0
"""So dear that it is the last resort: it lets a mug fall less surely where it should. What a radian above level
costs, and one round the bar."""


def handle_grasps(entity: Entity, fingertip: float) -> Iterator[Grasp]:
    """Yield grasps of the handle, the best first; none if there is none, or if it was not seen.

    Args:
        entity: its oriented box, whose +x end is the handle.
        fingertip: distance in m from the gripper site to the end of the fingers.
    """
    outward = handle_direction(entity)
    if outward is None or entity.cls not in _BARRED:
        return
    up = np.array([0.0, 0.0, 1.0])
    across = np.cross(up, outward)
    middle = np.asarray(entity.position) + (entity.extent[0] - BAR) / 2.0 * outward
    for turn, elevation in product(_TURNS, _ELEVATIONS):
        tilt = np.radians(elevation)
        ahead = -np.cos(turn) * outward + np.sin(turn) * across
        approach = np.cos(tilt) * ahead - np.sin(tilt) * up
        rotation = gripper_rotation(approach, np.cross(ahead, up))
        tip = middle + _PAST * approach + _HIGH * np.sin(tilt) * up
        pose = SE3(rotation, tip - fingertip * rotation[:, 0])
        steep = abs(float(tilt) - np.radians(_ELEVATIONS[0]))
        yield Grasp("handle", pose, _OPENING, BAR, _COST + _STEEP * steep + _TURNED * abs(turn))
