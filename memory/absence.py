"""Evidence that a thing is not where it was believed to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diarchy.contracts.entity import Sighting
from diarchy.memory.belief import Belief
from diarchy.perception.percept import Percept
from diarchy.perception.visibility import Look, look_at_box

GONE_AFTER = 2.0
"""Looks that saw its place empty before a thing is believed gone."""
FLAT = 0.035
"""Thinner things (m) differ too little from what they lie on for depth alone to tell."""
FLAT_RANGE = 2.0


def missed(belief: Belief, percept: Percept, others: Sequence[Sighting]) -> float:
    """How much a percept without a sighting of a thing says that it is gone: 0, 0.5 or 1.

    1: a line of sight passes through its whole box, or another thing was seen standing in it. 0.5: the thing is flat, its place was in
    plain view nearby, and the detector named nothing there. 0: hidden, outside, or something is there.
    ``others`` are the sightings of things that cannot be where it is: not what it lies in or carries.
    """
    looks = _looks(belief, percept)
    if Look.PRESENT not in looks:
        return 1.0 if Look.EMPTY in looks else 0.0
    usurped = any(float(np.linalg.norm(s.position - belief.position)) < 0.03 for s in others)
    if usurped:
        return 1.0
    near = any(
        look is Look.PRESENT
        and float(np.linalg.norm(view.map_from_camera.translation - belief.position)) < FLAT_RANGE
        for look, view in zip(looks, percept.views, strict=True)
    )
    # At the bottom of a box too little of it may show for a detector to name it.
    return 0.5 if near and belief.extent[2] < FLAT and belief.carrier is None else 0.0


def covered(belief: Belief, percept: Percept) -> bool:
    """Whether a thing's place was looked at, and all that could be seen is what stands before it."""
    looks = set(_looks(belief, percept))
    return Look.OCCLUDED in looks and not looks & {Look.EMPTY, Look.PRESENT}


def _looks(belief: Belief, percept: Percept) -> list[Look]:
    return [
        look_at_box(v.frame, v.map_from_camera, belief.pose(), belief.extent) for v in percept.views
    ]
