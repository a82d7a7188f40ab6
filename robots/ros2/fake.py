"""A ROS 2 network without ROS: ports in one process, on a clock that someone steps.

Deterministic: a message is delivered inside `publish`, unless a fault holds it back. Messages are the
strict stand-ins, so that a wrong field type fails here too. Used by tests, by the benchmark, and to
run the whole stack against the simulated home where there is no ROS.
"""

from __future__ import annotations

import copy
import heapq
import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from diarchy.robots.ros2 import strict
from diarchy.robots.ros2.port import Callback, GoalHandle, Kind, ServedGoal

Fault = Callable[[Any, float], list[tuple[float, Any]]]
"""From a message and the time to what is delivered when: ``[(time, message)]``, empty for nothing."""


@dataclass
class _Timer:
    period: float
    callback: Callable[[], None]
    due: float


@dataclass
class _Server:
    type_name: str
    accept: Callable[[Any], bool]
    execute: Callable[[ServedGoal], None]
    up: bool = True


@dataclass
class _FakeGoal:
    """Both ends of one goal."""

    goal: Any
    on_feedback: Callback
    on_result: Callable[[int, Any], None]
    server: _Server
    cancel_requested: bool = False
    ended: bool = False

    def cancel(self) -> None:
        self.cancel_requested = True

    def feedback(self, message: Any) -> None:
        if self.server.up and not self.ended:
            self.on_feedback(message)

    def finish(self, status: int, result: Any) -> None:
        if self.server.up and not self.ended:
            self.ended = True
            self.on_result(status, result)


class FakeNetwork:
    """The medium: topics, services, actions and the clock.

    Attributes:
        period: s that one step takes.
        step: called for each step of the clock: the simulated peer moves its world.
        faults: by topic, what becomes of its messages on the way.
    """

    def __init__(self, period: float = 0.005) -> None:
        self.period = period
        self.ticks = 0
        self.offset = 0.0
        self.step: Callable[[], None] = lambda: None
        self.faults: dict[str, Fault] = {}
        self.types: dict[str, str] = {}
        self.subscribers: dict[str, list[Callback]] = {}
        self.latched: dict[str, Any] = {}
        self.services: dict[str, Callable[[Any], Any]] = {}
        self.servers: dict[str, _Server] = {}
        self.counts: dict[str, int] = {}
        self.timers: list[_Timer] = []
        self._held: list[tuple[float, int, str, Any]] = []
        self._order = itertools.count()

    def now(self) -> float:
        """Seconds."""
        return self.ticks * self.period + self.offset

    def advance(self) -> None:
        """Let one period pass: the peer steps, held messages and timers come due."""
        self.ticks += 1
        self.step()
        while self._held and self._held[0][0] <= self.now() + 1e-9:
            _, _, topic, message = heapq.heappop(self._held)
            self._deliver(topic, message)
        for timer in list(self.timers):
            if abs(self.now() - timer.due) > 1.0:  # time has jumped
                timer.due = self.now()
            if self.now() >= timer.due - 1e-9:
                timer.due += timer.period
                timer.callback()

    def publish(self, topic: str, message: Any, *, latched: bool) -> None:
        """Deliver, or let a fault decide."""
        if latched:
            self.latched[topic] = copy.deepcopy(message)
        self.counts[topic] = self.counts.get(topic, 0) + 1
        fault = self.faults.get(topic)
        if fault is None:
            self._deliver(topic, message)
            return
        # Whoever published may use its message again: what is held back is a copy, as on a wire.
        for when, what in fault(copy.deepcopy(message), self.now()):
            if when <= self.now():
                self._deliver(topic, what)
            else:
                heapq.heappush(self._held, (when, next(self._order), topic, what))

    def _deliver(self, topic: str, message: Any) -> None:
        for callback in self.subscribers.get(topic, ()):
            callback(message)


