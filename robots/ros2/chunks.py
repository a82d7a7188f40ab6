"""`ChunkOutput`: whole chunks as FollowJointTrajectory goals, promised, watched, replaced, cancelled.

The robot is told ahead what the next control ticks will command. That promise goes out as one goal with timed
points that ends at rest. The command of each tick is then compared with it: as long as they agree, nothing is
sent; where they differ (the guard has changed the action, a pace, a stop), the goal is cancelled and the tick is
streamed. A newer promise replaces the goal while it runs: a joint trajectory controller of ros2_control
does not splice the two, so what is still due of the old one leads the new one.

Joints are compared with the promise too. Where they leave it, or the controller refuses, ends or loses the
goal, that is a fault: it is cancelled in the same tick, and the robot is stopped. The arm then stays where it
is, whatever the ticks command, until a chunk comes that begins there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import RobotSpec
from diarchy.robots.ros2.config.schema import ControllerPart, Ros2Config
from diarchy.robots.ros2.controllers import STILL, ControllerOutput
from diarchy.robots.ros2.convert.joints import Trajectory, follow_goal
from diarchy.robots.ros2.goals import Goal, GoalState, GoalTimes
from diarchy.robots.ros2.objections import objections
from diarchy.robots.ros2.port import Port

LAG = 0.25
"""s that joints may be behind their promise: servos and readings are."""
HELD = 0.5
"""s that a fault keeps the robot at rest before it may try again."""
_FOLLOW = "control_msgs/action/FollowJointTrajectory"
_GOAL_TOLERANCE_VIOLATED = -5
_SAME = 1e-6
_EPS = 1e-6


@dataclass
class ChunkCounts:
    """What became of chunks."""

    chunks_sent: int = 0
    chunks_replaced: int = 0
    chunks_broken: int = 0
    """The command of a tick was another than promised: cancelled, streamed from there."""
    chunks_objected: int = 0
    """Not sent because of its limits, its speed or its start: streamed, tick by tick through the guard."""
    chunks_faulted: int = 0


@dataclass(frozen=True)
class Promise:
    """Rows ``[N, m]`` rad or m, due at ``[N]`` s of the robot's clock; row ``origin`` is tick ``first``'s."""

    due: FloatArray
    rows: FloatArray
    origin: int
    first: int

    def row(self, tick: int) -> FloatArray:
        """What was promised for a control tick; after the end, the last."""
        last = len(self.rows) - 1
        found: FloatArray = self.rows[min(max(self.origin + tick - self.first, 0), last)]
        return found

    def off(self, q: FloatArray, now: float) -> float:
        """How far (rad or m) the worst joint of ``q`` ``[m]`` is from the promise of the last `LAG` seconds."""
        moments = now - np.linspace(0.0, LAG, 6)
        kept = np.stack([np.interp(moments, self.due, column) for column in self.rows.T], axis=1)
        return float(np.abs(kept - q).max(axis=1).min())

    def velocities(self) -> FloatArray:
        """Rates ``[N, m]`` by central differences; at rest at the end, as controllers want it."""
        rates = np.zeros_like(self.rows)
        if len(self.rows) > 2:
            span = self.due[2:] - self.due[:-2]
            rates[1:-1] = (self.rows[2:] - self.rows[:-2]) / span[:, None]
            rates[0] = (self.rows[1] - self.rows[0]) / (self.due[1] - self.due[0])
        return rates


class ChunkOutput(ControllerOutput):
    """Sends whole chunks to one trajectory controller, and streams what no promise covers.

    Raises:
        BadInputError: see `ControllerOutput`.
    """

    def __init__(
        self, port: Port, part: ControllerPart, config: Ros2Config, spec: RobotSpec
    ) -> None:
        super().__init__(port, part, config, spec)
        assert part.action is not None  # the schema sees to it
        self._spec, self._part, self._action = spec, part, part.action
        self._period = 1.0 / spec.control_hz
        self._stride = max(1, round(spec.control_hz / config.arm.points_hz))
        self._promise: Promise | None = None
        self._goal: Goal | None = None
        self._fault, self._fault_at = "", 0.0
        self.held = False
        """After a fault, until a chunk comes that begins where the arm is."""
        self.counts = ChunkCounts()
        self.objection = ""

    @property
    def running(self) -> bool:
        """Whether a goal is on its way or runs."""
        return self._goal is not None

    def announce(
        self, rows: FloatArray, tick: int, q: FloatArray, before: FloatArray, now: float
    ) -> None:
        """Promise the joint rows ``[N, J]`` of the ticks from ``tick`` on, which end at rest, and send them.

        Args:
            rows: of all joints.
            tick: control tick of the first.
            q: where all joints are ``[J]``.
            before: what they were told last ``[J]``.
            now: s of the robot's clock.
        """
        mine = rows[:, self.index]
        if self.suspended or self._fault or not len(mine):
            return
        if (
            self._goal is None
            and not self.held
            and float(np.abs(mine - before[self.index]).max()) < STILL
        ):
            return  # nothing of mine moves
        self.objection = self._objection(mine, q, before)
        if self.objection:
            self.counts.chunks_objected += 1
            return
        self.held = False
        self._send(self._spliced(mine, before[self.index], tick, now), now)

    def _objection(self, mine: FloatArray, q: FloatArray, before: FloatArray) -> str:
        away = float(np.abs(q - before)[self.index].max())
        if away > self._part.tolerance:
            return f"the joints are {away:.3f} away from where they were told to be"
        times = np.asarray(self._ahead + self._period * np.arange(len(mine)), dtype=np.float64)
        plan = Trajectory(self._part.joints, times, mine)
        return "; ".join(objections(plan, before, self._spec))

    def _spliced(self, mine: FloatArray, before: FloatArray, tick: int, now: float) -> Promise:
        """The new rows behind what is still due of the old promise, and behind what was due not long ago."""
        start = now + self._ahead
        due = start + self._period * np.arange(len(mine))
        old = self._promise
        if old is None:
            led, rows = np.array([min(now, start - self._period)]), before[None, :]
        else:
            kept = (old.due >= now - 2.0 * LAG) & (old.due < start - _EPS)
            led, rows = old.due[kept], old.rows[kept]
        return Promise(np.concatenate([led, due]), np.concatenate([rows, mine]), len(led), tick)

    def _send(self, promise: Promise, now: float) -> None:
        """Send what of a promise is still to come as one goal, every few rows a point."""
        coming = np.flatnonzero(promise.due > now + _EPS)
        chosen = coming[:: -self._stride][::-1]  # from the end, so that the last row is one
        times = promise.due[chosen] - now
        rates = promise.velocities()[chosen]
        plan = Trajectory(self._names, times, promise.rows[chosen], rates)
        self.counts.chunks_replaced += self._goal is not None
        self.counts.chunks_sent += 1
        self._promise = promise
        limits = GoalTimes(response=1.0, result=float(times[-1]) + 5.0, silence=2.0, cancel=1.0)
        message = follow_goal(self._port.make, plan)
        self._goal = Goal(self._port, self._action, _FOLLOW, message, limits)

    def send(self, targets: FloatArray, now: float, period: float, tick: int) -> None:
        """Send the targets ``[J]`` of a tick unless they are what was promised, or a fault holds the arm."""
        if self.held:
            return
        if self._promise is not None:
            mine = targets[self.index]
            if float(np.abs(mine - self._promise.row(tick)).max()) <= _SAME:
                self._last = mine.copy()
                return
            self.counts.chunks_broken += self._goal is not None
            self.drop()
        super().send(targets, now, period, tick)

    def poll(self, q: FloatArray, now: float) -> None:
        """Let time pass: how does the goal stand, and are the joints ``[J]`` where they were promised?"""
        goal, promise = self._goal, self._promise
        if goal is None or promise is None:
            return
        state = goal.poll()
        if state.final:
            self._end(goal, state, now)
            return
        off = promise.off(q[self.index], now)
        if off > self._part.tolerance:
            self._fail(f"{off:.3f} off the promised path", now)

    def _end(self, goal: Goal, state: GoalState, now: float) -> None:
        self._goal = None
        code = int(getattr(goal.machine.result, "error_code", 0) or 0)
        if state is GoalState.SUCCEEDED or code == _GOAL_TOLERANCE_VIOLATED:
            return  # whoever commanded sees where the joints are
        words = str(getattr(goal.machine.result, "error_string", "") or "")
        self._fail(f"{goal.machine.reason}{': ' + words if words else ''}", now)

    def _fail(self, why: str, now: float) -> None:
        self.counts.chunks_faulted += 1
        self._fault, self._fault_at, self.held = f"{self._action}: {why}", now, True
        self.drop()

    def fault(self, now: float) -> str:
        """Why the robot must be at rest; empty: it may move."""
        if not self._fault:
            return ""
        if 0.0 <= now - self._fault_at < HELD or not self._port.server_ready(self._action):
            return self._fault
        self._fault = ""
        return ""

    def drop(self) -> None:
        """Cancel what runs and promise nothing; the next targets are sent whatever they are."""
        if self._goal is not None:
            self._goal.cancel()
        self._goal = self._promise = None
        self.forget()

    def stop(self, hold: FloatArray, within: float) -> None:
        """Cancel, and hold: the point overrides what the controller still follows, whichever comes first."""
        self.drop()
        super().stop(hold, within)
