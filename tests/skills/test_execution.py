"""The tick buffer, braking and the executor, on a robot that is only a description."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import (
    Action,
    BaseSpec,
    GripperSpec,
    JointSpec,
    Pose2,
    Proprio,
    RobotSpec,
)
from diarchy.contracts.skill import Ask, Cause, Look, Outcome, Parameter, SkillCall, SkillSpec
from diarchy.skills.context import Context
from diarchy.skills.execution.braking import Brake, braking_tail
from diarchy.skills.execution.buffer import TickBuffer
from diarchy.skills.execution.errors import ChunkRejectedError
from diarchy.skills.execution.executor import SkillExecutor

SPEC = RobotSpec(
    name="two_joints",
    joints=(JointSpec("a", -1.0, 1.0, 1.5, 4.0), JointSpec("b", 0.0, 0.4, 0.1, 0.5)),
    groups={"arm": (0, 1)},
    postures={"tuck": np.zeros(2), "ready": np.zeros(2)},
    base=BaseSpec(),
    gripper=GripperSpec(),
    model_xml="",
    gripper_site="gripper",
    cameras=("head",),
    head_camera="head",
)
DT = 1.0 / SPEC.control_hz
WIDTH = 5


def row(v: float = 0.0, w: float = 0.0, a: float = 0.0, b: float = 0.1, g: float = 0.05):
    return [v, w, a, b, g]


def chunk(rows, start, *, stride=1, epoch=1, tail=None, representation="joint"):
    return ActionChunk(
        representation,
        "joint",
        np.asarray(rows, dtype=float),
        start,
        stride,
        epoch,
        "motion:test",
        np.zeros((0, 0)) if tail is None else np.asarray(tail, dtype=float),
    )


def proprio(tick: int, commanded: Action | None = None, dq=(0.0, 0.0)) -> Proprio:
    q = np.array([0.0, 0.1])
    still = np.zeros(2)
    return Proprio(
        tick * DT, tick, q, np.array(dq), still, 0.05, 0.0, Pose2(0, 0, 0), still, commanded
    )


def primed(tick: int = 0) -> TickBuffer:
    buffer = TickBuffer(SPEC)
    buffer.prime(proprio(tick))
    buffer.begin_epoch(1)
    return buffer


# --- braking ---------------------------------------------------------------------------------

speeds = st.tuples(
    st.floats(-0.8, 0.8), st.floats(-1.2, 1.2), st.floats(-1.5, 1.5), st.floats(-0.1, 0.1)
)
places = st.tuples(st.floats(-1.0, 1.0), st.floats(0.0, 0.4))


@given(speeds, places)
@settings(max_examples=200, deadline=None)
def test_a_tail_ends_at_rest_within_every_limit(speed, place):
    v, w, da, db = speed
    last = np.array(row(v, w, *place))
    before = last - np.array([0, 0, da * DT, db * DT, 0])
    rows = braking_tail(SPEC, np.stack([before, last]))
    full = np.concatenate([[before, last], rows])
    assert np.all(np.abs(rows[-1][:2]) < 1e-12) if len(rows) else max(abs(v), abs(w)) < 1e-6
    base_steps = np.abs(np.diff(full[1:, :2], axis=0)) / DT
    assert np.all(base_steps <= [0.6 + 1e-6, 1.5 + 1e-6])
    lower, upper = SPEC.limits("lower"), SPEC.limits("upper")
    joints = rows[:, 2:-1]
    assert np.all((joints >= lower - 1e-12) & (joints <= upper + 1e-12))
    travelled = np.abs(full[-1, 2:-1] - last[2:-1])
    assert np.all(travelled <= np.array([da, db]) ** 2 / (2 * SPEC.limits("acceleration")) + 1e-9)
    velocity = np.diff(full[:, 2:-1], axis=0) / DT
    inside = np.all((full[:, 2:-1] > lower) & (full[:, 2:-1] < upper), axis=0)
    acceleration = np.abs(np.diff(velocity, axis=0)) / DT
    assert np.all(acceleration[:, inside] <= SPEC.limits("acceleration")[inside] + 1e-5)
    if len(rows) >= 2:
        assert not Brake(SPEC).moving(np.concatenate([rows, _hold(rows[-1:])]))


def _hold(rows):
    held = rows.copy()
    held[:, :2] = 0
    return held


def test_a_robot_at_rest_needs_no_tail():
    assert braking_tail(SPEC, np.array([row(), row()])).shape == (0, WIDTH)


def test_a_command_step_counts_as_the_fastest_speed_of_the_joint():
    rows = braking_tail(SPEC, np.array([row(a=-0.9), row(a=0.0)]))
    assert rows[-1][2] <= 1.5**2 / (2 * 4.0)


# --- buffer ----------------------------------------------------------------------------------


def test_rows_between_strided_rows_are_interpolated_and_the_last_is_held():
    buffer = primed()
    buffer.commit(chunk([row(a=0.0), row(a=0.4)], 0, stride=4), 0)
    targets = [buffer.read(t).action.joints[0] for t in range(8)]
    assert targets == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4])


def test_a_later_chunk_replaces_only_ticks_that_were_not_read():
    buffer = primed()
    buffer.commit(chunk([row(a=0.0)] * 6, 0), 0)
    for t in range(3):
        buffer.read(t)
    buffer.commit(chunk([row(a=0.5)] * 8, 1), 3)
    assert [buffer.read(t).action.joints[0] for t in range(3, 9)] == [0.5] * 6


def test_rows_before_the_start_of_a_later_chunk_stay():
    buffer = primed()
    buffer.commit(chunk([row(a=0.01 * i) for i in range(6)], 0), 0)
    buffer.commit(chunk([row(a=0.5)] * 3, 4), 0)
    read = [buffer.read(t) for t in range(7)]
    assert [r.action.joints[0] for r in read] == pytest.approx([0, 0.01, 0.02, 0.03, 0.5, 0.5, 0.5])
    assert {r.kind for r in read} == {"chunk"}


def test_reading_the_same_tick_twice_gives_the_same_command_and_the_past_is_closed():
    buffer = primed()
    buffer.commit(chunk([row(a=0.1), row(a=0.2), row(a=0.3)], 0), 0)
    first = buffer.read(0)
    assert buffer.read(0).action.joints[0] == first.action.joints[0]
    buffer.read(1)
    with pytest.raises(Exception, match="read already"):
        buffer.read(0)


def test_running_dry_in_motion_brakes_and_is_called_starved():
    buffer = primed()
    buffer.commit(chunk([row(v=0.3)] * 4, 0), 0)
    for t in range(4):
        assert not buffer.read(t).starved
    played = [buffer.read(t) for t in range(4, 200)]
    assert played[0].kind == "tail"
    assert played[0].starved
    assert played[-1].kind == "hold"
    speeds_ = [p.action.base[0] for p in played]
    assert max(abs(np.diff([0.3, *speeds_]))) <= 0.6 * DT + 1e-9
    assert speeds_[-1] == 0.0


def test_a_chunk_that_ends_at_rest_is_held_and_not_starved():
    buffer = primed()
    buffer.commit(chunk([row(a=0.1), row(a=0.1)], 0), 0)
    last = [buffer.read(t) for t in range(5)][-1]
    assert (last.kind, last.starved) == ("hold", False)
    assert last.action.joints[0] == 0.1


def test_the_tail_of_the_chunk_itself_is_played():
    buffer = primed()
    buffer.commit(chunk([row(v=0.3)], 0, tail=[row(v=0.1), row(v=0.05)]), 0)
    assert [buffer.read(t).action.base[0] for t in range(5)] == [0.3, 0.1, 0.05, 0.0, 0.0]


def test_a_gap_before_a_chunk_is_filled_with_the_hold():
    buffer = primed()
    buffer.commit(chunk([row(a=0.3)], 3), 0)
    read = [buffer.read(t) for t in range(4)]
    assert [r.kind for r in read] == ["hold"] * 3 + ["chunk"]


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (chunk([row()], 0, epoch=0), "epoch"),
        (chunk([row()], 0, epoch=2), "epoch"),
        (chunk([row()], 0, representation="ee_pose"), "representation"),
        (chunk([row()[:4]], 0), "shape"),
        (chunk(np.zeros((0, WIDTH)), 0), "shape"),
        (chunk([row(a=float("nan"))], 0), "not_finite"),
        (chunk([row()], 0, tail=[row(v=float("inf"))]), "not_finite"),
        (chunk([row()], -5), "late"),
    ],
)
def test_a_bad_chunk_is_rejected_with_its_fault_and_changes_nothing(bad, fault):
    buffer = primed()
    buffer.commit(chunk([row(a=0.2)] * 3, 0), 0)
    with pytest.raises(ChunkRejectedError) as caught:
        buffer.commit(bad, 0)
    assert caught.value.fault == fault
    assert buffer.read(0).action.joints[0] == 0.2


def test_an_old_epoch_cannot_begin_again():
    with pytest.raises(ChunkRejectedError):
        primed().begin_epoch(1)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.integers(1, 4)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_whatever_is_committed_the_read_commands_are_finite_and_never_change(commits):
    buffer, tick = primed(), 0
    for offset, count, stride in commits:
        rows = [row(v=0.1, a=0.01 * i) for i in range(count)]
        buffer.commit(chunk(rows, tick + offset, stride=stride), tick)
        for _ in range(5):
            command = buffer.read(tick)
            assert np.isfinite(command.action.vector()).all()
            assert np.array_equal(buffer.read(tick).action.vector(), command.action.vector())
            tick += 1


# --- executor --------------------------------------------------------------------------------


class Scripted:
    """A skill whose generator is a function."""

    backend = "motion"

    def __init__(self, generator, timeout=10.0, parameters=()):
        self.spec = SkillSpec(name="s", sentence="", timeout=timeout, parameters=parameters)
        self._generator = generator

    def start(self, call, context, proprio):
        return self._generator(context, proprio)


class Rig:
    """Executor, buffer and clock, and a robot that obeys at once."""

    def __init__(self, generator, **options):
        self.clock = LockstepClock()
        self.buffer = TickBuffer(SPEC)
        self.executor = SkillExecutor(self.buffer, self.clock)
        self.context = Context(SPEC, self.clock, world=None, epoch=1)
        self.dq = (0.0, 0.0)
        self.executor.begin(
            Scripted(generator, **options), SkillCall("s"), self.context, proprio(0)
        )

    def tick(self, count=1):
        commands = []
        for _ in range(count):
            self.executor.step(proprio(self.clock.tick, dq=self.dq))
            commands.append(self.buffer.read(self.clock.tick))
            self.clock.advance()
        return commands


def test_chunks_follow_each_other_without_a_gap():
    def run(context, now):
        for i in range(3):
            now = yield chunk([row(a=0.1 * i)] * 4, now.tick)
        return Outcome.done("moved")

    rig = Rig(run)
    kinds = [c.kind for c in rig.tick(12)]
    assert kinds == ["chunk"] * 12
    rig.tick()
    assert rig.executor.outcome == Outcome.done("moved")
    assert not rig.executor.running


def test_a_look_waits_for_rest_and_then_for_resolve():
    def run(context, now):
        now = yield Look(("head",))
        return Outcome.done(str(now.tick))

    rig = Rig(run)
    rig.dq = (1.0, 0.0)
    rig.tick(3)
    assert rig.executor.pending is None
    rig.dq = (0.0, 0.0)
    rig.tick(2)
    assert rig.executor.pending == Look(("head",))
    rig.executor.resolve()
    rig.tick()
    assert rig.executor.outcome is not None
    assert rig.executor.outcome.success


def test_a_look_does_not_wait_for_ever_for_something_that_swings():
    def run(context, now):
        yield Look()
        return Outcome.done()

    rig = Rig(run)
    rig.dq = (1.0, 0.0)
    rig.tick(310)
    assert rig.executor.pending == Look()


def test_resolve_before_the_look_is_ready_does_nothing():
    def run(context, now):
        yield Look()
        return Outcome.done()

    rig = Rig(run)
    rig.dq = (1.0, 0.0)
    rig.tick(2)
    rig.executor.resolve()
    rig.tick(2)
    assert rig.executor.running


def test_the_answer_reaches_the_skill():
    def run(context, now):
        yield Ask("which?", ("red", "blue"))
        return Outcome.done(context.answer)

    rig = Rig(run)
    rig.tick()
    assert rig.executor.pending == Ask("which?", ("red", "blue"))
    rig.executor.resolve("red")
    rig.tick()
    assert rig.executor.outcome == Outcome.done("red")


def test_an_exception_in_a_skill_becomes_an_error_outcome_and_is_logged(caplog):
    def run(context, now):
        yield chunk([row(v=0.3)] * 2, now.tick)
        raise ZeroDivisionError("oh")

    rig = Rig(run)
    commands = rig.tick(4)
    assert rig.executor.outcome is not None
    assert rig.executor.outcome.cause is Cause.ERROR
    assert "oh" in rig.executor.outcome.detail
    assert "raised" in caplog.text
    assert commands[2].kind == "tail"
    assert commands[2].action.base[0] == pytest.approx(0.3 - 0.6 * DT)


def test_a_skill_that_returns_no_outcome_is_an_error():
    def run(context, now):
        return True
        yield

    rig = Rig(run)
    rig.tick()
    assert rig.executor.outcome is not None
    assert rig.executor.outcome.cause is Cause.ERROR


def test_a_rejected_chunk_is_an_error_of_the_skill():
    def run(context, now):
        yield chunk([row()], now.tick, epoch=7)
        return Outcome.done()

    rig = Rig(run)
    rig.tick()
    assert rig.executor.outcome is not None
    assert rig.executor.outcome.cause is Cause.ERROR


def test_a_timeout_brakes_and_closes_the_generator():
    closed = []

    def run(context, now):
        try:
            while True:
                now = yield chunk([row(v=0.4)] * 5, now.tick)
        finally:
            closed.append(True)

    rig = Rig(run, timeout=0.2)
    commands = rig.tick(45)
    assert rig.executor.outcome is not None
    assert rig.executor.outcome.cause is Cause.TIMEOUT
    assert closed == [True]
    assert commands[-1].kind == "tail"
    assert not commands[-1].starved


def test_cancel_brakes_and_a_new_skill_starts_from_there():
    def run(context, now):
        while True:
            now = yield chunk([row(v=0.4)] * 50, now.tick)

    def second(context, now):
        yield chunk([row(a=0.2)] * 2, now.tick, epoch=2)
        return Outcome.done()

    rig = Rig(run)
    rig.tick(10)
    rig.executor.cancel(Cause.STOPPED, "person")
    assert rig.executor.outcome == Outcome.failed(Cause.STOPPED, "person")
    speeds_ = [c.action.base[0] for c in rig.tick(200)]
    assert speeds_[0] == pytest.approx(0.4 - 0.6 * DT)
    assert speeds_[-1] == 0
    rig.context.epoch = 2
    rig.executor.begin(Scripted(second), SkillCall("s"), rig.context, proprio(rig.clock.tick))
    rig.tick(3)
    assert rig.executor.outcome == Outcome.done()


def test_wrong_arguments_are_bad_input():
    rig = Rig(lambda context, now: iter(()))
    skill = Scripted(lambda c, n: iter(()), parameters=(Parameter(name="object", kind="object"),))
    with pytest.raises(BadInputError, match="needs object"):
        rig.executor.begin(skill, SkillCall("s"), rig.context, proprio(0))


# ---- what is said ahead -------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=5),
    st.integers(0, 8),
    st.integers(0, 2**32 - 1),
)
def test_what_is_said_ahead_is_what_is_read_if_nothing_else_comes(
    lengths: list[int], read_first: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    buffer = primed()
    at, joint = 0, 0.0
    for n in lengths:
        joint_steps = joint + np.cumsum(rng.uniform(-0.006, 0.006, n))
        joint = float(joint_steps[-1])
        buffer.commit(chunk([row(v=0.1, a=a) for a in joint_steps], at), at)
        at += n
    read_first = min(read_first, at - 1)
    for tick in range(read_first):
        buffer.read(tick)
    if rng.random() < 0.3:
        buffer.cancel(read_first)
    said = buffer.ahead()
    heard = np.array([buffer.read(read_first + k).action.vector() for k in range(len(said) + 3)])
    np.testing.assert_array_equal(heard[: len(said)], said)
    assert np.abs(heard[-1][:2]).max() == 0.0
    np.testing.assert_array_equal(heard[-1], heard[-2])  # it ends at rest


def test_nothing_is_said_of_what_starts_later_and_every_change_is_counted() -> None:
    buffer = primed()
    assert len(buffer.ahead()) == 0
    before = buffer.revision
    buffer.commit(chunk([row(a=0.001)], 5), 0)
    assert buffer.revision > before
    np.testing.assert_array_equal(buffer.ahead()[:5, 2], 0.0)  # bridged by a hold
    count = buffer.revision
    for tick in range(5):
        buffer.read(tick)
    assert buffer.revision == count
