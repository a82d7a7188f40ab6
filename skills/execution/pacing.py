"""A tick buffer that plays what is committed slower, a little faster, or not at all.

Pausing a skill in the middle of a grasp must neither lose its place nor bend its path. So the pace is a
time scaling: committed rows are read at a fractional position that moves on by ``pace`` rows a tick. Joint
targets are interpolated (the same path, at other speeds), base velocities are multiplied by the pace, and
what is not played yet is put off. The pace itself is ramped inside the limits of base and joints.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.skills.execution.buffer import TickBuffer, TickCommand

SLOWEST, FASTEST = 0.3, 1.1
"""Bounds of a pace that is not a pause. Motions are made for 0.8 to 0.85 of the limits, which is what
leaves a tenth to be faster by."""
_EPS = 1e-9


class PacedBuffer(TickBuffer):
    """Plays committed chunks at a pace that may be changed at any tick; 1 is exactly `TickBuffer`."""

    def __init__(self, spec: RobotSpec) -> None:
        super().__init__(spec)
        base, velocity = spec.base, spec.limits("velocity")
        joints = float(np.min(spec.limits("acceleration") / velocity))
        down = min(
            base.linear_braking / base.linear_velocity, base.angular_braking / base.angular_velocity
        )
        up = min(
            base.linear_acceleration / base.linear_velocity,
            base.angular_acceleration / base.angular_velocity,
        )
        self._down = min(down, joints) / spec.control_hz
        self._up = min(up, joints) / spec.control_hz
        self._wanted = self._pace = 1.0
        self._phase = 0.0  # how far between the row consumed last and the next
        self._origin: FloatArray | None = None  # the row consumed last, if the phase is not 0
        self._given: TickCommand | None = None
        self._unpaced_until = 0  # a brake from the speed really commanded is not slowed again
        self._factor, self._caution = 1.0, FASTEST
        self.paused = False

    @property
    def pace(self) -> float:
        """The pace that is ramped to when it is not paused."""
        return self._factor

    def set_pace(self, factor: float) -> float:
        """Play at ``factor`` times the speed that was planned, within `SLOWEST` and `FASTEST`; returns it."""
        self._factor = min(max(factor, SLOWEST), FASTEST)
        self._wanted = self._aim()
        return self._factor

    def set_caution(self, factor: float) -> None:
        """Play no faster than ``factor`` times the planned speed, whatever `pace` a person has asked for."""
        self._caution = FASTEST if factor >= 1.0 else max(factor, SLOWEST)
        self._wanted = self._aim()

    def pause(self) -> None:
        """Come to a halt on the path, and stay."""
        self.paused, self._wanted = True, 0.0

    def resume(self) -> None:
        """Go on from where it was halted."""
        self.paused = False
        self._wanted = self._aim()

    @property
    def halted(self) -> bool:
        """Whether a pause has brought the playback to a halt."""
        return self.paused and self._pace <= _EPS

    def prime(self, proprio: Proprio) -> None:
        """As `TickBuffer.prime`."""
        super().prime(proprio)
        self._forget_place()

    def cancel(self, now_tick: int) -> None:
        """As `TickBuffer.cancel`: brakes from what was really commanded."""
        super().cancel(now_tick)
        self._forget_place()
        self._unpaced_until = self.end_tick

    def ahead(self) -> FloatArray:
        """As `TickBuffer.ahead`; at another pace than 1 nothing is said ahead."""
        return super().ahead() if self._plain(self._next) else np.zeros((0, self._width))

    def read(self, tick: int) -> TickCommand:
        """As `TickBuffer.read`, at the present pace."""
        if self._read is None or tick < self._next - 1 or self._plain(tick):
            return super().read(tick)
        if tick < self._next and self._given is not None:
            return self._given
        self._ramp()
        position = self._phase + self._pace
        rows = int(position + _EPS)
        if rows > 1 and tick + 1 >= self.end_tick:
            rows, position = 1, 1.0  # nothing more is committed yet
        self._phase = max(position - rows, 0.0)
        if self._origin is None:
            self._origin = self._read[-1].copy()
        command, following = self._advance(tick, rows)
        row = self._origin + self._phase * (following - self._origin)
        row[:2] *= self._pace
        row[-1] = following[-1]  # the gripper is told what it is told
        if not np.any(np.abs(following[2:] - self._origin[2:]) > 0.0) and self._pace == 1.0:
            self._forget_place()
        self._given = replace(command, action=Action.from_vector(row))
        self._close(tick, row)
        return self._given

    def _aim(self) -> float:
        return 0.0 if self.paused else min(self._factor, self._caution)

    def _plain(self, tick: int) -> bool:
        if tick < self._unpaced_until:
            return True
        return self._pace == self._wanted == 1.0 and self._phase == 0.0

    def _ramp(self) -> None:
        if self._pace > self._wanted:
            self._pace = max(self._pace - self._down, self._wanted)
        else:
            self._pace = min(self._pace + self._up, self._wanted)

    def _advance(self, tick: int, rows: int) -> tuple[TickCommand, FloatArray]:
        """Consume so many rows, put the rest off (or bring it forward), and return what comes next."""
        command, row = self._at(tick) if rows else (self._given, None)
        for ahead in range(1, rows):
            command, row = self._at(tick + ahead)
        if row is not None:
            self._origin = row.copy()
        self._shift(1 - rows)
        if tick + 1 < self.end_tick and self._segments:
            upcoming, following = self._peek(tick + 1)
        else:
            upcoming, following = None, self._origin
        assert following is not None
        if command is None:
            command = upcoming if upcoming is not None else self._at(tick)[0]
        return command, following

    def _peek(self, tick: int) -> tuple[TickCommand | None, FloatArray | None]:
        for segment in self._segments:
            if segment.first <= tick < segment.end:
                row = segment.rows[tick - segment.first]
                action = Action.from_vector(row)
                return (
                    TickCommand(
                        action,
                        segment.source,
                        segment.epoch,
                        segment.kind,
                        False,
                        segment.committed,
                    ),
                    row,
                )
        return None, self._origin

    def _shift(self, ticks: int) -> None:
        if ticks:
            self._segments = [replace(s, first=s.first + ticks) for s in self._segments]
            self.shifted += ticks

    def _forget_place(self) -> None:
        self._phase, self._origin, self._given = 0.0, None, None
