"""Glances from where the robot stands: what can be seen from here need not be driven to."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import SkillContext
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.drive import Drive
from diarchy.skills.motion.head import off_axis
from diarchy.skills.motion.lookout import points_to_look_at

_FARTHEST = 2.9
"""How far (m) from the base a surface is worth a glance: beyond, it proves little of small things."""
_OFF = 0.20
"""Angle (rad) that the head may be short of a point and still have it well in the picture."""
_MOST = 6
_SAMPLES = 40


def glance_around(
    context: SkillContext,
    now: Proprio,
    names: Collection[str],
    source: str,
    *,
    enough: Callable[[], bool] = lambda: False,
) -> Drive:
    """Look at the open tops in ``names`` that can be seen from here and were not seen yet, from left to right.

    Args:
        context: of the running skill.
        now: newest proprioception.
        names: fixtures worth a look.
        source: goes into the chunks.
        enough: ends it early.
    """
    arm, world = Arm(context, now, source), context.world
    todo = [(name, p) for name in names for p in _in_sight(arm, world, name)]
    todo.sort(key=lambda item: -_bearing(arm, item[1]))
    for name, point in todo[:_MOST]:
        if enough():
            break
        if world.inspected(name) is None:
            yield from arm.look(point)
    return arm.proprio


def _in_sight(arm: Arm, world: WorldView, name: str) -> list[FloatArray]:
    """Points of a fixture's open tops that are near, within the head's reach, and not behind a wall."""
    info = world.static_map.fixtures.get(name)
    if info is None or any(s.relation == "in" or s.approach != "top" for s in info.surfaces):
        return []
    if world.inspected(name) is not None:
        return []
    here = arm.base.translation[:2]
    near = [
        p for p in points_to_look_at(world, name) if float(np.linalg.norm(p[:2] - here)) < _FARTHEST
    ]
    return [p for p in near if off_axis(arm, p) < _OFF and not _behind_wall(world, here, p)]


def _behind_wall(world: WorldView, here: FloatArray, point: FloatArray) -> bool:
    line = np.linspace(here, point[:2], _SAMPLES)
    for box in world.static_map.walls:
        height = np.full((len(line), 1), box.pose.translation[2])
        local = np.abs(box.pose.inverse().apply(np.hstack([line, height])))
        if bool(np.any(np.all(local[:, :2] < box.size[:2] / 2.0, axis=1))):
            return True
    return False


def _bearing(arm: Arm, point: FloatArray) -> float:
    x, y = arm.base.inverse().apply(point)[:2]
    return float(np.arctan2(y, x))
