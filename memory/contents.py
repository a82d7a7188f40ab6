"""What lies in or on what, and goes along when that moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Sighting, StaticMap, Surface
from diarchy.contracts.geometry import FloatArray
from diarchy.memory.belief import Belief
from diarchy.memory.containers import carrier_of, contents_of
from diarchy.memory.devices import Change, Devices
from diarchy.memory.register import Register
from diarchy.memory.relations import lies_in
from diarchy.perception.support import surface_below

RAISED = np.array([0.0, 0.0, 0.04])
"""What was let go of over a cup counts as in it by the cup's outline so high (m) above its foot."""


@dataclass(frozen=True)
class Contents:
    """Keeps positions and carriers of the believed things together; acts on their beliefs."""

    static_map: StaticMap
    beliefs: Register
    devices: Devices

    def of(self, container: str) -> list[str]:
        """Ids of what lies in or on a movable thing, and in or on that."""
        return contents_of({b.id: b.carrier for b in self.beliefs}, container)

    def inside(self, fixture: str, carried: Collection[str]) -> list[str]:
        """Ids of the things in a fixture; none of those that are ``carried`` by the robot."""
        opening = self.devices.present_openings().get(fixture)
        surfaces = self.static_map.fixtures[fixture].surfaces_at(opening)
        return [b.id for b in self._lying(surfaces, carried)]

    def behind_doors(self, carried: Collection[str]) -> set[str]:
        """Ids of what is behind a shut door or in a shut drawer, where nobody can see it gone."""
        shut = [name for name in self.static_map.fixtures if self.devices.is_shut(name)]
        return {thing for name in shut for thing in self.inside(name, carried)}

    def move_with(self, change: Change, carried: Collection[str]) -> None:
        """What lies in a drawer goes where the drawer goes."""
        info = self.static_map.fixtures[change.fixture]
        if info.slide is None:
            return
        moved = info.displacement(change.after) @ info.displacement(change.before).inverse()
        for belief in self._lying(info.surfaces_at(change.before), carried):
            belief.position = moved.apply(belief.position)

    def follow(self, before: Mapping[str, FloatArray], seen: Collection[str]) -> None:
        """What is in a container that was seen elsewhere than ``before`` (``[3]`` m, by id) is there too.

        What was seen itself stays where it was seen.
        """
        for name in sorted(set(seen) & set(before)):
            container = self.beliefs.get(name)
            if container is not None:
                self._shift(name, container.position - before[name], seen)

    def settle(self, seen: Sequence[tuple[Belief, Sighting]], carried: Collection[str]) -> None:
        """Decide in or on which movable things the things lie that were just seen."""
        for belief, sighting in seen:
            if belief.kind == "object" and belief.id not in carried:
                foot = sighting.foot if sighting.foot is not None else lower_face(belief)
                belief.carrier = self._carrier(belief, foot)

    def lower(self, belief: Belief, reach: float) -> None:
        """Put a thing down on what is at most ``reach`` m below it, and what it carries with it."""
        foot = lower_face(belief)
        openings = self.devices.present_openings()
        height = surface_below(self.static_map, foot, reach, openings)
        drop = np.array([0.0, 0.0, 0.0 if height is None else height - foot[2]])
        belief.position = belief.position + drop
        belief.complete, belief.misses = False, 0
        self._shift(belief.id, drop, ())
        belief.carrier = self._carrier(belief, lower_face(belief) + RAISED)

    def _carrier(self, belief: Belief, foot: FloatArray) -> str | None:
        inner = {belief.id, *self.of(belief.id)}
        around = [
            b.entity(self.static_map)
            for b in self.beliefs
            if b.kind == "object" and b.id not in inner
        ]
        return carrier_of(belief.entity(self.static_map), foot, around, before=belief.carrier)

    def _shift(self, container: str, by: FloatArray, but: Collection[str]) -> None:
        for thing in self.of(container):
            inner = self.beliefs.get(thing)
            if inner is not None and thing not in but:
                inner.position = inner.position + by
                inner.misses = 0

    def _lying(self, surfaces: Sequence[Surface], carried: Collection[str]) -> list[Belief]:
        inner = [s for s in surfaces if s.relation == "in"]
        candidates = [b for b in self.beliefs if b.kind == "object" and b.id not in carried]
        if not inner:
            return []
        entities = [(b, b.entity(self.static_map)) for b in candidates]
        return [b for b, entity in entities if any(lies_in(entity, s) for s in inner)]


def lower_face(belief: Belief) -> FloatArray:
    """Return the middle ``[3]`` m of a thing's lower face."""
    return np.asarray(belief.position - np.array([0.0, 0.0, belief.extent[2] / 2.0]))
