from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from diarchy.agent.watched import Deadline, HungError, WatchedDetector


def test_a_call_in_time_returns_or_raises_as_it_would_by_itself() -> None:
    deadline = Deadline("a model", 5.0)
    assert deadline.call(lambda: 41 + 1) == 42
    with pytest.raises(ZeroDivisionError):
        deadline.call(lambda: 1 // 0)
    assert deadline.call(lambda: "still there") == "still there"


def test_a_call_that_hangs_ends_at_its_deadline_and_is_not_asked_again_until_it_is_back() -> None:
    deadline, back = Deadline("a model", 0.1), threading.Event()
    began = time.monotonic()
    with pytest.raises(HungError, match=r"within 0.1 s"):
        deadline.call(back.wait)
    with pytest.raises(HungError, match="not come back"):
        deadline.call(lambda: 1)
    assert time.monotonic() - began < 2.0
    back.set()
    end = time.monotonic() + 5.0
    while time.monotonic() < end:
        try:
            assert deadline.call(lambda: 2) == 2
            return
        except HungError:
            time.sleep(0.01)
    pytest.fail("it did not come back")


def test_a_watched_detector_is_the_detector_with_a_deadline() -> None:
    class Slow:
        name, classes, min_score = "slow", ("Mug",), 0.5

        def detect(self, frame: Any) -> list[Any]:
            time.sleep(frame)
            return ["seen"]

    watched = WatchedDetector(Slow(), seconds=0.2)  # type: ignore[arg-type]
    assert (watched.name, watched.classes, watched.min_score) == ("slow", ("Mug",), 0.5)
    assert watched.detect(0.0) == ["seen"]  # type: ignore[arg-type, comparison-overlap]
    with pytest.raises(HungError, match="the detector 'slow'"):
        watched.detect(1.0)  # type: ignore[arg-type]
