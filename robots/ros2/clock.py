"""The robot's clock as diarchy counts it: seconds and ticks since the beginning, never backwards."""

from __future__ import annotations

import math

from diarchy.robots.ros2.port import Port

_JUMP = 0.001


class Ros2Clock:
    """ROS time (simulated where that is used), counted from `begin`, cut into control ticks.

    Where the loop was kept waiting, ticks are skipped rather than caught up with in a burst. If ROS time
    jumps back (a simulation is started again), this clock goes on from where it was.
    """

    def __init__(self, port: Port, hz: int) -> None:
        self._port = port
        self.period = 1.0 / hz
        self._hz = hz
        self._origin = port.now()
        self._latest = self._origin
        self._tick = 0
        self.missed = 0

    @property
    def tick(self) -> int:
        """Index of the present control tick."""
        return self._tick

    def begin(self) -> None:
        """Let time begin now."""
        self._origin = self._latest = self._port.now()
        self._tick = 0

    def now(self) -> float:
        """Seconds since the beginning."""
        return self.at(self._port.now())

    def at(self, stamp: float) -> float:
        """Return a ROS stamp in seconds since the beginning."""
        return stamp - self._origin

    def jumped_back(self) -> bool:
        """Tell, once, whether ROS time has jumped back since it was last asked."""
        now = self._port.now()
        jumped = now < self._latest - _JUMP
        if jumped:
            self._origin -= self._latest - now
        self._latest = now
        return jumped

    def wait_tick(self) -> None:
        """Wait for the next tick's deadline."""
        self._port.wait_until(self._origin + (self._tick + 1) / self._hz)
        passed = math.floor(self.now() * self._hz + 1e-6)
        following = max(self._tick + 1, passed)
        self.missed += following - self._tick - 1
        self._tick = following
