"""What working a door and working a drawer share: the place to stand, looks, grips, letting go."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Truth
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.contracts.skill import Cause, Command, Look
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import fold
from diarchy.skills.motion.collision import fixture_solids
from diarchy.skills.motion.costmap import front_panel
from diarchy.skills.motion.drive import ROUGH, Driver
from diarchy.skills.motion.leading import lead
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.motion.standpoints import Purpose, standpoints
from diarchy.skills.motion.sweep import free_way_back

_LOG = logging.getLogger(__name__)
BAR_OPENING = 0.065
"""Opening (m) of the fingers with which a bar is taken: a wide hand takes longer and bumps."""
BEFORE = 0.08
"""Distance (m) before the bar from which the hand comes in along a straight line."""
_GRIPPED_WIDTH, _GRIPPED_FORCE = 0.006, 3.0
_BACK_OFF = 0.30
_OFF_PLACE, _OFF_YAW = 0.08, 0.06
_ELSEWHERE = (0.15, 0.045)
"""m from all places where it was tried in vain: what was out of reach is so a hand's breadth beside, too."""
_RETREAT, _BACK_SPEED, _BACK_STEP, _CLEAR = 0.16, 0.25, 0.02, 0.05
_BACK_WEIGHTS = (1.0, 0.2)
_TUCKED, _SEARCHES = 0.1, 3
_LOOKS = ((0.0, 0.3), (0.0, 0.9), (0.6, 0.6), (-0.6, 0.6))
"""Pan and tilt (rad) that an arm that is left out must leave room for."""


