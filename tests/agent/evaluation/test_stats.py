from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.agent.evaluation.stats import Rate


def test_the_wilson_interval_is_the_published_one() -> None:
    assert Rate.of(8, 10).ci95 == pytest.approx((0.4902, 0.9433), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate_and_stays_between_zero_and_one(
    counts: tuple[int, int],
) -> None:
    rate = Rate.of(*counts)
    low, high = rate.ci95
    assert 0.0 <= low <= rate.rate <= high <= 1.0


def test_no_episodes_say_nothing() -> None:
    assert Rate.of(0, 0).ci95 == (0.0, 1.0)
