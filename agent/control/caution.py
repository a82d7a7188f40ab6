"""Slower near people: what the guard had to slow down is planned slower, so that motions are not torn from their path."""

from __future__ import annotations

from diarchy.contracts.guard import Verdict

SLOWING = "separation"
"""The guard whose changes ask for less speed rather than for another way."""
_DOWN, _UP = 0.03, 0.005
"""What a tick with a change takes from the pace, and one without gives back: slower at once, faster within seconds."""


class Caution:
    """A pace for what is committed, lowered as long as the guard slows it and then raised again.

    A guard that shortens steps leaves a motion behind its plan, and a skill that watches its arm takes that for
    being blocked. At a lower pace the same path is planned for later, and the guard has nothing left to do.
    """

    def __init__(self, slowest: float) -> None:
        self._slowest = slowest
        self.pace = 1.0

    def after(self, verdict: Verdict) -> float:
        """Return the pace after a tick's verdict."""
        change = -_DOWN if SLOWING in verdict.changes else _UP
        self.pace = min(max(self.pace + change, self._slowest), 1.0)
        return self.pace
