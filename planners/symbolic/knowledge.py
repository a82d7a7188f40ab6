"""What the belief of one request knows: things, places, what is near and what nobody has looked at."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from diarchy.contracts.effects import State, initial_state
from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import PlanRequest, Reference, SubtaskRecord, find_skill
from diarchy.contracts.predicate import ANY, Predicate
from diarchy.planners.symbolic.naming import name_of
from diarchy.planners.symbolic.priors import likeliness

_DEEP = frozenset({"Drawer", "GarbageCan", "SinkBasin"})
"""A look from where one stands to work on them misses what lies right behind their near wall."""
_UNSTEADY = frozenset({"Bed", "CoffeeMachine", "Sofa", "StoveBurner", "ArmChair"})
Grounded = Entity | Reference


class Knowledge:
    """Reads one snapshot of the belief, and what the history adds to it."""

    def __init__(self, request: PlanRequest) -> None:
        self.request = request
        self.state: State = initial_state(request.world)
        self.entities = {e.id: e for e in request.world.entities}
        self.failures = _failures(request)
        self._left_alone = {
            c.predicate.args[0]
            for c in request.constraints
            if not c.value and c.predicate.name == "holding"
        }
        self._exempt = {
            c.predicate.args[0]
            for c in request.constraints
            if c.value and c.predicate.name == "holding"
        }
        self._promised = {a for g in request.committed if g.value for a in g.predicate.args}

    @property
    def takes_no_more(self) -> bool:
        """Whether the person said that nothing further shall be taken."""
        return ANY in self._left_alone

    def may_take(self, thing: Grounded) -> bool:
        """Whether the person lets a thing be taken; what is in the hand already may be brought to its end."""
        if self._left_alone & names_in_corrections(thing):
            return False
        held = isinstance(thing, Entity) and thing.id == self.request.world.held
        exempt = bool(self._exempt & names_in_corrections(thing))
        return held or exempt or not self.takes_no_more

    def located(self, kind: str | None = None) -> list[Entity]:
        """Entities of known position (of one kind), sorted by id."""
        known = [e for e in self.entities.values() if e.id in self.state.known]
        return sorted((e for e in known if kind in (None, e.kind)), key=lambda e: e.id)

    def distance(self, entity: Entity) -> float:
        """Metres from the robot, in the plane."""
        x, y, _ = self.request.world.robot_position
        return math.hypot(entity.position[0] - x, entity.position[1] - y)

    def by_distance(self, entities: Iterable[Entity]) -> list[Entity]:
        """Order by what failed least, then what an earlier plan chose, then nearest first."""
        return sorted(
            entities,
            key=lambda e: (
                self.failures[e.id],
                e.id not in self._promised,
                round(self.distance(e), 3),
                e.id,
            ),
        )

    def emptiest(self, places: Iterable[Entity]) -> list[Entity]:
        """Order drawers and the like: what was chosen before or stands open, then what is empty, then near."""
        inspected = self.request.world.inspected

        def fullness(place: Entity) -> int:
            return 2 * len(self.contents(place.id)) + (place.id not in inspected)

        return sorted(
            self.by_distance(places),
            key=lambda e: (
                self.failures[e.id],
                e.id not in self._promised,
                Predicate("open", (e.id,)) not in self.state.true,
                fullness(e) if e.openable else 0,
            ),
        )

    def name(self, thing: Grounded) -> str:
        """What it is called in words to a person."""
        return name_of(thing, self.entities)

    def parts(self, whole: str, words: Sequence[str] = ()) -> list[Entity]:
        """Fixtures that are built into another one; ``words`` may tell which: "top drawer"."""
        found = [e for e in self.located("fixture") if e.part_of == whole]
        named = [e for e in found if class_words(e.cls) in words]
        return self.by_height(named or found, words)

    def room_of(self, entity: Entity) -> str | None:
        """The room of a thing, or of what it rests on."""
        holder = self.entities.get(self.receptacle_of(entity.id) or "")
        return entity.room or (holder.room if holder is not None else None)

    def receptacle_of(self, thing: str) -> str | None:
        """Return the id of what the thing is believed to be on or in."""
        held = [p.args[1] for p in self.state.true if p.name in ("on", "in") and p.args[0] == thing]
        return min(held) if held else None

    def contents(self, place: str) -> list[Entity]:
        """Objects believed to be on or in a place, sorted by id."""
        inside = {
            p.args[0] for p in self.state.true if p.name in ("on", "in") and p.args[1] == place
        }
        return [e for e in self.located("object") if e.id in inside]

    def whereabouts(self, entity: Entity) -> str:
        """Return " on the coffee table", or an empty string."""
        place = self.receptacle_of(entity.id)
        if place is None or place not in self.entities:
            return ""
        relation = "on" if Predicate("on", (entity.id, place)) in self.state.true else "in"
        return f" {relation} the {self.name(self.entities[place])}"

    def by_height(self, found: list[Entity], words: Sequence[str]) -> list[Entity]:
        """Keep the highest or the lowest pieces of furniture, if the words say so."""
        heights = [e.position[2] for e in found if e.kind == "fixture"]
        if len(heights) > 1 and max(heights) - min(heights) > 0.05:
            if {"top", "upper"} & set(words):
                return [e for e in found if e.position[2] == max(heights)]
            if {"bottom", "lower"} & set(words):
                return [e for e in found if e.position[2] == min(heights)]
        return found

    def since_held(self, cls: str) -> Sequence[SubtaskRecord]:
        """Return what was done since a thing of a class was last in the hand: what it lost there it has not looked for."""
        history = self.request.history
        for i in reversed(range(len(history))):
            thing = self.entities.get(str(history[i].args.get("object")))
            picked = history[i].skill == "pick" and history[i].status == "succeeded"
            if picked and thing is not None and thing.cls == cls:
                return history[i + 1 :]
        return history

    def closed_places(self, cls: str) -> list[Entity]:
        """Return closed places that nobody has looked into, the likeliest for a class first."""
        looked = {
            str(r.args.get("target"))
            for r in self.request.history
            if r.skill in ("look_at", "inspect")
        }
        closed = self.unseen(lambda e: e.openable and e.id not in looked)
        return sorted(closed, key=lambda e: likeliness(cls, e.cls))

    def remembered_closed(self, classes: Sequence[str], colours: Sequence[str]) -> list[Entity]:
        """Return the closed place, not looked into yet, where an earlier run saw such a thing; none if it was elsewhere last."""
        for hint in self.request.world.remembered:
            thing = hint.thing
            said = {thing.attributes.get("color", c) for c in colours} <= set(colours)
            if thing.cls in classes and said:
                return [e for e in self.closed_places(thing.cls) if e.id == hint.place]
        return []

    def deep_places(self, cls: str) -> list[Entity]:
        """Return places whose near wall hides what lies behind it, and that nobody has looked into from nearby."""
        if find_skill(self.request.skills, "change_view") is None:
            return []
        done = {str(r.args.get("target")) for r in self.request.history if r.skill == "change_view"}
        deep = [e for e in self.located("fixture") if e.cls in _DEEP and e.id not in done]
        return sorted(self.by_distance(deep), key=lambda e: likeliness(cls, e.cls))

    def near_surface(
        self, of: Entity | None = None, among: Sequence[Entity] | None = None
    ) -> Entity | None:
        """Return the nearest open surface, of the robot or of a thing, to put something down on."""
        surfaces = [
            e
            for e in (among if among is not None else self.located("fixture"))
            if "on" in e.can_hold and not e.openable
        ]
        steady = [e for e in surfaces if e.cls not in _UNSTEADY] or surfaces
        if of is None:
            return next(iter(self.by_distance(steady)), None)
        return min(steady, key=lambda e: (round(gap(of, e), 3), e.id), default=None)

    def unseen(self, among: Callable[[Entity], bool] = lambda e: True) -> list[Entity]:
        """Return the fixtures whose surfaces (or open insides) were never looked at, nearest first."""
        inspected = self.request.world.inspected
        fixtures = [e for e in self.located("fixture") if e.can_hold and e.id not in inspected]
        return self.by_distance(e for e in fixtures if among(e))


def names_in_corrections(thing: Grounded) -> set[str]:
    """How a correction may have named a thing: by its id, or as it was described before it was seen."""
    if isinstance(thing, Reference):
        return {str(thing)}
    colour = thing.attributes.get("color")
    said: list[dict[str, str]] = [{}, {"color": colour}] if colour else [{}]
    described = (
        Reference.model_validate({"cls": thing.cls, "attributes": a, "quantifier": q})
        for a in said
        for q in ("the", "a")
    )
    return {thing.id, *(str(d) for d in described)}


def gap(a: Entity, b: Entity) -> float:
    """Metres in the plane from the centre of ``a`` to the footprint of ``b``."""
    dx, dy = a.position[0] - b.position[0], a.position[1] - b.position[1]
    c, s = math.cos(b.yaw), math.sin(b.yaw)
    x, y = abs(c * dx + s * dy), abs(-s * dx + c * dy)
    return math.hypot(max(x - b.extent[0] / 2, 0.0), max(y - b.extent[1] / 2, 0.0))


def _failures(request: PlanRequest) -> Counter[str]:
    """Count by thing how often a skill has failed on it (the last argument is what it acts at)."""
    counts: Counter[str] = Counter()
    for record in request.history:
        if record.status == "failed" and record.args:
            counts[str(list(record.args.values())[-1])] += 1
    return counts