class Openable(ABC):
    """One door or drawer and the arm that works on it.

    Args:
        arm: of the execution; it is replaced when the base has moved.
        info: the fixture, which is openable.

    Attributes:
        shut_below: opening (rad or m) below which it counts as closed.
    """

    shut_below: float

    def __init__(self, arm: Arm, info: FixtureInfo) -> None:
        self.name, self.info, self.arm = info.entity.id, info, arm
        self.world, self.context = arm.context.world, arm.context
        self._tried: list[Pose2] = []

    @abstractmethod
    def pull(self, attempt: int) -> Motion:
        """Open it, from standing before it with a free hand; later attempts grip elsewhere."""

    @abstractmethod
    def push_shut(self, attempt: int) -> Motion:
        """Close it, from standing before it with a free hand."""

    @abstractmethod
    def describe(self) -> str:
        """How far it is open, in words."""

    def forget(self) -> None:  # noqa: B027  most have learned nothing
        """Drop what was learned of how it moves."""

    def stood_still(self, before: float) -> bool:
        """Tell whether it is as far open as before, within a twentieth of its range."""
        return abs(self.opening - before) < 0.05 * self.info.max_opening

    @property
    def opening(self) -> float:
        """As last perceived, rad or m; 0 if it was never seen."""
        return self.world.opening(self.name) or 0.0

    @property
    def is_open(self) -> bool:
        """Whether the belief says that one can work inside."""
        open_ = Condition(Predicate("open", (self.name,)))
        return self.world.truth(open_) is Truth.TRUE

    @property
    @abstractmethod
    def is_wide(self) -> bool:
        """Whether it is open as far as it is useful."""

    @property
    def is_shut(self) -> bool:
        """Whether it was seen closed."""
        return self.world.opening(self.name) is not None and self.opening < self.shut_below

    def look(self, *, unless_since: float | None = None) -> Motion:
        """Look at the middle of its front, unless it was seen at or after a stamp (s)."""
        seen = self.world.entity(self.name).last_seen
        known = self.world.opening(self.name) is not None and seen is not None
        if unless_since is not None and known and seen is not None and seen >= unless_since:
            return
        yield from self.arm.look(front_panel(self.world, self.name).pose.translation)

    def take_place(self, purpose: Purpose, *, again: bool) -> Motion:
        """Fold and drive to where it is opened or closed from, unless the base stands there."""
        places = standpoints(self.world, self.context.spec, self.name, purpose)
        if not places:
            raise MotionFailedError(Cause.UNREACHABLE, f"no free place to stand before {self.name}")
        driver = Driver(self.context, self.arm.source)
        nearest = min(places, key=lambda p: (driver.off(p), p.x, p.y))
        facing = abs(driver.error(nearest)[2]) < _OFF_YAW
        if driver.off(nearest) < _OFF_PLACE and facing and not again:
            self._tried.append(driver.pose())
            return
        place = self._new(places) if again else places[0]
        self._tried.append(place)
        now = yield from fold_arm(self.context, self.arm.proprio, self.arm.source)
        now = yield from driver.to(now, place, ROUGH)
        self.arm = Arm(self.context, now, self.arm.source)
        yield from self.look()

    def _new(self, places: Sequence[Pose2]) -> Pose2:
        """The best place that is well apart from all that were tried; else one that is just another."""
        for apart in _ELSEWHERE:
            for place in places:
                if all(np.hypot(place.x - t.x, place.y - t.y) > apart for t in self._tried):
                    return place
        return places[0]

    def grip(
        self,
        poses: Iterable[SE3],
        fit: Callable[[FloatArray, SE3], bool],
        *,
        width: float = BAR_OPENING,
        what: str = "handle",
    ) -> Motion:
        """Close the hand around the bar at the first of some poses (``base_from_gripper``) in reach.

        Args:
            poses: to choose from.
            fit: tells of joints ``[J]`` at one of the poses whether the work can be done from there.
            width: opening of the fingers that come in, m.
            what: is taken hold of, in words.

        Raises:
            MotionFailedError: none is in reach, or the fingers closed on nothing.
        """
        arm = self.arm
        self.see_around(width)
        for pose in poses:
            before = SE3(pose.rotation, pose.translation - BEFORE * pose.rotation[:, 0])
            path = self._way(before, pose, fit)
            if path is None:
                continue
            yield from arm.move_joints(path[-1], path=path, width=width)
            yield from arm.move_line(pose, speed=0.12, stop_at_contact=0.012)
            yield from arm.set_gripper(0.0)
            if not gripped(arm.proprio):
                detail = f"the fingers missed {self.name}'s {what}"
                raise MotionFailedError(Cause.GRASP_MISSED, detail)
            return
        raise MotionFailedError(Cause.UNREACHABLE, f"{self.name}'s {what} is out of reach")

    def _way(
        self, before: SE3, pose: SE3, fit: Callable[[FloatArray, SE3], bool]
    ) -> list[FloatArray] | None:
        """Return waypoints to ``before``, from where a straight line leads on to ``pose``; None if none."""
        for q in self.solutions(before):
            rows = self.arm.line(q, pose) if self.arm.free(q) else None
            if rows is not None and fit(rows[-1], pose):
                path = self.arm.plan(q)
                if path is not None:
                    return path
        return None

    def solutions(self, pose: SE3) -> Iterator[FloatArray]:
        """Yield joints ``[J]`` for ``base_from_gripper``, with the elbow here and there."""
        arm = self.arm
        for start in (arm.q, *arm_seeds(arm.kinematics, pose)):
            q = arm.kinematics.solve(pose, start)
            if q is not None:
                yield arm.gaze_kept(q)

    def leave(self) -> Motion:
        """Let go, draw the hand back the way it points, look where the front is now, fold."""
        arm = self.arm
        if is_tucked(arm):
            return
        if not empty(arm.proprio):
            yield from arm.set_gripper(BAR_OPENING, seconds=0.1)
        yield from draw_back(arm, _RETREAT)
        yield from self.look()
        self.see_around(arm.width)
        try:
            # From among the believed parts the arm would grope for room, and drag the door along.
            done = arm.free(arm.q, margin=0.002) and (yield from tucked(arm))
        except MotionFailedError:
            done = False
        if not done:
            yield from self._back_off_and_fold()

    def see_around(self, width: float) -> None:
        """Plan with the present belief from here on, the fingers opened to ``width`` m."""
        here = fixture_solids(self.info, self.world.opening(self.name))
        self.arm.scene.update(self.world, without={self.name}, extra=here)
        self.arm.scene.set_opening(width)

    def _back_off_and_fold(self) -> Motion:
        """Get room by driving back with the arm as it is. An arm left out does not spoil the work."""
        driver = Driver(self.context, self.arm.source, slow=0.4)
        try:
            now = yield from driver.straight(self.arm.proprio, -free_way_back(self.arm, _BACK_OFF))
            self.arm = Arm(self.context, now, self.arm.source)
            yield from self.look()
            yield from fold(self.arm, None)
        except MotionFailedError as error:
            # Who failed may have been the base, of whose way the arm knows nothing.
            now = yield Look(())
            self.arm = Arm(self.context, now, self.arm.source)
            _LOG.info("the arm stays unfolded: %s", error)


