"""Faults in a real run: it ends in order, honestly, with the robot at rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from diarchy.agent.evaluation.faults.kinds import FAULTS
from diarchy.agent.evaluation.faults.run import run_fault
from diarchy.agent.evaluation.faults.server import misbehaving
from diarchy.contracts.errors import BadInputError, PlannerUnavailableError
from diarchy.planners.vlm.client import ChatClient


@pytest.mark.parametrize("how", ["down", "slow", "cut", "nonsense", "error"])
def test_a_server_that_misbehaves_is_a_planner_that_is_unavailable(how: str) -> None:
    url, close = misbehaving(how)
    client = ChatClient(url, "model", timeout=0.3, retries=1, sleep=lambda seconds: None)
    with pytest.raises(PlannerUnavailableError, match=r"127\.0\.0\.1"):
        client.chat(messages=[{"role": "user", "content": "hi"}])
    client.close()
    close()


def test_there_are_at_least_twenty_kinds_and_the_docs_tell_of_each() -> None:
    told = (Path(__file__).parents[3] / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert len(FAULTS) >= 20
    assert [kind for kind in FAULTS if f"`{kind}`" not in told] == []


def test_a_kind_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="did you mean 'disk_full'"):
        run_fault("disk_ful", 0, tmp_path)


@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        ("planner_cut", "succeeded", ""),
        ("disk_full", "failed", "No space left"),
        ("robot_gone", "failed", "is gone"),
    ],
)
def test_a_run_with_a_fault_ends_in_order(
    tmp_path: Path, kind: str, status: str, says: str
) -> None:
    record = run_fault(kind, 0, tmp_path / "run")
    assert not record.crashed, record.message
    assert (record.status, record.at_rest, record.violations) == (status, True, 0)
    assert says in record.message
    if kind == "planner_cut":
        assert record.planner.startswith("symbolic (in place of vlm:model")


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [k for k in FAULTS if k not in ("planner_cut", "disk_full", "robot_gone")]
)
def test_each_kind_ends_honestly(tmp_path: Path, kind: str) -> None:
    record = run_fault(kind, 0, tmp_path / "run")
    assert not record.crashed, record.message
    assert record.expected, (record.status, record.message)
    assert not (record.verified and record.truth is False)
    assert (record.at_rest, record.violations) == (True, 0)
