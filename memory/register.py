"""The things that are believed to exist, by id, and those that were seen to be gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from diarchy.contracts.entity import Entity, Sighting
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.memory.association import contradictions
from diarchy.memory.belief import Belief, snake


class Register:
    """Owns the beliefs; what was lost keeps its id should it turn up again.

    Args:
        reserved: ids that are not to be given to anything new.
    """

    def __init__(self, reserved: Collection[str]) -> None:
        self._reserved = frozenset(reserved)
        self._present: dict[str, Belief] = {}
        self._lost: dict[str, Belief] = {}
        self._counts: dict[str, int] = {}

    def __iter__(self) -> Iterator[Belief]:
        """All that is believed to exist, sorted by id."""
        return iter([self._present[name] for name in sorted(self._present)])

    def get(self, entity_id: str | None) -> Belief | None:
        """Look one up; None if it is not believed to exist (any more)."""
        return None if entity_id is None else self._present.get(entity_id)

    def add(self, belief: Belief) -> None:
        """Believe in something that the map tells of."""
        self._present[belief.id] = belief

    def is_lost(self, entity_id: str) -> bool:
        """Whether it was known once and then seen to be gone from its place."""
        return entity_id in self._lost

    def lost(self) -> list[Belief]:
        """All that was known once and then seen to be gone from its place, sorted by id."""
        return [self._lost[name] for name in sorted(self._lost)]

    def lose(self, entity_id: str) -> None:
        """It is not where it was believed to be."""
        self._lost[entity_id] = self._present.pop(entity_id)

    def find_again(self, entity_id: str) -> None:
        """Something else than eyes knows that it still exists: a hand that closed on it."""
        if entity_id in self._lost:
            self._present[entity_id] = self._lost.pop(entity_id)

    def admit(
        self, sighting: Sighting, *, name: str | None = None, reserved: Collection[str] = ()
    ) -> Belief:
        """Begin a belief, or find again what was lost.

        Args:
            sighting: what was seen.
            name: the id it had in an earlier run, if it is known again.
            reserved: ids of other things that may yet be known again.
        """
        revived = self._among_lost(sighting)
        if revived is not None:
            revived.count, revived.complete, revived.carrier = 0, False, None
            self.find_again(revived.id)
            return revived
        person = sighting.detection.cls == "Person"
        new_id = name or self._new_id(sighting, reserved)
        belief = Belief.of(sighting, new_id, "person" if person else "object")
        self._present[belief.id] = belief
        return belief

    def movable(self, entity_id: str) -> Belief:
        """Look up what can be held.

        Raises:
            BadInputError: no such object is known.
        """
        belief = self._present.get(entity_id)
        if belief is None or belief.kind != "object":
            names = [b.id for b in self if b.kind == "object"]
            hint = did_you_mean(entity_id, names)
            raise BadInputError(f"cannot hold '{entity_id}', no such object is known; {hint}")
        return belief

    def _new_id(self, sighting: Sighting, reserved: Collection[str]) -> str:
        """Name a thing: by the oracle's own name for it where there is one, else by class and number."""
        taken = {*self._present, *self._lost, *self._reserved}
        instance = sighting.detection.instance
        if instance is not None and instance not in taken:
            return instance
        name = snake(sighting.detection.cls)
        number = self._counts.get(name, 0) + 1
        while f"{name}_{number}" in taken or f"{name}_{number}" in reserved:
            number += 1
        self._counts[name] = number
        return f"{name}_{number}"

    def _among_lost(self, sighting: Sighting) -> Belief | None:
        seen = sighting.detection
        for _, belief in sorted(self._lost.items()):
            if seen.instance is not None or belief.instance is not None:
                if seen.instance == belief.instance:
                    return belief
            elif belief.cls == seen.cls and not contradictions(sighting, belief):
                return belief
        return None


def person_belief(entity: Entity) -> Belief:
    """Believe in a person where the map says that one stands."""
    return Belief(
        id=entity.id,
        cls=entity.cls,
        kind="person",
        position=np.array(entity.position),
        yaw=entity.yaw,
        extent=np.array(entity.extent),
        attributes=dict(entity.attributes),
        instance=entity.id,
        complete=True,
    )
