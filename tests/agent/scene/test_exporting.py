"""The map for a navigation stack: furniture is solid where it stands, and the outside is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes import scene_graph

from diarchy.agent.scene.exporting import export_map, grid_of
from diarchy.contracts.errors import BadInputError
from diarchy.robots.ros2.map_files import read_map

WALL = {"position": [4.4, 1.0, 1.0], "extent": [0.1, 2.0, 2.0]}


def test_furniture_and_walls_are_solid_and_the_floor_is_free() -> None:
    grid = grid_of(scene_graph(walls=[WALL], bounds=[-1, -1, 10, 6]))
    assert grid.value_at(2.6, 0.6) == 100
    assert grid.value_at(4.4, 1.5) == 100
    assert grid.value_at(4.4, 3.0) == 0
    assert grid.value_at(1.5, 2.5) == 0
    assert grid.value_at(-0.5, -0.5) == -1


def test_what_was_exported_is_read_by_a_map_server(tmp_path: Path) -> None:
    graph = scene_graph(walls=[WALL])
    again = read_map(export_map(graph, tmp_path / "map"))
    assert (again.cells == grid_of(graph).cells).all()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="cannot be written"):
        export_map(scene_graph(), tmp_path / "file")
