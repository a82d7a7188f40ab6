"""What was read of the fixtures: when each was seen, how far it is open, whether it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from diarchy.contracts.entity import FixtureInfo, StaticMap
from diarchy.contracts.household import PROCESSES
from diarchy.perception.furniture import which_fixture
from diarchy.perception.percept import FixtureReading

CLOSED_ANGLE = np.radians(5.0)
CLOSED_GAP = 0.015
"""A door (rad) or a drawer (m) that is less open than this is shut."""
STOPS_WITHIN = 6.0
"""A timer may run so many seconds longer than its process takes."""


@dataclass(frozen=True)
class Change:
    """A door or drawer was seen to have moved; ``before`` and ``after`` are openings."""

    fixture: str
    before: float
    after: float


@dataclass
class Devices:
    """Latest readings by fixture id, each with its own stamp (s).

    ``seen`` holds the stamps of the last look and of the last look at rest.
    """

    static_map: StaticMap
    seen: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    openings: dict[str, tuple[float, float]] = field(default_factory=dict)
    _power: dict[str, tuple[bool, float]] = field(default_factory=dict)

    def read(self, reading: FixtureReading, *, at_rest: bool) -> Change | None:
        """Take in one reading; returns how its door or drawer has moved since the last one."""
        name = which_fixture(self.static_map, reading, self.present_openings())
        if name is None:
            return None
        rest = self.seen.get(name, (0.0, None))[1]
        self.seen[name] = (reading.stamp, reading.stamp if at_rest else rest)
        if reading.detection.power is not None:
            self._power[name] = (reading.detection.power, reading.stamp)
        opening = reading.detection.opening
        if opening is None:
            return None
        before = self.openings.get(name, (0.0, 0.0))[0]
        self.openings[name] = (opening, reading.stamp)
        return Change(name, before, opening) if opening != before else None

    def present_openings(self) -> dict[str, float]:
        """Return the openings that were seen, by fixture id."""
        return {name: opening for name, (opening, _) in self.openings.items()}

    def power(self, name: str, now: float) -> tuple[bool, float] | None:
        """Return whether a device runs and since which look that is known.

        What switches itself off is not known to run any more once its time must be up.
        """
        known = self._power.get(name)
        if known is None:
            return None
        running, stamp = known
        process = PROCESSES.get(self.static_map.fixtures[name].entity.cls)
        timer = process is not None and process.stops
        if running and timer and process is not None:
            return known if now - stamp <= process.seconds + STOPS_WITHIN else None
        return known

    def is_shut(self, name: str) -> bool:
        """Whether a door or drawer was last seen shut; never seen counts as not."""
        known = self.openings.get(name)
        return known is not None and shut_at(self.static_map.fixtures[name], known[0])


def shut_at(info: FixtureInfo, opening: float) -> bool:
    """Whether a door or drawer counts as shut at an opening (rad or m)."""
    return opening < (CLOSED_GAP if info.slide is not None else CLOSED_ANGLE)
