"""From steps to goals, one stage after the other, with what has to be known first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.plan import Question, Reference
from diarchy.contracts.predicate import ANY, Condition, Predicate
from diarchy.planners.symbolic.answers import Answered, Explore, refuse
from diarchy.planners.symbolic.grounding import Grounded, Grounder
from diarchy.planners.symbolic.steps import Described, Step


@dataclass(frozen=True)
class Stage:
    """What one step asks for.

    Attributes:
        goals: conditions to bring about.
        things: known things and references that take part.
        note: what the person asked for or what was found out, in words.
        wait: seconds to stand still instead.
        checks: conditions that follow from the others, to be looked at in the end.
    """

    goals: tuple[Condition, ...] = ()
    things: tuple[Grounded, ...] = ()
    note: str = ""
    wait: float | None = None
    checks: tuple[Condition, ...] = ()


@dataclass
class Stager:
    """Turns steps into stages against one snapshot."""

    grounder: Grounder
    asked_open: set[str] = field(default_factory=set)

    def stages(self, steps: Sequence[Step]) -> list[Stage]:
        """Return the stages of all steps; steps that a later one includes are left out.

        Raises:
            Answered: with a question or a refusal.
            Explore: something must be looked at first.
        """
        found: list[Stage] = []
        for index, step in enumerate(steps):
            if not _included_later(step, steps[index + 1 :]):
                found.extend(self._stage(step))
        return found

    def _stage(self, step: Step) -> list[Stage]:
        if step.action == "wait":
            return [Stage(wait=step.seconds, note=f"wait {step.seconds:g} s")]
        if step.obj is None:
            raise Answered(Question(text=f"What do you want me to {step.word or step.action}?"))
        if step.action == "put":
            return self._put(step, step.obj)
        if step.action == "go":
            return [self._go(step.obj)]
        if step.action in ("open", "close"):
            return [self._door(step, step.obj)]
        if step.action == "hold":
            return [self._hold(step.obj)]
        return self._look(step.obj)

    # ---- single things ------------------------------------------------------------------------

    def _go(self, place: Described) -> Stage:
        target = self.grounder.one(place)
        here = self.grounder.request.world.robot_room
        if place.kind == "room" and isinstance(target, Entity) and target.room == here:
            return Stage(note=f"I am in the {place.word} already")
        return Stage((_is("near", target),), (target,), f"be at the {_name(target)}")

    def _door(self, step: Step, thing: Described) -> Stage:
        container = self.grounder.fixture(thing)
        if not container.openable:
            raise refuse("impossible", f"the {_name(container)} has no door",
                         f"what opens here: {self._names(lambda e: e.openable)}")  # fmt: skip
        if step.action == "open":
            self.asked_open.add(container.id)
        goal = Condition(Predicate("open", (container.id,)), step.action == "open")
        state = "open" if step.action == "open" else "closed"
        return Stage((goal,), (container,), f"have the {_name(container)} {state}")

    def _hold(self, thing: Described) -> Stage:
        if thing.many:
            things = self._several(thing)
            if len(things) > 1:
                raise refuse("impossible", "I have one hand, so I can hold only one thing",
                             "say where to put them instead")  # fmt: skip
            target = things[0] if things else self.grounder.one(thing)
        else:
            target = self.grounder.one(thing)
        self._movable(target)
        return Stage((_is("holding", target),), (target,), f"hold the {_name(target)}")

    def _look(self, thing: Described) -> list[Stage]:
        target = self.grounder.one(replace(thing, quantifier=thing.quantifier or "a"))
        near, seen = _is("near", target), _is("seen", target)
        return [
            Stage((near,), (target,)),
            Stage((near, seen), (target,), f"look at the {_name(target)}"),
        ]

    # ---- putting ------------------------------------------------------------------------------

    def _put(self, step: Step, thing: Described) -> list[Stage]:
        step = self._second_guess(step, thing)
        thing = step.obj or thing
        place, relation = self._target(step, thing)
        many = thing.many or thing.kind == "everything"
        things = self._several(thing) if many else [self.grounder.one(thing)]
        promised = self._promised(things, place, relation) if many else []
        things += [self.grounder.entities[i] for i in promised if i in self.grounder.entities]
        lost = [i for i in promised if i not in self.grounder.entities]
        if not things and not lost:
            where = f" on the {thing.places[0][1].words()}" if thing.places else ""
            return [Stage(note=f"there is nothing to move{where}"), *self._nothing_left(thing)]
        for each in things:
            self._movable(each)
        stages = [
            Stage(
                (Condition(Predicate(relation, (_symbol(each), place.id))),),
                (each, place),
                f"have the {_name(each)} {relation} the {_name(place)}",
            )
            for each in things
            if not (isinstance(each, Entity) and each.id == place.id)
        ]
        missing = tuple(Condition(Predicate(relation, (i, place.id))) for i in lost)
        return [*stages, Stage(checks=missing), *self._nothing_left(thing)]

    def _promised(self, things: Sequence[Grounded], place: Entity, relation: str) -> list[str]:
        """Recall what an earlier plan for this sentence was to put there: it may have slipped on the way."""
        present = {t.id for t in things if isinstance(t, Entity)}
        goals = [
            g.predicate.args
            for g in self.grounder.request.committed
            if g.value and g.predicate.name == relation
        ]
        return [a for a, b in goals if b == place.id and a not in present and a != ANY]

    def _nothing_left(self, thing: Described) -> list[Stage]:
        """Have another look at what was to be emptied: something may have stood behind something."""
        if thing.kind != "everything":
            return []
        emptied = [(role or "on", self.grounder.one(p)) for role, p in thing.places]
        left = [
            Condition(Predicate(role, (ANY, place.id)), value=False)
            for role, place in emptied
            if role in ("on", "in") and isinstance(place, Entity)
        ]
        return [Stage(checks=tuple(left))] if left else []

    def _target(self, step: Step, thing: Described) -> tuple[Entity, str]:
        """Find where it shall go and how: before anything moves, a bad place is refused."""
        if step.role == "near" and step.dest is not None:
            return self._beside(step.dest)
        place = self._place(step, thing)
        return place, _relation(step.role, place)

    def _second_guess(self, step: Step, thing: Described) -> Step:
        """Read "the mug on the table on the shelf" by where a mug really stands."""
        if step.instead is None or step.dest is None:
            return step
        place = self.grounder.one(step.dest)
        there = thing.at(step.role if step.role in ("on", "in") else "", step.dest)
        if isinstance(place, Entity) and thing.kind == "thing" and self.grounder.candidates(there):
            role, dest = step.instead
            return replace(step, obj=there, dest=dest, role=role, instead=None)
        return step

    def _place(self, step: Step, thing: Described) -> Entity:
        dest = step.dest
        if dest is None and step.role == "down":
            near = self.grounder.near_surface()
            if near is not None:
                return near
        if dest is None:
            source = thing.places[0][1] if thing.places else None
            what = f"what is on the {source.words()}" if source else f"the {thing.words()}"
            if thing.kind != "everything":
                what = f"the {thing.words()}"
            return self.grounder.asked_place(f"Where shall I put {what}?", source)
        if dest.kind == "person":
            return self.grounder.beside_person()
        place = self._in_room(dest) if dest.kind == "room" else self.grounder.fixture(dest)
        if not place.can_hold:
            raise refuse("impossible", f"nothing can be put on or in the {_name(place)}",
                         f"what holds things here: {self._names(lambda e: bool(e.can_hold))}")  # fmt: skip
        return place

    def _in_room(self, room: Described) -> Entity:
        anchor = self.grounder.one(room)
        located = self.grounder.located("fixture")
        there = [
            e
            for e in located
            if isinstance(anchor, Entity) and e.room == anchor.room and "on" in e.can_hold
        ]
        if not there:
            raise refuse("impossible", f"there is no surface in the {room.word} to put it on")
        return self.grounder.by_distance(there)[0]

    def _beside(self, dest: Described) -> tuple[Entity, str]:
        """Find the surface that "next to the bowl" means."""
        other = self.grounder.one(dest)
        if isinstance(other, Reference):
            raise Explore(f"find the {dest.words()}", wanted=other)
        holder = self.grounder.receptacle_of(other.id)
        if holder is None and "on" in other.can_hold and other.kind == "fixture":
            return other, "on"
        place = self.grounder.entities.get(holder or "")
        if place is None:
            raise refuse("impossible", f"there is no surface beside the {_name(other)} that I know")
        return place, "on" if "on" in place.can_hold else "in"

    def _movable(self, thing: Grounded) -> None:
        if isinstance(thing, Entity) and thing.kind != "object":
            raise refuse("impossible", f"I cannot carry the {_name(thing)}",
                         "name something that can be picked up")  # fmt: skip
        fixtures = self.grounder.request.vocabulary.fixture_classes
        if isinstance(thing, Reference) and thing.cls in fixtures:
            raise refuse("impossible", f"I cannot carry a {class_words(thing.cls)}")

    # ---- several things -----------------------------------------------------------------------

    def _several(self, thing: Described) -> list[Grounded]:
        """Find all the things that are meant, looking first where nobody has looked.

        Raises:
            Explore: a surface that matters was not inspected yet.
            Answered: fewer exist than were asked for.
        """
        if thing.kind == "everything" and not thing.places:
            return self._everything()
        places = [self.grounder.one(p) for role, p in thing.places if role in ("on", "in", "")]
        self._inspect([p for p in places if isinstance(p, Entity)])
        found: list[Grounded] = list(self.grounder.by_distance(self.grounder.candidates(thing)))
        wanted = 2 if thing.quantifier == "both" else thing.count
        if not places and (len(found) < wanted or not wanted):
            unseen = self._not_looked(self.grounder.unseen(lambda e: not e.openable))
            if unseen:
                raise Explore(f"find every {thing.word}", tuple(unseen))
        if (wanted and len(found) < wanted) or (not found and not places):
            number = f"only {len(found)}" if found else "no"
            raise refuse(
                "impossible",
                f"I know of {number} {thing.words()}, you asked for {wanted or 'them'}",
            )
        return found[:wanted] if wanted else found

    def _everything(self) -> list[Grounded]:
        raise Answered(Question(text="Everything from where?", options=tuple(
            sorted({_name(e) for e in self.grounder.located("fixture") if e.can_hold}))))  # fmt: skip

    def _inspect(self, places: Sequence[Entity]) -> None:
        inspected = self.grounder.request.world.inspected
        unseen = self._not_looked(
            [p for p in places if p.kind == "fixture" and p.id not in inspected]
        )
        if unseen:
            raise Explore(
                f"see what is there: {', '.join(_name(p) for p in unseen)}", tuple(unseen)
            )

    def _not_looked(self, places: Sequence[Entity]) -> list[Entity]:
        """Leave out what was looked at twice already: a third look would show no more."""
        looks = [
            str(r.args.get("target", ""))
            for r in self.grounder.request.history
            if r.skill == "look_at"
        ]
        return [p for p in places if looks.count(p.id) < 2]

    def _names(self, test: object) -> str:
        fits = [e for e in self.grounder.located("fixture") if callable(test) and test(e)]
        return ", ".join(sorted({_name(e) for e in fits})) or "nothing"


def _included_later(step: Step, later: Sequence[Step]) -> bool:
    """Whether a later step does this on its way: what is put somewhere is picked up for it."""
    if step.action not in ("hold", "find", "look") or step.obj is None:
        return False
    actions = ("put", "hold") if step.action != "hold" else ("put",)
    return any(
        s.action in actions and s.obj is not None and s.obj.mention == step.obj.mention
        for s in later
    )


def _relation(role: str, place: Entity) -> str:
    """Choose on or in: as said if the place allows it, else what it allows."""
    if role in place.can_hold:
        return role
    return "on" if "on" in place.can_hold else "in"


def _is(name: str, thing: Grounded) -> Condition:
    return Condition(Predicate(name, (_symbol(thing),)))


def _symbol(thing: Grounded) -> str:
    return thing.id if isinstance(thing, Entity) else str(thing)


def _name(thing: Grounded) -> str:
    if isinstance(thing, Entity):
        return class_words(thing.cls) if thing.kind == "fixture" else thing.describe()
    return " ".join([*thing.attributes.values(), class_words(thing.cls)])
