"""A joint trajectory controller of the simulated peer, as ros2_control's behaves."""

from __future__ import annotations

from bisect import bisect_right
from typing import Protocol

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import RobotSpec
from diarchy.robots.ros2.convert.joints import Trajectory
from diarchy.robots.ros2.goals import STATUS_ABORTED, STATUS_CANCELED, STATUS_SUCCEEDED

PATH_TOLERANCE_VIOLATED, GOAL_TOLERANCE_VIOLATED = -4, -5
_SETTLE = 1.0
_GOAL = 0.02
_FEEDBACK = 0.05


class Ending(Protocol):
    """What a followed goal is told."""

    @property
    def cancel_requested(self) -> bool:
        """Whether its client wants it ended."""
        ...

    def feedback(
        self, names: tuple[str, ...], desired: FloatArray, actual: FloatArray, now: float
    ) -> None:
        """Send feedback."""
        ...

    def end(self, status: int, code: int, words: str) -> None:
        """Send the result."""
        ...


class Follower:
    """Interpolates trajectories of some joints; a newer one replaces what runs.

    Args:
        spec: the robot's.
        joints: names of those it moves.
        tolerance: rad or m that a joint may be off its path while a goal runs.
    """

    def __init__(self, spec: RobotSpec, joints: tuple[str, ...], tolerance: float) -> None:
        self._names = joints
        self._index = [spec.joint_names.index(j) for j in joints]
        self._tolerance = tolerance
        self._times: list[float] | None = None
        self._points: list[FloatArray] = []
        self._columns: list[int] = []
        self._goal: Ending | None = None
        self._told = 0.0
        self.refused = 0

    def fits(self, plan: Trajectory) -> bool:
        """Whether all its joints are mine."""
        return plan.names == self._names or set(plan.names) <= set(self._names)

    def begin(
        self, plan: Trajectory, desired: FloatArray, now: float, goal: Ending | None = None
    ) -> None:
        """Follow a plan from the present set-points ``[J]`` on."""
        if not self.fits(plan):
            self.refused += 1
            return
        if self._goal is not None:
            self._goal.end(STATUS_ABORTED, 0, "replaced by a newer trajectory")
        self._columns = [self._index[self._names.index(n)] for n in plan.names]
        start = max(plan.start, now)
        self._times = [now, *(start + max(t, 1e-9) for t in plan.times.tolist())]
        self._points = [desired[self._columns], *plan.positions]
        self._goal, self._told = goal, now

    def advance(self, desired: FloatArray, actual: FloatArray, at: float) -> None:
        """Write the set-points for a time into ``desired`` ``[J]``; ``actual`` ``[J]`` is where joints are."""
        if self._times is None:
            return
        columns, goal = self._columns, self._goal
        if goal is not None and goal.cancel_requested:
            desired[columns] = actual[columns]
            self._finish(STATUS_CANCELED, 0, "cancelled")
            return
        desired[columns] = self._point(self._times, at)
        if goal is not None:
            self._attend(goal, desired, actual, at)
        elif at >= self._times[-1]:
            self._times = None

    def _point(self, times: list[float], at: float) -> FloatArray:
        """Interpolate linearly; before the start the first, after the end the last."""
        index = bisect_right(times, at)
        if index in (0, len(times)):
            return self._points[min(index, len(times) - 1)]
        share = (at - times[index - 1]) / (times[index] - times[index - 1])
        before, after = self._points[index - 1], self._points[index]
        found: FloatArray = before + share * (after - before)
        return found

    def _attend(self, goal: Ending, desired: FloatArray, actual: FloatArray, at: float) -> None:
        columns = self._columns
        assert self._times is not None
        off = float(np.abs(desired[columns] - actual[columns]).max())
        if at - self._told >= _FEEDBACK:
            self._told = at
            names = tuple(self._names[self._index.index(c)] for c in columns)
            goal.feedback(names, desired[columns], actual[columns], at)
        if off > self._tolerance:
            desired[columns] = actual[columns]
            self._finish(STATUS_ABORTED, PATH_TOLERANCE_VIOLATED, f"{off:.3f} off the path")
        elif at >= self._times[-1] and off < _GOAL:
            self._finish(STATUS_SUCCEEDED, 0, "")
        elif at >= self._times[-1] + _SETTLE:
            self._finish(STATUS_ABORTED, GOAL_TOLERANCE_VIOLATED, f"{off:.3f} off the goal")

    def _finish(self, status: int, code: int, words: str) -> None:
        goal, self._goal, self._times = self._goal, None, None
        if goal is not None:
            goal.end(status, code, words)
