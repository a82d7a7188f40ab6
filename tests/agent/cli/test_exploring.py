"""``diarchy explore``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mujoco")
pytest.importorskip("small_gicp")

from diarchy.robots.ros2.map_files import read_map

Cli = Callable[..., Any]

ROOM = """
name: room
rooms:
  kitchen: {bounds: [0, 0, 3, 3], floor: tiles}
fixtures:
  - {class: GarbageCan, x: 2.6, y: 2.6, yaw_deg: 180}
robot: {x: 1.2, y: 1.4}
"""


def test_it_leaves_a_map_a_picture_and_what_came_of_it(cli: Cli, tmp_path: Path) -> None:
    scene = tmp_path / "room.yaml"
    scene.write_text(ROOM)
    out = tmp_path / "explored"
    result = cli("explore", "--scene", str(scene), "--record", str(out), "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout.splitlines()[-1])
    assert said["status"] == "closed"
    assert 6.5 < said["area_m2"] < 9.0
    assert said["guard"]["stopped"] == 0
    grid = read_map(Path(said["map"]))
    free = float(np.count_nonzero(grid.cells == 0)) * grid.resolution**2
    assert free == pytest.approx(said["area_m2"], abs=0.01)
    assert (out / "map.png").is_file()
    assert json.loads((out / "exploration.json").read_text()) == said
    assert np.count_nonzero(grid.cells == 100) > 100


def test_no_time_is_refused(cli: Cli) -> None:
    result = cli("explore", "--minutes", "0")
    assert result.exit_code == 2
    assert "--minutes" in result.output


def test_a_folder_that_is_taken_or_cannot_be_written_is_refused_before_anything_moves(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "exploration.json").write_text("{}")
    result = cli("explore", "--record", str(tmp_path))
    assert result.exit_code == 2
    assert "already" in result.output
    (tmp_path / "file").write_text("")
    result = cli("explore", "--record", str(tmp_path / "file" / "inside"))
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_a_dense_map_has_the_walls_of_the_room(cli: Cli, tmp_path: Path) -> None:
    try:
        import open3d
    except ImportError as error:
        pytest.skip(f"Open3D cannot be loaded here: {error}")
    scene = tmp_path / "room.yaml"
    scene.write_text(ROOM)
    out = tmp_path / "explored"
    result = cli("explore", "--scene", str(scene), "--record", str(out), "--dense-map", "--json")
    assert result.exit_code == 0, result.output
    written = json.loads(result.stdout.splitlines()[-1])["dense_map"]
    vertices = np.asarray(open3d.io.read_triangle_mesh(written).vertices)
    # The map begins at the robot: the room reaches from -1.2 and -1.4 m to 1.8 and 1.6 m, half of its walls inside.
    high = vertices[vertices[:, 2] > 0.3]
    for axis, wall in ((0, -1.15), (0, 1.75), (1, -1.35), (1, 1.55)):
        middle = np.abs(high[:, 1 - axis] - (0.3 if axis else 0.1)) < 0.9  # away from the corners
        off = high[middle & (np.abs(high[:, axis] - wall) < 0.15), axis] - wall
        assert len(off) > 200
        assert abs(float(np.median(off))) < 0.02
