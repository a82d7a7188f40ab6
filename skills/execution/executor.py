"""Runs one skill at a time: resumes its generator when the buffer has applied what it asked for."""

from __future__ import annotations

import logging
from typing import Protocol

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import Clock
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import (
    Ask,
    Cause,
    Look,
    Outcome,
    Skill,
    SkillCall,
    SkillRun,
)
from diarchy.skills.context import Context
from diarchy.skills.execution.buffer import TickBuffer

_LOG = logging.getLogger(__name__)
_SETTLE_SECONDS = 1.5
"""How long a look waits for the robot to come to rest; a swinging load must not hold it for ever."""


class Decoder(Protocol):
    """Turns a policy's chunk into one in joint representation."""

    def decode(self, chunk: ActionChunk, context: Context, proprio: Proprio) -> ActionChunk:
        """Return the same motion as joints and base velocities."""
        ...


class SkillExecutor:
    """The loop between a skill and the tick buffer.

    Every control tick the agent's loop does::

        proprio = robot.proprio()
        executor.step(proprio)
        command = buffer.read(proprio.tick)
        robot.apply(guarded(command.action))

    and, when ``pending`` is a `Look` or an `Ask`, digests the look or gets the answer and calls
    `resolve`. ``outcome`` is None while the skill runs.
    """

    def __init__(self, buffer: TickBuffer, clock: Clock, decoder: Decoder | None = None) -> None:
        self._buffer = buffer
        self._clock = clock
        self._decoder = decoder
        self._skill: Skill | None = None
        self._context: Context | None = None
        self._run: SkillRun | None = None
        self._fresh = False  # the generator has not been started yet
        self._resume_tick = 0
        self._shifted_at_start = self._shifted_before = 0
        self._deadline = float("inf")
        self._waiting: Look | Ask | None = None
        self._waiting_since = 0.0
        self._settled = False
        self.outcome: Outcome | None = None

    @property
    def running(self) -> bool:
        """Whether a skill is under way."""
        return self._run is not None

    @property
    def pending(self) -> Look | Ask | None:
        """What the skill waits for; a `Look` appears only once the robot is at rest."""
        if isinstance(self._waiting, Look) and not self._settled:
            return None
        return self._waiting

    def begin(self, skill: Skill, call: SkillCall, context: Context, proprio: Proprio) -> None:
        """Start a skill; one that still runs is cancelled. Its epoch is the context's.

        Raises:
            BadInputError: the arguments do not fit the skill.
            ChunkRejectedError: the context's epoch is not newer than the last one.
        """
        skill.spec.check_args(call.args)
        if self.running:
            self.cancel(Cause.CANCELLED, "another skill was started")
        if not self._buffer.primed:
            self._buffer.prime(proprio)
        self._buffer.begin_epoch(context.epoch)
        self.outcome, self._waiting = None, None
        self._skill, self._context = skill, context
        self._deadline = self._clock.now() + skill.spec.timeout
        self._resume_tick, self._fresh = proprio.tick, True
        self._shifted_at_start = self._shifted_before = self._buffer.shifted
        try:
            self._run = skill.start(call, context, proprio)
        except Exception as error:  # noqa: BLE001  a defect ends the skill only
            self._fail(error)

    def step(self, proprio: Proprio) -> None:
        """Advance the skill if its time has come; call it every tick before the buffer is read."""
        if self._run is None:
            if not self._buffer.primed:
                self._buffer.prime(proprio)
            return
        if self._clock.now() > self._deadline + self._held_up():
            self.cancel(Cause.TIMEOUT, f"{self._name} took longer than it may")
            return
        if self._waiting is not None:
            self._settle(proprio)
            return
        if proprio.tick >= self._resume_tick + self._buffer.shifted - self._shifted_before:
            self._resume(proprio)

    def resolve(self, answer: str | None = None) -> None:
        """Say that the look was digested, or what the person answered (None: nothing)."""
        if self.pending is None or self._context is None:
            return
        if isinstance(self._waiting, Ask):
            self._context.answer = answer
        self._waiting = None
        self._resume_tick, self._shifted_before = 0, self._buffer.shifted

    def cancel(self, cause: Cause = Cause.CANCELLED, detail: str = "") -> None:
        """End the skill now; the buffer brakes."""
        if self._run is not None:
            self._finish(Outcome.failed(cause, detail))

    @property
    def _name(self) -> str:
        return self._skill.spec.name if self._skill is not None else "no skill"

    def _held_up(self) -> float:
        """Seconds that a slower pace or a pause has cost this skill: they are not its fault."""
        return (self._buffer.shifted - self._shifted_at_start) * self._clock.period

    def _settle(self, proprio: Proprio) -> None:
        if self._settled:
            return
        waited = self._clock.now() - self._waiting_since
        drained = proprio.tick >= self._buffer.end_tick
        self._settled = (drained and proprio.at_rest()) or waited > _SETTLE_SECONDS

    def _resume(self, proprio: Proprio) -> None:
        run = self._run
        assert run is not None
        try:
            command = next(run) if self._fresh else run.send(proprio)
            self._fresh = False
            self._take(command, proprio)
        except StopIteration as stop:
            self._finish(self._checked(stop.value))
        except Exception as error:  # noqa: BLE001  a defect ends the skill only
            self._fail(error)

    def _take(self, command: object, proprio: Proprio) -> None:
        if isinstance(command, ActionChunk):
            if command.representation != "joint" and self._decoder and self._context:
                command = self._decoder.decode(command, self._context, proprio)
            self._buffer.commit(command, proprio.tick)
            self._resume_tick = self._buffer.end_tick
            self._shifted_before = self._buffer.shifted
        elif isinstance(command, Look | Ask):
            self._buffer.cancel(proprio.tick)
            self._waiting, self._settled = command, False
            self._waiting_since = self._clock.now()
            self._settle(proprio)
        else:
            kind = type(command).__name__
            raise TypeError(f"{self._name} yielded a {kind}; yield an ActionChunk, Look or Ask")

    def _checked(self, value: object) -> Outcome:
        if isinstance(value, Outcome):
            return value
        detail = f"{self._name} returned {value!r} instead of an Outcome"
        _LOG.error(detail)
        return Outcome.failed(Cause.ERROR, detail)

    def _fail(self, error: Exception) -> None:
        _LOG.error("%s raised", self._name, exc_info=error)
        self._finish(Outcome.failed(Cause.ERROR, f"{type(error).__name__}: {error}"))

    def _finish(self, outcome: Outcome) -> None:
        run, self._run, self._waiting = self._run, None, None
        self.outcome = outcome
        self._buffer.cancel(self._buffer.next_tick)
        if run is not None:
            try:
                run.close()
            except Exception as error:  # noqa: BLE001  a defect ends the skill only
                _LOG.error("%s raised while it was closed", self._name, exc_info=error)
