"""Is what comes in fresh? Stamps are checked against the robot's clock, real or simulated.

A `Gate` stands before each input. It refuses what is older than allowed, comes from the future, repeats
a stamp or goes back in time, and knows since when nothing good has come: that loss stops the robot.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

BACK = 0.001
"""s that the clock must go back to count as a jump (a restarted simulation or bag)."""


class Refused(str, Enum):
    """Why a message was refused."""

    STALE = "stale"
    FUTURE = "from the future"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out of order"
    MALFORMED = "malformed"


@dataclass
class Gate:
    """One input's door.

    Attributes:
        name: of the input, for messages.
        max_age: s between stamp and clock at which a message is stale, and the input lost.
        max_future: s that a stamp may be ahead of the clock (two machines' clocks differ).
        required: its loss stops the robot.
    """

    name: str
    max_age: float
    max_future: float = 0.1
    required: bool = True
    taken: int = 0
    refused: Counter[Refused] = field(default_factory=Counter)
    why: str = ""
    _stamp: float | None = None
    _clock: float | None = None
    _began: float | None = None
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=200))

    def admit(self, stamp: float, now: float) -> Refused | None:
        """Take a message's stamp at a time of the clock; None: it is good."""
        self.notice(now)
        refusal = self._judge(stamp, now)
        if refusal is not None:
            self.refused[refusal] += 1
            return refusal
        self.taken += 1
        self._stamp = stamp
        self._recent.append(stamp)
        return None

    def _judge(self, stamp: float, now: float) -> Refused | None:
        if stamp > now + self.max_future:
            return Refused.FUTURE
        if now - stamp > self.max_age:
            return Refused.STALE
        if self._stamp is not None and stamp == self._stamp:
            return Refused.REPEATED
        if self._stamp is not None and stamp < self._stamp:
            return Refused.OUT_OF_ORDER
        return None

    def note(self, stamp: float) -> None:
        """Set the newest good stamp, for inputs that several publishers share."""
        if np.isfinite(stamp):
            self._stamp = stamp
            self._recent.append(stamp)

    def malformed(self, why: str) -> None:
        """Count a message that could not be read."""
        self.refused[Refused.MALFORMED] += 1
        self.why = why

    def notice(self, now: float) -> bool:
        """Notice the time; True if the clock has jumped back, after which old stamps say nothing."""
        jumped = self._clock is not None and now < self._clock - BACK
        if jumped:
            self.restart(now)
        if self._began is None:
            self._began = now
        self._clock = now
        return jumped

    def restart(self, now: float) -> None:
        """Begin anew: old stamps say nothing."""
        self._stamp, self._began, self._clock = None, now, now
        self._recent.clear()

    @property
    def stamp(self) -> float | None:
        """Stamp of the newest good message."""
        return self._stamp

    def age(self, now: float) -> float:
        """Seconds since the newest good stamp; since watching began if there was none."""
        since = self._stamp if self._stamp is not None else self._began
        return now - since if since is not None else 0.0

    def lost(self, now: float) -> str | None:
        """Say why the input counts as lost at a time; None: it is there."""
        if self._stamp is None:
            return f"{self.name}: nothing came yet{self._refusals()}"
        age = self.age(now)
        if age > self.max_age:
            return f"{self.name}: nothing fresh for {age:.2f} s{self._refusals()}"
        return None

    def _refusals(self) -> str:
        if not self.refused:
            return ""
        told = ", ".join(f"{n} {kind.value}" for kind, n in sorted(self.refused.items()))
        return f" (refused: {told}{'; ' + self.why if self.why else ''})"

    def rate(self) -> float | None:
        """Messages a second by their stamps; None with fewer than three."""
        if len(self._recent) < 3 or self._recent[-1] <= self._recent[0]:
            return None
        return (len(self._recent) - 1) / (self._recent[-1] - self._recent[0])


class Inputs:
    """All gates of a robot."""

    def __init__(self, gates: dict[str, Gate]) -> None:
        self.gates = gates

    def __getitem__(self, name: str) -> Gate:
        return self.gates[name]

    def lost(self, now: float) -> list[str]:
        """Say of every required input that is lost why."""
        told = (g.lost(now) for g in self.gates.values() if g.required)
        return [t for t in told if t is not None]
