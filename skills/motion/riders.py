"""What lies on or in a thing, and so goes where the thing goes."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import WorldView

_ON_TOP = 0.015
"""How much (m) higher than a thing something reaches that lies on it."""


def riders(world: WorldView, carrier: str) -> tuple[Entity, ...]:
    """Return what is believed to be on or in a movable thing, sorted by id; empty for others."""
    things = [e for e in world.entities() if e.kind == "object"]
    holder = next((e for e in things if e.id == carrier), None)
    if holder is None or not holder.can_hold:
        return ()

    def aboard(entity: Entity) -> bool:
        stated = [Condition(Predicate(r, (entity.id, carrier))) for r in holder.can_hold]
        return any(world.truth(condition) is Truth.TRUE for condition in stated)

    return tuple(e for e in things if e.id != carrier and aboard(e))


def carrier_of(world: WorldView, thing: str) -> Entity | None:
    """Return the movable thing that a thing is believed to be on or in, None if there is none."""
    for holder in world.entities():
        if holder.kind == "object" and holder.can_hold and holder.id != thing:
            stated = [Condition(Predicate(r, (thing, holder.id))) for r in holder.can_hold]
            if any(world.truth(condition) is Truth.TRUE for condition in stated):
                return holder
    return None


def resting_on(world: WorldView, thing: Entity) -> Entity | None:
    """Return what lies on top of a thing that is no container, None if nothing does.

    The believed box of what lies on something may reach down through it to the table, so its upper
    face decides.
    """
    if thing.can_hold:
        return None
    half = np.asarray(thing.extent[:2]) / 2.0
    into = thing.pose().inverse()
    for other in world.entities():
        around = bool(other.can_hold) and max(other.extent[:2]) > max(thing.extent[:2])
        if other.kind != "object" or other.id == thing.id or around:
            continue
        over = np.all(np.abs(into.apply(np.asarray(other.position))[:2]) < half)
        if over and other.top > thing.top + _ON_TOP:
            return other
    return None
