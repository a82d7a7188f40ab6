"""What a description means among the things that are believed to exist."""

from __future__ import annotations

import math

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.plan import Reference
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import WorldView

NEAR = 1.0
"""Two things are near each other when they are at most so many metres apart."""


def matches(entity: Entity, reference: Reference, world: WorldView) -> bool:
    """Tell whether an entity is what a reference describes, as far as it is believed."""
    if not looks_like(entity, reference) or (entity.kind == "object" and entity.last_seen is None):
        return False
    if reference.relation is None or reference.anchor is None:
        return True
    around = anchors(reference, world)
    if reference.relation == "near":
        return any(distance(entity, a) < NEAR for a in around)
    relations = [Predicate(reference.relation, (entity.id, a.id)) for a in around]
    return any(world.truth(Condition(p)) is Truth.TRUE for p in relations)


def looks_like(entity: Entity, reference: Reference) -> bool:
    """Tell whether class and attributes are those of a description, wherever the thing is."""
    described = reference.attributes.items()
    return entity.cls == reference.cls and all(entity.attributes.get(k) == v for k, v in described)


def anchors(reference: Reference, world: WorldView) -> list[Entity]:
    """Return the entities that the anchor of a reference names, by id or by class."""
    return [e for e in world.entities() if reference.anchor in (e.id, e.cls)]


def distance(first: Entity, second: Entity) -> float:
    """Return the horizontal distance of two centres, m."""
    return math.dist(first.position[:2], second.position[:2])
