"""How the hand let go of things: the surest way to take them again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray

SLID = 0.08
"""A thing that slid this far (m) after it was let go may have turned."""
FLAT = np.radians(12.0)
"""A thing let go of while it leant by more (rad) fell flat: the fingers would now close aslant of it."""


@dataclass(frozen=True)
class _Release:
    """Where the hand was, how far open (m), and where the thing was ``[3]`` m in ``map``."""

    map_from_gripper: SE3
    opening: float
    position: FloatArray


class Releases:
    """Remembers, for each thing, the last time the hand let go of it."""

    def __init__(self) -> None:
        self._of: dict[str, _Release] = {}

    def add(
        self, entity_id: str, map_from_gripper: SE3, opening: float, gripper_from_thing: SE3 | None
    ) -> None:
        """Take note; ``gripper_from_thing`` is how it sat in the hand (None: it is not known how)."""
        self._of.pop(entity_id, None)
        if gripper_from_thing is None:
            return
        thing = map_from_gripper @ gripper_from_thing
        if float(np.arccos(np.clip(thing.rotation[2, 2], -1.0, 1.0))) <= FLAT:
            self._of[entity_id] = _Release(map_from_gripper, opening, thing.translation.copy())

    def of(self, thing: Entity) -> tuple[SE3, float] | None:
        """``map_from_gripper`` and opening (m), moved along with what slid a little; None if it is elsewhere."""
        release = self._of.get(thing.id)
        if release is None:
            return None
        slid = np.append((np.array(thing.position) - release.position)[:2], 0.0)
        if float(np.linalg.norm(slid)) > SLID:
            return None
        hand = release.map_from_gripper
        return SE3(hand.rotation, hand.translation + slid), release.opening
