"""Playing what is committed slower, faster or not at all changes the speed, never the path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.action import ActionChunk
from diarchy.skills.execution import TickBuffer
from diarchy.skills.execution.pacing import FASTEST, SLOWEST, PacedBuffer
from diarchy.testing import sample_proprio, sample_spec

SPEC = sample_spec()
JOINTS = len(SPEC.joints)


def ramp(ticks: int, *, speed: float = 0.3) -> np.ndarray:
    """A drive with the first joint moving along, from rest to rest."""
    shape = np.sin(np.linspace(0.0, np.pi, ticks))
    rows = np.zeros((ticks, 3 + JOINTS))
    rows[:, 0] = speed * shape
    rows[:, 2] = SPEC.joints[0].lower + 0.02 * np.cumsum(shape) / shape.sum()
    return rows


def primed(kind: type[TickBuffer], rows: np.ndarray) -> TickBuffer:
    buffer = kind(SPEC)
    buffer.prime(sample_proprio(SPEC, tick=0, commanded=None))
    buffer._read = np.tile(np.concatenate([[0.0, 0.0], rows[0, 2:]]), (1, 1))
    buffer.begin_epoch(1)
    buffer.commit(ActionChunk("joint", "joint", rows, 0, 1, 1, "test"), 0)
    return buffer


def play(buffer: TickBuffer, ticks: int, at: dict[int, str] | None = None) -> np.ndarray:
    played = []
    for tick in range(ticks):
        if at and tick in at:
            getattr(buffer, at[tick])()
        played.append(buffer.read(tick).action.vector())
    return np.array(played)


def test_at_the_planned_pace_it_is_the_tick_buffer_to_the_last_bit() -> None:
    rows = ramp(80)
    plain, paced = primed(TickBuffer, rows), primed(PacedBuffer, rows)
    np.testing.assert_array_equal(play(plain, 120), play(paced, 120))
    assert paced.shifted == 0


@settings(max_examples=15, deadline=None)
@given(st.floats(SLOWEST, FASTEST))
def test_another_pace_covers_the_same_way_and_the_same_joints(factor: float) -> None:
    rows = ramp(200)
    buffer = primed(PacedBuffer, rows)
    assert isinstance(buffer, PacedBuffer)
    buffer.set_pace(factor)
    played = play(buffer, 1200)
    assert np.sum(played[:, 0]) == pytest.approx(np.sum(rows[:, 0]), rel=0.03)
    np.testing.assert_allclose(played[-1, 2:], rows[-1, 2:], atol=1e-9)
    assert np.max(np.abs(played[:, 0])) <= max(factor, 1.0) * 0.3 + 1e-9


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 190), st.integers(0, 300))
def test_a_pause_halts_on_the_path_and_a_resume_ends_where_it_would_have(
    at: int, length: int
) -> None:
    rows = ramp(200)
    buffer = primed(PacedBuffer, rows)
    played = play(buffer, 1500, {at: "pause", at + length: "resume"})
    assert np.sum(played[:, 0]) == pytest.approx(np.sum(rows[:, 0]), rel=0.03)
    np.testing.assert_allclose(played[-1, 2:], rows[-1, 2:], atol=1e-9)
    assert (np.diff(played[:, 2]) >= -1e-12).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 190))
def test_a_pause_brakes_within_its_limit_and_nothing_moves_after(at: int) -> None:
    buffer = primed(PacedBuffer, ramp(200))
    played = play(buffer, 600, {at: "pause"})
    slowing = -np.diff(played[:, 0]) * SPEC.control_hz
    planned = 0.3 * np.pi / 200 * SPEC.control_hz
    assert slowing.max() <= SPEC.base.linear_braking + planned + 1e-6
    halt = at + SPEC.control_hz
    assert np.all(played[halt:, :2] == 0.0)
    assert np.all(played[halt:, 2:] == played[halt, 2:])


def test_what_is_put_off_is_counted_so_that_the_skill_resumes_in_time() -> None:
    buffer = primed(PacedBuffer, ramp(100))
    play(buffer, 300, {50: "pause", 200: "resume"})
    assert buffer.shifted > 100


def test_a_brake_while_slow_starts_from_the_speed_that_was_really_commanded() -> None:
    buffer = primed(PacedBuffer, ramp(400))
    assert isinstance(buffer, PacedBuffer)
    buffer.set_pace(0.5)
    before = play(buffer, 200)[-1, 0]
    buffer.cancel(200)
    after = buffer.read(200).action.base[0]
    assert 0.0 <= before - after <= SPEC.base.linear_acceleration / SPEC.control_hz + 1e-9
