"""How far the robot really drove: read from the simulator's truth, for the judge."""

from __future__ import annotations

from typing import Any

import numpy as np

PERIOD = 20
"""Control ticks between two readings."""


class Odometer:
    """Adds up the way of the base."""

    def __init__(self, robot: Any) -> None:
        self._robot = robot
        self._last = robot.truth.base()
        self.metres = 0.0

    def tick(self) -> None:
        """Take a reading now and then; called every control tick."""
        if self._robot.clock.tick % PERIOD == 0:
            here = self._robot.truth.base()
            self.metres += float(np.hypot(here.x - self._last.x, here.y - self._last.y))
            self._last = here
