from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

from diarchy.agent.cli.evaluating import default_folder
from diarchy.agent.run.config import RunConfig
from diarchy.contracts.errors import BadInputError

Cli = Callable[..., Any]


class _Result:
    def to_json(self) -> dict[str, Any]:
        return {"schema": 1, "suite": "household"}

    def table(self) -> Table:
        table = Table("task", "success")
        table.add_row("put_in", "9")
        return table


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []

    def run_suite(suite: str, **given: Any) -> _Result:
        if suite != "household":
            raise BadInputError(f"no suite '{suite}'; known: household")
        calls.append({"suite": suite, **given})
        for i in range(given["episodes"]):
            given["progress"](i + 1, given["episodes"], f"ok: sentence\n{i}")
        return _Result()

    module = types.ModuleType("diarchy.agent.evaluation.suite")
    module.run_suite = run_suite  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "diarchy.agent.evaluation.suite", module)
    monkeypatch.chdir(tmp_path)
    return calls


def test_an_evaluation_shows_each_episode_and_a_table(
    suite: list[dict[str, Any]], cli: Cli
) -> None:
    result = cli(
        "eval",
        "household",
        "--episodes",
        "3",
        "--seed",
        "5",
        "--workers",
        "2",
        "--planner",
        "symbolic",
    )
    assert result.exit_code == 0
    assert "3/3 ok: sentence 2" in result.stdout
    assert "put_in" in result.stdout
    (call,) = suite
    assert (call["episodes"], call["seed"], call["workers"]) == (3, 5, 2)
    assert call["config"].planner == "symbolic"


def test_json_is_the_only_line_on_stdout(suite: list[dict[str, Any]], cli: Cli) -> None:
    result = cli("eval", "household", "--episodes", "2", "--json", "--record", "here")
    assert json.loads(result.stdout) == {"schema": 1, "suite": "household"}
    assert "2/2" in result.stderr
    assert suite[0]["out"] == Path("here")


def test_an_unknown_suite_is_bad_input(suite: list[dict[str, Any]], cli: Cli) -> None:
    result = cli("eval", "houshold")
    assert result.exit_code == 2
    assert "did you mean 'household'" in result.stderr


def test_the_same_choices_give_the_same_folder_and_others_another() -> None:
    config = RunConfig(instruction="", seed=3, planner="http://localhost:8000/v1")
    folder = default_folder("household", config)
    assert folder == default_folder("household", config)
    assert folder.parent == Path("runs")
    assert "/" not in folder.name
    others = [
        config.model_copy(update=change)
        for change in (
            {"seed": 4},
            {"planner": "http://other:8000/v1"},
            {"system1": "vla"},
            {"scene": "a/b.yaml"},
        )
    ]
    assert len({folder, *(default_folder("household", c) for c in others)}) == 5
