"""Maps in ROS's format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from diarchy.contracts.errors import BadInputError
from diarchy.perception.slam.occupancy_grid import FREE, SOLID, UNKNOWN, OccupancyGrid
from diarchy.perception.slam.ros_map import read_map, write_map

Cells = st_np.arrays(
    np.int8,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.sampled_from([-1, 0, 100]),
)


@settings(max_examples=25, deadline=None)
@given(Cells, st.floats(-9, 9), st.floats(-9, 9))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: np.ndarray, x: float, y: float
) -> None:
    grid = OccupancyGrid(cells, np.array([x, y]), 0.05)
    _, path = write_map(grid, tmp_path_factory.mktemp("map"))
    again = read_map(path)
    np.testing.assert_array_equal(again.cells, grid.cells)
    np.testing.assert_allclose(again.origin, grid.origin)
    assert again.resolution == grid.resolution


def test_the_first_row_is_the_north_edge(tmp_path: Path) -> None:
    from PIL import Image

    cells = np.array([[FREE, SOLID], [UNKNOWN, UNKNOWN]], dtype=np.int8)  # west column, then east
    picture, _ = write_map(OccupancyGrid(cells, np.zeros(2)), tmp_path)
    assert np.asarray(Image.open(picture)).tolist() == [[0, 205], [254, 205]]


def test_the_unknown_is_not_free_by_the_thresholds_that_are_written(tmp_path: Path) -> None:
    _, meaning = write_map(OccupancyGrid(np.zeros((1, 1), dtype=np.int8), np.zeros(2)), tmp_path)
    content = yaml.safe_load(meaning.read_text())
    assert (255 - 205) / 255 > content["free_thresh"] > (255 - 254) / 255


@pytest.mark.parametrize(
    ("content", "word"),
    [("a: 1", "origin"), ("[", "not a map"), ("image: none.pgm", "resolution")],
)
def test_what_is_no_map_is_said_to_be_none(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(content)
    with pytest.raises(BadInputError, match="map"):
        read_map(path)
    assert word
    with pytest.raises(BadInputError, match="cannot be read"):
        read_map(tmp_path / "missing.yaml")
