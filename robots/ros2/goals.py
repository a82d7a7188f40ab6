"""The life of an action goal as a state machine, and a goal on a `Port`.

    IDLE -> SENT -> ACTIVE -> SUCCEEDED | ABORTED | CANCELED
              |        +-> CANCELING -> CANCELED | SUCCEEDED | ABORTED
              +-> REJECTED
    any that is not final -> TIMED_OUT | LOST (the server is gone)

Late answers of a goal that has ended change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from diarchy.robots.ros2.port import GoalHandle, Port

STATUS_SUCCEEDED, STATUS_CANCELED, STATUS_ABORTED = 4, 5, 6
"""action_msgs/GoalStatus."""


class GoalState(str, Enum):
    """Where a goal is in its life."""

    IDLE = "idle"
    SENT = "sent"
    ACTIVE = "active"
    CANCELING = "canceling"
    SUCCEEDED = "succeeded"
    ABORTED = "aborted"
    CANCELED = "canceled"
    REJECTED = "rejected"
    TIMED_OUT = "timed out"
    LOST = "lost"

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self not in (GoalState.IDLE, GoalState.SENT, GoalState.ACTIVE, GoalState.CANCELING)


@dataclass(frozen=True)
class GoalTimes:
    """Seconds: until an answer, until the result, without a sign of life of the server, for a cancel."""

    response: float = 2.0
    result: float = 300.0
    silence: float = 5.0
    cancel: float = 2.0


@dataclass
class GoalMachine:
    """States and time-outs of one goal; knows nothing of ROS.

    Attributes:
        times: what is waited for how long.
        state: where it is.
        feedback: the newest.
        result: what the server returned with the final state.
        reason: why it ended otherwise than asked.
    """

    times: GoalTimes = field(default_factory=GoalTimes)
    state: GoalState = GoalState.IDLE
    feedback: Any = None
    result: Any = None
    reason: str = ""
    _since: float = 0.0
    _heard: float = 0.0
    _cancel_wanted: bool = False

    def send(self, now: float) -> None:
        """Note that the goal was sent; a machine serves one goal only."""
        if self.state is not GoalState.IDLE:
            raise ValueError(f"a goal that is {self.state.value} cannot be sent again")
        self.state, self._since, self._heard = GoalState.SENT, now, now

    def on_response(self, accepted: bool, now: float) -> bool:
        """Note the answer; True if the goal must be cancelled at once, as was asked meanwhile."""
        if self.state is not GoalState.SENT:
            return accepted and self.state.final  # nobody waits for it any more: it must not run
        self._heard = now
        if not accepted:
            self._end(GoalState.REJECTED, "the server rejected the goal")
            return False
        self.state, self._since = GoalState.ACTIVE, now
        if self._cancel_wanted:
            self.state = GoalState.CANCELING
            return True
        return False

    def on_feedback(self, feedback: Any, now: float) -> None:
        """Note feedback: also a sign of life."""
        if self.state in (GoalState.ACTIVE, GoalState.CANCELING):
            self.feedback, self._heard = feedback, now

    def on_result(self, status: int, result: Any, now: float) -> None:
        """Note how it ended."""
        if self.state.final or self.state is GoalState.IDLE:
            return
        self.result, self._heard = result, now
        ends = {
            STATUS_SUCCEEDED: GoalState.SUCCEEDED,
            STATUS_CANCELED: GoalState.CANCELED,
            STATUS_ABORTED: GoalState.ABORTED,
        }
        if status not in ends:
            self._end(GoalState.LOST, f"the server ended the goal with the unknown status {status}")
            return
        self._end(
            ends[status], "" if status == STATUS_SUCCEEDED else f"the goal was {ends[status].value}"
        )

    def cancel(self, now: float) -> bool:
        """Ask to cancel; True if a request must go to the server now."""
        if self.state is GoalState.ACTIVE:
            self.state, self._since = GoalState.CANCELING, now
            return True
        if self.state is GoalState.SENT:
            self._cancel_wanted = True
        elif self.state is GoalState.IDLE:
            self._end(GoalState.CANCELED, "cancelled before it was sent")
        return False

    def tick(self, now: float, *, server: bool, feedback_expected: bool = True) -> None:
        """Let time pass; ``server`` tells whether the server is there."""
        if self.state.final or self.state is GoalState.IDLE:
            return
        if not server:
            self._end(GoalState.LOST, "the server is gone")
        elif self.state is GoalState.SENT and now - self._since > self.times.response:
            self._end(GoalState.TIMED_OUT, f"no answer for {self.times.response:g} s")
        elif self.state is GoalState.CANCELING and now - self._since > self.times.cancel:
            self._end(GoalState.TIMED_OUT, f"not cancelled within {self.times.cancel:g} s")
        elif self.state is GoalState.ACTIVE:
            if now - self._since > self.times.result:
                self._end(GoalState.TIMED_OUT, f"no result for {self.times.result:g} s")
            elif feedback_expected and now - self._heard > self.times.silence:
                self._end(GoalState.LOST, f"no feedback for {self.times.silence:g} s")

    def _end(self, state: GoalState, reason: str) -> None:
        self.state, self.reason = state, reason


class Goal:
    """One goal on a port: sends it, keeps its machine, cancels what ends early."""

    def __init__(
        self,
        port: Port,
        action: str,
        type_name: str,
        message: Any,
        times: GoalTimes | None = None,
        *,
        feedback_expected: bool = True,
    ) -> None:
        self.action = action
        self.machine = GoalMachine(times or GoalTimes())
        self._port = port
        self._feedback_expected = feedback_expected
        self._handle: GoalHandle | None = None
        self.machine.send(port.now())
        if not port.server_ready(action):
            self.machine.tick(port.now(), server=False)
            return
        self._handle = port.send_goal(
            action, type_name, message, self._on_response, self._on_feedback, self._on_result
        )

    @property
    def state(self) -> GoalState:
        """Where it is."""
        return self.machine.state

    def poll(self) -> GoalState:
        """Let time pass: time-outs and lost servers end the goal, and the server is told."""
        was = self.machine.state
        self.machine.tick(
            self._port.now(),
            server=self._port.server_ready(self.action),
            feedback_expected=self._feedback_expected,
        )
        if self.machine.state in (GoalState.TIMED_OUT, GoalState.LOST) and not was.final:
            self._tell_cancel()
        return self.machine.state

    def cancel(self) -> None:
        """Ask the server to end it; idempotent."""
        if self.machine.cancel(self._port.now()):
            self._tell_cancel()

    def _tell_cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _on_response(self, accepted: bool) -> None:
        if self.machine.on_response(accepted, self._port.now()):
            self._tell_cancel()

    def _on_feedback(self, feedback: Any) -> None:
        self.machine.on_feedback(feedback, self._port.now())

    def _on_result(self, status: int, result: Any) -> None:
        self.machine.on_result(status, result, self._port.now())
