"""What a predicate's truth rests on, and what evaluation reads of the world model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from diarchy.contracts.entity import Entity, StaticMap, Surface, Truth
from diarchy.contracts.geometry import SE3
from diarchy.contracts.world import Remembered


@dataclass(frozen=True)
class Evidence:
    """A truth value and the stamp (s) of what it rests on; None: on the map, or on nothing."""

    truth: Truth
    stamp: float | None = None


UNKNOWN = Evidence(Truth.UNKNOWN)


class BeliefView(Protocol):
    """What evaluation reads of the world model."""

    @property
    def static_map(self) -> StaticMap:
        """Rooms, walls, fixtures."""
        ...

    @property
    def stamp(self) -> float:
        """Of the newest proprioception or percept."""
        ...

    def map_from_base(self) -> SE3:
        """Where the base is."""
        ...

    def entities(self) -> Sequence[Entity]:
        """All believed, sorted by id."""
        ...

    def find(self, entity_id: str) -> Entity | None:
        """One of them; None if it is not believed to exist."""
        ...

    def is_lost(self, entity_id: str) -> bool:
        """Known once, seen to be gone from its place."""
        ...

    def rest_seen(self, entity_id: str) -> float | None:
        """Stamp of the last sighting with the robot at rest."""
        ...

    def held(self) -> str | None:
        """What is in the gripper."""
        ...

    def carrier(self, entity_id: str) -> str | None:
        """The movable thing that it lies on or in; None if there is none."""
        ...

    def carried_since(self, entity_id: str) -> float | None:
        """Stamp of the last look at rest that agreed with its lying there."""
        ...

    def state_stamp(self, entity_id: str, attribute: str) -> float | None:
        """Since when its temperature or cleanliness is known to be what its attributes say."""
        ...

    def remembered(self) -> Sequence[Remembered]:
        """What an earlier run saw and this one has not."""
        ...

    def surfaces(self, entity_id: str) -> tuple[Surface, ...]:
        """Where things can be put on or in it as it is now."""
        ...

    def door(self, entity_id: str) -> tuple[float, float] | None:
        """Opening (rad of a door, m of a drawer) and its stamp; None if never seen."""
        ...

    def power(self, entity_id: str) -> tuple[bool, float] | None:
        """Whether a device runs, and the stamp of that; None: not known (any more)."""
        ...

    def inspected(self, entity_id: str) -> float | None:
        """Stamp of the last good look at a fixture's surfaces."""
        ...
