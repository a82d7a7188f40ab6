"""How far it is to what was mapped."""

from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.guard import DistanceField
from diarchy.contracts.world import FAR
from diarchy.perception.slam.grid_field import GridField
from diarchy.perception.slam.occupancy_grid import FREE, SOLID, UNKNOWN, OccupancyGrid


def _hall() -> OccupancyGrid:
    cells = np.full((100, 60), FREE, dtype=np.int8)
    cells[80] = SOLID  # a wall from x = 3 to 3.05
    cells[81:] = UNKNOWN
    return OccupancyGrid(cells, np.array([-1.0, 0.0]))


def test_it_is_as_far_as_the_wall_is() -> None:
    field = GridField(_hall(), 2.0)
    assert isinstance(field, DistanceField)
    assert field.stamp == 2.0
    found = field.distance([[1.0, 1.5, 0.3], [2.5, 1.5, 0.3], [3.02, 1.5, 0.0]])
    np.testing.assert_allclose(found, [2.0, 0.5, 0.0], atol=0.03)


def test_somebody_who_steps_in_is_nearer_than_the_wall() -> None:
    field = GridField(_hall(), 2.0).with_scan(np.array([[1.3, 1.5]]), 2.2)
    assert field.stamp == 2.2
    assert field.distance([[1.0, 1.5]])[0] == pytest.approx(0.3)


def test_where_nothing_is_known_nothing_is_solid() -> None:
    empty = GridField(OccupancyGrid(np.full((1, 1), UNKNOWN, dtype=np.int8), np.zeros(2)), 0.0)
    assert empty.distance([[4.0, 4.0, 0.3]]).tolist() == [FAR]
