"""The rims of hollow things: where a wall stands free, and how it leans.

What a camera gives is a box; that a bowl widens upwards and a box has four straight walls is
knowledge of the class. Fingers that come along the wall hold it flat between their pads, so that the
thing does not turn when they close.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import FloatArray
from diarchy.memory.containers import handle_length

_POINTS = 12
_WALL = 0.006
_EAR = 0.35
"""Cosine to the longer axis above which a round thing's handle or ear is expected."""
_ALONG = (0.0, 0.25, -0.25)
"""Where a straight wall is pinched, as fractions of its length from its middle."""


@dataclass(frozen=True)
class Rim:
    """What is known of a class of hollow things.

    Attributes:
        foot: radius where the wall begins, as a fraction of that at the rim.
        square: four straight walls instead of a round one.
    """

    foot: float = 1.0
    square: bool = False


RIMS: dict[str, Rim] = {
    "Bowl": Rim(foot=0.60),
    "Box": Rim(square=True),
    "Cup": Rim(foot=0.78),
    "Mug": Rim(),
    "Pan": Rim(foot=0.9),
    "Plate": Rim(foot=0.82),
    "Pot": Rim(foot=0.97),
}
"""By class; what is not listed has no rim that two fingers could pinch."""


@dataclass(frozen=True)
class RimPoint:
    """A place to pinch.

    Attributes:
        at: middle of the wall at its upper edge, ``[3]`` m in ``map``.
        outward: horizontal unit vector ``[3]`` away from the middle.
        down: unit vector ``[3]`` along the wall, downwards.
    """

    at: FloatArray
    outward: FloatArray
    down: FloatArray


def handle_direction(entity: Entity) -> FloatArray | None:
    """Return where the handle of a thing points, ``[3]`` in ``map``; None: it has none, or none is seen."""
    if handle_length(entity) == 0.0:
        return None
    return np.array([np.cos(entity.yaw), np.sin(entity.yaw), 0.0])


def body_centre(entity: Entity) -> FloatArray:
    """Return the axis ``[3]`` of a thing: the middle of its box, less what a handle adds to it."""
    centre, ahead = np.asarray(entity.position, dtype=np.float64), handle_direction(entity)
    if ahead is None:
        return centre
    return np.asarray(centre - ahead * handle_length(entity) / 2.0)


def rim_points(entity: Entity) -> Iterator[RimPoint]:
    """Yield the places where the wall of a hollow thing can be pinched; none for other classes."""
    rim = RIMS.get(entity.cls)
    if rim is None:
        return
    yield from _straight(entity) if rim.square else _round(entity, rim)


def _round(entity: Entity, rim: Rim) -> Iterator[RimPoint]:
    x, y, height = entity.extent
    radius, centre = min(x, y) / 2.0, body_centre(entity)
    lean = float(np.arctan2((1.0 - rim.foot) * radius, height))
    # A handle or two ears make one side longer; which end a handle is on may be wrong.
    longer = entity.yaw + (0.0 if x > y else np.pi / 2)
    uneven = max(x, y) > 1.2 * min(x, y)
    for k in range(_POINTS):
        angle = entity.yaw + k * 2.0 * np.pi / _POINTS
        if uneven and abs(np.cos(angle - longer)) > _EAR:
            continue
        outward = np.array([np.cos(angle), np.sin(angle), 0.0])
        yield _point(centre + (radius - _WALL / 2.0) * outward, entity.top, outward, lean)


def _straight(entity: Entity) -> Iterator[RimPoint]:
    pose = entity.pose()
    for axis in (0, 1):
        length = entity.extent[1 - axis]
        for sign in (1.0, -1.0):
            outward = sign * pose.rotation[:, axis]
            middle = pose.translation + (entity.extent[axis] / 2.0 - _WALL / 2.0) * outward
            for shift in _ALONG:
                at = middle + shift * length * pose.rotation[:, 1 - axis]
                yield _point(at, entity.top, outward, 0.0)


def _point(at: FloatArray, top: float, outward: FloatArray, lean: float) -> RimPoint:
    down = -np.sin(lean) * outward - np.array([0.0, 0.0, np.cos(lean)])
    return RimPoint(np.array([at[0], at[1], top]), outward, down)