def is_tucked(arm: Arm) -> bool:
    """Tell whether the arm is in the posture for driving; a hand near the body alone may have its elbow out."""
    away = np.abs(arm.q - arm.context.spec.postures["tuck"])[list(arm.context.spec.groups["arm"])]
    return float(away.max()) < _TUCKED


def draw_back(arm: Arm, metres: float) -> Motion:
    """Draw the hand back the way it points, as far as the arm can and keeps off the robot itself."""
    begin, far = arm.kinematics.gripper_pose(arm.q), 0.0

    def pose_at(fraction: float) -> SE3:
        back = fraction * far * begin.rotation[:, 0]
        return SE3(begin.rotation, begin.translation - back)

    q = arm.q
    for way in np.arange(_BACK_STEP, metres + 1e-6, _BACK_STEP):
        target = SE3(begin.rotation, begin.translation - way * begin.rotation[:, 0])
        q = arm.kinematics.step(q, target, weights=_BACK_WEIGHTS)
        if way > _CLEAR and "self" in arm.scene.touching(q, arm.base):
            break
        far = float(way)
    try:
        yield from lead(arm, pose_at, seconds=max(0.4, far / _BACK_SPEED), weights=_BACK_WEIGHTS)
    except MotionFailedError as error:
        _LOG.info("the hand was not drawn back all the way: %s", error)


def tucked(arm: Arm) -> Generator[Command, Proprio, bool]:
    """Fold the empty arm and leave the head as it is; False, and nothing moved, if no way was found.

    The planning scene is taken as it is.
    """
    posture = arm.gaze_kept(arm.context.spec.postures["tuck"])
    # The search is random, and giving up is dear: the base then has to make room.
    path = next((p for _ in range(_SEARCHES) if (p := arm.plan(posture)) is not None), None)
    if path is None:
        return False
    yield from arm.move_joints(path[-1], path=path)
    return True


def leaves_head_free(arm: Arm, q: FloatArray) -> bool:
    """Tell whether joints ``[J]`` do not touch the robot itself, wherever its head looks."""
    looking = q.copy()
    for look in _LOOKS if len(arm.head) == 2 else ():
        looking[list(arm.head)] = look
        if "self" in arm.scene.touching(looking, arm.base):
            return False
    return "self" not in arm.scene.touching(q, arm.base)


def empty(proprio: Proprio) -> bool:
    """Tell whether the closed fingers hold nothing."""
    return proprio.gripper_width < _GRIPPED_WIDTH


def gripped(proprio: Proprio) -> bool:
    """Tell whether the closed fingers hold something."""
    return not empty(proprio) and proprio.gripper_force > _GRIPPED_FORCE


def level_grip(approach: FloatArray, bar: FloatArray) -> FloatArray:
    """Return the rotation ``[3, 3]`` of a gripper pointing along ``approach``, fingers across ``bar``."""
    x = approach / np.linalg.norm(approach)
    z = bar - (bar @ x) * x
    z = z / np.linalg.norm(z)
    return np.column_stack([x, np.cross(z, x), z])
