from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.robot import BaseSpec
from diarchy.robots.ros2.freshness import Gate, Refused
from diarchy.robots.ros2.limits import BaseLimiter, JointLimiter
from diarchy.robots.ros2.watchdog import Watchdog
from diarchy.testing.samples import sample_spec


def test_a_gate_says_what_it_refuses_and_why() -> None:
    gate = Gate("/scan", max_age=0.5)
    assert gate.admit(10.0, 10.1) is None
    assert gate.admit(10.0, 10.2) is Refused.REPEATED
    assert gate.admit(9.9, 10.2) is Refused.OUT_OF_ORDER
    assert gate.admit(9.0, 10.2) is Refused.STALE
    assert gate.admit(12.0, 10.2) is Refused.FUTURE
    assert gate.lost(10.4) is None
    assert gate.lost(10.7) == (
        "/scan: nothing fresh for 0.70 s (refused: 1 from the future, 1 out of order, 1 repeated, 1 stale)"
    )


def test_an_input_that_never_came_is_lost() -> None:
    gate = Gate("/odom", max_age=0.5)
    assert gate.lost(0.0) == "/odom: nothing came yet"


def test_after_the_clock_has_jumped_back_old_stamps_say_nothing() -> None:
    gate = Gate("/odom", max_age=0.5)
    gate.admit(100.0, 100.0)
    assert gate.admit(1.0, 1.0) is None
    assert gate.stamp == 1.0
    assert gate.lost(1.1) is None


def test_the_rate_is_that_of_the_stamps() -> None:
    gate = Gate("/odom", max_age=9.0)
    for i in range(11):
        gate.admit(i * 0.02, i * 0.02)
    assert gate.rate() == pytest.approx(50.0)


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 0.5)), max_size=60))
def test_what_a_gate_lets_through_is_fresh_and_in_order(steps: list[tuple[float, float]]) -> None:
    gate, now, last = Gate("x", max_age=0.5, max_future=0.1), 100.0, -np.inf
    for offset, dt in steps:
        now += dt
        stamp = now + offset
        if gate.admit(stamp, now) is None:
            assert stamp > last
            assert now - 0.5 <= stamp <= now + 0.1
            last = stamp
        fresh = last >= now - 0.5
        assert (gate.lost(now) is None) == fresh


def test_a_watchdog_trips_once_within_one_check_of_its_time_out() -> None:
    dog = Watchdog(0.25)
    dog.feed(1.0, moving=True)
    trips = [i for i in range(200) if dog.check(1.0 + i * 0.005)]
    assert trips == [51]  # 0.255 s: the first check after 0.25 s


def test_a_watchdog_sleeps_while_nothing_moves() -> None:
    dog = Watchdog(0.25)
    dog.feed(1.0, moving=True)
    dog.feed(1.1, moving=False)
    assert not dog.check(100.0)
    dog.feed(100.0, moving=True)
    assert dog.check(
        50.0
    )  # time ran back while it moved: nobody knows how long ago the command was


velocities = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(st.lists(st.tuples(velocities, velocities), max_size=50))
def test_no_velocity_leaves_that_the_base_cannot_do(wanted: list[tuple[float, float]]) -> None:
    spec, dt = BaseSpec(0.5, 1.0, 0.6, 1.5), 0.02
    limiter, before = BaseLimiter(spec), (0.0, 0.0)
    for command in wanted:
        v, w = limiter.limit(*command, dt)
        assert abs(v) <= spec.linear_velocity
        assert abs(w) <= spec.angular_velocity
        for now, last, up, down in (
            (v, before[0], spec.linear_acceleration, spec.linear_braking),
            (w, before[1], spec.angular_acceleration, spec.angular_braking),
        ):
            slows = now * last >= 0.0 and abs(now) < abs(last)
            assert abs(now - last) <= (down if slows else up) * dt + 1e-9
        before = (v, w)


@given(st.integers(0, 2**32 - 1))
def test_no_joint_target_leaves_that_the_joint_cannot_reach_in_time(seed: int) -> None:
    spec, rng = sample_spec(), np.random.default_rng(seed)
    limiter, lower, upper = JointLimiter(spec), spec.limits("lower"), spec.limits("upper")
    before = rng.uniform(lower, upper)
    target = rng.normal(size=len(lower)) * 10.0 ** rng.uniform(-3, 6)
    target[rng.random(len(lower)) < 0.1] = np.nan
    sent = limiter.limit(target, before, 0.005)
    assert np.isfinite(sent).all()
    assert (sent >= lower).all()
    assert (sent <= upper).all()
    assert (np.abs(sent - before) <= spec.limits("velocity") * 0.005 + 1e-8).all()
