from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from diarchy.agent.cli import learning
from diarchy.agent.cli.main import app
from diarchy.contracts.errors import BadInputError


def test_training_without_pictures_says_how_to_take_some(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "detector", "--data", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "diarchy collect detector" in result.stderr


def test_an_unknown_choice_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="detector"):
        learning.train(
            "detecter", data=tmp_path, out=tmp_path / "o", steps=1, batch=1, rollouts=0, seed=0
        )
