"""Committed chunks as one action per absolute tick; what was read is never rewritten.

The control loop reads and never waits. Past the last row the chunk's braking tail plays (one is
computed if the chunk brought none and ended in motion), then the last joints are held, base zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.skills.execution.braking import Brake
from diarchy.skills.execution.errors import ChunkRejectedError

TickKind = Literal["chunk", "tail", "hold"]


@dataclass(frozen=True)
class TickCommand:
    """What one tick shall do.

    Attributes:
        action: the command.
        source: who made it; the last source while its tail or hold plays.
        epoch: the subtask execution it serves.
        kind: a row of a chunk, of a braking tail, or the hold after it.
        starved: a chunk ended in motion and nothing followed it in time.
        committed: tick at which a chunk's row was committed; None of what is no row of a chunk.
    """

    action: Action
    source: str
    epoch: int
    kind: TickKind
    starved: bool
    committed: int | None = None


@dataclass(frozen=True)
class _Segment:
    """Rows ``[n, D]`` for the ticks from ``first`` on."""

    first: int
    rows: FloatArray
    kind: TickKind
    source: str
    epoch: int
    starved: bool = False
    committed: int | None = None

    @property
    def end(self) -> int:
        return self.first + len(self.rows)

    def between(self, first: int, end: int) -> _Segment:
        """The part of it in ``[first, end)``."""
        low, high = max(first, self.first), max(first, min(end, self.end))
        rows = self.rows[low - self.first : max(high, low) - self.first]
        return replace(self, first=low, rows=rows)


class TickBuffer:
    """Actions by absolute tick for one robot; ``on_commit`` is told of every chunk that was taken."""

    def __init__(self, spec: RobotSpec) -> None:
        self._width = 3 + len(spec.joints)
        self._brake = Brake(spec)
        self._segments: list[_Segment] = []
        self._read: FloatArray | None = None  # the last rows read, [1..2, D]
        self._tail: FloatArray | None = None  # the last chunk's own tail; None: to be computed
        self._expecting = False  # a chunk was committed and not cancelled: running dry is starving
        self._starved = False
        self._next = 0  # first tick that has not been read
        self._source = ""
        self.epoch = 0
        self.revision = 0  # how often what is committed was changed
        self.shifted = 0  # ticks by which committed rows were put off (see `PacedBuffer`)
        self.on_commit: Callable[[ActionChunk], None] = lambda chunk: None

    @property
    def primed(self) -> bool:
        """Whether it knows what to hold."""
        return self._read is not None

    @property
    def next_tick(self) -> int:
        """First tick that has not been read."""
        return self._next

    @property
    def end_tick(self) -> int:
        """First tick for which no row is committed."""
        return self._segments[-1].end if self._segments else self._next

    def prime(self, proprio: Proprio) -> None:
        """Hold, until a chunk comes, the last command, or the measured joints before the first one."""
        action = proprio.commanded
        if action is None:
            action = Action(np.zeros(2), proprio.q.copy(), proprio.gripper_width)
        self._read = action.vector()[None, :]
        self._next = proprio.tick

    def begin_epoch(self, epoch: int) -> None:
        """Serve a new subtask: what the older one still wanted is braked away.

        Raises:
            ChunkRejectedError: the epoch is not newer than the present one.
        """
        if epoch <= self.epoch:
            raise ChunkRejectedError(
                "epoch", f"epoch {epoch} is not newer than the present epoch {self.epoch}"
            )
        self.epoch = epoch
        self.cancel(self._next)

    def cancel(self, now_tick: int) -> None:
        """Replace everything from ``now_tick`` on by a braking tail from the present motion."""
        now = max(now_tick, self._next)
        self._keep_until(now)
        self._expecting = self._starved = False
        if self.primed:
            tail = self._brake.tail(self._before(now))
            if len(tail):
                self._segments.append(_Segment(now, tail, "tail", self._source, self.epoch))
        self._tail = np.zeros((0, self._width))
        self.revision += 1

    def commit(self, chunk: ActionChunk, now_tick: int) -> None:
        """Take a chunk; it replaces what was committed from its start tick on and was not read yet.

        Raises:
            ChunkRejectedError: another epoch than the present one, not in joint representation, a
                wrong shape, a value that is not finite, or nothing but ticks that were read.
        """
        self._check(chunk)
        first = max(chunk.start_tick, now_tick, self._next)
        if chunk.end_tick <= first:
            raise ChunkRejectedError(
                "late",
                f"the chunk ends at tick {chunk.end_tick}, tick {first} is the next to apply",
            )
        rows = _dense(chunk)[first - chunk.start_tick :]
        self._keep_until(first)
        if self.end_tick < first:
            self._bridge(first)
        self._segments.append(
            _Segment(first, rows, "chunk", chunk.source, chunk.epoch, committed=now_tick)
        )
        self._tail = chunk.tail.copy() if chunk.tail.size else None
        self._expecting, self._starved = True, False
        self._source = chunk.source
        self.revision += 1
        self.on_commit(chunk)

    def ahead(self) -> FloatArray:
        """Return the rows ``[N, D]`` of the next ticks as they stand now, with the tail that ends them at rest.

        ``[0, D]`` where nothing is committed, or something starts only later.
        """
        parts = [s.between(self._next, s.end) for s in self._segments if s.end > self._next]
        if not parts or parts[0].first > self._next:
            return np.zeros((0, self._width))
        rows = [p.rows for p in parts]
        if self._expecting:
            tail = self._tail
            if tail is None:
                tail = self._brake.tail(self._before(self.end_tick))
            rows.append(tail)
        return np.concatenate(rows)

    def read(self, tick: int) -> TickCommand:
        """Return the command of a tick; the past is closed from then on. Never waits.

        Raises:
            DiarchyError: it was never primed, or the tick lies before one that was read already.
        """
        if self._read is None:
            raise DiarchyError(
                "the tick buffer was read before it was primed with a proprioception"
            )
        if tick < self._next - 1:
            raise DiarchyError(f"tick {tick} was read already; the next is {self._next}")
        command, row = self._at(tick)
        if tick >= self._next:
            self._close(tick, row)
        return command

    def _at(self, tick: int) -> tuple[TickCommand, FloatArray]:
        """What is committed for a tick that is not before the last read one; the tail if nothing is."""
        assert self._read is not None
        if tick >= self.end_tick and (self._expecting or self._segments):
            self._run_dry()
        segments = self._segments
        while segments and segments[0].end <= tick:
            segments.pop(0)
        if segments and segments[0].first <= tick:
            segment = segments[0]
            row, kind = segment.rows[tick - segment.first], segment.kind
            source, epoch, starved = segment.source, segment.epoch, segment.starved
            committed = segment.committed
        else:
            row, kind = _held(self._read[-1]), "hold"
            source, epoch, starved = self._source, self.epoch, self._starved
            committed = None
        return TickCommand(Action.from_vector(row), source, epoch, kind, starved, committed), row

    def _close(self, tick: int, row: FloatArray) -> None:
        """Remember what was commanded; the tick is past."""
        assert self._read is not None
        self._read = np.array((self._read[-1], row))
        self._next = tick + 1

    def _run_dry(self) -> None:
        """Append the tail of the last chunk, once."""
        if not self._expecting or not self._segments:
            return
        self._expecting = False
        end = self.end_tick
        before = self._before(end)
        moving = self._brake.moving(before)
        tail = self._brake.tail(before) if self._tail is None else self._tail
        self._starved = moving
        if len(tail):
            segment = _Segment(end, tail, "tail", self._source, self.epoch, starved=moving)
            self._segments.append(segment)

    def _bridge(self, first: int) -> None:
        """Fill the ticks up to ``first``: the tail of what was committed, then a hold."""
        self._run_dry()
        self._keep_until(first)
        gap = first - self.end_tick
        if gap > 0 and self._read is not None:
            hold = np.tile(_held(self._before(self.end_tick)[-1]), (gap, 1))
            start = self.end_tick
            self._segments.append(_Segment(start, hold, "hold", self._source, self.epoch))

    def _keep_until(self, end: int) -> None:
        parts = (s.between(self._next, end) for s in self._segments)
        self._segments = [p for p in parts if len(p.rows)]

    def _before(self, tick: int) -> FloatArray:
        """The last two rows before a tick ``[1..2, D]``: committed ones, else those read."""
        rows = [s.between(self._next, tick).rows[-2:] for s in self._segments]
        if self._read is not None:
            rows.insert(0, self._read)
        return np.concatenate(rows)[-2:]

    def _check(self, chunk: ActionChunk) -> None:
        if chunk.epoch != self.epoch:
            raise ChunkRejectedError(
                "epoch", f"a chunk of epoch {chunk.epoch} came in epoch {self.epoch}"
            )
        if chunk.representation != "joint":
            raise ChunkRejectedError(
                "representation", f"'{chunk.representation}' must be decoded to 'joint' first"
            )
        shape = np.shape(chunk.values)
        if len(shape) != 2 or shape[0] < 1 or shape[1] != self._width or chunk.stride < 1:
            raise ChunkRejectedError(
                "shape",
                f"expected values [H >= 1, {self._width}] with stride >= 1, "
                f"got {list(shape)} with stride {chunk.stride}",
            )
        if chunk.tail.size and (chunk.tail.ndim != 2 or chunk.tail.shape[1] != self._width):
            raise ChunkRejectedError(
                "shape", f"expected a tail [B, {self._width}], got {list(chunk.tail.shape)}"
            )
        if not (np.isfinite(chunk.values).all() and np.isfinite(chunk.tail).all()):
            raise ChunkRejectedError(
                "not_finite", f"a chunk of {chunk.source} holds NaN or infinity"
            )


def _dense(chunk: ActionChunk) -> FloatArray:
    """Rows of a chunk for every tick ``[H * stride, D]``: interpolated, the last one held."""
    values = np.asarray(chunk.values, dtype=np.float64)
    if chunk.stride == 1:
        return values.copy()
    fraction = (np.arange(chunk.stride) / chunk.stride)[None, :, None]
    following = np.concatenate([values[1:], values[-1:]])
    dense = values[:, None] + fraction * (following - values)[:, None]
    return np.asarray(dense.reshape(-1, values.shape[1]))


def _held(row: FloatArray) -> FloatArray:
    """The same joints and gripper, base zero."""
    held = row.copy()
    held[:2] = 0.0
    return held
