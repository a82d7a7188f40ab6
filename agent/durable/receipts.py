"""Receipts: written before a skill is dispatched and after it has ended, each on disk when the call returns.

What has a receipt of its dispatch and none of its end was under way when the process died: nobody
knows how far it came, and only a look can tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diarchy.contracts.skill import Outcome, SkillCall

RECEIPTS_FILE = "receipts.sqlite"
_TABLE = """create table if not exists receipts (
    epoch integer not null, life integer not null, subtask text not null, skill text not null,
    call text not null, attempt integer not null, dispatched real not null,
    ended real, success integer, cause text, primary key (life, epoch))"""
_DONE = """create table if not exists done (
    subtask text not null, skill text not null, words text not null, at real not null, life integer not null)"""


@dataclass(frozen=True)
class Receipt:
    """One dispatched skill. ``ended`` is None while nobody has seen its end; times are the robot's, in s."""

    epoch: int
    life: int
    subtask: str
    skill: str
    call: str
    attempt: int
    dispatched: float
    ended: float | None
    success: bool | None
    cause: str | None


class Receipts:
    """The receipts of one run; ``life`` counts the processes that have worked on it."""

    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / RECEIPTS_FILE, check_same_thread=False)
        self._base.execute(_TABLE)
        self._base.execute(_DONE)
        self._base.commit()
        (last,) = self._base.execute("select max(life) from receipts").fetchone()
        self.life = (last or 0) + 1

    def dispatch(self, epoch: int, subtask: str, call: SkillCall, attempt: int, now: float) -> None:
        """Write that a skill is about to begin."""
        row = (epoch, self.life, subtask, call.skill, str(call), attempt, now)
        self._base.execute(
            "insert into receipts values (?, ?, ?, ?, ?, ?, ?, null, null, null)", row
        )
        self._base.commit()

    def end(self, epoch: int, outcome: Outcome, now: float) -> None:
        """Write how it ended."""
        cause = outcome.cause.value if outcome.cause else None
        self._base.execute(
            "update receipts set ended = ?, success = ?, cause = ? where life = ? and epoch = ?",
            (now, int(outcome.success), cause, self.life, epoch),
        )
        self._base.commit()

    def complete(self, subtask: str, skill: str, words: str, now: float) -> None:
        """Write that a subtask was seen to be done."""
        row = (subtask, skill, words, now, self.life)
        self._base.execute("insert into done values (?, ?, ?, ?, ?)", row)
        self._base.commit()

    def all(self) -> Iterator[Receipt]:
        """Yield every receipt in the order of dispatch."""
        query = (
            "select epoch, life, subtask, skill, call, attempt, dispatched, ended, success, cause "
            "from receipts order by life, epoch"
        )
        for row in self._base.execute(query):
            epoch, life, subtask, skill, call, attempt, dispatched, ended, success, cause = row
            yield Receipt(
                epoch=epoch,
                life=life,
                subtask=subtask,
                skill=skill,
                call=call,
                attempt=attempt,
                dispatched=dispatched,
                ended=ended,
                success=None if success is None else bool(success),
                cause=cause,
            )

    def completed(self) -> list[tuple[str, float]]:
        """Subtasks that were seen to be done, and when."""
        return list(self._base.execute("select subtask, at from done order by at"))

    def last_of(self, subtask: str, skill: str, since: float = 0.0) -> Receipt | None:
        """Return the newest receipt of a subtask's own skill."""
        mine = [
            r
            for r in self.all()
            if (r.subtask, r.skill) == (subtask, skill) and r.dispatched >= since
        ]
        return mine[-1] if mine else None

    def close(self) -> None:
        """Close the file."""
        self._base.close()
