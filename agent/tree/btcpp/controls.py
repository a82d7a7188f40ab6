"""The standard control nodes, as the documentation and the headers of BehaviorTree.CPP 4 state them.

https://www.behaviortree.dev/docs/nodes-library/sequencenode and its neighbours. The tests quote them node by node.
"""

from __future__ import annotations

from collections.abc import Sequence

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.tree.btcpp.blackboard import Ports, TreeError, equal
from diarchy.agent.tree.btcpp.node import SKIPPED, Node, Step, all_or


class Ordered(Node):
    """Sequence and Fallback: one child after the other; a running one is ticked again, not those before it.

    Args:
        goes_on: with which result of a child it goes on to the next; the other one ends it.
        memory: keep the place after an end by the other result (SequenceWithMemory), even when halted.
        gentle: return RUNNING between children, so that one tick ticks one (AsyncSequence).
    """

    def __init__(
        self,
        name: str,
        children: Sequence[Behaviour],
        *,
        goes_on: Status,
        memory: bool = False,
        gentle: bool = False,
    ) -> None:
        super().__init__(name, children)
        self._goes_on, self._memory, self._gentle = goes_on, memory, gentle
        self._at = self._skipped = 0

    def initialise(self) -> None:
        """A new run counts its skipped children anew."""
        self._skipped = 0

    def reset(self) -> None:
        """Begin with the first child again, unless it remembers."""
        if not self._memory:
            self._at = 0

    def step(self) -> Step:
        """Tick from the child it has come to."""
        while self._at < len(self.children):
            status = yield from self.tick_child(self.children[self._at])
            if status is Status.RUNNING:
                return status
            if status not in (self._goes_on, SKIPPED):
                self.reset()
                return status
            self._at += 1
            self._skipped += status is SKIPPED
            if self._gentle and status is not SKIPPED and self._at < len(self.children):
                return Status.RUNNING
        self._at = 0
        return all_or(self._skipped, len(self.children), self._goes_on)


class Reactive(Node):
    """ReactiveSequence and ReactiveFallback: every tick begins with the first child."""

    def __init__(self, name: str, children: Sequence[Behaviour], *, goes_on: Status) -> None:
        super().__init__(name, children)
        self._goes_on = goes_on

    def step(self) -> Step:
        """Tick from the first child; when one runs, the others are halted."""
        skipped = 0
        for child in self.children:
            status = yield from self.tick_child(child)
            if status is Status.RUNNING:
                self.halt_children(but=child)
                return status
            if status not in (self._goes_on, SKIPPED):
                return status
            skipped += status is SKIPPED
        return all_or(skipped, len(self.children), self._goes_on)


class Parallel(Node):
    """All children in one tick; ends once enough have succeeded, or failed, and halts the rest.

    ``success_count`` (-1: all) and ``failure_count`` (1); negative numbers count from the end, as in Python.
    """

    def __init__(self, name: str, children: Sequence[Behaviour], ports: Ports) -> None:
        super().__init__(name, children)
        self._ports = ports
        self._done: dict[int, Status] = {}

    def reset(self) -> None:
        """Forget which have ended."""
        self._done = {}

    def step(self) -> Step:
        """Tick those that have not ended."""
        count = len(self.children)
        asked = self._ports.integer("success_count", -1)
        needed = _threshold(self, asked, count)
        allowed = _threshold(self, self._ports.integer("failure_count", 1), count)
        skipped = 0
        for index, child in enumerate(self.children):
            if index not in self._done:
                status = yield from self.tick_child(child)
                skipped += status is SKIPPED
                if status in (Status.SUCCESS, Status.FAILURE):
                    self._done[index] = status
            succeeded, failed = self._count(Status.SUCCESS), self._count(Status.FAILURE)
            if succeeded >= needed or (
                asked < 0 and succeeded > 0 and succeeded + skipped >= needed
            ):
                self.reset()
                return Status.SUCCESS
            if count - failed < needed or failed == allowed:
                self.reset()
                return Status.FAILURE
        return all_or(skipped, count, Status.RUNNING)

    def _count(self, status: Status) -> int:
        return sum(s is status for s in self._done.values())


class ParallelAll(Node):
    """All children to their end; fails if at least ``max_failures`` (1) of them failed."""

    def __init__(self, name: str, children: Sequence[Behaviour], ports: Ports) -> None:
        super().__init__(name, children)
        self._ports = ports
        self._done: dict[int, Status] = {}

    def reset(self) -> None:
        """Forget which have ended."""
        self._done = {}

    def step(self) -> Step:
        """Tick those that have not ended."""
        count = len(self.children)
        allowed = _threshold(self, self._ports.integer("max_failures", 1), count)
        skipped = 0
        for index, child in enumerate(self.children):
            if index in self._done:
                continue
            status = yield from self.tick_child(child)
            skipped += status is SKIPPED
            if status in (Status.SUCCESS, Status.FAILURE):
                self._done[index] = status
        if skipped == count:
            return SKIPPED
        if skipped + len(self._done) < count:
            return Status.RUNNING
        failed = sum(s is Status.FAILURE for s in self._done.values())
        self.reset()
        return Status.FAILURE if failed >= allowed else Status.SUCCESS


class IfThenElse(Node):
    """A condition, then one of two; the condition is not looked at again while that one runs."""

    def __init__(self, name: str, children: Sequence[Behaviour]) -> None:
        super().__init__(name, children)
        self._at = 0

    def reset(self) -> None:
        """Ask the condition again."""
        self._at = 0

    def step(self) -> Step:
        """Ask, then do."""
        if self._at == 0:
            condition = yield from self.tick_child(self.children[0])
            if condition in (Status.RUNNING, SKIPPED):
                return condition
            self._at = 1 if condition is Status.SUCCESS else 2
            if self._at == len(self.children):  # nothing was said for "else"
                self.reset()
                return condition
        status = yield from self.tick_child(self.children[self._at])
        if status is not Status.RUNNING:
            self.reset()
        return status


class WhileDoElse(Node):
    """A condition at every tick: while it holds the second child, else the third; a change halts the other."""

    def step(self) -> Step:
        """Ask, halt what is not meant any more, do."""
        condition = yield from self.tick_child(self.children[0])
        if condition in (Status.RUNNING, SKIPPED):
            return condition
        at = 1 if condition is Status.SUCCESS else 2
        if at == len(self.children):
            return Status.FAILURE
        self.halt_children(but=self.children[at])
        return (yield from self.tick_child(self.children[at]))


class Switch(Node):
    """Switch2 to Switch6: the child whose ``case_N`` equals ``variable``, else the last; looked at every tick."""

    def __init__(self, name: str, children: Sequence[Behaviour], ports: Ports) -> None:
        super().__init__(name, children)
        self._ports = ports

    def step(self) -> Step:
        """Choose, halt what is not meant any more, do."""
        chosen = self.children[self._match()]
        self.halt_children(but=chosen)
        return (yield from self.tick_child(chosen))

    def _match(self) -> int:
        default = len(self.children) - 1
        try:
            variable = self._ports.value("variable")
        except TreeError:  # no variable, so none of the cases
            return default
        for index in range(default):
            case = f"case_{index + 1}"
            if case in self._ports and equal(variable, self._ports.value(case)):
                return index
        return default


def _threshold(node: Node, asked: int, count: int) -> int:
    wanted = asked if asked >= 0 else max(count + asked + 1, 0)
    if wanted > count:
        raise TreeError(f"{node.name} waits for {wanted} of {count} children")
    return wanted
