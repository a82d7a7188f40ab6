"""Stages that put things somewhere: on and in furniture, into other things, into a person's hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import Reference, find_skill
from diarchy.contracts.predicate import ANY, Condition, Predicate
from diarchy.planners.symbolic.answers import Explore, refuse
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.knowledge import Grounded
from diarchy.planners.symbolic.several import Collector
from diarchy.planners.symbolic.stage import Stage, find_first, is_so
from diarchy.planners.symbolic.steps import Described, Step

_ROOM_TO_SPARE = 0.01
_MOST_FAILURES = 2


class Placer:
    """Finds where things shall go, and how."""

    def __init__(self, grounder: Grounder, collector: Collector) -> None:
        self._grounder = grounder
        self._collector = collector

    def stages(self, step: Step, thing: Described, things: list[Grounded]) -> list[Stage]:
        """Put all the things where the step says.

        Raises:
            Answered: with a question where to, or a refusal.
            Explore: the place must be found first.
        """
        step = self.second_guess(step, thing)
        thing = step.obj or thing
        place, relation = self._target(step, thing)
        many = thing.many or thing.kind == "everything"
        promised = self._promised(things, place, relation) if many else []
        things += [self._grounder.entities[i] for i in promised if i in self._grounder.entities]
        lost = [i for i in promised if i not in self._grounder.entities]
        if not things and not lost:
            where = f" on the {thing.places[0][1].words()}" if thing.places else ""
            return [Stage(note=f"there is nothing to move{where}"), *self._nothing_left(thing)]
        moved = [t for t in things if not (isinstance(t, Entity) and t.id == place.id)]
        stages: list[Stage] = []
        for each in moved:
            self._insist_that_it_fits(each, place, relation)
            goal = is_so(relation, each, place)
            words = self._words(each, place, relation)
            stages += find_first(each)
            stages += self._bring_out(place, goal)
            stages.append(Stage((goal,), (each, place), words))
        missing = tuple(Condition(Predicate(relation, (i, place.id))) for i in lost)
        return [*stages, Stage(missing=missing), *self._nothing_left(thing)]

    def _words(self, thing: Grounded, place: Entity, relation: str) -> str:
        name = self._grounder.name(thing)
        if relation == "given":
            return f"give the {name} to the person"
        return f"have the {name} {relation} the {self._grounder.name(place)}"

    def _bring_out(self, place: Entity, goal: Condition) -> list[Stage]:
        """Take a bowl out of a cupboard before something is put into it."""
        holder = self._grounder.entities.get(self._grounder.receptacle_of(place.id) or "")
        spare = self._grounder.near_surface()
        if place.kind != "object" or holder is None or not holder.openable or spare is None:
            return []
        return [Stage((is_so("on", place, spare),), (place, spare), unless=(goal,), passing=True)]

    def _promised(self, things: Sequence[Grounded], place: Entity, relation: str) -> list[str]:
        """Recall what an earlier plan for this sentence was to put there: it may have slipped on the way."""
        present = {t.id for t in things if isinstance(t, Entity)}
        goals = [
            g.predicate.args
            for g in self._grounder.request.committed
            if g.value and g.predicate.name == relation
        ]
        left_alone = self._grounder.request.constraints
        forbidden = {a for c in left_alone for a in c.predicate.args}
        if ANY in forbidden:
            return []
        return [
            a
            for a, b in goals
            if b == place.id and a not in present and a != ANY and a not in forbidden
        ]

    def _nothing_left(self, thing: Described) -> list[Stage]:
        """Have another look at what was to be emptied: something may have stood behind something."""
        if thing.kind != "everything" or any(role == "except" for role, _ in thing.places):
            return []
        if self._grounder.request.constraints:
            return []  # something is to stay there
        emptied = [
            (role or "on", self._grounder.one(p))
            for role, p in thing.places
            if role in ("on", "in", "") and p.kind != "room"
        ]
        left = [
            Condition(Predicate(role, (ANY, place.id)), value=False)
            for role, place in emptied
            if isinstance(place, Entity)
        ]
        return [Stage(checks=tuple(left))] if left else []

    # ---- where to -----------------------------------------------------------------------------

    def second_guess(self, step: Step, thing: Described) -> Step:
        """Read "the mug on the table on the shelf" by where a mug really stands."""
        if step.action != "put" or step.instead is None or step.dest is None:
            return step
        place = self._grounder.one(step.dest)
        there = thing.at(step.role if step.role in ("on", "in") else "", step.dest)
        if isinstance(place, Entity) and thing.kind == "thing" and self._grounder.candidates(there):
            role, dest = step.instead
            return replace(step, obj=there, dest=dest, role=role, instead=None)
        return step

    def _target(self, step: Step, thing: Described) -> tuple[Entity, str]:
        """Find where it shall go and how: before anything moves, a bad place is refused."""
        if step.role == "near" and step.dest is not None:
            return self._beside(step.dest)
        if step.dest is not None and step.dest.kind == "person":
            return self._to_person()
        words = step.dest.adjectives if step.dest is not None else ()
        return self._spot(self._place(step, thing), step.role, words)

    def _to_person(self) -> tuple[Entity, str]:
        """Into the person's hands; if that does not work, or cannot be done, on a surface beside them."""
        meant = self._instead_of_person()
        if meant is not None:
            return self._spot(meant, "on")
        skill = find_skill(self._grounder.request.skills, "hand_over")
        people = self._grounder.by_distance(self._grounder.located("person"))
        vain = [r for r in self._grounder.request.history
                if r.skill == "hand_over" and r.status == "failed"]  # fmt: skip
        if skill is not None and people and len(vain) < _MOST_FAILURES:
            return people[0], "given"
        return self._spot(self._grounder.beside_person(), "on")

    def _instead_of_person(self) -> Entity | None:
        """The place that the person named in place of the own hands."""
        instead = self._grounder.request.instead
        people = [e.id for e in self._grounder.located("person") if e.id in instead]
        return self._grounder.entities.get(str(instead[people[0]])) if people else None

    def _spot(self, place: Entity, role: str, words: Sequence[str] = ()) -> tuple[Entity, str]:
        """Choose on or in, as said if the place allows it; "in the dresser" is in one of its drawers."""
        if role in place.can_hold and "drawer" not in words:
            return place, role
        parts = [p for p in self._grounder.parts(place.id, words) if p.can_hold]
        fits = [p for p in parts if role in p.can_hold] or ([] if place.can_hold else parts)
        if fits:
            place = self._grounder.emptiest(fits)[0]
        if not place.can_hold:
            holders = {
                self._grounder.name(e) for e in self._grounder.located("fixture") if e.can_hold
            }
            raise refuse("impossible", f"nothing can be put on or in the {self._grounder.name(place)}",
                         f"what holds things here: {', '.join(sorted(holders)) or 'nothing'}")  # fmt: skip
        if role in place.can_hold:
            return place, role
        return place, "on" if "on" in place.can_hold else "in"

    def _place(self, step: Step, thing: Described) -> Entity:
        dest = step.dest
        if dest is None and step.role == "down":
            near = self._grounder.near_surface()
            if near is not None:
                return near
        if dest is None:
            source = thing.places[0][1] if thing.places else None
            what = f"the {thing.words()}"
            if source is not None and thing.kind == "everything":
                holder = self._grounder.one(source)
                inside = isinstance(holder, Entity) and holder.can_hold == ("in",)
                what = f"what is {'in' if inside else 'on'} the {source.words()}"
            return self._grounder.asked_place(f"Where shall I put {what}?", source)
        return self._in_room(dest) if dest.kind == "room" else self._grounder.fixture(dest)

    def _in_room(self, room: Described) -> Entity:
        anchor = self._grounder.one(room)
        located = self._grounder.located("fixture")
        there = [
            e
            for e in located
            if isinstance(anchor, Entity) and e.room == anchor.room and "on" in e.can_hold
        ]
        if not there:
            raise refuse("impossible", f"there is no surface in the {room.word} to put it on")
        return self._grounder.near_surface(among=there) or self._grounder.by_distance(there)[0]

    def _beside(self, dest: Described) -> tuple[Entity, str]:
        """Find the surface that "next to the bowl" means."""
        other = self._grounder.one(dest)
        if isinstance(other, Reference):
            raise Explore(f"find the {dest.words()}", wanted=other)
        holder = self._grounder.receptacle_of(other.id) or other.part_of
        if holder is None and "on" in other.can_hold and other.kind == "fixture":
            return other, "on"
        place = self._grounder.entities.get(holder or "")
        if place is None or not place.can_hold:
            name = self._grounder.name(other)
            raise refuse("impossible", f"there is no surface beside the {name} that I know")
        return place, "on" if "on" in place.can_hold else "in"

    def _insist_that_it_fits(self, thing: Grounded, place: Entity, relation: str) -> None:
        """Refuse what can never go in: its second smallest side is wider than the opening."""
        if not isinstance(thing, Entity) or place.kind != "object" or relation != "in":
            return
        if not (thing.complete and place.complete):
            return  # only a closer look can tell
        # A glance from far may have shown little of it: its largest side is the safe guess.
        side, opening = sorted(thing.extent)[1], max(place.extent)
        if side > opening + _ROOM_TO_SPARE:
            inner, outer = self._grounder.name(thing), self._grounder.name(place)
            raise refuse("impossible", f"the {inner} does not fit in the {outer}",
                         "name a larger place")  # fmt: skip


def insist_on_movable(grounder: Grounder, thing: Grounded) -> None:
    """Refuse what nobody can carry.

    Raises:
        Answered: with a refusal.
    """
    if isinstance(thing, Entity) and thing.kind != "object":
        raise refuse("impossible", f"I cannot carry the {grounder.name(thing)}",
                     "name something that can be picked up")  # fmt: skip
    fixtures = grounder.request.vocabulary.fixture_classes
    if isinstance(thing, Reference) and thing.cls in fixtures:
        raise refuse("impossible", f"I cannot carry a {class_words(thing.cls)}")
