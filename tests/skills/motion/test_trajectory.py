from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.skills.motion.trajectory import held_below, smoothstep, time_path

VELOCITY = np.array([0.1, 1.25, 1.5, 2.0])
ACCELERATION = np.array([0.4, 2.5, 3.0, 4.0])
PERIOD = 0.005

joints = st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4).map(np.array)


@settings(max_examples=60, deadline=None)
@given(st.lists(joints, min_size=2, max_size=6))
def test_rows_stay_inside_the_limits_and_end_at_rest_at_the_goal(waypoints: list) -> None:
    rows = time_path(waypoints, VELOCITY, ACCELERATION, PERIOD)
    if len(rows) == 0:
        spread = max(np.abs(w - waypoints[0]).max() for w in waypoints)
        assert spread < 1e-5
        return
    np.testing.assert_allclose(rows[-1], waypoints[-1], atol=1e-9)
    start = np.tile(waypoints[0], (2, 1))
    end = np.tile(rows[-1], (2, 1))
    velocity = np.diff(np.concatenate([start, rows, end]), axis=0) / PERIOD
    assert np.all(np.abs(velocity) <= VELOCITY * 1.001)
    acceleration = np.diff(velocity, axis=0) / PERIOD
    assert np.all(np.abs(acceleration) <= ACCELERATION * 1.3)


def test_a_straight_path_takes_about_the_time_of_its_slowest_joint() -> None:
    rows = time_path([np.zeros(4), np.array([0.2, 0.0, 0.0, 0.0])], VELOCITY, ACCELERATION, PERIOD)
    assert 2.0 < len(rows) * PERIOD < 3.0


def test_a_straight_path_stays_straight() -> None:
    goal = np.array([0.05, 1.0, -0.5, 0.7])
    rows = time_path([np.zeros(4), goal / 3, goal], VELOCITY, ACCELERATION, PERIOD)
    fraction = rows @ goal / (goal @ goal)
    np.testing.assert_allclose(rows, np.outer(fraction, goal), atol=1e-6)
    assert np.all(np.diff(fraction) >= -1e-9)


def test_smoothstep_rises_to_one_with_rest_at_both_ends() -> None:
    values = smoothstep(50)
    assert values[-1] == 1.0
    assert np.all(np.diff(values) > 0.0)
    assert values[0] < 0.002
    assert values[-1] - values[-2] < 0.002


@settings(max_examples=60, deadline=None)
@given(st.lists(joints, min_size=2, max_size=6), st.floats(0.05, 3.0))
def test_what_is_too_fast_is_slowed_where_it_is_and_nothing_else(
    waypoints: list, fastest: float
) -> None:
    rows = time_path(waypoints, VELOCITY, ACCELERATION, PERIOD)
    if len(rows) < 2:
        return
    speeds = _speeds(waypoints[0], rows)
    calm = held_below(rows, speeds / fastest, 30)
    np.testing.assert_allclose(calm[-1], rows[-1], atol=1e-12)
    assert _speeds(rows[0], calm).max() <= fastest * (1.0 + 1e-6)
    uniform = len(rows) * max(1.0, speeds.max() / fastest)
    assert len(rows) <= len(calm) <= uniform + 2
    if speeds.max() <= fastest:
        np.testing.assert_allclose(calm, rows, atol=1e-12)


def _speeds(start: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.diff(np.vstack([start, rows]), axis=0), axis=1) / PERIOD
