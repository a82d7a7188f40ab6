"""What all nodes of an imported tree share: BehaviorTree.CPP's life of a node on py_trees.

A node's ``step`` is a generator: it ticks children with ``yield from self.tick_child(child)`` and
returns a status. BehaviorTree.CPP knows a fourth result, *skipped* (a precondition said so); here it
is `Status.INVALID`, which py_trees gives to what is not active: a skipped node has done nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Iterator, Sequence
from typing import TypeAlias

from py_trees.behaviour import Behaviour
from py_trees.common import Status

SKIPPED = Status.INVALID
Step: TypeAlias = Generator[Behaviour, None, Status]


class Node(Behaviour):
    """A node with children that it ticks itself.

    Subclasses implement ``step`` (one tick) and ``reset`` (forget the progress of this run; called
    when it is halted from outside).
    """

    def __init__(self, name: str, children: Sequence[Behaviour] = ()) -> None:
        super().__init__(name)
        self.children = list(children)
        for child in self.children:
            child.parent = self

    @abstractmethod
    def step(self) -> Step:
        """Do one tick and return the status."""

    def reset(self) -> None:
        """Forget progress."""

    def update(self) -> Status:
        """Do nothing: `tick` calls ``step`` in its place."""
        return self.status

    def tick(self) -> Iterator[Behaviour]:
        """Run one step; a node that has ended has no running child left."""
        if self.status is not Status.RUNNING:
            self.initialise()
        status = yield from self.step()
        if status is not Status.RUNNING:
            self.halt_children()
        self.status = status
        yield self

    def stop(self, new_status: Status) -> None:
        """Halt it from outside, and everything below it that runs."""
        self.halt_children()
        self.reset()
        self.status = new_status

    def tick_child(self, child: Behaviour) -> Step:
        """Tick one child; returns its status."""
        yield from child.tick()
        return child.status

    def halt_children(self, *, but: Behaviour | None = None) -> None:
        """Halt the children that run."""
        for child in self.children:
            if child is not but and child.status is Status.RUNNING:
                child.stop(Status.INVALID)


class Decorator(Node):
    """A node with one child."""

    @property
    def child(self) -> Behaviour:
        """The one child."""
        only: Behaviour = self.children[0]
        return only


def all_or(skipped: int, count: int, otherwise: Status) -> Status:
    """A control node whose children were all skipped is skipped itself."""
    return SKIPPED if skipped == count else otherwise
