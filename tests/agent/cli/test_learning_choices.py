"""What `collect` and `train` write where, and which options belong to what."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from diarchy.agent.cli import learning
from diarchy.agent.cli.main import app


def test_no_training_writes_over_another() -> None:
    outs = [usual.out for usual in learning.TRAINED.values()]
    assert len(set(outs)) == len(outs) == 3
    assert len(set(learning.COLLECTED.values())) == 2


def test_the_options_reach_the_planners_training(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def fit(alfred: Any, out: Any, **more: Any) -> int:
        seen.update(more, alfred=str(alfred), out=str(out))
        return 0

    monkeypatch.setattr(learning, "_train_planner", fit)
    words = ["train", "planner", "--alfred", "a.gz", "--minutes", "7"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert seen == {
        "alfred": "a.gz", "out": "data/planner", "steps": 2600, "batch": 512, "seed": 0, "minutes": 7.0
    }  # fmt: skip


def test_pictures_go_to_their_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        learning, "_collect_pictures", lambda out, n, first: seen.append(str(out)) or 0
    )
    assert CliRunner().invoke(app, ["collect", "detector"]).exit_code == 0
    assert seen == ["data/detector"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["policy", "--minutes", "3"], "--minutes is for the detector and the planner"),
        (["planner", "--minutes", "0"], "--minutes must be more than 0"),
        (["detector", "--alfred", "a.gz"], "--alfred is what the planner learns from"),
        (["planner", "--batch", "0"], "--batch must be at least 1"),
    ],
)
def test_an_option_that_does_not_fit_is_one_line(words: list[str], says: str) -> None:
    result = CliRunner().invoke(app, ["train", *words])
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
