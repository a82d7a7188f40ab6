from __future__ import annotations

from pathlib import Path

import pytest

from diarchy.agent.run.trace import Trace, read_events
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import BadInputError


def test_a_full_disk_is_noted_once_and_nothing_raises_in_the_middle_of_a_tick(
    tmp_path: Path,
) -> None:
    trace = Trace(tmp_path, LockstepClock())
    trace.event("before")
    with open("/dev/full", "w", encoding="utf-8") as full:
        trace._events = full
        for _ in range(3):
            trace.event("lost")
        assert trace.broken is not None
        assert "No space left on device" in trace.broken
        trace.close()
    assert [e["kind"] for e in read_events(tmp_path)] == ["before"]


def test_a_folder_that_goes_away_is_noted_too(tmp_path: Path) -> None:
    trace = Trace(tmp_path, LockstepClock())
    trace.write_json("missing/result.json", {})
    assert trace.broken is not None
    trace.close()


def test_a_trace_is_taken_up_behind_its_last_whole_line(tmp_path: Path) -> None:
    first = Trace(tmp_path, LockstepClock())
    first.event("one")
    first.close()
    with (tmp_path / "trace.jsonl").open("a") as file:
        file.write('{"t": 1.0, "tick": 200, "ki')  # the process died here
    with pytest.raises(BadInputError, match="--resume"):
        Trace(tmp_path, LockstepClock())
    second = Trace(tmp_path, LockstepClock(), resume=True)
    second.event("two")
    second.close()
    assert [e["kind"] for e in read_events(tmp_path)] == ["one", "two"]
