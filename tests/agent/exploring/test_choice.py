"""Which edge of the known is driven to next."""

from __future__ import annotations

import numpy as np

from diarchy.agent.exploring.choice import choose
from diarchy.perception.slam.frontiers import Frontier
from diarchy.skills.motion.costmap import CostMap, Grid
from diarchy.skills.motion.path import TravelField

HERE = (1.0, 2.0)


def _field() -> TravelField:
    """A hall of 8 by 4 m with a wall at x = 6 that nobody gets through."""
    cost = np.ones((160, 80))
    cost[120:122] = np.inf
    costmap = CostMap(Grid(np.zeros(2), (160, 80)), np.full((160, 80), 1.0), cost, 0.3)
    return TravelField.build(costmap, HERE)


def _edge(x: float, y: float, length: float = 0.5) -> Frontier:
    return Frontier(np.array([[x, y]]), length)


def test_the_near_edge_comes_first() -> None:
    near, far = _edge(2.0, 2.0), _edge(5.0, 2.0)
    aim = choose([far, near], _field(), [])
    assert aim is not None
    assert aim.frontier is near


def test_a_long_edge_is_worth_some_way_more() -> None:
    short, long = _edge(2.0, 2.0, 0.3), _edge(3.0, 2.0, 2.0)
    aim = choose([short, long], _field(), [])
    assert aim is not None
    assert aim.frontier is long


def test_what_was_looked_at_in_vain_is_left_alone() -> None:
    edge = _edge(2.0, 2.0)
    assert choose([edge], _field(), [np.array([2.1, 2.1])]) is None


def test_an_edge_behind_a_wall_is_not_driven_to() -> None:
    assert choose([_edge(7.9, 2.0)], _field(), []) is None


def test_it_stands_where_it_can_and_looks_over() -> None:
    aim = choose([_edge(6.5, 2.0)], _field(), [])
    assert aim is not None
    assert aim.spot[0] < 6.0
    assert np.hypot(*(aim.spot - [6.5, 2.0])) < 1.5
