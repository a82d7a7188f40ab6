"""The skills `open` and `close`, and how a hinged door with a bar handle is worked with the arm alone.

The base stands about 1 m before the door. Opening takes the bar and pulls it along a circle that is
fitted to the path of the hand, because a map's hinge may be off by centimetres. Closing pushes the
panel from outside with closed fingers. Both end with a look, and what the look says counts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Solid
from diarchy.contracts.geometry import SE3, FloatArray
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
from diarchy.skills.motion.door_swing import LocalHinge, can_swing, swing
from diarchy.skills.motion.drawers import Drawer
from diarchy.skills.motion.openable import Openable, empty
from diarchy.skills.motion.standpoints import Purpose
from diarchy.skills.specs import CLOSE, OPEN

_PULL_TO = 1.47
"""How far (rad) a door is pulled; farther is out of the arm's reach from before it."""
_PULL_SECONDS, _PUSH_SECONDS = 5.5, 4.0
_SHUT = 0.075
_OVERTRAVEL = 0.05
_PUSH_INSETS, _PUSH_TURNS = (0.27, 0.20, 0.34), (0.5, 0.7, 0.35)
"""How far from its free edge (m) a panel is pushed, and how much of its angle the hand follows."""
_PUSH_ABOVE, _PUSH_ASIDE = (0.09, 0.18, 0.27), 0.25
"""How far above its lower edge (m) a panel is pushed, and how far before it (rad) the hand begins."""
_CHECKED, _DOOR, _AHEAD = 10, "door", 0.04
"""Angles at which a push is checked against the door, which is put so far (rad) ahead of the hand."""
_ALONG_BAR = (0.0, -0.06, 0.06)
"""Where the bar is gripped (m from its middle), the best first."""
_WIDE, _OPPOSITE = 1.65, 1.0
"""A door open wider (rad) is first pushed to the second angle only: no one place does for both."""
_DRAWN_TO, _EDGE_OPENING, _EDGE_DEPTH = (0.95, 1.1, 1.25), 0.09, 0.035
"""A door open too wide is drawn in by its edge to one of these angles (rad): fingers so wide apart,
so far over it (m)."""
_EDGE_HEIGHTS = (0.30, 0.20, 0.42, 0.12)
_ATTEMPTS, _FOR_MORE = 4, 2
"""How often it is tried; what is open after so many more tries, but not wide, is left so."""
_ROOMY = 1.25
"""A door that stands open less (rad) leaves little room to stand before the inside."""
_FRESH = 0.6
"""A look this recent (s) is not repeated at the start."""


class _Furniture(ABC):
    """What opening and closing share."""

    backend = "motion"

    def __init__(self, robot: RobotSpec, spec: SkillSpec, purpose: Purpose) -> None:
        self._robot, self._spec, self._purpose = robot, spec, purpose

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return self._spec

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        name = str(call.args["container"])
        info = context.world.static_map.fixtures.get(name)
        if info is None or not info.openable:
            return Outcome.failed(Cause.UNSUPPORTED, f"{name} has no door and is no drawer")
        if context.world.held() is not None:
            detail = f"the hand must be empty, it holds {context.world.held()}"
            return Outcome.failed(Cause.PRECONDITION, detail)
        arm = Arm(context, proprio, f"motion:{self._spec.name}")
        part: Openable = Door(arm, info) if info.hinge is not None else Drawer(arm, info)
        try:
            return (yield from self._run(part))
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)

    def _run(self, part: Openable) -> Generator[Command, Proprio, Outcome]:
        """Try, look, and try again from a freshly taken place."""
        yield from part.look(unless_since=part.arm.proprio.stamp - _FRESH)
        if self._achieved(part):
            return Outcome.done(f"{part.name} was so already")
        failure = MotionFailedError(Cause.NO_EFFECT, f"{part.name} did not move as it should")
        for attempt in range(_ATTEMPTS):
            try:
                yield from part.take_place(self._purpose if attempt else "open", again=attempt > 0)
            except MotionFailedError:
                if self._achieved(part):
                    break
                raise
            before = part.opening
            try:
                yield from self._move(part, attempt)
            except MotionFailedError as error:
                failure = failure if failure.cause is Cause.BLOCKED else error
            yield from part.leave()
            if not self._achieved(part):
                yield from part.look()
            if self._achieved(part) and (attempt >= _FOR_MORE or self._enough(part)):
                return Outcome.done(f"{part.name} {part.describe()}")
            if failure.cause is Cause.SLIPPED and part.stood_still(before):
                part.forget()
                detail = f"{part.name} does not move, something holds it"
                failure = MotionFailedError(Cause.BLOCKED, detail)
        if self._achieved(part):
            return Outcome.done(f"{part.name} {part.describe()}")
        raise failure

    def _enough(self, part: Openable) -> bool:
        """Tell whether it is so far open or shut that another try gains nothing."""
        return True

    @abstractmethod
    def _move(self, part: Openable, attempt: int) -> Motion:
        """Move it, from standing before it with a free hand."""

    @abstractmethod
    def _achieved(self, part: Openable) -> bool:
        """Tell whether it was last seen as it shall be."""


