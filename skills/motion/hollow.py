"""Hollow things as walls and a floor, so that a hand finds its way in where a box would be in it."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Box, Entity, Solid
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.collision import entity_box
from diarchy.skills.motion.rims import RIMS, Rim, body_centre

_WALL = 0.005
_FLOOR = 0.009
_SIDES = 10


def hollow_solids(entity: Entity) -> list[Solid]:
    """Return the walls and the floor of a hollow thing; of any other its whole box."""
    rim = RIMS.get(entity.cls)
    if rim is None:
        return [Solid(entity.id, entity_box(entity))]
    walls = _square_walls(entity) if rim.square else _round_walls(entity, rim)
    return [Solid(entity.id, box) for box in (_floor(entity), *walls)]


def _floor(entity: Entity) -> Box:
    x, y, height = entity.extent
    size = np.array([x, y, _FLOOR]) if height > _FLOOR else np.array([x, y, height])
    low = SE3.from_translation(np.array([0.0, 0.0, (size[2] - height) / 2.0]))
    return Box(entity.pose() @ low, size)


def _square_walls(entity: Entity) -> list[Box]:
    walls = []
    for axis in (0, 1):
        size = np.asarray(entity.extent, dtype=np.float64).copy()
        size[axis] = _WALL
        for sign in (1.0, -1.0):
            at = np.zeros(3)
            at[axis] = sign * (entity.extent[axis] - _WALL) / 2.0
            walls.append(Box(entity.pose() @ SE3.from_translation(at), size))
    return walls


def _round_walls(entity: Entity, rim: Rim) -> list[Box]:
    height = entity.extent[2]
    top = min(entity.extent[:2]) / 2.0
    foot = rim.foot * top
    lean = float(np.arctan2(top - foot, height))
    size = np.array([_WALL, 2.0 * top * np.tan(np.pi / _SIDES), height / np.cos(lean)])
    centre, middle = body_centre(entity), (top + foot) / 2.0 - _WALL / 2.0
    walls = []
    for k in range(_SIDES):
        angle = entity.yaw + 2.0 * np.pi * k / _SIDES
        outward = np.array([np.cos(angle), np.sin(angle), 0.0])
        walls.append(Box(SE3(_leaning(angle, lean), centre + middle * outward), size))
    return walls


def _leaning(angle: float, lean: float) -> FloatArray:
    """Axes of a wall that faces ``angle`` and leans outwards: across, along the rim, up along it."""
    outward = np.array([np.cos(angle), np.sin(angle), 0.0])
    up = np.sin(lean) * outward + np.array([0.0, 0.0, np.cos(lean)])
    along = np.array([-np.sin(angle), np.cos(angle), 0.0])
    return np.stack([np.cross(along, up), along, up], axis=1)
