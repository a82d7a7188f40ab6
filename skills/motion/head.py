"""The skill `look_at`: points the head camera at something and looks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diarchy.contracts.entity import FixtureInfo
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.gaze import look_points
from diarchy.skills.motion.trajectory import time_path
from diarchy.skills.specs import LOOK_AT

AHEAD = (0.0, 0.35)
"""Pan and tilt (rad) while driving: the floor some metres ahead is in view."""
_RAISED = 0.9
"""Fraction of the torso's travel to raise it to."""
_IN_VIEW = 0.35
"""Angle (rad) off the optical axis up to which a target counts as looked at."""


class LookAt:
    """Turns the head to a target and looks; fails if it was not seen there."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return LOOK_AT

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        target = str(call.args["target"])
        known = {e.id: e for e in context.world.entities()}
        if target not in known:
            return Outcome.failed(Cause.PRECONDITION, f"it is not known where {target} is")
        surfaces = context.world.surfaces(target) if known[target].kind == "fixture" else ()
        places = [s.pose.translation for s in surfaces]
        point = np.mean(places, axis=0) if places else np.array(known[target].position)
        arm = Arm(context, proprio, "motion:look_at")
        if off_axis(arm, point) > _IN_VIEW:
            return Outcome.failed(Cause.NOT_VISIBLE, f"the head cannot turn to {target} from here")
        began = proprio.stamp
        try:
            yield from arm.look(point)
            yield from _look_over(context, arm, target, began)
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)
        if not looked_at_since(context, target, began):
            return Outcome.failed(Cause.NOT_VISIBLE, f"{target} was not seen where it should be")
        return Outcome.done(f"looked at {target}")


def _look_over(context: SkillContext, arm: Arm, target: str, began: float) -> Motion:
    """Pan along a fixture's surfaces until most of them have been seen: nothing shall be overlooked."""
    info = context.world.static_map.fixtures.get(target)
    if info is None:
        return
    points = list(look_points(replace(info, surfaces=context.world.surfaces(target))))
    before = arm.q.copy()
    walled = looked_into_from_above(info)
    if walled and not _inspected_since(context, target, began):
        yield from rise(arm)
    for point in points if len(points) > 1 or walled else []:
        if _inspected_since(context, target, began):
            break
        if off_axis(arm, point) <= _IN_VIEW:
            yield from arm.look(point)
    yield from rise(arm, before)


def _inspected_since(context: SkillContext, target: str, began: float) -> bool:
    stamp = context.world.inspected(target)
    return stamp is not None and stamp >= began


def looked_into_from_above(info: FixtureInfo) -> bool:
    """Tell whether a near wall hides part of its inside: the higher the eye, the less."""
    return any(s.relation == "in" and s.approach == "top" for s in info.surfaces)


def rise(arm: Arm, goal: FloatArray | None = None) -> Motion:
    """Raise the torso, to see over the front of a drawer or a basin; or go back to the torso of joints ``[J]``.

    Where the arm does not let it, nothing moves.
    """
    lifted = arm.q.copy()
    for joint in arm.torso:
        high = _RAISED * arm.context.spec.joints[joint].upper
        lifted[joint] = high if goal is None else goal[joint]
    if np.allclose(lifted, arm.q, atol=1e-3) or not arm.free(lifted):
        return
    share = 0.9 if arm.context.world.held() is None else 0.5
    limits = share * arm.velocity, share * arm.acceleration
    yield from arm.follow(time_path([arm.q, lifted], *limits, arm.period))


def off_axis(arm: Arm, point: FloatArray) -> float:
    """Return the angle (rad) that is left to a point ``[3]`` in ``map`` after the best turn of the head."""
    target = arm.base.inverse().apply(point)
    camera = arm.context.spec.head_camera
    pose = arm.kinematics.camera_pose(arm.gaze(target), camera)
    x, y, z = pose.inverse().apply(target)
    return float(np.arctan2(np.hypot(x, y), z))


def looked_at_since(context: SkillContext, target: str, since: float) -> bool:
    """Tell whether a target was seen, or a fixture's surfaces inspected, at or after a stamp."""
    stamps = [context.world.inspected(target)]
    stamps += [e.last_seen for e in context.world.entities() if e.id == target]
    return any(stamp is not None and stamp >= since for stamp in stamps)
