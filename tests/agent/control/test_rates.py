from __future__ import annotations

import pytest

from diarchy.agent.control.rates import Rates
from diarchy.contracts.errors import BadInputError


def test_every_group_runs_at_its_rate() -> None:
    rates = Rates()
    second = range(rates.control)
    assert sum(rates.due("tree", t) for t in second) == rates.tree
    assert sum(rates.due("lidar", t) for t in second) == rates.lidar


def test_a_rate_that_does_not_divide_the_control_rate_is_refused() -> None:
    with pytest.raises(BadInputError, match="does not divide"):
        Rates(tree=30)
