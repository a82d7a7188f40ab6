"""Which edge of the known to drive to next, and from where to look over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.slam.frontiers import Frontier
from diarchy.skills.motion.path import TravelField

_SIGHT = 1.5
"""How far (m) from an edge the robot may stand to look over it."""
_GAIN, _MOST_GAIN = 1.0, 2.0
"""What a metre of edge is worth, in metres of way, and what an edge is worth at most."""
_AWAY = 1.0
"""What a metre between standpoint and edge costs, in metres of way."""
_SAME = 0.5
"""An edge whose middle lies within so many m of one that was looked at in vain is that one."""


@dataclass(frozen=True)
class Aim:
    """Where to stand ``[2]`` m, and what edge is looked over from there."""

    spot: FloatArray
    frontier: Frontier


def choose(found: Sequence[Frontier], field: TravelField, vain: Sequence[FloatArray]) -> Aim | None:
    """Return the edge that pays best, None if none is left that can be looked over.

    Args:
        found: edges of what is known.
        field: cost of driving from where the robot stands.
        vain: middles ``[2]`` of edges that were looked at and stayed what they were.
    """
    costs = field.costs
    reachable = np.argwhere(np.isfinite(costs))
    if not len(reachable):
        return None
    grid = field.costmap.grid
    spots = grid.origin + (reachable + 0.5) * grid.resolution
    travel = costs[reachable[:, 0], reachable[:, 1]]
    best, least = None, np.inf
    for frontier in found:
        middle = frontier.middle
        if any(float(np.hypot(*(middle - v))) < _SAME for v in vain):
            continue
        away = np.hypot(spots[:, 0] - middle[0], spots[:, 1] - middle[1])
        price = np.where(away < _SIGHT, travel + _AWAY * away, np.inf)
        k = int(np.argmin(price))
        pays = float(price[k]) - min(_GAIN * frontier.length, _MOST_GAIN)
        if pays < least:
            best, least = Aim(spots[k], frontier), pays
    return best
