"""The cheapest way over the cost map, and a smooth line along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.graph import MCP_Geometric

from diarchy.contracts.geometry import FloatArray
from diarchy.skills.motion.costmap import CostMap

_SHORTCUT_STEP = 0.03
_CORNER = 0.25
"""What a corner costs (m): to stop, turn and set off again takes as long as driving this far."""


@dataclass(frozen=True)
class TravelField:
    """Cost of driving from one place to everywhere.

    Build it once and ask for many goals: that is what makes ordering viewpoints cheap.
    """

    costmap: CostMap
    start: tuple[float, float]
    _search: MCP_Geometric
    _costs: FloatArray

    @staticmethod
    def build(costmap: CostMap, start: tuple[float, float]) -> TravelField:
        """Compute the field from ``start`` m in ``map``."""
        cost = np.where(np.isinf(costmap.cost), -1.0, costmap.cost)
        cell = tuple(int(i) for i in costmap.grid.cells(start))
        cost[cell] = max(cost[cell], 1.0)
        search = MCP_Geometric(cost, fully_connected=True)
        costs, _ = search.find_costs([cell])
        return TravelField(costmap, start, search, costs * costmap.grid.resolution)

    @property
    def costs(self) -> FloatArray:
        """Cost to every cell ``[nx, ny]``: metres, more near obstacles; infinite where no way leads."""
        return self._costs

    def cost(self, x: float, y: float) -> float:
        """Cost to a point: metres, more near obstacles; infinite if there is no way."""
        if not self.costmap.grid.inside([x, y]):
            return float("inf")
        i, j = self.costmap.grid.cells([x, y])
        return float(self._costs[i, j])

    def path(self, x: float, y: float) -> FloatArray | None:
        """Return way points ``[n >= 2, 2]`` m from the start to a point, smoothed; None: no way."""
        if not np.isfinite(self.cost(x, y)):
            return None
        grid = self.costmap.grid
        i, j = (int(k) for k in grid.cells([x, y]))
        cells = np.array(self._search.traceback((i, j)), dtype=np.float64)
        points = grid.origin + (cells + 0.5) * grid.resolution
        points = np.concatenate([[self.start], points[1:-1], [[x, y]]])
        return shortcut(self.costmap, points)


def shortcut(costmap: CostMap, points: FloatArray) -> FloatArray:
    """Replace stretches of a path ``[n, 2]`` by straight lines that cost no more than it and its corners.

    Each line starts at a kept point and goes to the farthest later one it pays to reach directly.
    """
    kept = [0]
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    steps = lengths * (_cost_at(costmap, points[:-1]) + _cost_at(costmap, points[1:])) / 2.0
    spent = np.concatenate([[0.0], np.cumsum(steps)])
    last = len(points) - 1
    while kept[-1] < last:
        here = kept[-1]
        candidates = range(last, here + 1, -1)
        allowed = (
            k for k in candidates if _pays(costmap, points[here], points[k], spent[k] - spent[here])
        )
        kept.append(next(allowed, here + 1))
    return points[kept]


def _pays(costmap: CostMap, a: FloatArray, b: FloatArray, budget: float) -> bool:
    length = float(np.linalg.norm(b - a))
    count = max(2, int(length / _SHORTCUT_STEP))
    line = a + np.linspace(0.0, 1.0, count)[:, None] * (b - a)
    return float(np.mean(_cost_at(costmap, line))) * length <= 1.02 * budget + _CORNER


def _cost_at(costmap: CostMap, points: FloatArray) -> FloatArray:
    cells = costmap.grid.cells(points)
    return costmap.cost[cells[:, 0], cells[:, 1]]


def path_length(points: FloatArray) -> float:
    """Length of a polyline ``[n, 2]``, m."""
    return float(np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1)))


def cut(points: FloatArray, step: float = 0.05) -> FloatArray:
    """Points ``[m, 2]`` about a ``step`` (m) apart on a polyline ``[n >= 2, 2]``."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    pieces = [
        np.linspace(a, b, max(2, int(n / step)))
        for a, b, n in zip(points, points[1:], lengths, strict=False)
    ]
    return np.concatenate(pieces)
