"""Scene graphs on disk: what was written is read, and everything else is one clear error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.memory import build_scene_graph, load_scene_graph, save_scene_graph
from diarchy.memory.scene_file import as_json, check_same_home
from diarchy.memory.scene_graph import VERSION, SceneGraph


@pytest.fixture
def graph(lab) -> SceneGraph:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(1.5, 0.0, 0.7)
    return build_scene_graph(lab.world, classes=("Mug",), perception="oracle")


def test_what_was_written_is_read(graph: SceneGraph, tmp_path: Path) -> None:
    save_scene_graph(graph, tmp_path / "home.json")
    assert load_scene_graph(tmp_path / "home.json") == graph
    assert [p.name for p in tmp_path.iterdir()] == ["home.json"]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"cannot be read: No such file.*give a scene_graph.json"
    ):
        load_scene_graph(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "{", "\x00\x01"])
def test_a_file_that_was_cut_off(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInputError, match="is no whole scene graph"):
        load_scene_graph(written(tmp_path / "cut.json", text))


@pytest.mark.parametrize("data", [[], 3, {"schema": 1}, {"format": "something else"}])
def test_a_file_that_is_something_else(tmp_path: Path, data: object) -> None:
    with pytest.raises(BadInputError, match="is no scene graph"):
        load_scene_graph(written(tmp_path / "other.json", json.dumps(data)))


def test_a_file_of_a_newer_version(graph: SceneGraph, tmp_path: Path) -> None:
    newer = as_json(graph) | {"version": VERSION + 1, "moons": 2}
    with pytest.raises(
        BadInputError, match=f"version {VERSION + 1}.*reads up to {VERSION}; update"
    ):
        load_scene_graph(written(tmp_path / "newer.json", json.dumps(newer)))


def test_a_damaged_file_says_where(graph: SceneGraph, tmp_path: Path) -> None:
    data = as_json(graph)
    data["objects"][0]["confidence"] = 3.0
    with pytest.raises(BadInputError, match=r"damaged scene graph: objects\.0\.confidence"):
        load_scene_graph(written(tmp_path / "damaged.json", json.dumps(data)))


def test_it_is_known_whether_it_is_this_home(graph: SceneGraph, lab) -> None:
    check_same_home(graph, lab.static_map)
    moved = graph.fixtures[1].model_copy(update={"position": (5.0, 1.0, 0.3)})
    with pytest.raises(
        BadInputError, match=r"remembers another home: its 'table_1' stands at \(5.0, 1.0\)"
    ):
        check_same_home(graph.model_copy(update={"fixtures": (moved,)}), lab.static_map)
    other = moved.model_copy(update={"id": "sofa_1"})
    with pytest.raises(BadInputError, match="there is no 'sofa_1' here"):
        check_same_home(graph.model_copy(update={"fixtures": (other,)}), lab.static_map)
