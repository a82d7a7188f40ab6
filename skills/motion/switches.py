"""The skills `toggle_on` and `toggle_off`: pressing a button once, or turning a lever, and looking.

Whether it worked is what is seen of the device afterwards, never the motion itself. A button that
may have switched is not pressed again: a second press would undo the first.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from diarchy.contracts.entity import Control, FixtureInfo, Truth
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Pose2, Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Command,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.costmap import front_panel
from diarchy.skills.motion.drive import ROUGH, Driver
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.openable import draw_back, leaves_head_free, tucked
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.motion.standpoints import Purpose, standpoints
from diarchy.skills.motion.touch import Touch, touches
from diarchy.skills.specs import TOGGLE_OFF, TOGGLE_ON

_LOG = logging.getLogger(__name__)
_PRESS_SPEED, _SWEEP_SPEED = 0.06, 0.10
_RETREAT = 0.15
_CONTACT = 0.012
_DWELL = 0.15
_ATTEMPTS = 2
_PLACES = 8
_AJAR = 0.12
_EVERY = 4
"""Of the poses of a touch, one in so many is tried beforehand."""


@dataclass(frozen=True)
class _Way:
    """A touch that the arm can make: joints ``[J]`` before it and on the way there."""

    touch: Touch
    path: list[FloatArray]


class _Toggle:
    """What switching on and off share."""

    backend = "motion"

    def __init__(self, robot: RobotSpec, spec: SkillSpec, *, on: bool) -> None:
        self._robot, self._spec, self._on = robot, spec, on

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return self._spec

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        name = str(call.args["device"])
        info = context.world.static_map.fixtures.get(name)
        if info is None or info.control is None:
            return Outcome.failed(Cause.UNSUPPORTED, f"{name} has nothing to switch it by")
        if context.world.held() is not None:
            detail = f"the hand must be empty, it holds {context.world.held()}"
            return Outcome.failed(Cause.PRECONDITION, detail)
        device = _Device(Arm(context, proprio, f"motion:{self._spec.name}"), info, info.control)
        try:
            return (yield from self._run(device))
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)

    def _run(self, device: _Device) -> Generator[Command, Proprio, Outcome]:
        word = "on" if self._on else "off"
        yield from device.look()
        if self._on and device.ajar:
            detail = f"the door of {device.name} must be closed first"
            return Outcome.failed(Cause.PRECONDITION, detail)
        if device.running is Truth.of(self._on):
            return Outcome.done(f"{device.name} was {word} already")
        for _ in range(_ATTEMPTS):
            yield from device.switch(on=self._on)
            yield from device.see()
            if device.running is Truth.of(self._on):
                return Outcome.done(f"{device.name} is {word}")
            if device.running is Truth.UNKNOWN:
                detail = f"whether {device.name} is {word} could not be seen"
                return Outcome.failed(Cause.NOT_VISIBLE, detail)
        return Outcome.failed(Cause.NO_EFFECT, f"{device.name} did not switch {word}")


class ToggleOn(_Toggle):
    """Switches a device on."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, TOGGLE_ON, on=True)


