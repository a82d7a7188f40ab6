"""Where the base may be on a map that was drawn."""

from __future__ import annotations

import numpy as np

from diarchy.perception.slam.occupancy_grid import FREE, SOLID, UNKNOWN, OccupancyGrid
from diarchy.skills.motion.mapped import mapped_costmap
from diarchy.skills.motion.path import TravelField
from diarchy.testing.samples import sample_spec

SPEC = sample_spec()


def _hall() -> OccupancyGrid:
    """6 by 4 m, a wall across at x = 3 with a gap of 1 m in the middle, and unknown beyond x = 5."""
    cells = np.full((120, 80), FREE, dtype=np.int8)
    cells[60] = SOLID
    cells[60, 30:50] = FREE
    cells[100:] = UNKNOWN
    cells[:, [0, -1]] = SOLID
    return OccupancyGrid(cells, np.zeros(2))


def test_the_base_fits_where_it_is_wide_enough() -> None:
    costmap = mapped_costmap(_hall(), SPEC)
    assert costmap.free(1.5, 2.0)
    assert costmap.free(3.0, 2.0)
    assert not costmap.free(3.0, 0.8)
    assert not costmap.free(1.5, 0.2)


def test_the_unknown_is_no_way() -> None:
    field = TravelField.build(mapped_costmap(_hall(), SPEC), (1.5, 2.0))
    assert np.isfinite(field.cost(4.3, 2.0))
    assert not np.isfinite(field.cost(5.5, 2.0))


def test_somebody_in_the_gap_closes_it() -> None:
    costmap = mapped_costmap(_hall(), SPEC, seen_now=np.array([[3.0, 2.0], [99.0, 99.0]]))
    assert not np.isfinite(TravelField.build(costmap, (1.5, 2.0)).cost(4.3, 2.0))


def test_a_base_that_stands_too_near_finds_its_way_out() -> None:
    here = (1.5, 0.25)
    assert not np.isfinite(TravelField.build(mapped_costmap(_hall(), SPEC), (4.3, 2.0)).cost(*here))
    costmap = mapped_costmap(_hall(), SPEC, escape_from=here)
    assert np.isfinite(TravelField.build(costmap, here).cost(1.5, 2.0))
