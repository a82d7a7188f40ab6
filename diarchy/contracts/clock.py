"""Time. Everything in diarchy runs on a `Clock`, never on the machine's own time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """The robot's clock: seconds since the run began, and the control tick they fall in."""

    @property
    def tick(self) -> int:
        """Index of the present control tick."""
        ...

    @property
    def period(self) -> float:
        """Seconds of one control tick."""
        ...

    def now(self) -> float:
        """Seconds since the run began."""
        ...


@dataclass
class LockstepClock:
    """Simulated time that only moves when someone advances it, by whole ticks, without rounding drift."""

    period: float = 0.005
    tick: int = 0

    def now(self) -> float:
        """Seconds of simulated time."""
        return self.tick * self.period

    def advance(self, ticks: int = 1) -> None:
        """Move time forward by whole control ticks."""
        if ticks < 0:
            raise ValueError("time does not run backwards")
        self.tick += ticks
