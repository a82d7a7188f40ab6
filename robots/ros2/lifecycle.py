"""A lifecycle-managed node: what happens on its transitions is for others to say.

Only what runs needs rclpy, and takes it from `diarchy.robots.ros2.node`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from diarchy.robots.ros2.port import Port


class Managed(Protocol):
    """What a lifecycle node does on its transitions; each returns whether it succeeded."""

    def configure(self, parameters: Mapping[str, str], port: Port) -> bool:
        """Read the robot's file, connect to the robot. Nothing moves."""
        ...

    def activate(self) -> bool:
        """Take commands from now on."""
        ...

    def deactivate(self) -> bool:
        """Stop, and take no commands."""
        ...

    def cleanup(self) -> bool:
        """Let go of everything."""
        ...


def spin_lifecycle(name: str, managed: Managed, parameters: Mapping[str, str]) -> int:
    """Run a lifecycle-managed node until it is shut down; returns the exit code.

    Args:
        name: of the node.
        managed: what it does.
        parameters: names and defaults of its parameters.
    """
    from diarchy.robots.ros2.node import executors, rclpy

    if not rclpy.ok():
        rclpy.init()
    node = _node(name, managed, parameters)
    executor = executors.MultiThreadedExecutor(num_threads=6)
    executor.add_node(node)
    try:
        executor.spin()
    except (KeyboardInterrupt, executors.ExternalShutdownException):
        pass
    finally:
        managed.cleanup()
        executor.shutdown(timeout_sec=2.0)
        node.destroy_node()
        rclpy.try_shutdown()
    return 0


def _node(name: str, managed: Managed, parameters: Mapping[str, str]) -> Any:
    """Return the node that passes its transitions on."""
    from diarchy.robots.ros2.node import RclpyPort, lifecycle, own_group, rclpy

    done = lifecycle.TransitionCallbackReturn

    class Shell(lifecycle.LifecycleNodeMixin, rclpy.node.Node):  # type: ignore[misc,name-defined]
        """Passes transitions on, in a callback group of their own.

        In the node's default group, as `LifecycleNode` has them, /clock waits until a transition has ended; and
        configuring waits for simulated time.
        """

        def __init__(self) -> None:
            rclpy.node.Node.__init__(self, name)
            lifecycle.LifecycleNodeMixin.__init__(self, callback_group=own_group())
            for key, value in parameters.items():
                self.declare_parameter(key, value)
            self.port: Port | None = None

        def _try(self, call: Callable[[], bool]) -> Any:
            try:
                return done.SUCCESS if call() else done.FAILURE
            except Exception as error:  # noqa: BLE001 - a transition fails, the node goes on
                self.get_logger().error(str(error))
                return done.FAILURE

        def on_configure(self, state: Any) -> Any:
            """Connect to the robot."""
            told = {k: str(self.get_parameter(k).value) for k in parameters}
            self.port = RclpyPort(name, node=self)
            port = self.port
            return self._try(lambda: managed.configure(told, port))

        def on_activate(self, state: Any) -> Any:
            """Take commands."""
            super().on_activate(state)
            return self._try(managed.activate)

        def on_deactivate(self, state: Any) -> Any:
            """Stop."""
            super().on_deactivate(state)
            return self._try(managed.deactivate)

        def on_cleanup(self, state: Any) -> Any:
            """Let go."""
            return self._try(managed.cleanup)

        def on_shutdown(self, state: Any) -> Any:
            """Stop and let go."""
            return self._try(managed.cleanup)

    return Shell()
