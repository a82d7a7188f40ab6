"""Driving the base to a pose, re-planned from the present estimate of where it is, chunk by chunk."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Generator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.contracts.skill import Cause, Command, Look, SkillContext
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.costmap import CostMap, build_costmap
from diarchy.skills.motion.head_turn import head_rows
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.motion.path import cut
from diarchy.skills.motion.riders import riders
from diarchy.skills.motion.route import RUN_IN, heading_of, legs, plan_line
from diarchy.skills.motion.sweep import Sweep, free_way_back, least_touching
from diarchy.skills.motion.talk import hold
from diarchy.skills.motion.turning import free_turn, loaded
from diarchy.skills.motion.unicycle import Creep, Follow, Law, Pace, TurnTo, Unicycle

Drive = Generator[Command, Proprio, Proprio]
"""Returns the newest proprioception; raises `MotionFailedError` when blocked or without a way."""

_TICKS = 10
_REPLAN_CHUNKS = 10
_SETTLE_TICKS = 30
_BACK_AT_MOST, _BACK_TURN = 1.0, 1.0
"""Farthest goal (m) that is backed to, and the largest turn (rad) before or after that."""
_CLEAR_OF = 0.25
"""How far (m) to draw back from what the arm would meet on a turn."""
_AT_CORNER = 0.03
"""How near (m) to a corner it is enough to stop before turning: the next leg is joined from there."""
_OFF_LINE = 0.15
"""A base so far (m) from where its line begins or ends plans again: it drew back, or was stopped."""
_PATIENCE = 10
"""Seconds to wait for people, or what was not there before, who stand in every way."""
_STUCK_SECONDS = 2.0
_STUCK_METRES = 0.12


@dataclass(frozen=True)
class Arrival:
    """How near is near enough, measured against the estimate of the pose: m and rad.

    ``run_in``: come in along the heading of the goal, which drives sideways errors out; a second
    try always does.
    """

    position: float = 0.010
    yaw: float = 0.0175
    run_in: bool = True
    tries: int = 3


ROUGH = Arrival(position=0.04, yaw=0.03, run_in=False)
"""Enough where the arm plans from the measured pose anyway; saves a turn and a stretch."""


class Driver:
    """Drives the base during one execution of a skill; arm and gripper keep their commands.

    Args:
        context: of the running skill.
        source: goes into the chunks, for example ``motion:navigate_to``.
        ignore: ids of entities that are no obstacle.
        slow: factor on the top speeds.
        gaze: pan and tilt (rad) that the head turns to while the base sets off; default: it stays.
        towards: a point ``[3]`` in ``map`` that it turns to while the base turns in at its goal.
        careful: rather fail than turn where the arm meets something either way round.
    """

    def __init__(
        self,
        context: SkillContext,
        source: str,
        *,
        ignore: Collection[str] = (),
        slow: float = 1.0,
        gaze: tuple[float, float] | None = None,
        towards: FloatArray | None = None,
        careful: bool = False,
    ) -> None:
        self._context, self._source, self._ignore = context, source, ignore
        self._period = 1.0 / context.spec.control_hz
        self._pace = _pace(context).slower(slow)
        self._recent: deque[tuple[float, float, Pose2]] = deque()
        self._gaze, self._careful = gaze, careful
        self._towards = towards
        self._head: FloatArray | None = None
        self._overhang = 0.0

    # ---- what skills call ---------------------------------------------------------------------

    def to(self, now: Proprio, goal: Pose2, arrival: Arrival | None = None) -> Drive:
        """Drive to a pose in ``map`` around what is believed to stand in the way.

        Raises:
            MotionFailedError: ``UNREACHABLE`` when no way is free, ``BLOCKED`` when the base does not
                get on although nothing is known to be there.
        """
        arrival = arrival or Arrival()
        self._overhang = overhang(self._context, now)
        for attempt in range(arrival.tries):
            off = self.error(goal)
            if self._near_enough(off, arrival):
                return now
            if attempt == 0 or abs(off[1]) > arrival.position or np.hypot(*off[:2]) > 0.15:
                now = yield from self._travel(now, goal, arrival, again=attempt > 0)
            now = yield from self._align(now, goal, arrival)
        return now

    def straight(self, now: Proprio, metres: float) -> Drive:
        """Drive straight ahead (negative: back) by a distance, without looking for a way."""
        pose = self.pose()
        c, s = np.cos(pose.yaw), np.sin(pose.yaw)
        law = Creep(float(pose.x + c * metres), float(pose.y + s * metres), pose.yaw)
        return (yield from self._run(now, law))

    def back_off(self, now: Proprio, metres: float) -> Drive:
        """Drive straight back by a distance, or as far as there is room for base and arm."""
        back = min(metres, self._room_behind())
        if back > 0.03:
            back = free_way_back(loaded(self._context, now), back)
        return (yield from self.straight(now, -back)) if back > 0.03 else now

    def turn(self, now: Proprio, yaw: float) -> Drive:
        """Turn on the spot to a heading in ``map``."""
        return (yield from self._turn(now, TurnTo(yaw)))

    def pose(self) -> Pose2:
        """Where the base is believed to be."""
        return Pose2.from_se3(self._context.world.map_from_base())

    def error(self, goal: Pose2) -> FloatArray:
        """Return what is left to a goal ``[3]``: ahead and left of it in m, turn in rad."""
        pose = self.pose()
        c, s = np.cos(goal.yaw), np.sin(goal.yaw)
        dx, dy = goal.x - pose.x, goal.y - pose.y
        return np.array([c * dx + s * dy, -s * dx + c * dy, wrap_angle(goal.yaw - pose.yaw)])

    def off(self, goal: Pose2) -> float:
        """Distance (m) that is left to a goal."""
        return float(np.hypot(*self.error(goal)[:2]))

    # ---- the parts of a journey ---------------------------------------------------------------

    def _travel(self, now: Proprio, goal: Pose2, arrival: Arrival, *, again: bool) -> Drive:
        heading = None if again or arrival.run_in else self._straight_back(now, goal)
        if heading is not None:
            now = yield from self._turn(now, TurnTo(heading, tolerance=0.02))
            return (yield from self._run(now, Creep(goal.x, goal.y, heading)))
        if again:
            back = min(RUN_IN, self._room_behind())
            if back > 0.1:
                now = yield from self.straight(now, -back)
        for _ in range(3):
            now, line = yield from self._line(now, goal, run_in=again or arrival.run_in)
            now, arrived = yield from self._along(now, line, 0.4 * arrival.position)
            if arrived:
                return now
        raise MotionFailedError(Cause.BLOCKED, "the way keeps changing; something moves in it")

    def _align(self, now: Proprio, goal: Pose2, arrival: Arrival) -> Drive:
        if self._towards is not None:
            self._aim(now, goal.se3().inverse().apply(self._towards))
        law = TurnTo(goal.yaw, tolerance=min(0.015, 0.35 * arrival.yaw))
        now = yield from self._turn(now, law)
        off = self.error(goal)
        if abs(off[0]) > 0.5 * arrival.position:
            now = yield from self._run(now, Creep(goal.x, goal.y, goal.yaw))
            now = yield from self._run(now, law)
        now = yield hold(self._context, now, _SETTLE_TICKS, self._source)
        return now

    def _turn(self, now: Proprio, law: TurnTo, *, back_off: bool = False) -> Drive:
        """Turn the way round on which the arm meets nothing; with ``back_off`` draw back first if there is none."""
        turn = free_turn(self._context, now, self.pose(), law.yaw)
        if turn is None and back_off:
            now = yield from self.back_off(now, _CLEAR_OF)
            turn = free_turn(self._context, now, self.pose(), law.yaw)
            if turn is None and self._careful:
                raise MotionFailedError(Cause.BLOCKED, "there is no room for the arm to turn here")
        if turn is not None and abs(turn) > np.pi:
            begin = self.pose().yaw
            for part in (1.0 / 3.0, 2.0 / 3.0):
                now = yield from self._run(now, TurnTo(begin + part * turn, tolerance=0.2))
        return (yield from self._run(now, law))

    def _along(
        self, now: Proprio, line: FloatArray, tolerance: float
    ) -> Generator[Command, Proprio, tuple[Proprio, bool]]:
        """Drive along a line, leg by leg, to ``tolerance`` m of its end; False when it is not free any more."""
        parts = legs(line)
        for k, leg in enumerate(parts, start=1):
            now = yield from self._turn(now, TurnTo(heading_of(leg), tolerance=0.05), back_off=True)
            if np.hypot(self.pose().x - leg[0, 0], self.pose().y - leg[0, 1]) > _OFF_LINE:
                return now, False
            law = Follow(leg, tolerance=tolerance if k == len(parts) else _AT_CORNER)
            now = yield from self._run(now, law, watch=law)
            end = np.array([self.pose().x, self.pose().y])
            if float(np.linalg.norm(end - leg[-1])) > _OFF_LINE:
                return now, False
        return now, True

    def _line(
        self, now: Proprio, goal: Pose2, *, run_in: bool
    ) -> Generator[Command, Proprio, tuple[Proprio, FloatArray]]:
        """Plan a line; while only people, or what the lidar has just met, bar every way, wait for them to go."""
        for _ in range(_PATIENCE):
            try:
                return now, self._plan(now, goal, run_in=run_in)
            except MotionFailedError:
                if not self._is_barred(goal, run_in=run_in):
                    raise
            now = yield hold(self._context, now, self._context.spec.control_hz, self._source)
            now = yield Look()
        detail = "somebody, or something that the map does not know, stands in every way"
        raise MotionFailedError(Cause.UNREACHABLE, detail)

    def _is_barred(self, goal: Pose2, *, run_in: bool) -> bool:
        """Tell whether there would be a way without people and what the lidar has just met."""
        try:
            empty = self._costmap(people=False)
            plan_line(empty, self.pose(), goal, self._pace, run_in=run_in)
        except MotionFailedError:
            return False
        return True

    def _plan(self, now: Proprio, goal: Pose2, *, run_in: bool) -> FloatArray:
        """Return a line ``[n, 2]`` to the goal on which the arm meets nothing, or meets it nearest to the goal.

        With ``run_in`` it arrives along the goal's heading.
        """
        pose = self.pose()
        sweep = Sweep(self._context, now, pose)

        def propose(costmap: CostMap, *, run_in: bool) -> FloatArray:
            return plan_line(costmap, pose, goal, self._pace, run_in=run_in)

        return least_touching(sweep, self._costmap(), goal, propose, run_in=run_in)

    def _straight_back(self, now: Proprio, goal: Pose2) -> float | None:
        """Heading (rad) with which to back straight to a goal close behind; None: better drive there."""
        pose = self.pose()
        back = np.array([goal.x - pose.x, goal.y - pose.y])
        distance = float(np.hypot(*back))
        heading = float(np.arctan2(-back[1], -back[0]))
        turns = (wrap_angle(heading - pose.yaw), wrap_angle(goal.yaw - heading))
        if not 0.02 < distance < _BACK_AT_MOST or max(np.abs(turns)) > _BACK_TURN:
            return None
        points = np.array([pose.x, pose.y]) + np.linspace(0.0, 1.0, 12)[:, None] * back
        costmap = self._costmap()
        away = np.linalg.norm(points - points[0], axis=1) > 0.10
        free = bool(np.all(costmap.distance_at(points)[away] >= costmap.lethal))
        way = (Pose2(float(x), float(y), heading) for x, y in points)
        return heading if free and not Sweep(self._context, now, pose).meets(way) else None

    def _costmap(self, *, people: bool = True) -> CostMap:
        pose, entities = self.pose(), self._context.world.entities()
        absent = () if people else tuple(e.id for e in entities if e.kind == "person")
        return build_costmap(
            self._context.world,
            self._context.spec,
            ignore=(*self._ignore, *absent),
            escape_from=(pose.x, pose.y),
            overhang=self._overhang,
            newcomers=people,
        )

    def _room_behind(self) -> float:
        pose, costmap = self.pose(), self._costmap()
        steps = np.arange(0.05, RUN_IN + 0.01, 0.05)
        back = np.array([-np.cos(pose.yaw), -np.sin(pose.yaw)])
        points = np.array([pose.x, pose.y]) + steps[:, None] * back
        free = costmap.distance_at(points) >= costmap.lethal
        return float(steps[-1] if np.all(free) else steps[max(0, int(np.argmin(free)) - 1)])

    # ---- one law, chunk by chunk --------------------------------------------------------------

    def _run(self, now: Proprio, law: Law, *, watch: Follow | None = None) -> Drive:
        """Drive by a law until it is done; with ``watch``, stop early when the line is not free."""
        base = np.zeros(2) if now.commanded is None else now.commanded.base
        state = Unicycle(0.0, 0.0, 0.0, float(base[0]), float(base[1]))
        self._recent.clear()
        chunks = 0
        while True:
            state.place(self.pose())
            speeds, done = self._predict(state, law)
            if len(speeds):
                now = yield self._chunk(now, speeds)
            if done:
                return (yield from self._brake(now, state))
            self._check_progress(now, speeds)
            chunks += 1
            if watch is not None and chunks % _REPLAN_CHUNKS == 0 and not self._is_free(watch):
                return (yield from self._brake(now, state))

    def _predict(self, state: Unicycle, law: Law) -> tuple[FloatArray, bool]:
        """Let the law drive the predicted base for one chunk; speeds ``[n <= ticks, 2]``."""
        speeds: list[tuple[float, float]] = []
        for _ in range(_TICKS):
            command = law.command(state, self._pace)
            if command is None:
                return np.array(speeds).reshape(-1, 2), True
            state.drive(*command, self._pace, self._period)
            speeds.append((state.v, state.w))
        return np.array(speeds), False

    def _brake(self, now: Proprio, state: Unicycle) -> Drive:
        speeds: list[tuple[float, float]] = []
        while abs(state.v) > 1e-9 or abs(state.w) > 1e-9:
            state.drive(0.0, 0.0, self._pace, self._period)
            speeds.append((state.v, state.w))
        if speeds:
            now = yield self._chunk(now, np.array(speeds))
        return now

    def _chunk(self, now: Proprio, speeds: FloatArray) -> ActionChunk:
        chunk = hold(self._context, now, len(speeds), self._source)
        chunk.values[:, :2] = speeds
        self._turn_head(chunk)
        return chunk

    def _aim(self, now: Proprio, point: FloatArray) -> None:
        """Let the head turn to a point ``[3]`` in the frame of the base at its goal, if that is ahead."""
        head = self._context.spec.groups.get("head", ())
        if len(head) == 2 and point[0] > 0.0:
            joints = hold(self._context, now, 1, self._source).values[0, 2:-1]
            looking = Kinematics(self._context.spec).gaze(point, joints)
            self._gaze, self._head = (float(looking[head[0]]), float(looking[head[1]])), None

    def _turn_head(self, chunk: ActionChunk) -> None:
        """Write the next part of the head's turn into a chunk of the base."""
        if self._gaze is None:
            return
        if self._head is None:
            joints = chunk.values[0, 2:-1]
            self._head = head_rows(self._context, joints, self._gaze)
        head = [2 + i for i in self._context.spec.groups["head"]]
        part, self._head = self._head[: len(chunk.values)], self._head[len(chunk.values) :]
        if len(part):
            chunk.values[:, head] = part[-1]
            chunk.values[: len(part), head] = part

    def _is_free(self, law: Follow) -> bool:
        pose, costmap = self.pose(), self._costmap()
        points = cut(law.remaining(np.array([pose.x, pose.y])))
        away = np.linalg.norm(points - [pose.x, pose.y], axis=1) > 0.30
        return bool(np.all(costmap.distance_at(points)[away] >= costmap.lethal - 0.06))

    def _check_progress(self, now: Proprio, speeds: FloatArray) -> None:
        """Compare what was commanded with where the base got over the last seconds.

        Raises:
            MotionFailedError: the base hardly moves.
        """
        radius, pose = self._context.spec.base.radius, self.pose()
        asked = float(np.sum(np.abs(speeds) @ np.array([1.0, radius]))) * self._period
        self._recent.append((now.stamp, asked, pose))
        while self._recent[0][0] < now.stamp - _STUCK_SECONDS:
            self._recent.popleft()
        first = self._recent[0][2]
        moved = np.hypot(pose.x - first.x, pose.y - first.y)
        moved += radius * abs(wrap_angle(pose.yaw - first.yaw))
        total = sum(r[1] for r in self._recent) - self._recent[0][1]
        if total > _STUCK_METRES and moved < 0.25 * total:
            raise MotionFailedError(Cause.BLOCKED, "the base is told to drive and does not move")

    @staticmethod
    def _near_enough(off: FloatArray, arrival: Arrival) -> bool:
        return bool(np.hypot(off[0], off[1]) <= arrival.position and abs(off[2]) <= arrival.yaw)


def _pace(context: SkillContext) -> Pace:
    """How fast to drive: what only lies on the load in the hand is not to slide or roll off it."""
    pace, held = Pace.of(context.spec.base), context.world.held()
    return pace.gentle() if held is not None and riders(context.world, held) else pace


def overhang(context: SkillContext, now: Proprio) -> float:
    """How far (m) the hand, and half of what it holds, is beyond the base's radius, seen from above."""
    hand = Kinematics(context.spec).gripper_pose(now.q).translation
    held = {e.id: e for e in context.world.entities()}.get(context.world.held() or "")
    half = 0.0 if held is None else float(np.linalg.norm(held.extent[:2])) / 2.0
    return max(0.0, float(np.hypot(*hand[:2])) + half - context.spec.base.radius)
