"""The standard decorators, as the documentation and the headers of BehaviorTree.CPP 4 state them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.tree.btcpp.blackboard import Blackboard, Ports
from diarchy.agent.tree.btcpp.node import SKIPPED, Decorator, Step
from diarchy.agent.tree.btcpp.script import Expression, truthy


class Mapped(Decorator):
    """Inverter, ForceSuccess, ForceFailure, KeepRunningUntilFailure: another result for the child's."""

    def __init__(self, name: str, child: Behaviour, results: Mapping[Status, Status]) -> None:
        super().__init__(name, [child])
        self._results = results

    def step(self) -> Step:
        """Tick the child and translate."""
        status = yield from self.tick_child(self.child)
        return self._results.get(status, status)


class Again(Decorator):
    """Repeat and RetryUntilSuccessful: the child again after ``again``, up to a number of times (-1: for ever).

    Args:
        port: the number, ``num_cycles`` or ``num_attempts``.
        again: the result after which it goes on; when the number is reached it is the node's own.
    """

    def __init__(
        self, name: str, child: Behaviour, ports: Ports, *, port: str, again: Status
    ) -> None:
        super().__init__(name, [child])
        self._ports, self._port, self._again = ports, port, again
        self._count = 0

    def reset(self) -> None:
        """Count from the start."""
        self._count = 0

    def step(self) -> Step:
        """Tick; a child that ends within its first tick is begun again in the next one, as there."""
        limit = self._ports.integer(self._port)
        while limit < 0 or self._count < limit:
            fresh = self.child.status is not Status.RUNNING
            status = yield from self.tick_child(self.child)
            if status in (Status.RUNNING, SKIPPED):
                return status  # what is skipped is not counted, and the count stays
            if status is not self._again:
                self.reset()
                return status
            self._count += 1
            if fresh and (limit < 0 or self._count < limit):
                return Status.RUNNING
        self.reset()
        return self._again


class Timeout(Decorator):
    """Halts a child that runs longer than ``msec`` and fails."""

    def __init__(self, name: str, child: Behaviour, ports: Ports, now: Callable[[], float]) -> None:
        super().__init__(name, [child])
        self._ports, self._now = ports, now
        self._began = 0.0

    def initialise(self) -> None:
        """The time begins with the first tick."""
        self._began = self._now()

    def step(self) -> Step:
        """Look at the time, then tick."""
        limit = self._ports.number("msec") / 1000.0
        if limit > 0.0 and self._now() - self._began >= limit:
            self.feedback_message = "out of time"
            return Status.FAILURE
        return (yield from self.tick_child(self.child))


class Delay(Decorator):
    """Waits ``delay_msec``, then ticks the child."""

    def __init__(self, name: str, child: Behaviour, ports: Ports, now: Callable[[], float]) -> None:
        super().__init__(name, [child])
        self._ports, self._now = ports, now
        self._began = 0.0

    def initialise(self) -> None:
        """The time begins with the first tick."""
        self._began = self._now()

    def step(self) -> Step:
        """Wait, then tick."""
        if self._now() - self._began < self._ports.number("delay_msec") / 1000.0:
            return Status.RUNNING
        return (yield from self.tick_child(self.child))


class RunOnce(Decorator):
    """Runs the child to its end once; afterwards it is skipped, or with ``then_skip=false`` the result stays."""

    def __init__(self, name: str, child: Behaviour, ports: Ports) -> None:
        super().__init__(name, [child])
        self._ports = ports
        self._result: Status | None = None

    def step(self) -> Step:
        """Tick until there is a result."""
        if self._result is not None:
            return SKIPPED if self._ports.flag("then_skip", True) else self._result
        status = yield from self.tick_child(self.child)
        if status in (Status.SUCCESS, Status.FAILURE):
            self._result = status
        return status


class Precondition(Decorator):
    """``if`` a script is true the child, else a given result (FAILURE, SUCCESS, SKIPPED); asked at the start only."""

    def __init__(
        self, name: str, child: Behaviour, script: Expression, board: Blackboard, otherwise: Status
    ) -> None:
        super().__init__(name, [child])
        self._script, self._board, self._otherwise = script, board, otherwise

    def step(self) -> Step:
        """Ask before the child begins; while it runs it is not asked."""
        if self.child.status is not Status.RUNNING and not truthy(self._script(self._board)):
            return self._otherwise
        return (yield from self.tick_child(self.child))


class Scripted(Decorator):
    """The attributes that any node may have: ``_failureIf`` and its kin before, ``_onSuccess`` and its kin after.

    In BehaviorTree.CPP's order. ``_while`` is asked at every tick, the others when the node begins.
    """

    BEFORE = ("_failureIf", "_successIf", "_skipIf", "_while")
    AFTER = ("_onHalted", "_onFailure", "_onSuccess", "_post")
    _DECIDES = (
        ("_failureIf", Status.FAILURE),
        ("_successIf", Status.SUCCESS),
        ("_skipIf", SKIPPED),
    )

    def __init__(
        self, child: Behaviour, scripts: Mapping[str, Expression], board: Blackboard
    ) -> None:
        super().__init__(child.name, [child])
        self._scripts, self._board = scripts, board

    def step(self) -> Step:
        """Before, the node, after."""
        status = self._before()
        if status is None:
            status = yield from self.tick_child(self.child)
        if status in (Status.SUCCESS, Status.FAILURE):
            self._do("_onSuccess" if status is Status.SUCCESS else "_onFailure")
            self._do("_post")
        return status

    def stop(self, new_status: Status) -> None:
        """Halt it; ``_onHalted`` runs if it was running."""
        running = self.status is Status.RUNNING
        super().stop(new_status)
        if running and new_status is Status.INVALID:
            self._do("_onHalted")

    def _before(self) -> Status | None:
        running = self.child.status is Status.RUNNING
        if not running:
            for name, result in self._DECIDES:
                if name in self._scripts and truthy(self._scripts[name](self._board)):
                    return result
        if "_while" in self._scripts and not truthy(self._scripts["_while"](self._board)):
            self.halt_children()
            if running:
                self._do("_onHalted")
            return SKIPPED
        return None

    def _do(self, name: str) -> None:
        if name in self._scripts:
            self._scripts[name](self._board)
