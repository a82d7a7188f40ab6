"""Maps as files: what was written is read, cell by cell, as a map server would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.robots.ros2.convert.maps import Grid
from diarchy.robots.ros2.map_files import read_map, write_map

CELLS = np.array([[100, 0, 0, -1], [0, 0, 100, -1], [-1, -1, -1, 100]], dtype=np.int8)


def grid(yaw: float = 0.0) -> Grid:
    return Grid(CELLS, 0.05, SE3.from_xyz_yaw(-1.5, 2.25, 0.0, yaw))


@pytest.mark.parametrize("yaw", [0.0, 0.4])
def test_what_was_written_is_read(tmp_path: Path, yaw: float) -> None:
    again = read_map(write_map(grid(yaw), tmp_path / "out"))
    assert np.array_equal(again.cells, CELLS)
    assert again.resolution == 0.05
    assert again.origin.translation == pytest.approx([-1.5, 2.25, 0.0])
    assert again.origin.yaw == pytest.approx(yaw)


def test_the_picture_has_north_up_and_is_dark_where_it_is_solid(tmp_path: Path) -> None:
    write_map(grid(), tmp_path)
    with Image.open(tmp_path / "map.pgm") as picture:
        assert picture.size == (4, 3)
        assert picture.getpixel((0, 2)) == 0
        assert picture.getpixel((1, 2)) == 254
        assert picture.getpixel((0, 0)) == 205


def test_the_keys_are_those_of_the_map_server(tmp_path: Path) -> None:
    told = yaml.safe_load(write_map(grid(), tmp_path).read_text(encoding="utf-8"))
    assert set(told) == {
        "image", "mode", "resolution", "origin", "negate", "occupied_thresh", "free_thresh",
    }  # fmt: skip
    assert told["image"] == "map.pgm"


@pytest.mark.parametrize("text", ["", "image: none.pgm", "3", "image: [", "a: 1"])
def test_something_else_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match="is no map of a map server"):
        read_map(path)