class ToggleOff(_Toggle):
    """Switches a device off."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, TOGGLE_OFF, on=False)


class _Device:
    """One device and the arm that switches it."""

    def __init__(self, arm: Arm, info: FixtureInfo, control: Control) -> None:
        self.name, self._info, self._control = info.entity.id, info, control
        self._arm, self._context = arm, arm.context
        self._world = arm.context.world

    @property
    def running(self) -> Truth:
        """Whether it was last seen to run."""
        return self._world.truth(Condition(Predicate("running", (self.name,))))

    @property
    def ajar(self) -> bool:
        """Whether its door was last seen not to be closed."""
        return self._info.openable and (self._world.opening(self.name) or 0.0) > _AJAR

    def look(self) -> Motion:
        """Look at the control and at what shows that the device runs."""
        point = self._control.at
        if self._info.openable:
            point = (point + front_panel(self._world, self.name).pose.translation) / 2.0
        yield from self._arm.look(point)

    def see(self) -> Motion:
        """Look at the device; with the arm folded if it is in the way of the head or of the view."""
        began = self._arm.proprio.stamp
        if not leaves_head_free(self._arm, self._arm.q):
            yield from self._clear_view()
        yield from self.look()
        seen = self._world.entity(self.name).last_seen
        if self.running is Truth.UNKNOWN or seen is None or seen < began:
            yield from self._clear_view()
            yield from self.look()

    def _clear_view(self) -> Motion:
        """Fold the arm, the head as it is; where that fails, what can be seen must do."""
        self._arm.scene.update(self._world)
        try:
            if not (yield from tucked(self._arm)):
                yield from self._fold()
        except MotionFailedError as error:
            _LOG.info("the arm stays before the device: %s", error)

    def switch(self, *, on: bool) -> Motion:
        """Touch the control once, from here if it is in reach, and draw the hand back."""
        way = self._way(on=on)
        if way is None:
            yield from self._take_place(on=on)
            way = self._way(on=on)
        if way is None:
            raise MotionFailedError(
                Cause.UNREACHABLE, f"the control of {self.name} is out of reach"
            )
        arm, touch, into_base = self._arm, way.touch, self._arm.base.inverse()
        yield from arm.move_joints(way.path[-1], path=way.path, width=0.0)
        if touch.pressed:
            yield from self._press(into_base @ touch.along[-1])
        else:
            yield from self._sweep([into_base @ pose for pose in touch.along])
        yield from draw_back(arm, _RETREAT)

    def _press(self, pose: SE3) -> Motion:
        yield from self._arm.move_line(
            pose, speed=_PRESS_SPEED, stop_at_contact=_CONTACT, guard=False
        )
        yield from self._arm.hold(_DWELL)

    def _sweep(self, poses: list[SE3]) -> Motion:
        for pose in poses:
            rows = self._arm.line(self._arm.q, pose, speed=_SWEEP_SPEED)
            if rows is None:
                raise MotionFailedError(
                    Cause.UNREACHABLE, f"the control of {self.name} cannot be led all the way"
                )
            yield from self._arm.follow(rows, guard=False)
        yield from self._arm.hold(_DWELL)

    def _way(self, *, on: bool) -> _Way | None:
        """Return a way to touch the control from where the base stands, None if there is none."""
        arm = self._arm
        arm.scene.update(self._world)
        arm.scene.set_opening(0.0)
        into_base = arm.base.inverse()
        for touch in self._touches(on=on):
            q = _reaching(arm, touch, into_base, self.name)
            path = None if q is None else arm.plan(q)
            if path is not None:
                return _Way(touch, path)
        return None

    def _touches(self, *, on: bool) -> list[Touch]:
        tip = self._arm.kinematics.fingertip
        return list(touches(self._control, self._info.front, on=on, fingertip=tip))

    def _take_place(self, *, on: bool) -> Motion:
        """Drive to the nearest place from which the control is in reach."""
        purpose: Purpose = "open" if self._info.openable else "operate"
        places = standpoints(self._world, self._context.spec, self.name, purpose)
        self._arm.scene.update(self._world)
        self._arm.scene.set_opening(0.0)
        place = next((p for p in islice(places, _PLACES) if self._reaches_from(p, on=on)), None)
        if place is None:
            detail = f"no place was found from which to reach the control of {self.name}"
            raise MotionFailedError(Cause.UNREACHABLE, detail)
        yield from self._fold()
        driver = Driver(self._context, self._arm.source)
        now = yield from driver.to(self._arm.proprio, place, ROUGH)
        self._arm = Arm(self._context, now, self._arm.source)
        yield from self.look()

    def _reaches_from(self, place: Pose2, *, on: bool) -> bool:
        base = place.se3()
        into_base = base.inverse()
        return any(
            _reaching(self._arm, touch, into_base, self.name, base) is not None
            for touch in self._touches(on=on)
        )

    def _fold(self) -> Motion:
        now = yield from fold_arm(self._context, self._arm.proprio, self._arm.source)
        self._arm = Arm(self._context, now, self._arm.source)


def _reaching(
    arm: Arm, touch: Touch, into_base: SE3, device: str, base: SE3 | None = None
) -> FloatArray | None:
    """Return joints ``[J]`` before a touch from which all of it can be led, None if there are none."""
    before = into_base @ touch.before
    ready = arm.context.spec.postures["ready"]
    for start in (arm.q, ready):
        q = arm.kinematics.solve(before, start, seeds=arm_seeds(arm.kinematics, before))
        if q is None or arm.scene.in_collision(q, base or arm.base):
            continue
        if not leaves_head_free(arm, q):
            continue
        following: FloatArray | None = q
        for pose in (*touch.along[:-1:_EVERY], touch.along[-1]):
            following = _end_of_line(arm, following, into_base @ pose)
            if following is None or not leaves_head_free(arm, following):
                following = None
                break
        if following is None:
            continue
        if not arm.scene.in_collision(following, base or arm.base, allow={device}, margin=0.0):
            return arm.gaze_kept(q)
    return None


def _end_of_line(arm: Arm, start: FloatArray | None, pose: SE3) -> FloatArray | None:
    if start is None:
        return None
    rows = arm.line(start, pose, speed=0.3)
    return None if rows is None else np.asarray(rows[-1])
