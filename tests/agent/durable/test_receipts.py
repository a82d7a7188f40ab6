from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from diarchy.agent.durable.lock import RunLock
from diarchy.agent.durable.receipts import Receipts
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.skill import Cause, Outcome, SkillCall

PICK = SkillCall("pick", {"object": "mug_1"})


def test_a_dispatch_without_an_end_is_what_was_under_way(tmp_path: Path) -> None:
    first = Receipts(tmp_path)
    first.dispatch(1, "s1", PICK, 1, 0.5)
    first.end(1, Outcome.failed(Cause.GRASP_MISSED), 4.0)
    first.dispatch(2, "s1", PICK, 2, 4.0)
    # The process dies here: nothing is closed, nothing is flushed by hand.
    second = Receipts(tmp_path)
    last = second.last_of("s1", "pick")
    assert last is not None
    assert (last.attempt, last.ended, last.success) == (2, None, None)
    assert (last.life, second.life) == (1, 2)
    assert [r.cause for r in second.all()] == ["grasp_missed", None]


def test_older_plans_do_not_count(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path)
    receipts.dispatch(1, "s1", PICK, 1, 0.5)
    assert receipts.last_of("s1", "pick", since=1.0) is None
    assert receipts.last_of("s1", "look_at") is None


def test_the_same_epoch_in_another_life_is_another_receipt(tmp_path: Path) -> None:
    Receipts(tmp_path).dispatch(1, "s1", PICK, 1, 0.5)
    again = Receipts(tmp_path)
    again.dispatch(1, "s1", PICK, 1, 9.0)
    again.end(1, Outcome.done(), 12.0)
    assert [(r.life, r.success) for r in again.all()] == [(1, None), (2, True)]


def test_what_was_seen_to_be_done_stays_written(tmp_path: Path) -> None:
    Receipts(tmp_path).complete("s1", "pick", "pick the mug", 4.5)
    assert Receipts(tmp_path).completed() == [("s1", 4.5)]


def test_two_processes_cannot_work_on_one_run(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from diarchy.agent.durable.lock import RunLock\n"
        f"with RunLock(Path({str(tmp_path)!r})): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(BadInputError, match=f"process {other.pid} is at work"),
            RunLock(tmp_path),
        ):
            pass
        other.kill()
        other.wait()
    with RunLock(tmp_path):  # the kernel has let go of it
        pass
