"""The examples run as they are written."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("bring_mug", marks=pytest.mark.slow),
        "own_robot",
        "own_skill",
        pytest.param("own_planner", marks=pytest.mark.slow),
    ],
)
def test_an_example_ends_well(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert module["main"]() == 0
