"""Velocities of another stack (Nav2's cmd_vel, remapped): kept, guarded at the control rate, passed on.

The guard knows accelerations a tick, and another stack sends twenty times a second: so its newest velocity
is held and checked at every control tick, as an action of ours would be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from diarchy.contracts.guard import Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.robots.ros2.convert.geometry import velocity_of
from diarchy.robots.ros2.port import Port

Check = Callable[[Action, Proprio], Verdict]
"""The guard's decision on one action, given what the robot feels."""


@dataclass
class ForeignCounts:
    """What became of the ticks on which another stack drove."""

    ticks: int = 0
    modified: int = 0
    stopped: int = 0
    ignored: int = 0
    """Messages that came while nobody had let the other stack drive."""


class ForeignVelocity:
    """The newest velocity of another stack.

    Args:
        port: the node.
        topic: where it sends to.
        type_name: ``Twist`` or ``TwistStamped``.
        timeout: s after which a velocity no longer holds.
    """

    def __init__(self, port: Port, topic: str, type_name: str, timeout: float) -> None:
        self._port, self._timeout = port, timeout
        self._velocity, self._at = (0.0, 0.0), -math.inf
        self.topic = topic
        self.active = False
        self.counts = ForeignCounts()
        self._check: Check | None = None
        self._last: Action | None = None
        port.subscribe(topic, f"geometry_msgs/msg/{type_name}", self._take, "command")

    @property
    def guarded(self) -> bool:
        """Whether a guard is there: without one nothing is passed on."""
        return self._check is not None

    def attach(self, check: Check) -> None:
        """Let a guard decide on every tick."""
        self._check = check

    def _take(self, message: Any) -> None:
        if not self.active:
            self.counts.ignored += 1
            return
        twist = message.twist if hasattr(message, "twist") else message
        self._velocity, self._at = velocity_of(twist), self._port.now()

    def drive(self, action: Action, proprio: Proprio) -> Action:
        """Return the action with the other stack's velocity in it, as far as the guard lets it."""
        age = self._port.now() - self._at
        velocity = self._velocity if 0.0 <= age <= self._timeout else (0.0, 0.0)
        wanted = replace(action, base=np.array(velocity))
        self.counts.ticks += 1
        if self._check is None:
            return action
        before = self._last if self._last is not None else replace(action, base=np.zeros(2))
        verdict = self._check(wanted, replace(proprio, commanded=before))
        self.counts.modified += verdict.status == "modified"
        self.counts.stopped += verdict.status == "stopped"
        self._last = verdict.action
        return replace(action, base=verdict.action.base)

    def begin(self) -> None:
        """Let the other stack drive, from rest."""
        self.active, self._last, self._at = True, None, -math.inf

    def end(self) -> None:
        """Let it drive no longer."""
        self.active = False
