"""The skill `change_view`: see a thing or a place from another side than before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import Pose2, Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.drive import ROUGH, Drive, Driver
from diarchy.skills.motion.head import AHEAD, looked_into_from_above, rise
from diarchy.skills.motion.lookout import points_of
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.standpoints import Purpose, standpoints, supporting_fixture
from diarchy.skills.specs import CHANGE_VIEW

_SOURCE = "motion:change_view"
_APART = 0.6
"""Angle (rad) about the target between two places from which it shows different sides."""
_ELSEWHERE = 0.4
"""Where no such place is free, one so far (m) from here has to do."""
_NEARER = 0.08
"""The same before something deep, with the eye raised: a little nearer shows more of its floor."""
_TRIES = 2


class ChangeView:
    """Drives to where the target is seen from another side, and looks at all of it."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return CHANGE_VIEW

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        target = str(call.args["target"])
        began = proprio.stamp
        if all(e.id != target for e in context.world.entities()):
            return Outcome.failed(Cause.PRECONDITION, f"it is not known where {target} is")
        try:
            now = yield from fold_arm(context, proprio, _SOURCE)
            for place in list(other_views(context, target))[:_TRIES]:
                now = yield from _look_from(context, now, place, target)
                if _seen(context.world, target, began):
                    return Outcome.done(f"{target} was seen from another side")
        except MotionFailedError as failure:
            return failure.outcome
        return Outcome.failed(Cause.NOT_VISIBLE, f"{target} was not seen from another side either")


def other_views(context: SkillContext, target: str) -> Iterator[Pose2]:
    """Yield places from which a target shows another side than from here, each unlike the ones before.

    Args:
        context: of the running skill.
        target: an object or a fixture.
    """
    world = context.world
    middle = np.asarray(world.entity(target).position[:2])
    here = Pose2.from_se3(world.map_from_base())
    deep = _is_deep(world, target)
    purpose: Purpose = "peer" if deep else "look"
    places = standpoints(world, context.spec, target, purpose)
    taken = [here]
    for moved, apart in ((_ELSEWHERE, _APART), (_NEARER if deep else _ELSEWHERE, 0.0)):
        for place in places:
            if all(_differ(place, other, middle, moved, apart) for other in taken):
                taken.append(place)
                yield place


def _is_deep(world: WorldView, target: str) -> bool:
    """Tell whether a target is, or lies in, what one looks into over its wall."""
    support = supporting_fixture(world, world.entity(target))
    return support is not None and looked_into_from_above(support)


def _differ(first: Pose2, second: Pose2, middle: FloatArray, least: float, apart: float) -> bool:
    moved = float(np.hypot(first.x - second.x, first.y - second.y))
    turned = wrap_angle(_bearing(first, middle) - _bearing(second, middle))
    return moved > least and abs(turned) >= apart


def _bearing(place: Pose2, middle: FloatArray) -> float:
    return float(np.arctan2(place.y - middle[1], place.x - middle[0]))


def _look_from(context: SkillContext, now: Proprio, place: Pose2, target: str) -> Drive:
    now = yield from Driver(context, _SOURCE, gaze=AHEAD).to(now, place, ROUGH)
    arm = Arm(context, now, _SOURCE)
    before = arm.q.copy()
    if _is_deep(context.world, target):
        yield from rise(arm)
    for point in points_of(context.world, target):
        yield from arm.look(point)
    yield from rise(arm, before)
    return arm.proprio


def _seen(world: WorldView, target: str, since: float) -> bool:
    if target in world.static_map.fixtures:
        return True
    return any(
        e.id == target and e.last_seen is not None and e.last_seen >= since
        for e in world.entities()
    )
