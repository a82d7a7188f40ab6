"""What the core asks of a ROS 2 node, as a Protocol: the node has it with rclpy, the fake without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Kind = Literal["sensor", "state", "latched", "command", "clock", "interface"]
"""What a topic carries decides its quality of service and its callback group.

``sensor``: best effort, newest only (a reliable publisher is compatible); ``state`` (joints, odometry, tf):
best effort, deep; ``latched`` (map, robot_description, tf_static): reliable, transient local;
``command``: reliable, newest only; ``interface``: reliable, deep; ``clock``: best effort, newest only.
"""

Callback = Callable[[Any], None]


class GoalHandle(Protocol):
    """A goal that was sent."""

    def cancel(self) -> None:
        """Ask the server to end it; answers come by the callbacks."""
        ...


class ServedGoal(Protocol):
    """A goal as its server sees it."""

    @property
    def goal(self) -> Any:
        """The goal message."""
        ...

    @property
    def cancel_requested(self) -> bool:
        """Whether its client wants it ended."""
        ...

    def feedback(self, message: Any) -> None:
        """Send feedback."""
        ...

    def finish(self, status: int, result: Any) -> None:
        """End it with a status of action_msgs/GoalStatus and a result."""
        ...


class Port(Protocol):
    """Topics, services, actions, timers and the clock of one node.

    Callbacks come one at a time (a node with several threads serialises those that it hands to the
    core), and never inside the call that registers them, except for latched topics in a fake.
    """

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held while the core is handed something; re-entrant. Hold it to read what callbacks write."""
        ...

    def make(self, type_name: str) -> Any:
        """Make a message with default fields, for example ``geometry_msgs/msg/Twist``."""
        ...

    def now(self) -> float:
        """Seconds on the robot's clock: ROS time, which is simulated time where that is used."""
        ...

    def wait_until(self, stamp: float) -> None:
        """Return when the clock has reached a time; what arrives meanwhile is handed over."""
        ...

    def publisher(self, topic: str, type_name: str, kind: Kind) -> Callback:
        """Return the function that publishes on a topic.

        Commands and states are often changed and published again once it has returned: who hears one
        keeps numbers of it, not the message. Pictures, scans and latched ones are never used again.
        """
        ...

    def subscribe(self, topic: str, type_name: str, callback: Callback, kind: Kind) -> None:
        """Have a topic's messages handed over."""
        ...

    def every(self, period: float, callback: Callable[[], None]) -> None:
        """Have something called every so many seconds of the clock, whatever else is waited for."""
        ...

    def call(self, service: str, type_name: str, request: Any, timeout: float) -> Any | None:
        """Call a service; None if it is not there or does not answer in time."""
        ...

    def serve(self, service: str, type_name: str, handler: Callable[[Any], Any]) -> None:
        """Answer a service: the handler returns the response."""
        ...

    def server_ready(self, action: str) -> bool:
        """Tell whether an action's server is there."""
        ...

    def send_goal(
        self,
        action: str,
        type_name: str,
        goal: Any,
        on_response: Callable[[bool], None],
        on_feedback: Callback,
        on_result: Callable[[int, Any], None],
    ) -> GoalHandle:
        """Send a goal (``type_name`` like ``nav2_msgs/action/NavigateToPose``)."""
        ...

    def serve_action(
        self,
        action: str,
        type_name: str,
        accept: Callable[[Any], bool],
        execute: Callable[[ServedGoal], None],
    ) -> None:
        """Serve an action: ``accept`` decides on a goal, ``execute`` starts it and returns at once."""
        ...

    def graph(self) -> Mapping[str, str]:
        """Return what is there: name of each topic, service and action to its type."""
        ...

    def close(self) -> None:
        """Shut down; idempotent."""
        ...
