"""Actions of the rclpy node: goals that are sent, goals that are served.

Nothing here imports rclpy: the node hands its own module over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from diarchy.robots.ros2.node_types import ros_type
from diarchy.robots.ros2.port import Callback, GoalHandle, ServedGoal

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes a callback wait for the lock under which the core is called."""


class _Sent:
    """A goal on its way; implements `GoalHandle`."""

    def __init__(self) -> None:
        self.handle: Any = None
        self.cancelled = False

    def cancel(self) -> None:
        """Ask the server to end it, now or as soon as it has answered."""
        self.cancelled = True
        if self.handle is not None:
            self.handle.cancel_goal_async()


class _Served:
    """A goal as its server sees it; implements `ServedGoal`. `wait` returns when it was finished."""

    def __init__(self, handle: Any, feedback_type: Any) -> None:
        self._handle = handle
        self._feedback_type = feedback_type
        self._ended = threading.Event()
        self.status, self.result = 0, None

    @property
    def goal(self) -> Any:
        """The goal message."""
        return self._handle.request

    @property
    def cancel_requested(self) -> bool:
        """Whether its client wants it ended."""
        return bool(self._handle.is_cancel_requested)

    def feedback(self, message: Any) -> None:
        """Send feedback."""
        self._handle.publish_feedback(message)

    def finish(self, status: int, result: Any) -> None:
        """End it."""
        self.status, self.result = status, result
        self._ended.set()

    def wait(self) -> None:
        """Wait for the end."""
        self._ended.wait()


class NodeActions:
    """The action clients and servers of one node.

    Args:
        node: the rclpy node.
        action: the module ``rclpy.action``.
        group: the callback group that all of them are in.
        locked: serialises what is handed to the core.
    """

    def __init__(self, node: Any, action: Any, group: Any, locked: Wrap) -> None:
        self._node, self._action, self._group, self._locked = node, action, group, locked
        self._clients: dict[str, Any] = {}
        self._servers: list[Any] = []

    def ready(self, action: str) -> bool | None:
        """Tell whether an action is served, as its client sees it; None: there is no client yet."""
        client = self._clients.get(action)
        return None if client is None else bool(client.server_is_ready())

    def send(
        self,
        action: str,
        type_name: str,
        goal: Any,
        on_response: Callable[[bool], None],
        on_feedback: Callback,
        on_result: Callable[[int, Any], None],
    ) -> GoalHandle:
        """Send a goal."""
        client = self._clients.get(action)
        if client is None:
            client = self._clients[action] = self._action.ActionClient(
                self._node, ros_type(type_name), action, callback_group=self._group
            )
        sent = _Sent()
        locked = self._locked
        respond, feed, end = locked(on_response), locked(on_feedback), locked(on_result)

        def answered(future: Any) -> None:
            handle = future.result()
            accepted = handle is not None and bool(handle.accepted)
            if accepted:
                sent.handle = handle
                handle.get_result_async().add_done_callback(ended)
                if sent.cancelled:
                    handle.cancel_goal_async()
            respond(accepted)

        def ended(future: Any) -> None:
            wrapped = future.result()
            if wrapped is not None:
                end(int(wrapped.status), wrapped.result)

        future = client.send_goal_async(goal, feedback_callback=lambda m: feed(m.feedback))
        future.add_done_callback(answered)
        return sent

    def serve(
        self,
        action: str,
        type_name: str,
        accept: Callable[[Any], bool],
        execute: Callable[[ServedGoal], None],
    ) -> None:
        """Serve an action; each running goal keeps one thread of the executor waiting."""
        kind = ros_type(type_name)

        def decide(goal: Any) -> Any:
            good = self._locked(accept)(goal)
            return self._action.GoalResponse.ACCEPT if good else self._action.GoalResponse.REJECT

        def run(handle: Any) -> Any:
            served = _Served(handle, kind.Feedback)
            self._locked(execute)(served)
            served.wait()
            ends = {4: handle.succeed, 5: handle.canceled, 6: handle.abort}
            if served.status == 5 and not handle.is_cancel_requested:
                ends[5] = handle.abort
            ends.get(served.status, handle.abort)()
            return served.result

        self._servers.append(
            self._action.ActionServer(
                self._node,
                kind,
                action,
                execute_callback=run,
                goal_callback=decide,
                cancel_callback=lambda handle: self._action.CancelResponse.ACCEPT,
                callback_group=self._group,
            )
        )
