from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from diarchy.agent.cli.main import app


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["collect", "pik"], "did you mean 'pick'"),
        (["collect", "pick", "--episodes", "0"], "--episodes must be at least 1"),
        (["train", "polcy"], "did you mean 'policy'"),
        (["train", "policy", "--steps", "0"], "--steps must be at least 1"),
    ],
)
def test_a_wrong_choice_is_one_line_and_exit_code_2(words: list[str], says: str) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert says in result.stderr


def test_training_without_demonstrations_says_how_to_collect_some(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "policy", "--data", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "diarchy collect pick" in result.stderr


@pytest.mark.slow
def test_collected_demonstrations_can_be_trained_on(tmp_path: Path) -> None:
    runner = CliRunner()
    data, out = str(tmp_path / "data"), str(tmp_path / "weights.safetensors")
    collected = runner.invoke(app, ["collect", "pick", "--episodes", "2", "--out", data])
    assert collected.exit_code == 0, collected.stderr
    words = ["train", "policy", "--data", data, "--out", out, "--steps", "3", "--batch", "8"]
    trained = runner.invoke(app, [*words, "--rollouts", "0"])
    assert trained.exit_code == 0, trained.stderr
    assert Path(out).is_file()
