from __future__ import annotations

from pathlib import Path
from typing import Any

from diarchy.agent.run.trace import Trace, read_events
from diarchy.contracts.clock import LockstepClock


def test_an_observer_gets_every_later_event_after_it_is_on_disk(tmp_path: Path) -> None:
    seen: list[tuple[dict[str, Any], int]] = []
    trace = Trace(tmp_path, LockstepClock())
    trace.event("run_started")
    trace.subscribe(lambda event: seen.append((event, len(list(read_events(tmp_path))))))
    trace.event("said", text="hello", wall={"seconds": 1.0})
    trace.event("said", text="again")
    trace.close()
    assert [(e["kind"], e["text"], on_disk) for e, on_disk in seen] == [
        ("said", "hello", 2),
        ("said", "again", 3),
    ]
    assert [e for e, _ in seen] == list(read_events(tmp_path))[1:]
