from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.run.trace import Trace
from diarchy.contracts.clock import LockstepClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trace = Trace(tmp_path / "run", LockstepClock())
    rows = [
        ("mug_1", "Mug", "red", "kitchen"),
        ("mug_2", "Mug", "blue", "kitchen"),
        ("apple_1", "Apple", "red", "hall"),
    ]
    entities = [
        {
            "id": i,
            "cls": c,
            "attributes": {"color": a},
            "position": [1, 2, 0.8],
            "room": r,
            "last_seen": 2.5,
        }
        for i, c, a, r in rows
    ]
    trace.event("observed", held="mug_2", entities=entities)
    trace.close()
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("mug", ["mug_1", "mug_2"]),
        ("red mug", ["mug_1"]),
        ("RED", ["apple_1", "mug_1"]),
        ("hall", ["apple_1"]),
    ],
)
def test_every_word_of_a_query_must_name_the_thing(
    query: str, found: list[str], folder: Path, cli: Callable[..., Any]
) -> None:
    result = cli("map", str(folder), "--query", query, "--json")
    assert result.exit_code == 0
    assert [t["id"] for t in json.loads(result.stdout)["things"]] == found


def test_without_a_query_everything_is_listed(folder: Path, cli: Callable[..., Any]) -> None:
    shown = cli("map", str(folder)).stdout.splitlines()
    assert len(shown) == 3
    assert "mug_2: blue mug in the gripper" in shown[2]


def test_what_was_not_found_is_told_with_what_is_known(
    folder: Path, cli: Callable[..., Any]
) -> None:
    result = cli("map", str(folder), "--query", "sofa")
    assert result.exit_code == 1
    assert "known: apple_1, mug_1, mug_2" in result.stderr
