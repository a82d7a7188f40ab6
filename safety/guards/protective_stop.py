"""The protective stop: latched, callable from any thread, braking within limits."""

from __future__ import annotations

import threading

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.safety.braking import braked
from diarchy.safety.limits import Limits


class ProtectiveStop:
    """While tripped, every action is replaced by one that brakes, and then holds pose and grip.

    `trip` latches: nothing but `release`, by someone who says who, lets motion through again. Both
    may be called from any thread, also from a signal handler. Joints brake at their acceleration
    limit from the velocity they were COMMANDED with, so the commanded path has no step in it.
    """

    name = "protective_stop"

    def __init__(self, spec: RobotSpec) -> None:
        self._limits = Limits.of(spec)
        # Reentrant, because a signal handler may trip in the middle of another call.
        self._lock = threading.RLock()
        self._reason: str | None = None
        self._released_by: str | None = None
        self._tick: int | None = None
        self._felt: FloatArray = np.zeros(len(spec.joints))
        self._earlier: FloatArray | None = None  # commanded one tick before `_commanded`
        self._commanded: FloatArray | None = None

    @property
    def tripped(self) -> bool:
        """Whether the stop is latched."""
        return self._reason is not None

    @property
    def reason(self) -> str | None:
        """Why it was tripped first; None while motion is allowed."""
        return self._reason

    @property
    def released_by(self) -> str | None:
        """Who released it last."""
        return self._released_by

    def trip(self, reason: str) -> None:
        """Stop. A second trip keeps the first reason."""
        with self._lock:
            if self._reason is None:
                self._reason = reason.strip() or "no reason given"

    def release(self, by: str) -> None:
        """Allow motion again.

        Raises:
            BadInputError: ``by`` is empty: a stop is released by someone.
        """
        if not by.strip():
            raise BadInputError(
                "say who releases the protective stop, for example release('operator')"
            )
        with self._lock:
            self._reason, self._released_by = None, by

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Pass while not tripped; else brake or hold."""
        self._follow(proprio)
        reason = self._reason
        if reason is None:
            return Verdict(action)
        safe = braked(self._velocity(), proprio, self._limits)
        magnitude = self._limits.magnitude(action, safe)
        return Verdict(safe, "stopped", magnitude, self.name, reason, {self.name: magnitude})

    def _follow(self, proprio: Proprio) -> None:
        """Keep what the commanded joint velocity of the last tick is told from."""
        if proprio.tick == self._tick:
            return
        consecutive = self._tick is not None and proprio.tick == self._tick + 1
        commanded = None if proprio.commanded is None else proprio.commanded.joints
        self._earlier = self._commanded if consecutive else None
        # Copies: whoever made the command may reuse its array.
        self._commanded = None if commanded is None else commanded.copy()
        self._felt = proprio.dq.copy()
        self._tick = proprio.tick

    def _velocity(self) -> FloatArray:
        """Return the commanded joint velocity ``[J]`` of the last tick; the felt one without two commands in a row."""
        if self._commanded is not None and self._earlier is not None:
            velocity = (self._commanded - self._earlier) / self._limits.dt
        else:
            velocity = np.nan_to_num(self._felt)
        limit = self._limits.velocity
        return np.minimum(np.maximum(velocity, -limit), limit)