@dataclass
class FakePort:
    """One node on a `FakeNetwork`; implements `Port`."""

    network: FakeNetwork
    closed: bool = False
    lock: Any = field(default_factory=threading.RLock)
    _subscribed: list[tuple[str, Callback]] = field(default_factory=list)
    _timers: list[_Timer] = field(default_factory=list)

    def make(self, type_name: str) -> Any:
        """Make a strict stand-in."""
        return strict.new(type_name)

    def now(self) -> float:
        """Seconds on the network's clock."""
        return self.network.now()

    def wait_until(self, stamp: float) -> None:
        """Step the network's clock up to a time."""
        limit = self.network.ticks + 1_000_000
        while self.network.now() < stamp - 1e-9 and self.network.ticks < limit:
            self.network.advance()

    def publisher(self, topic: str, type_name: str, kind: Kind) -> Callback:
        """Return the function that publishes; it refuses a message of another type."""
        cls = strict.message_class(type_name)
        self._declare(topic, type_name)
        network, latched = self.network, kind == "latched"

        def publish(message: Any) -> None:
            if type(message) is not cls:
                raise strict.WrongFieldError(f"{topic} carries {type_name}, got {message!r:.80}")
            network.publish(topic, message, latched=latched)

        return publish

    def subscribe(self, topic: str, type_name: str, callback: Callback, kind: Kind) -> None:
        """Have messages handed over; a latched one at once."""
        strict.message_class(type_name)
        self.network.subscribers.setdefault(topic, []).append(callback)
        self._subscribed.append((topic, callback))
        if kind == "latched" and topic in self.network.latched:
            callback(self.network.latched[topic])

    def every(self, period: float, callback: Callable[[], None]) -> None:
        """Have something called every so many seconds."""
        timer = _Timer(period, callback, self.now() + period)
        self.network.timers.append(timer)
        self._timers.append(timer)

    def call(self, service: str, type_name: str, request: Any, timeout: float) -> Any | None:
        """Call a service in place."""
        handler = self.network.services.get(service)
        return None if handler is None else handler(request)

    def serve(self, service: str, type_name: str, handler: Callable[[Any], Any]) -> None:
        """Answer a service."""
        self._declare(service, type_name)
        self.network.services[service] = handler

    def server_ready(self, action: str) -> bool:
        """Tell whether an action is served."""
        server = self.network.servers.get(action)
        return server is not None and server.up

    def send_goal(
        self,
        action: str,
        type_name: str,
        goal: Any,
        on_response: Callable[[bool], None],
        on_feedback: Callback,
        on_result: Callable[[int, Any], None],
    ) -> GoalHandle:
        """Send a goal; the answer comes before this returns."""
        server = self.network.servers[action]
        expected = strict.message_class(f"{type_name}_Goal")
        if server.type_name != type_name or type(goal) is not expected:
            raise strict.WrongFieldError(f"{action} takes {server.type_name}, got {goal!r:.80}")
        made = _FakeGoal(goal, on_feedback, on_result, server)
        if not server.accept(goal):
            made.ended = True
            on_response(False)
            return made
        on_response(True)
        server.execute(made)
        return made

    def serve_action(
        self,
        action: str,
        type_name: str,
        accept: Callable[[Any], bool],
        execute: Callable[[ServedGoal], None],
    ) -> None:
        """Serve an action."""
        self._declare(action, type_name)
        self.network.servers[action] = _Server(type_name, accept, execute)

    def graph(self) -> Mapping[str, str]:
        """Return names and types of all that is there."""
        return dict(self.network.types)

    def close(self) -> None:
        """Leave the network; idempotent."""
        self.closed = True
        for topic, callback in self._subscribed:
            self.network.subscribers[topic].remove(callback)
        for timer in self._timers:
            self.network.timers.remove(timer)
        self._subscribed, self._timers = [], []

    def _declare(self, name: str, type_name: str) -> None:
        self.network.types[name] = type_name
