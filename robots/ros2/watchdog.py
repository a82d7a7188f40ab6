"""The command-loss watchdog: if whoever commands falls silent while the robot moves, it is stopped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Watchdog:
    """Trips once when no command came for ``timeout`` s after one that moves.

    `check` is called every control period, by a timer that does not depend on who commands; the robot is
    therefore stopped within one control period of the time-out.
    """

    timeout: float
    trips: int = 0
    _fed: float | None = None

    def feed(self, now: float, *, moving: bool) -> None:
        """Note a command; one that does not move asks for no further ones."""
        self._fed = now if moving else None

    def check(self, now: float) -> bool:
        """Return True, once, when the silence has lasted too long, or time has run back."""
        if self._fed is None:
            return False
        silence = now - self._fed
        if -1e-9 <= silence <= self.timeout + 1e-9:
            return False
        self._fed = None
        self.trips += 1
        return True
