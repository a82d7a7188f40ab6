"""Real time: a robot whose `apply` returns at the absolute deadline of its tick.

Sleeping "period minus elapsed" drifts; absolute deadlines do not. Missed ones are counted, never caught up with a burst.
"""

from __future__ import annotations

import time
from typing import Any

from diarchy.contracts.robot import Action, Robot


class PacedRobot:
    """Wraps a simulated robot so that its time passes as the wall clock's does."""

    def __init__(self, robot: Robot) -> None:
        self._robot = robot
        self._deadline: float | None = None
        self.missed_deadlines = 0
        self.lateness: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._robot, name)

    def apply(self, action: Action) -> None:
        """Apply the action, then wait for the tick's deadline; a missed deadline starts a new grid."""
        self._robot.apply(action)
        period = self._robot.clock.period
        now = time.perf_counter()
        if self._deadline is None:
            self._deadline = now
        self._deadline += period
        late = now - self._deadline
        if late > 0.0:
            self.missed_deadlines += 1
            self.lateness.append(late)
            if late > 10 * period:  # rendering or thinking took long: do not race to catch up
                self._deadline = now
            return
        time.sleep(-late)
        self.lateness.append(max(0.0, time.perf_counter() - self._deadline))


def paced(robot: Robot) -> Robot:
    """Return the robot on wall-clock time."""
    wrapped: Any = PacedRobot(robot)
    result: Robot = wrapped
    return result
