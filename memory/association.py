"""Which sighting is which believed thing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diarchy.contracts.entity import Sighting
from diarchy.memory.belief import STATES, Belief

GATE = 0.30
"""Without an identity from the detector, a thing farther than this (m) from its belief is another."""
MISMATCH = 0.10
"""Metres that one contradicting attribute counts for; colours are misread in bad light."""


def associate(sightings: Sequence[Sighting], beliefs: Sequence[Belief]) -> dict[int, Belief]:
    """Match sightings to beliefs, at most one each.

    An identity given by the detector decides alone. The rest is assigned at least total cost
    (Hungarian method) over pairs of one class within the gate, cost = distance + attribute mismatch.

    Returns:
        Index of the sighting to its belief; sightings that match nothing are absent.
    """
    matched: dict[int, Belief] = {}
    by_instance = {b.instance: b for b in beliefs if b.instance is not None}
    for index, sighting in enumerate(sightings):
        known = by_instance.get(sighting.detection.instance or "")
        if known is not None:
            matched[index] = known
    taken = {b.id for b in matched.values()}
    rows = [i for i, s in enumerate(sightings) if i not in matched and s.detection.instance is None]
    columns = [b for b in beliefs if b.id not in taken]
    for row, column in _assign([sightings[i] for i in rows], columns):
        matched[rows[row]] = columns[column]
    return matched


def pair_cost(sighting: Sighting, belief: Belief) -> float:
    """Cost (m) of saying that they are one; inf if they cannot be."""
    if sighting.detection.cls != belief.cls:
        return float("inf")
    distance = float(np.linalg.norm(sighting.position - belief.position))
    if distance > GATE:
        return float("inf")
    return distance + MISMATCH * contradictions(sighting, belief)


def contradictions(sighting: Sighting, belief: Belief) -> int:
    """Number of lasting attributes that both name and that differ: what was cold may be hot now."""
    seen = {k: v for k, v in sighting.detection.attributes.items() if k not in STATES}
    return sum(1 for k, v in seen.items() if belief.attributes.get(k, v) != v)


def _assign(sightings: Sequence[Sighting], beliefs: Sequence[Belief]) -> list[tuple[int, int]]:
    if not sightings or not beliefs:
        return []
    from scipy.optimize import linear_sum_assignment

    cost = np.array([[pair_cost(s, b) for b in beliefs] for s in sightings])
    finite = np.where(np.isfinite(cost), cost, 1e3)
    rows, columns = linear_sum_assignment(finite)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if np.isfinite(cost[r, c])]
