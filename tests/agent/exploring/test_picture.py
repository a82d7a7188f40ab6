"""The map as a picture."""

from __future__ import annotations

import numpy as np

from diarchy.agent.exploring.picture import picture, ros_grid
from diarchy.perception.slam.occupancy_grid import FREE, SOLID, UNKNOWN, OccupancyGrid


def test_north_is_up_and_the_way_is_drawn() -> None:
    cells = np.full((20, 10), FREE, dtype=np.int8)
    cells[:, -1], cells[0, :] = SOLID, UNKNOWN
    grid = OccupancyGrid(cells, np.zeros(2))
    image = np.asarray(picture(grid, np.array([[0.2, 0.2, 0.0], [0.8, 0.2, 0.0]]), scale=4))
    assert image.shape == (40, 80, 3)
    assert image[1, 40].tolist() == [38, 50, 64]  # the wall in the north
    assert image[30, 1].tolist() == [205, 208, 212]  # the unknown in the west
    assert image[24, 40].tolist() == [219, 112, 61]  # the way


def test_ros_gets_the_same_cells_with_y_as_rows() -> None:
    cells = np.array([[FREE, SOLID, UNKNOWN], [FREE, FREE, FREE]], dtype=np.int8)
    grid = ros_grid(OccupancyGrid(cells, np.array([-1.0, 2.0])))
    assert grid.value_at(-0.98, 2.02) == FREE
    assert grid.value_at(-0.98, 2.07) == SOLID
    assert grid.value_at(-0.98, 2.12) == UNKNOWN
    assert grid.value_at(-0.93, 2.07) == FREE
