"""Keeps a running command on disk and puts it back: what `Command` calls at the moments that count."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from diarchy.agent.control.body import Body
from diarchy.agent.control.loop import ControlLoop
from diarchy.agent.durable.receipts import Receipts
from diarchy.agent.durable.snapshot import SavedSubtask, Snapshot, load, save
from diarchy.agent.tree.executive import Executive
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.errors import FaultError
from diarchy.contracts.skill import Outcome, SkillCall

_OF_WORLD = ("_map", "_base_from_gripper", "_told", "_frozen")
_OF_LOCALIZER = ("_map_from_odom", "_quality")
_OF_PERCEPTION = ("_newest", "_openings")
_OF_SUBTASK = (
    "args",
    "acted_at",
    "started",
    "ended",
    "attempts",
    "recoveries",
    "backend",
    "verified",
    "last",
)


class Keeper:
    """Receipts and snapshots of one command.

    A snapshot is taken before a skill is dispatched, when the hand closes or opens, when a skill or a
    subtask has ended, and when a plan is grafted: whenever the belief has changed by something that
    a look from outside could not tell.
    """

    def __init__(
        self, loop: ControlLoop, body: Body, executive: Executive, *, session: str
    ) -> None:
        self._loop, self._body, self._executive = loop, body, executive
        self._session = session
        self.began = self.grafted = loop.robot.clock.now()
        self.restoring = False  # what is grafted again is no new plan
        self.receipts = Receipts(loop.trace.folder)
        body.on_begin, body.on_end = self._dispatch, self._ended
        executive.on_change = self._changed

    def keep(self) -> None:
        """Write the belief and the state of the tree."""
        world, perception = self._loop.world, self._loop.perception
        localizer: Any = perception.localizer
        snapshot = Snapshot(
            world={k: v for k, v in vars(world).items() if k not in _OF_WORLD},
            localizer={k: getattr(localizer, k) for k in _OF_LOCALIZER if hasattr(localizer, k)},
            perception={k: getattr(perception, k) for k in _OF_PERCEPTION},
            bound=dict(self._executive.binder._bound),
            meant=dict(self._executive.binder._meant),
            subtasks=[
                SavedSubtask(m.subtask, self._executive.is_done(i), _fields(m))
                for i, m in self._executive.memories.items()
                if i != "goals"
            ],
            began=self.began,
            grafted=self.grafted,
            saved=self._loop.robot.clock.now(),
            session=self._session,
        )
        save(snapshot, self._loop.trace.folder, world.static_map)

    def put_back(self) -> list[SavedSubtask]:
        """Believe again what was believed; returns what the tree knew.

        Raises:
            BadInputError: the file on disk cannot be read.
        """
        world, perception = self._loop.world, self._loop.perception
        found = load(self._loop.trace.folder, world.static_map)
        if found is None:
            return []
        vars(world).update(found.world, _frozen=None)
        vars(perception.localizer).update(found.localizer)
        vars(perception).update(found.perception)
        self._executive.binder._bound.update(found.bound)
        self._executive.binder._meant.update(found.meant)
        self.began, self.grafted = found.began, found.grafted
        return found.subtasks

    def doubtful(self, subtask_id: str, skill: str) -> tuple[bool, bool]:
        """Whether a subtask's own skill was dispatched by an earlier process, and whether it said it succeeded."""
        last = self.receipts.last_of(subtask_id, skill, self.grafted)
        if last is None or last.life == self.receipts.life:
            return False, False
        return True, bool(last.success)

    def close(self) -> None:
        """Close the receipts."""
        self.receipts.close()

    def on_grip(self, also: Callable[[], None]) -> Callable[[], None]:
        """Return what to call when the hand has closed or opened."""

        def gripped() -> None:
            with self._written():
                self.keep()
            also()

        return gripped

    def _dispatch(self, call: SkillCall, subtask: str, epoch: int, attempt: int) -> None:
        with self._written():
            self.keep()
            self.receipts.dispatch(epoch, subtask, call, attempt, self._body.now)

    def _ended(self, epoch: int, outcome: Outcome) -> None:
        with self._written():
            self.receipts.end(epoch, outcome, self._body.now)
            self.keep()

    @contextmanager
    def _written(self) -> Iterator[None]:
        """What cannot be written down is not done: no receipt, no motion.

        Raises:
            FaultError: the run folder cannot be written.
        """
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            folder = self._loop.trace.folder
            raise FaultError(f"cannot write the run folder {folder}: {error}") from error

    def _changed(self, done: SubtaskMemory | None) -> None:
        if done is None and not self.restoring:
            self.grafted = self._body.now
        with self._written():
            if done is not None:
                subtask = done.subtask
                self.receipts.complete(subtask.id, subtask.skill, subtask.words, self._body.now)
            self.keep()


def _fields(memory: SubtaskMemory) -> dict[str, Any]:
    return {name: getattr(memory, name) for name in _OF_SUBTASK}
