"""Standing what is long and slim on end in a vessel: a fork in a mug, a pencil in a cup."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.entity import Surface
from diarchy.contracts.geometry import FloatArray
from diarchy.memory.containers import SLENDER
from diarchy.skills.motion.collision import Attached
from diarchy.skills.motion.hand_turns import about_z, heading, rotation_about
from diarchy.skills.motion.receptacle import Receptacle

_TILTS = (np.pi / 2, 1.1)
"""Turns (rad) of the hand out of the attitude in which it holds the thing level."""


def goes_on_end(receptacle: Receptacle, surface: Surface, held: Attached) -> bool:
    """Tell whether a thing is too long to lie in a movable container, but slim enough to stand in it."""
    if not receptacle.movable or surface.relation != "in":
        return False
    size, inner = np.sort(held.size), min(surface.size)
    return bool(size[2] > 0.95 * inner and size[2] > SLENDER * size[1] and size[1] < inner)


def hands_on_end(level: FloatArray, held: Attached) -> Iterator[tuple[FloatArray, float, float]]:
    """Yield hands that come in level, or nearly so, with the long side of the box upright between them.

    Each is a rotation ``[3, 3]`` for a spot straight ahead of the base, what it costs, and its tilt (rad).
    """
    axis = held.pose.rotation[:, int(np.argmax(held.size))]
    for tilt in _TILTS:
        for sign in (1.0, -1.0):
            side = np.cross(level @ (sign * axis), [0.0, 0.0, 1.0])
            norm = float(np.linalg.norm(side))
            if norm < 0.3:
                continue
            turned = rotation_about(side / norm, tilt) @ level
            turned = about_z(-heading(turned)) @ turned
            for k, cost in ((0, 0.0), (1, 0.3), (-1, 0.3)):
                rotation = about_z(k * np.pi / 4) @ turned
                yield rotation, cost + 0.2 * (np.pi / 2 - tilt), tilt


def through_the_mouth(
    held: Attached, rotation: FloatArray, corners: FloatArray, height: float, rim: float
) -> FloatArray:
    """How far ``[2]`` m to move what leans, so that its lower end comes in over the rim and stays clear of it.

    The middle of what is below the rim goes over the middle of the container.

    Args:
        held: the box in the hand.
        rotation: of the hand, ``[3, 3]`` in base.
        corners: of the box about the gripper, ``[8, 3]`` m.
        height: of the gripper, m in base.
        rim: height of the rim, m in base.
    """
    axis = rotation @ held.pose.rotation[:, int(np.argmax(held.size))]
    centre = height + float((rotation @ held.pose.translation)[2])
    low = height + float(corners[:, 2].min())
    return np.asarray(axis[:2] / axis[2] * (centre - (low + rim) / 2.0))
