from __future__ import annotations

import diarchy


def test_everything_that_is_promised_is_there() -> None:
    missing = [name for name in diarchy.__all__ if not hasattr(diarchy, name)]
    assert missing == []


def test_the_promise_is_sorted_and_complete() -> None:
    assert diarchy.__all__ == sorted(diarchy.__all__)
    assert set(diarchy._WHERE) | {"__version__"} == set(diarchy.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(diarchy, "Agnet")
