"""What an earlier run saw: hints where to look first, until this run has looked. Never evidence of anything.

What is remembered is kept beside the belief and not in it: no predicate is evaluated on it, nothing is
planned around it as if it stood there, and no goal is seen to hold by it. Its confidence is that of a belief
whose position does not count as known (`memory.belief.SURE`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diarchy.contracts.entity import Entity, Sighting, Truth
from diarchy.contracts.world import Remembered
from diarchy.memory.absence import GONE_AFTER, missed
from diarchy.memory.association import pair_cost
from diarchy.memory.belief import CAN_HOLD, Belief
from diarchy.memory.scene_graph import Relation, SceneFixture, SceneGraph, SceneObject
from diarchy.perception.percept import Percept

FADED = 0.45
"""What was sure at the end of one run is so sure at the start of the next: less than what counts as known."""
FADES = 0.5
"""Each further run that did not look there leaves this part of it."""
FORGOTTEN = 0.05
"""Less sure things are not remembered any more."""


class Recollections:
    """The remembered things by id, and what was known of the furniture."""

    def __init__(self) -> None:
        self.fixtures: dict[str, SceneFixture] = {}
        self._things: dict[str, SceneObject] = {}
        self._places: dict[str, str | None] = {}
        self._misses: dict[str, float] = {}
        self._gone: dict[str, SceneObject] = {}

    def take(self, graph: SceneGraph) -> None:
        """Remember a graph that an earlier run left."""
        old = aged(graph)
        self.fixtures = {f.id: f for f in old.fixtures}
        self._things = {o.id: o for o in old.objects}
        self._places = {o.id: old.fixture_under(o.id) for o in old.objects}
        self._misses, self._gone = {}, {}

    def __len__(self) -> int:
        return len(self._things)

    def names(self) -> frozenset[str]:
        """Ids that are taken by what is remembered."""
        return frozenset(self._things)

    def things(self) -> list[SceneObject]:
        """What is remembered, and what was and has been seen to be gone; sorted by id."""
        both = self._things | self._gone
        return [both[name] for name in sorted(both)]

    def hints(self) -> tuple[Remembered, ...]:
        """Where to look for what, the surest and latest first."""
        surest = sorted(
            self._things.values(), key=lambda o: (-o.confidence, -(o.last_seen or 0.0), o.id)
        )
        return tuple(Remembered(thing=_entity(o), place=self._places[o.id]) for o in surest)

    def name_of(self, sighting: Sighting) -> str | None:
        """Return the id of the remembered thing that was just seen; an identity of the detector's decides alone."""
        instance = sighting.detection.instance
        if instance is not None:
            known = self._things.get(instance)
            return instance if known is not None and known.cls == sighting.detection.cls else None
        costs = [
            (pair_cost(sighting, self._belief(o)), name) for name, o in sorted(self._things.items())
        ]
        best = min(costs, default=(np.inf, ""))
        return best[1] if np.isfinite(best[0]) else None

    def found(self, name: str) -> None:
        """It was seen: from now on it is believed, and not remembered."""
        self._things.pop(name, None)
        self._gone.pop(name, None)

    def look(self, percept: Percept, seen: Sequence[Sighting]) -> None:
        """Notice, by a look at rest, what is not where it was; ``seen`` is all that was seen in it."""
        solid = [s for s in seen if s.detection.cls not in CAN_HOLD]
        for name, thing in sorted(self._things.items()):
            others = () if thing.cls in CAN_HOLD else solid
            self._misses[name] = self._misses.get(name, 0.0) + missed(
                self._belief(thing), percept, others
            )
            if self._misses[name] >= GONE_AFTER:
                gone = self._things.pop(name)
                self._gone[name] = gone.model_copy(update={"status": "gone", "relations": ()})

    def _belief(self, thing: SceneObject) -> Belief:
        """Write a memory as a belief, so that it can be compared with a look as one."""
        return Belief(
            id=thing.id,
            cls=thing.cls,
            kind="object",
            position=np.array(thing.position),
            yaw=thing.yaw,
            extent=np.array(thing.extent),
            attributes=dict(thing.attributes),
            last_seen=thing.last_seen,
            confidence=thing.confidence,
            complete=thing.complete,
            carrier=next((r.of for r in thing.relations if r.of not in self.fixtures), None),
        )


def aged(graph: SceneGraph) -> SceneGraph:
    """Return a graph as the next run begins with it: on that run's clock, and less sure of everything.

    Nobody knows how long it was between the two; the next run begins no earlier than this one ended.
    What was seen to be gone is left out, and so is what hardly anybody believes any more.
    """
    then = graph.stamp
    kept = [_faded(o, then) for o in graph.objects if o.status != "gone"]
    fixtures = [
        f.model_copy(
            update={
                name: _earlier(getattr(f, name), then)
                for name in ("door_seen", "running_seen", "inspected", "last_seen")
            }
        )
        for f in graph.fixtures
    ]
    return graph.model_copy(
        update={
            "stamp": 0.0,
            "objects": tuple(o for o in kept if o.confidence >= FORGOTTEN),
            "fixtures": tuple(fixtures),
        }
    )


def _faded(thing: SceneObject, then: float) -> SceneObject:
    factor = FADED if thing.status == "seen" else FADES
    relations = tuple(
        Relation(name=r.name, of=r.of, truth=Truth.UNKNOWN, stamp=_earlier(r.stamp, then))
        for r in thing.relations
    )
    return thing.model_copy(
        update={
            "status": "remembered",
            "held": False,
            "confidence": round(factor * thing.confidence, 3),
            "last_seen": _earlier(thing.last_seen, then),
            "relations": relations,
        }
    )


def _earlier(stamp: float | None, then: float) -> float | None:
    return None if stamp is None else round(stamp - then, 3)


def _entity(thing: SceneObject) -> Entity:
    return Entity(
        id=thing.id,
        cls=thing.cls,
        kind="object",
        position=thing.position,
        yaw=thing.yaw,
        extent=thing.extent,
        attributes=thing.attributes,
        room=thing.room,
        last_seen=thing.last_seen,
        confidence=thing.confidence,
        can_hold=CAN_HOLD.get(thing.cls, ()),
        movable=True,
        complete=thing.complete,
    )
