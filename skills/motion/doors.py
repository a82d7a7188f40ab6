"""The skills `open` and `close` for hinged doors with a bar handle, with the arm alone.

The base stands about 1 m before the door. Opening takes the bar and pulls it along a circle that is
fitted to the path of the hand, because a map's hinge may be off by centimetres. Closing pushes the
panel from outside with closed fingers. Both end with a look, and what the look says counts.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Generator

import numpy as np

from diarchy.contracts.entity import Hinge, Truth
from diarchy.contracts.geometry import SE3, FloatArray
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
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import fold
from diarchy.skills.motion.costmap import door_panel
from diarchy.skills.motion.door_swing import LocalHinge, swing
from diarchy.skills.motion.drive import Arrival, Driver
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.motion.standpoints import standpoints
from diarchy.skills.specs import CLOSE, OPEN

_LOG = logging.getLogger(__name__)
_PULL_TO = 1.47
"""How far (rad) a door is pulled; farther is out of the arm's reach from before it."""
_PULL_SECONDS, _PUSH_SECONDS = 9.5, 7.0
_SHUT = 0.09
_BEFORE = 0.10
_OVERTRAVEL = 0.05
_PUSH_INSET, _PUSH_ABOVE, _PUSH_ASIDE = 0.12, 0.09, 0.25
_GRIPPED_WIDTH, _GRIPPED_FORCE = 0.010, 3.0
_EMPTY_WIDTH = 0.006
_ATTEMPTS = 3
_BACK_OFF = 0.30
_OFF_PLACE = 0.06


class _DoorSkill(ABC):
    """What opening and closing share."""

    backend = "motion"

    def __init__(self, robot: RobotSpec, spec: SkillSpec) -> None:
        self._robot, self._spec = robot, spec

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return self._spec

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        name = str(call.args["container"])
        info = context.world.static_map.fixtures.get(name)
        if info is None or info.hinge is None:
            return Outcome.failed(Cause.UNSUPPORTED, f"{name} has no door with a known hinge")
        if context.world.held() is not None:
            detail = f"the hand must be empty, it holds {context.world.held()}"
            return Outcome.failed(Cause.PRECONDITION, detail)
        arm = Arm(context, proprio, f"motion:{self._spec.name}")
        try:
            return (yield from self._run(_Door(arm, name, info.hinge)))
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)

    def _run(self, door: _Door) -> Generator[Command, Proprio, Outcome]:
        """Try, look, and try once more from a freshly taken place."""
        yield from door.look()
        if self._achieved(door):
            return Outcome.done(f"{door.name} was so already")
        failure = MotionFailedError(Cause.NO_EFFECT, f"{door.name} did not move as it should")
        for attempt in range(_ATTEMPTS):
            yield from door.take_place(again=attempt > 0)
            try:
                yield from self._move(door)
            except MotionFailedError as error:
                failure = error
            yield from door.leave()
            yield from door.look()
            if self._achieved(door):
                return Outcome.done(f"{door.name} stands at {np.degrees(door.angle):.0f} degrees")
        raise failure

    @abstractmethod
    def _move(self, door: _Door) -> Motion:
        """Swing the door, from standing before it with a free hand."""

    @abstractmethod
    def _achieved(self, door: _Door) -> bool:
        """Tell whether the door was last seen as it shall be."""


class Open(_DoorSkill):
    """Takes the bar handle and pulls the door open."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, OPEN)

    def _move(self, door: _Door) -> Motion:
        yield from door.pull(_PULL_TO)

    def _achieved(self, door: _Door) -> bool:
        return door.is_open


class Close(_DoorSkill):
    """Pushes the door shut."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, CLOSE)

    def _move(self, door: _Door) -> Motion:
        yield from door.push_shut()

    def _achieved(self, door: _Door) -> bool:
        return door.seen and door.angle < _SHUT


