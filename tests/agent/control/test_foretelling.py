"""A robot that takes whole chunks is told what is committed, once the guard lets all of it."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from diarchy.agent.control.guarding import Guarding, Place
from diarchy.agent.control.loop import ControlLoop
from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.contracts.skill import Outcome, SkillCall, SkillSpec
from diarchy.contracts.world import Newcomers
from diarchy.safety import ProtectiveStop, default_guard
from diarchy.skills.context import Context
from diarchy.skills.execution import SkillExecutor
from diarchy.skills.execution.pacing import PacedBuffer
from diarchy.testing.samples import sample_spec

WORLD: Any = SimpleNamespace(
    map_from_base=lambda: SE3.identity(),
    held=lambda: None,
    entities=lambda: (),
    track=lambda *args: None,
    newcomers=Newcomers.none,
)


class Told:
    """Does as it is told; keeps what it was told ahead, and what was really applied."""

    takes_chunks = True

    def __init__(self) -> None:
        self.spec = sample_spec()
        self.clock = LockstepClock(period=1.0 / self.spec.control_hz)
        self.commanded: Action | None = None
        self.told: list[tuple[int, FloatArray]] = []
        self.applied: list[FloatArray] = []

    def announce(self, rows: FloatArray) -> None:
        self.told.append((self.clock.tick, rows.copy()))

    def apply(self, action: Action) -> None:
        self.applied.append(action.vector())
        self.commanded = action
        self.clock.advance()

    def proprio(self) -> Proprio:
        count = len(self.spec.joints)
        q = self.spec.postures["ready"] if self.commanded is None else self.commanded.joints
        still = np.zeros(count)
        return Proprio(
            self.clock.now(), self.clock.tick, q.copy(), still, still, 0.05, 0.0,
            Pose2(0.0, 0.0, 0.0), np.zeros(2), self.commanded,
        )  # fmt: skip


class Wave:
    """Moves one joint of the arm by rows, twenty a chunk, as the motion skills do."""

    spec = SkillSpec(name="wave", sentence="wave", timeout=20.0)

    def __init__(self, rows: FloatArray) -> None:
        self.rows = rows

    def start(
        self, call: SkillCall, context: Context, proprio: Proprio
    ) -> Generator[Any, Proprio, Outcome]:
        for k in range(0, len(self.rows), 20):
            part = self.rows[k : k + 20]
            proprio = yield ActionChunk(
                "joint", "joint", part, proprio.tick, 1, context.epoch, "motion:wave"
            )
        return Outcome.done()


def waving(robot: Told, travel: float, n: int = 100) -> FloatArray:
    share = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, n + 1) / n)
    rows = np.tile(Action(np.zeros(2), robot.proprio().q, 0.05).vector(), (n, 1))
    rows[:, 2 + 3] += travel * share
    return rows


def loop_of(robot: Told, events: list[tuple[str, Any]], stop: ProtectiveStop) -> ControlLoop:
    buffer = PacedBuffer(robot.spec)
    trace: Any = SimpleNamespace(
        event=lambda kind, **more: events.append((kind, more)), chunk=lambda chunk: None
    )
    perception: Any = SimpleNamespace(track=lambda proprio: None)
    guarding = Guarding(
        default_guard(robot.spec, stop=stop), robot.spec, Place((-9, -9, 9, 9)), stop
    )
    never: Any = SimpleNamespace(due=lambda name, tick: False)
    executor = SkillExecutor(buffer, robot.clock)
    return ControlLoop(
        robot, perception, WORLD, executor, buffer, guarding, trace, rates=never
    )  # fmt: skip


def wave(robot: Told, rows: FloatArray, ticks: int = 160) -> tuple[ControlLoop, list[Any]]:
    events: list[Any] = []
    loop = loop_of(robot, events, ProtectiveStop(robot.spec))
    context = Context(spec=robot.spec, world=WORLD, clock=robot.clock, epoch=1)
    loop.executor.begin(Wave(rows), SkillCall(skill="wave"), context, robot.proprio())
    for _ in range(ticks):
        loop.tick()
    return loop, events


def test_every_chunk_is_told_with_its_braking_tail_and_what_is_applied_is_what_was_told() -> None:
    robot = Told()
    rows = waving(robot, 0.4)
    loop, events = wave(robot, rows)
    assert len(robot.told) == 6  # the last: how the buffer brakes when the skill has ended
    for k, (tick, told) in enumerate(robot.told[:5]):
        first = robot.told[0][0]
        assert tick - first == 20 * k
        np.testing.assert_array_equal(told[:20], rows[20 * k : 20 * k + 20])
        np.testing.assert_array_equal(robot.applied[20 * k : 20 * k + 20], told[:20])
        assert np.abs(told[-1, 2:-1] - told[-2, 2:-1]).max() < 3.0 * 0.005**2 + 1e-9
    assert not events
    assert loop.guarding.summary().checked == 160  # looking ahead is not counted


def test_what_the_guard_would_change_is_not_told_and_the_trace_says_why() -> None:
    robot = Told()
    _, events = wave(robot, waving(robot, 1.5, 60))  # 7.9 rad/s at its fastest, of 1.5
    assert events[0][0] == "not_foretold"
    assert "its limit is" in events[0][1]["why"]
    assert len(robot.told) < 3
    for _, told in robot.told:
        assert np.abs(np.diff(told[:, 2:-1], axis=0)).max() <= 1.5 * 0.005 + 1e-9


def test_while_the_stop_is_latched_nothing_is_told() -> None:
    robot = Told()
    stop = ProtectiveStop(robot.spec)
    guarding = Guarding(
        default_guard(robot.spec, stop=stop), robot.spec, Place((-9, -9, 9, 9)), stop
    )
    rows = waving(robot, 0.4)
    assert guarding.foresee(rows, robot.proprio(), WORLD) == ""
    stop.trip("a person said so")
    assert guarding.foresee(rows, robot.proprio(), WORLD) == "the protective stop is latched"
    # Looking ahead has not moved the stop's own braking along.
    assert stop.tripped


@pytest.mark.parametrize("takes", [True, False])
def test_a_robot_that_is_streamed_to_is_told_nothing(takes: bool) -> None:
    robot = Told()
    robot.takes_chunks = takes
    wave(robot, waving(robot, 0.4))
    assert bool(robot.told) is takes


def test_at_another_pace_nothing_is_said_ahead() -> None:
    robot = Told()
    events: list[Any] = []
    loop = loop_of(robot, events, ProtectiveStop(robot.spec))
    context = Context(spec=robot.spec, world=WORLD, clock=robot.clock, epoch=1)
    loop.buffer.set_pace(0.5)  # type: ignore[attr-defined]
    loop.executor.begin(Wave(waving(robot, 0.4)), SkillCall(skill="wave"), context, robot.proprio())
    for _ in range(60):
        loop.tick()
    assert robot.told == []
