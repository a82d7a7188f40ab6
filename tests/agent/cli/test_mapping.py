from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenes import scene_graph

from diarchy.agent.run.trace import Trace
from diarchy.contracts.clock import LockstepClock
from diarchy.memory import save_scene_graph


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


# ---- runs that left a scene graph ---------------------------------------------------------------


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A run folder with a scene graph."""
    folder = tmp_path / "left"
    folder.mkdir()
    save_scene_graph(scene_graph(), folder / "scene_graph.json")
    return folder


def test_a_question_is_answered_with_places_ages_and_doubts(
    left: Path, cli: Callable[..., Any]
) -> None:
    result = cli("map", str(left), "--query", "what is on the coffee table")
    assert result.exit_code == 0
    sure, doubtful = result.stdout.splitlines()
    assert sure.startswith("mug_2: blue mug on the coffee table in the living room")
    assert sure.endswith("seen 90 s before the end")
    assert doubtful.startswith("book_1: perhaps: ")


def test_the_answer_as_json_keeps_the_keys_of_things(left: Path, cli: Callable[..., Any]) -> None:
    told = json.loads(cli("map", str(left), "--query", "red mug", "--json").stdout)
    assert (told["schema"], told["query"], told["run"]) == (1, "red mug", str(left))
    (row,) = told["things"]
    assert {"id", "cls", "words", "attributes", "position", "room", "held", "last_seen"} <= set(row)
    assert (row["id"], row["certainty"], row["status"], row["age"]) == (
        "mug_1",
        "true",
        "seen",
        10.0,
    )


def test_furniture_is_told_beside_things(left: Path, cli: Callable[..., Any]) -> None:
    told = json.loads(cli("map", str(left), "--query", "what is open", "--json").stdout)
    assert [f["id"] for f in told["fixtures"]] == ["drawer_2", "drawer_1"]
    assert told["things"] == []


def test_a_scene_graph_alone_can_be_asked_too(left: Path, cli: Callable[..., Any]) -> None:
    result = cli("map", str(left / "scene_graph.json"))
    assert result.exit_code == 0
    assert "key_chain_1: " in result.stdout
    assert "person_1: a person in the living room" in result.stdout


def test_nothing_found_is_exit_code_1_and_says_who_looked(
    left: Path, cli: Callable[..., Any]
) -> None:
    result = cli("map", str(left), "--query", "what is in the fridge")
    assert result.exit_code == 1
    assert "nobody has seen all of the fridge" in result.stdout


def test_an_unknown_word_is_exit_code_2_and_one_line(left: Path, cli: Callable[..., Any]) -> None:
    result = cli("map", str(left), "--query", "flurb")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "no 'flurb' here" in result.stderr


def test_a_broken_scene_graph_is_said(left: Path, cli: Callable[..., Any]) -> None:
    (left / "scene_graph.json").write_text("{", encoding="utf-8")
    result = cli("map", str(left))
    assert result.exit_code == 2
    assert "no whole scene graph" in result.stderr


def test_a_map_for_a_map_server_is_written_beside_the_answer(
    left: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    out = tmp_path / "out"
    result = cli("map", str(left), "--query", "mug", "--export", str(out), "--json")
    assert [t["id"] for t in json.loads(result.stdout)["things"]] == ["mug_1", "mug_2"]
    assert {p.name for p in out.iterdir()} == {"map.pgm", "map.yaml"}


def test_a_run_that_left_no_scene_graph_has_no_map_to_export(
    folder: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    result = cli("map", str(folder), "--export", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "holds no scene_graph.json" in result.stderr
