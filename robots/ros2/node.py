"""`RclpyPort`: the one module that imports rclpy. Wiring, quality of service, callback groups, shutdown.

Everything that thinks is in the core and is tested without ROS; here a topic becomes a subscription.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from diarchy.contracts.errors import BadInputError, StaleDataError
from diarchy.robots.ros2.node_actions import NodeActions
from diarchy.robots.ros2.node_types import ros_type
from diarchy.robots.ros2.port import Callback, GoalHandle, Kind, ServedGoal


class NoRosError(BadInputError):
    """There is no ROS 2 in this Python; the message says how to source an installation."""


def _import_rclpy() -> Any:
    try:
        return import_module("rclpy")
    except ImportError as error:
        raise NoRosError(
            f"a robot under ROS 2 needs rclpy, which this Python cannot import ({error}): source an installation first, "
            "for example 'source /opt/ros/jazzy/setup.bash', and use its Python "
            "(python3 -m venv --system-site-packages .venv); see docs/embedding.md"
        ) from error


rclpy: Any = _import_rclpy()
# Submodules of rclpy are not loaded by importing it.
_action, executors, _groups = (
    import_module(f"rclpy.{m}") for m in ("action", "executors", "callback_groups")
)
_qos, lifecycle = import_module("rclpy.qos"), import_module("rclpy.lifecycle")
import_module("rclpy.parameter")
own_group = _groups.MutuallyExclusiveCallbackGroup
"""Makes a callback group in which one callback waits for another."""

_DEPTH = {"sensor": 5, "state": 50, "latched": 1, "command": 1, "clock": 1, "interface": 10}
_BEST_EFFORT = ("sensor", "state", "clock")
_PICTURES = (
    "sensor_msgs/msg/Image",
    "sensor_msgs/msg/CompressedImage",
    "sensor_msgs/msg/CameraInfo",
)
_GROUPS = {"sensor": "scans", "command": "command"}
_POLL = 0.0005
_STANDSTILL = 8.0


def qos(kind: Kind, *, publishing: bool) -> Any:
    """Return the quality of service for what a topic carries.

    Sensors and states are subscribed to best-effort, which matches every publisher, and published
    reliably, which every subscriber may ask for; latched topics are transient local on both sides.
    """
    best_effort = kind in _BEST_EFFORT and not publishing
    return _qos.QoSProfile(
        depth=_DEPTH[kind],
        reliability=_qos.ReliabilityPolicy.BEST_EFFORT
        if best_effort
        else _qos.ReliabilityPolicy.RELIABLE,
        durability=_qos.DurabilityPolicy.TRANSIENT_LOCAL
        if kind == "latched"
        else _qos.DurabilityPolicy.VOLATILE,
        history=_qos.HistoryPolicy.KEEP_LAST,
    )


class RclpyPort:
    """Implements `Port` with a node and a multi-threaded executor in a thread of its own.

    Commands, stops and actions have callback groups of their own, so that none waits behind pictures.
    One lock serialises what is handed to the core; callbacks there are short.

    Args:
        name: of the node.
        use_sim_time: follow /clock.
        threads: of the executor.
        node: an existing (lifecycle) node to use instead; its owner spins and destroys it.
    """

    def __init__(
        self, name: str, *, use_sim_time: bool = False, threads: int = 4, node: Any = None
    ) -> None:
        self._own = node is None
        if self._own and not rclpy.ok():
            rclpy.init()
        parameter = rclpy.parameter.Parameter("use_sim_time", value=bool(use_sim_time))
        self.node = node or rclpy.create_node(name, parameter_overrides=[parameter])
        exclusive, reentrant = (
            own_group,
            _groups.ReentrantCallbackGroup,
        )
        self._group = {
            "data": exclusive(),
            "pictures": exclusive(),
            "scans": exclusive(),
            "command": exclusive(),
            "stop": reentrant(),
            "actions": reentrant(),
            "timers": exclusive(),
        }
        self._lock = threading.RLock()
        self._actions = NodeActions(self.node, _action, self._group["actions"], self._serialised)
        self._clients: dict[str, Any] = {}
        self._kept: list[Any] = []
        self._closed = False
        self._executor: Any = None
        self._thread: threading.Thread | None = None
        if self._own:
            self._executor = executors.MultiThreadedExecutor(num_threads=threads)
            self._executor.add_node(self.node)
            self._thread = threading.Thread(target=self._spin, name=f"{name} executor", daemon=True)
            self._thread.start()

    def _spin(self) -> None:
        """Not `spin`: that one goes on scheduling while the executor is shut down."""
        while not self._closed and rclpy.ok():
            try:
                self._executor.spin_once(timeout_sec=0.1)
            except (executors.ExternalShutdownException, KeyboardInterrupt):
                return
            except Exception as error:  # noqa: BLE001 - one callback's defect must not end the watchdog
                if not self._closed:
                    self.node.get_logger().error(
                        f"a callback raised {type(error).__name__}: {error}"
                    )

    def make(self, type_name: str) -> Any:
        """Make a message."""
        return ros_type(type_name)()

    def now(self) -> float:
        """ROS time, s."""
        return float(self.node.get_clock().now().nanoseconds) * 1e-9

    def wait_until(self, stamp: float) -> None:
        """Sleep until ROS time has come; simulated time is polled, as it may go at any pace.

        Raises:
            StaleDataError: simulated time stands still.
        """
        clock = self.node.get_clock()
        simulated = bool(clock.ros_time_is_active)
        last, since = self.now(), time.monotonic()
        while not self._closed:
            now = self.now()
            if now != last:
                last, since = now, time.monotonic()
            left = stamp - now
            if left <= 0.0 or left > 60.0:  # time has jumped back
                return
            time.sleep(_POLL if simulated else left)
            if simulated and time.monotonic() - since > _STANDSTILL:
                raise StaleDataError(
                    f"/clock stands still at {now:.2f} s: is the simulation running? A real robot has use_sim_time: false"
                )

    def publisher(self, topic: str, type_name: str, kind: Kind) -> Callback:
        """Return the function that publishes."""
        made = self.node.create_publisher(ros_type(type_name), topic, qos(kind, publishing=True))
        publish: Callback = made.publish
        return publish

    def subscribe(self, topic: str, type_name: str, callback: Callback, kind: Kind) -> None:
        """Have messages handed over."""
        # A busy group serves what was created first: pictures must not wait behind joints at 200 Hz.
        group = "pictures" if type_name.startswith(_PICTURES) else _GROUPS.get(kind, "data")
        self._kept.append(
            self.node.create_subscription(
                ros_type(type_name),
                topic,
                self._serialised(callback),
                qos(kind, publishing=False),
                callback_group=self._group[group],
            )
        )

    def _serialised(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        def locked(*args: Any) -> Any:
            with self._lock:
                return None if self._closed else callback(*args)

        return locked

    def every(self, period: float, callback: Callable[[], None]) -> None:
        """Have something called every so many seconds; in a group of its own, and not behind the lock."""
        self._kept.append(
            self.node.create_timer(period, callback, callback_group=self._group["timers"])
        )

    def call(self, service: str, type_name: str, request: Any, timeout: float) -> Any | None:
        """Call a service; with a timeout of 0 without waiting for the answer."""
        client = self._clients.get(service)
        if client is None:
            client = self._clients[service] = self.node.create_client(
                ros_type(type_name), service, callback_group=self._group["stop"]
            )
        if not client.wait_for_service(timeout_sec=max(timeout, 0.0)):
            return None
        future = client.call_async(request)
        if timeout <= 0.0:
            return None
        answered = threading.Event()
        future.add_done_callback(lambda _: answered.set())
        return future.result() if answered.wait(timeout) else None

    def serve(self, service: str, type_name: str, handler: Callable[[Any], Any]) -> None:
        """Answer a service, in a group of its own: a stop waits for nothing."""
        self._kept.append(
            self.node.create_service(
                ros_type(type_name),
                service,
                lambda request, response: handler(request),
                callback_group=self._group["stop"],
            )
        )

    def server_ready(self, action: str) -> bool:
        """Tell whether an action is served, by the graph until there is a client."""
        ready = self._actions.ready(action)
        return action in self._offered() if ready is None else ready

    def send_goal(
        self,
        action: str,
        type_name: str,
        goal: Any,
        on_response: Callable[[bool], None],
        on_feedback: Callback,
        on_result: Callable[[int, Any], None],
    ) -> GoalHandle:
        """Send a goal."""
        return self._actions.send(action, type_name, goal, on_response, on_feedback, on_result)

    def serve_action(
        self,
        action: str,
        type_name: str,
        accept: Callable[[Any], bool],
        execute: Callable[[ServedGoal], None],
    ) -> None:
        """Serve an action; each running goal keeps one thread of the executor waiting."""
        self._actions.serve(action, type_name, accept, execute)

    def graph(self) -> Mapping[str, str]:
        """Return names and types of all topics, services and actions that someone offers."""
        found = {}
        for name, types in self.node.get_topic_names_and_types():
            if self.node.count_publishers(name):
                found[name] = types[0]
        for name, types in self.node.get_service_names_and_types():
            found[name] = types[0]
        return found | self._offered()

    def _offered(self) -> dict[str, str]:
        """An action is offered where its status is published."""
        found = {}
        for name, types in self.node.get_service_names_and_types():
            action, _, last = name.rpartition("/_action/")
            if last == "send_goal":
                found[action] = types[0].removesuffix("_SendGoal")
        return found

    @property
    def lock(self) -> Any:
        """Held while the core is handed something; whoever reads what it keeps may hold it too."""
        return self._lock

    def close(self, *, context: bool = True) -> None:
        """Shut down in the order that does not abort the process: thread, executor, node, context."""
        if self._closed:
            return
        self._closed = True
        if not self._own:
            return
        self._executor.wake()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)
        self._executor.shutdown(timeout_sec=2.0)
        self.node.destroy_node()
        if context:
            rclpy.try_shutdown()
