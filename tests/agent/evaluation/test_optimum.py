from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diarchy.agent.evaluation.optimum import spl

METRES = st.floats(0.0, 100.0)


@given(METRES, METRES)
def test_a_failure_is_worth_nothing_however_short_its_way(driven: float, best: float) -> None:
    assert spl(False, driven, best) == 0.0


@given(METRES, METRES)
def test_a_success_is_worth_at_most_one(driven: float, best: float) -> None:
    assert 0.0 <= spl(True, driven, best) <= 1.0


def test_twice_the_way_is_worth_half() -> None:
    assert spl(True, 8.0, 4.0) == 0.5


def test_a_success_on_the_spot_is_worth_all() -> None:
    assert spl(True, 0.0, 0.0) == 1.0
