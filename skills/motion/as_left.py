"""Taking a thing again the way the hand let go of it."""

from __future__ import annotations

from diarchy.contracts.world import WorldView
from diarchy.skills.motion.grasps import Grasp


def as_left(world: WorldView, entity_id: str) -> list[Grasp]:
    """Return the grasp with which the hand let go of a thing; none if it never did, or the thing is elsewhere by now.

    Where the hand came out, it goes in: in narrow places hardly another way is free.
    """
    left = world.let_go(entity_id)
    if left is None:
        return []
    pose, opening = left
    return [Grasp("as left", pose, opening, 0.0, 0.0)]