class _Door:
    """One door and the arm that works on it."""

    def __init__(self, arm: Arm, name: str, hinge: Hinge) -> None:
        self.name = name
        self._arm, self._hinge = arm, hinge
        self._world, self._context = arm.context.world, arm.context
        self._learned: LocalHinge | None = None  # in map, from an earlier attempt

    @property
    def angle(self) -> float:
        """As last perceived, rad; 0 if it was never seen."""
        return self._world.opening(self.name) or 0.0

    @property
    def seen(self) -> bool:
        """Whether its angle was ever perceived."""
        return self._world.opening(self.name) is not None

    @property
    def is_open(self) -> bool:
        """Whether the belief says that one can work inside."""
        open_ = Condition(Predicate("open", (self.name,)))
        return self._world.truth(open_) is Truth.TRUE

    def look(self) -> Motion:
        """Look at the middle of the panel where it is believed to be."""
        yield from self._arm.look(door_panel(self._world, self.name).pose.translation)

    def take_place(self, *, again: bool) -> Motion:
        """Fold and drive to where the door is worked from, unless the base stands there."""
        places = standpoints(self._world, self._context.spec, self.name, "open")
        if not places:
            raise MotionFailedError(Cause.UNREACHABLE, f"no free place to stand before {self.name}")
        driver = Driver(self._context, self._arm.source)
        nearest = min(places, key=lambda p: (driver.off(p), p.x, p.y))
        facing = abs(driver.error(nearest)[2]) < _OFF_PLACE
        if driver.off(nearest) < _OFF_PLACE and facing and not again:
            return
        now = yield from fold_arm(self._context, self._arm.proprio, self._arm.source)
        now = yield from driver.to(now, places[0], Arrival(position=0.02))
        self._arm = Arm(self._context, now, self._arm.source)
        yield from self.look()

    def pull(self, angle: float) -> Motion:
        """Take the bar of the closed (or ajar) door and pull it to ``angle``."""
        arm, begin = self._arm, self.angle
        into_base = arm.base.inverse()
        hinge = LocalHinge.of(self._hinge, into_base, self._hinge.handle)
        if self._learned is not None:
            hinge = self._learned.moved(into_base)
        grip = hinge.hand(begin)
        before = SE3(grip.rotation, grip.translation - _BEFORE * grip.rotation[:, 0])
        yield from arm.set_gripper(self._context.spec.gripper.max_width)
        yield from self._go(before, allow=set())
        yield from arm.move_line(grip, speed=0.10, stop_at_contact=0.012)
        yield from arm.set_gripper(0.0)
        if not _gripped(arm.proprio):
            raise MotionFailedError(Cause.GRASP_MISSED, f"the fingers missed {self.name}'s handle")
        seconds = _PULL_SECONDS * max(0.3, (angle - begin) / _PULL_TO)
        fit = begin < 0.05
        yield from swing(
            arm, hinge, begin, angle, seconds=seconds, fit=fit, lost=_lost, learn=self._learn
        )
        yield from arm.hold(0.3)

    def _learn(self, hinge: LocalHinge) -> None:
        self._learned = hinge.moved(self._arm.base)

    def push_shut(self) -> Motion:
        """Push the panel from outside, low beside the handle, to a little beyond closed."""
        arm, begin = self._arm, self.angle
        hinge = LocalHinge.of(self._hinge, arm.base.inverse(), self._push_point())
        yield from arm.set_gripper(0.0)
        yield from self._go(hinge.hand(begin + _PUSH_ASIDE, turn=0.5), allow=set())
        yield from swing(
            arm,
            hinge,
            begin + _PUSH_ASIDE,
            -_OVERTRAVEL,
            seconds=_PUSH_SECONDS,
            fit=False,
            turn=0.5,
        )

    def leave(self) -> Motion:
        """Let go, draw the hand back the way it points, look where the door is now, fold."""
        arm = self._arm
        if arm.proprio.gripper_width > _EMPTY_WIDTH:
            yield from arm.set_gripper(self._context.spec.gripper.max_width)
        pose = arm.kinematics.gripper_pose(arm.q)
        for metres in (0.16, 0.10, 0.05):
            away = SE3(pose.rotation, pose.translation - metres * pose.rotation[:, 0])
            rows = arm.line(arm.q, away, speed=0.12)
            if rows is not None:
                yield from arm.follow(rows, guard=False)
                break
        yield from self.look()
        try:
            yield from fold(arm, None)
        except MotionFailedError:
            yield from self._back_off_and_fold()

    def _back_off_and_fold(self) -> Motion:
        """Get room by driving back with the arm as it is. An arm left out does not spoil the door."""
        driver = Driver(self._context, self._arm.source, slow=0.4)
        try:
            now = yield from driver.straight(self._arm.proprio, -_BACK_OFF)
            self._arm = Arm(self._context, now, self._arm.source)
            yield from self.look()
            yield from fold(self._arm, None)
        except MotionFailedError as error:
            self._arm.q = self._arm.kinematics.clip(self._arm.proprio.q)
            _LOG.info("the arm stays unfolded: %s", error)

    def _go(self, pose: SE3, allow: set[str]) -> Motion:
        """Move the hand to ``base_from_gripper`` without touching anything."""
        arm = self._arm
        arm.scene.update(self._world)
        arm.scene.set_opening(arm.width)
        q = arm.kinematics.solve(pose, arm.q, seeds=arm_seeds(arm.kinematics, pose))
        if q is None:
            raise MotionFailedError(Cause.UNREACHABLE, f"{self.name}'s door is out of reach")
        yield from arm.move_joints(q, allow=allow)

    def _push_point(self) -> FloatArray:
        """Where the hand touches the outside of the closed panel: near its free edge, low."""
        hinge, panel = self._hinge, self._hinge.panel
        normal, up = hinge.handle_normal, np.array([0.0, 0.0, 1.0])
        across = hinge.sign * np.cross(normal, up)
        width = float(np.max(np.abs(panel.pose.rotation.T @ across) * panel.size))
        thick = float(np.max(np.abs(panel.pose.rotation.T @ normal) * panel.size))
        face = panel.pose.translation + normal * (thick / 2 + self._arm.kinematics.fingertip)
        side = float(np.sign((hinge.handle - panel.pose.translation) @ across))
        point = face + side * (width / 2 - _PUSH_INSET) * across
        point[2] = panel.pose.translation[2] - panel.size[2] / 2 + _PUSH_ABOVE
        return np.asarray(point)


def _lost(proprio: Proprio) -> bool:
    return proprio.gripper_width < _EMPTY_WIDTH


def _gripped(proprio: Proprio) -> bool:
    return proprio.gripper_width > _GRIPPED_WIDTH and proprio.gripper_force > _GRIPPED_FORCE
