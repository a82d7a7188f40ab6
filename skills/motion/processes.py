"""The skills `heat`, `cool` and `wash`: waiting beside a device until it has done its work.

How long that takes is what people know of appliances. The skill ends well when the belief, after a
look at the end, holds the state to be true.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Truth
from diarchy.contracts.household import PROCESSES, Process
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Command,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, Motion
from diarchy.skills.motion.costmap import front_panel
from diarchy.skills.motion.head import off_axis
from diarchy.skills.specs import COOL, HEAT, WASH

_MARGIN = 0.5
_LOOK_EVERY = 2.0
_PATIENCE = 2.0
"""Waits at most this many times as long as people know it to take."""
_IN_VIEW = np.radians(60.0)


class _Waiting:
    """What the three share."""

    backend = "motion"

    def __init__(self, robot: RobotSpec, spec: SkillSpec) -> None:
        self._robot, self._spec = robot, spec

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return self._spec

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        thing, device = str(call.args["object"]), str(call.args["device"])
        info = context.world.static_map.fixtures.get(device)
        process = None if info is None else PROCESSES.get(info.entity.cls)
        if (
            info is None
            or process is None
            or process.state not in self._spec.postconditions[0].template
        ):
            return Outcome.failed(Cause.UNSUPPORTED, f"{device} is not made to {self._spec.name}")
        arm = Arm(context, proprio, f"motion:{self._spec.name}")
        return (yield from _wait_for(arm, thing, info, process))


class Heat(_Waiting):
    """Waits until the microwave has heated what is in it."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, HEAT)


class Cool(_Waiting):
    """Waits until the fridge has cooled what is in it."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, COOL)


class Wash(_Waiting):
    """Waits until the running water has cleaned what is in the sink."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, WASH)


def _wait_for(
    arm: Arm, thing: str, info: FixtureInfo, process: Process
) -> Generator[Command, Proprio, Outcome]:
    """Wait, looking now and then, until the state is believed or patience ends."""
    world, device = arm.context.world, info.entity.id
    believed = partial(_believed, arm)
    yield from _look(arm, info)
    if believed(process.state, thing) is Truth.TRUE:
        return Outcome.done(f"{thing} is {process.state}")
    if process.running and believed("running", device) is Truth.FALSE:
        return Outcome.failed(Cause.PRECONDITION, f"{device} must be switched on first")
    if process.shut and (world.opening(device) or 0.0) > 0.12:
        return Outcome.failed(Cause.PRECONDITION, f"{device} must be closed first")
    began, seconds = arm.proprio.stamp, process.seconds + _MARGIN
    while True:
        waited = arm.proprio.stamp - began
        if waited >= seconds:
            yield from _look(arm, info)
            stopped = not process.stops or believed("running", device) is not Truth.TRUE
            if stopped and believed(process.state, thing) is Truth.TRUE:
                return Outcome.done(f"{thing} is {process.state} after {waited:.0f} s")
            if waited >= _PATIENCE * process.seconds:
                detail = f"{thing} is not known to be {process.state} after {waited:.0f} s"
                return Outcome.failed(Cause.NO_EFFECT, detail)
        left = seconds - waited
        yield from arm.hold(_LOOK_EVERY / 2 if left <= 0.0 else min(_LOOK_EVERY, left))


def _believed(arm: Arm, name: str, thing: str) -> Truth:
    return arm.context.world.truth(Condition(Predicate(name, (thing,))))


def _look(arm: Arm, info: FixtureInfo) -> Motion:
    """Look at the device, if the head turns that far."""
    point = np.array(info.entity.position)
    if info.openable:
        point = front_panel(arm.context.world, info.entity.id).pose.translation
    elif info.surfaces:
        point = info.surfaces[0].pose.translation
    yield from arm.look(point if off_axis(arm, point) < _IN_VIEW else None)
