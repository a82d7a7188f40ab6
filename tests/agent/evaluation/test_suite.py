from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.evaluation import suite as suites
from diarchy.agent.evaluation.episode import EpisodeRecord
from diarchy.agent.run.config import RunConfig
from diarchy.contracts.errors import BadInputError

CONFIG = RunConfig(instruction="", scene="household", planner="symbolic", system1="motion")


def record(index: int, *, truth: bool = True, verified: bool = True) -> EpisodeRecord:
    return EpisodeRecord(
        episode=index,
        task="bring" if index % 2 else "put_on",
        sentence=f"sentence {index}",
        goals=[],
        success=truth and verified,
        truth=truth,
        verified=verified,
        status="succeeded",
    )


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Episodes that were really run, in place of running them."""
    done: list[int] = []

    def run(suite: str, index: int, seed: int, config: RunConfig) -> EpisodeRecord:
        done.append(index)
        return record(index)

    monkeypatch.setattr(suites, "run_episode", run)
    return done


def run(out: Path, **more: Any) -> suites.EvalResult:
    choices: dict[str, Any] = {"episodes": 4, "seed": 1, "workers": 1, "config": CONFIG}
    return suites.run_suite("household", out=out, **{**choices, **more})


def test_an_interrupted_suite_goes_on_where_it_stopped(tmp_path: Path, ran: list[int]) -> None:
    run(tmp_path, episodes=2)
    result = run(tmp_path, episodes=4)
    assert ran == [0, 1, 2, 3]
    assert result.success.n == 4


def test_an_episode_that_was_cut_off_runs_again(tmp_path: Path, ran: list[int]) -> None:
    run(tmp_path, episodes=2)
    lines = (tmp_path / "episodes.jsonl").read_text()
    (tmp_path / "episodes.jsonl").write_text(lines[:-20])
    run(tmp_path, episodes=2)
    run(tmp_path, episodes=2)
    assert ran == [0, 1, 1]


def test_other_choices_need_another_folder(tmp_path: Path, ran: list[int]) -> None:
    run(tmp_path)
    with pytest.raises(BadInputError, match="other choices"):
        run(tmp_path, seed=2)


def test_the_share_of_noticeable_changes_is_of_all_actions() -> None:
    rows = [record(0), record(1)]
    assert suites.summarize("household", 1, CONFIG, rows).guard_noticeable is None
    rows[0].guard_checked, rows[0].guard_noticeable = 3000, 3
    rows[1].guard_checked = 1000
    result = suites.summarize("household", 1, CONFIG, rows)
    assert result.guard_noticeable == pytest.approx(3 / 4000)
    assert "guard noticeable in 0.07% of actions" in result.caption()


def test_success_is_truth_and_verified() -> None:
    records = [
        record(0),
        record(1, truth=False),
        record(2, verified=False),
        record(3, truth=False, verified=False),
    ]
    result = suites.summarize("household", 1, CONFIG, records)
    assert (result.success.k, result.false_success.k, result.missed_success.k) == (1, 1, 1)
    assert result.by_task["put_on"].n == 2
    assert [f["episode"] for f in result.failures] == [1, 2, 3]


@pytest.mark.parametrize(
    ("change", "says"),
    [({"episodes": 0}, "at least 1"), ({"workers": 0}, "at least 1")],
)
def test_numbers_that_make_no_sense_are_refused(
    tmp_path: Path, change: dict[str, int], says: str
) -> None:
    with pytest.raises(BadInputError, match=says):
        run(tmp_path, **change)