class Open(_Furniture):
    """Takes the bar handle and pulls the door or drawer open."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, OPEN, "open")

    def _move(self, part: Openable, attempt: int) -> Motion:
        yield from part.pull(attempt)

    def _achieved(self, part: Openable) -> bool:
        return part.is_open

    def _enough(self, part: Openable) -> bool:
        return part.is_wide


class Close(_Furniture):
    """Pushes the door or drawer shut."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, CLOSE, "close")

    def _move(self, part: Openable, attempt: int) -> Motion:
        yield from part.push_shut(attempt)

    def _achieved(self, part: Openable) -> bool:
        return part.is_shut


@dataclass(frozen=True)
class _Push:
    """How a door is pushed: the hand's circle, joints ``[J]`` to start from, its turn, the last angle."""

    hinge: LocalHinge
    start: FloatArray
    turn: float
    end: float


class Door(Openable):
    """One hinged door and the arm that works on it."""

    shut_below = _SHUT

    def __init__(self, arm: Arm, info: FixtureInfo) -> None:
        assert info.hinge is not None
        super().__init__(arm, info)
        self._on_map, self._hinge = info, info.hinge
        self._learned: LocalHinge | None = None  # in map, from an earlier attempt

    @property
    def is_wide(self) -> bool:
        """Whether one can stand before the inside beside it."""
        return self.opening > min(_ROOMY, 0.8 * self._hinge.max_angle)

    def describe(self) -> str:
        """How far it is open, in words."""
        return f"stands at {np.degrees(self.opening):.0f} degrees"

    def pull(self, attempt: int) -> Motion:
        """Take the bar of the closed (or ajar) door and pull it open."""
        arm, begin = self.arm, self.opening
        end = min(_PULL_TO, self._hinge.max_angle - 0.05)
        into_base = arm.base.inverse()
        hinge = LocalHinge.of(self._hinge, into_base, self._hinge.handle)
        if self._learned is not None:
            hinge = self._learned.moved(into_base)
        first = attempt % len(_ALONG_BAR)
        heights = [*_ALONG_BAR[first:], *_ALONG_BAR[:first]]
        shifts = [SE3.from_translation(h * self._hinge.handle_axis) for h in heights]

        def fit(q: FloatArray, pose: SE3) -> bool:
            circle = hinge.at_height(float(pose.translation[2]))
            return can_swing(arm, circle, q, begin, end, allow={self.name})

        yield from self.grip((shift @ hinge.hand(begin) for shift in shifts), fit)
        hinge = hinge.at_height(float(arm.kinematics.gripper_pose(arm.q).translation[2]))
        yield from swing(
            arm,
            hinge,
            begin,
            end,
            seconds=_PULL_SECONDS * max(0.3, (end - begin) / _PULL_TO),
            fit=begin < 0.05,
            lost=empty,
            learn=self._learn,
        )
        yield from arm.hold(0.2)

    def push_shut(self, attempt: int) -> Motion:
        """Push the panel from outside, low beside the handle, to a little beyond closed."""
        begin = self.opening
        push = self._push(begin, 0.0)
        if push is None and begin > _WIDE:
            push = self._push(begin, _OPPOSITE)
        if push is None and begin > _WIDE:
            yield from self._draw_in(begin)
            begin, push = self.opening, self._push(self.opening, 0.0)
        if push is None:
            raise MotionFailedError(Cause.UNREACHABLE, f"{self.name}'s open door is out of reach")
        yield from self.arm.move_joints(push.start, width=0.0)
        yield from swing(
            self.arm,
            push.hinge,
            begin + _PUSH_ASIDE,
            push.end - _OVERTRAVEL,
            seconds=_PUSH_SECONDS,
            fit=False,
            turn=push.turn,
        )

    def _draw_in(self, begin: float) -> Motion:
        """Take the free edge of a door that stands open so wide that it hides its outside, and draw it in.

        It is let go where it can be pushed from outside.
        """
        arm, into_base = self.arm, self.arm.base.inverse()
        edges = [self._edge(into_base, height) for height in _EDGE_HEIGHTS]

        end = _DRAWN_TO[-1]

        def fit(q: FloatArray, pose: SE3) -> bool:
            nonlocal end
            edge = edges[0].at_height(float(pose.translation[2]))
            swings = (e for e in _DRAWN_TO if can_swing(arm, edge, q, begin, e, allow={self.name}))
            found = next(swings, None)
            end = found or end
            return found is not None

        yield from self.grip(
            (edge.hand(begin) for edge in edges), fit, width=_EDGE_OPENING, what="door's edge"
        )
        edge = edges[0].at_height(float(arm.kinematics.gripper_pose(arm.q).translation[2]))
        seconds = _PULL_SECONDS * (begin - end) / _PULL_TO
        yield from swing(arm, edge, begin, end, seconds=seconds, fit=False, lost=empty)
        yield from self.leave()

    def _edge(self, into_base: SE3, height: float) -> LocalHinge:
        """The circle of a hand that takes the free edge ``height`` m above the panel's lower one."""
        hinge, panel = self._hinge, self._hinge.panel
        outward = panel.pose.translation - hinge.origin
        outward[2] = 0.0
        normal = hinge.handle_normal
        outward -= (outward @ normal) * normal
        outward /= np.linalg.norm(outward)
        width = float(np.max(np.abs(panel.pose.rotation.T @ outward) * panel.size))
        past = width / 2 + self.arm.kinematics.fingertip - _EDGE_DEPTH
        point = panel.pose.translation + past * outward
        point[2] = panel.pose.translation[2] - panel.size[2] / 2 + height
        inward = -(into_base.rotation @ outward)
        circle = LocalHinge.of(hinge, into_base, point)
        return replace(circle, facing=float(np.arctan2(inward[1], inward[0])))

    def _push(self, begin: float, end: float) -> _Push | None:
        """Choose where on the panel to push it from one angle to another; None if that is out of reach."""
        arm = self.arm
        self.see_around(0.0)
        for above, inset, turn in product(_PUSH_ABOVE, _PUSH_INSETS, _PUSH_TURNS):
            point = self._push_point(inset, above)
            hinge = LocalHinge.of(self._hinge, arm.base.inverse(), point)
            for q in self.solutions(hinge.hand(begin + _PUSH_ASIDE, turn=turn)):
                fine = arm.free(q) and can_swing(
                    arm, hinge, q, begin + _PUSH_ASIDE, end, turn=turn, allow={self.name}
                )
                if fine and self._keeps_clear(hinge, q, (begin, end), turn):
                    return _Push(hinge, q, turn, end)
        return None

    def forget(self) -> None:
        """Drop what was learned of the hinge: it did not turn."""
        self._learned, self.info = None, self._on_map

    def _learn(self, hinge: LocalHinge) -> None:
        """Take the hinge to be where the path of the hand says, not where the map does."""
        self._learned = hinge.moved(self.arm.base)
        x, y = (float(v) for v in self._learned.circle.centre)
        origin = np.array([x, y, float(self._hinge.origin[2])])
        self.info = replace(self._on_map, hinge=replace(self._hinge, origin=origin))

    def _keeps_clear(
        self, hinge: LocalHinge, start: FloatArray, way: tuple[float, float], turn: float
    ) -> bool:
        """Tell whether only the fingers meet the door while they push: not the bar, nor the forearm its edge.

        The door is put a little ahead of the hand, so that what touches it then touches too much.
        """
        arm, q = self.arm, start
        try:
            for angle in np.linspace(*way, _CHECKED)[:-1]:
                for _ in range(2):
                    q = arm.kinematics.step(
                        q, hinge.hand(float(angle), turn=turn), weights=(1, 0.1)
                    )
                parts = self.info.boxes_at(max(0.0, float(angle) - _AHEAD))
                door = [Solid(_DOOR, parts[i]) for i in self.info.moving]
                arm.scene.update(self.world, without={self.name}, extra=door)
                if not arm.free(q, margin=0.0):
                    return False
            return True
        finally:
            self.see_around(0.0)

    def _push_point(self, inset: float, above: float) -> FloatArray:
        """Where the hand touches the outside of the closed panel: ``inset`` m from its free edge, low.

        ``above``: m from its lower edge.
        """
        hinge, panel = self._hinge, self._hinge.panel
        normal, up = hinge.handle_normal, np.array([0.0, 0.0, 1.0])
        across = hinge.sign * np.cross(normal, up)
        width = float(np.max(np.abs(panel.pose.rotation.T @ across) * panel.size))
        thick = float(np.max(np.abs(panel.pose.rotation.T @ normal) * panel.size))
        face = panel.pose.translation + normal * (thick / 2 + self.arm.kinematics.fingertip)
        side = float(np.sign((hinge.handle - panel.pose.translation) @ across))
        point = face + side * (width / 2 - inset) * across
        point[2] = panel.pose.translation[2] - panel.size[2] / 2 + above
        return np.asarray(point)
