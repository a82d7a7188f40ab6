"""From steps to goals, one stage after the other, with what has to be known first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from diarchy.contracts.entity import Entity
from diarchy.contracts.household import State
from diarchy.contracts.plan import Question, Reference, find_skill
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.planners.symbolic.answers import Answered, Explore, refuse
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.intentions import intended
from diarchy.planners.symbolic.knowledge import Grounded
from diarchy.planners.symbolic.making import Maker
from diarchy.planners.symbolic.placing import Placer, insist_on_movable
from diarchy.planners.symbolic.several import Collector
from diarchy.planners.symbolic.stage import Stage, argument, find_first, is_so
from diarchy.planners.symbolic.steps import MAKES, Described, Step


class LeftAlone(Exception):
    """A step is void: the person wants its thing left alone."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Stager:
    """Turns steps into stages against one snapshot.

    Attributes:
        asked_open: ids of what the person wants to be open.
        collector: finds several things; ``collector.again`` is what must be looked at once more.
    """

    grounder: Grounder
    asked_open: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.collector = Collector(self.grounder)
        self._maker = Maker(self.grounder)
        self._placer = Placer(self.grounder, self.collector)
        self._collected: dict[int, list[Grounded]] = {}

    def stages(self, steps: Sequence[Step]) -> list[Stage]:
        """Return the stages of all steps; those about one thing in a row form a group.

        Raises:
            Answered: with a question or a refusal.
            Explore: something must be looked at first.
        """
        found = self._clear_the_way()
        group, before = 0, 0
        for row in _rows(intended(steps)):
            mention = row[0].obj.mention if row[0].obj is not None else 0
            group += 0 if mention and mention == before else 1
            before = mention
            try:
                stages = self._stage(row[0]) if len(row) == 1 else self._together(row)
            except LeftAlone as left:
                stages = [Stage(note=f"leave the {left.name} alone")]
            found.extend(replace(s, group=group) for s in stages)
        return found

    def _together(self, row: Sequence[Step]) -> list[Stage]:
        """Wash (or cool) several things in one go."""
        things = [t for step in row if step.obj for t in self._things(step.obj, step)]
        return self._maker.make(things, cast(State, MAKES[row[0].action]))

    def _clear_the_way(self) -> list[Stage]:
        """Push aside what the last step ran into; what was pushed in vain is put elsewhere."""
        history = self.grounder.request.history
        last = history[-1] if history and history[-1].status == "failed" else None
        thing = self.grounder.entities.get(last.obstacle or "") if last is not None else None
        if last is None or thing is None or thing.kind != "object":
            return []
        pushed = [
            r for r in history if r.skill == "push_aside" and r.args.get("object") == thing.id
        ]
        able = find_skill(self.grounder.request.skills, "push_aside") is not None
        if able and not pushed:
            return [self._push_stage(thing)]
        here = self.grounder.receptacle_of(thing.id)
        others = [e for e in self.grounder.located("fixture") if e.id != here]
        spare = self.grounder.near_surface(of=thing, among=others)
        if spare is None:
            return []
        name = self.grounder.name(thing)
        return [
            Stage(
                (is_so("on", thing, spare),), (thing, spare), f"clear the {name} away", passing=True
            )
        ]

    def _stage(self, step: Step) -> list[Stage]:
        if step.action == "wait":
            return [Stage(wait=step.seconds, note=f"wait {step.seconds:g} s")]
        if step.action == "tidy":
            raise Answered(Question(text="What shall go where? Say, for example, 'put all food in the "
                                    "fridge and all dishes in the sink'."))  # fmt: skip
        if step.obj is None:
            raise Answered(Question(text=f"What do you want me to {step.word or step.action}?"))
        if step.action == "put":
            return self._placer.stages(step, step.obj, self._things(step.obj, step))
        if step.action == "go":
            return [self._go(step.obj)]
        if step.action in ("open", "close"):
            return self._doors(step, step.obj)
        if step.action in ("turn_on", "turn_off"):
            return [self._maker.switch(step.obj, on=step.action == "turn_on")]
        if step.action in MAKES:
            things = self._things(step.obj, step)
            return self._maker.make(things, cast(State, MAKES[step.action]))
        return self._single(step, step.obj)

    def _single(self, step: Step, thing: Described) -> list[Stage]:
        if step.action == "hold":
            return self._hold(thing)
        if step.action == "push":
            return self._push(thing)
        if step.action == "show":
            return self._maker.show(self._movable_one(thing), step.dest)
        return self._find(thing) if step.action == "find" else self._look(thing)

    def _things(self, thing: Described, step: Step) -> list[Grounded]:
        """Find the one thing, or all the things, that a step moves; the same for each later step."""
        step_thing = self._placer.second_guess(step, thing).obj or thing
        many = thing.many or thing.kind == "everything"
        if not many:
            return [self._movable_one(step_thing)]
        if thing.mention not in self._collected:
            found = self.collector.all_of(step_thing)
            for each in found:
                insist_on_movable(self.grounder, each)
            self._collected[thing.mention] = found
        return list(self._collected[thing.mention])

    def _movable_one(self, thing: Described) -> Grounded:
        found = self.grounder.one(thing)
        insist_on_movable(self.grounder, found)
        if not self.grounder.may_take(found):
            raise LeftAlone(self.grounder.name(found))
        return found

    # ---- single things ------------------------------------------------------------------------

    def _go(self, place: Described) -> Stage:
        target = self.grounder.one(place)
        here = self.grounder.request.world.robot_room
        if place.kind == "room" and isinstance(target, Entity) and target.room == here:
            return Stage(note=f"I am in the {place.word} already")
        return Stage((is_so("near", target),), (target,), f"be at the {self.grounder.name(target)}")

    def _doors(self, step: Step, thing: Described) -> list[Stage]:
        if thing.many:
            fits = [e for e in self.grounder.candidates(thing) if e.openable]
            containers = self.grounder.by_distance(fits) or [self.grounder.fixture(thing)]
        else:
            containers = [self._container(thing)]
        return [self._door(step, c) for c in containers]

    def _container(self, thing: Described) -> Entity:
        """What opens: the thing itself, or its only drawer."""
        whole = self.grounder.fixture(thing)
        inside = [] if whole.openable else self.grounder.parts(whole.id, thing.adjectives)
        parts = [p for p in inside if p.openable]
        if len(parts) > 1:
            return self.grounder.ask_which("drawer", parts)
        return parts[0] if parts else whole

    def _door(self, step: Step, container: Entity) -> Stage:
        name = self.grounder.name(container)
        if not container.openable:
            doors = {self.grounder.name(e) for e in self.grounder.located("fixture") if e.openable}
            raise refuse("impossible", f"the {name} has no door",
                         f"what opens here: {', '.join(sorted(doors)) or 'nothing'}")  # fmt: skip
        if step.action == "open":
            self.asked_open.add(container.id)
        else:
            self.asked_open.discard(container.id)
        goal = Condition(Predicate("open", (container.id,)), step.action == "open")
        state = "open" if step.action == "open" else "closed"
        return Stage((goal,), (container,), f"have the {name} {state}")

    def _hold(self, thing: Described) -> list[Stage]:
        if thing.many:
            things = self.collector.all_of(thing)
            if len(things) > 1:
                raise refuse("impossible", "I have one hand, so I can hold only one thing",
                             "say where to put them instead")  # fmt: skip
            target = things[0] if things else self.grounder.one(thing)
            insist_on_movable(self.grounder, target)
        else:
            target = self._movable_one(thing)
        goal = Stage(
            (is_so("holding", target),), (target,), f"hold the {self.grounder.name(target)}"
        )
        return [*find_first(target), goal]

    def _push(self, thing: Described) -> list[Stage]:
        target = self._movable_one(thing)
        if isinstance(target, Reference):
            raise Explore(f"find the {thing.words()}", wanted=target)
        return [self._push_stage(target)]

    def _push_stage(self, target: Entity) -> Stage:
        goals = tuple(is_so(n, target) for n in ("near", "accessible"))
        hand = Condition(Predicate("hand_empty"))
        words = f"push the {self.grounder.name(target)} aside"
        call = ("push_aside", {"object": argument(target)})
        return Stage((*goals, hand), (target,), words, calls=(call,), passing=True)

    def _look(self, thing: Described) -> list[Stage]:
        target = self.grounder.one(replace(thing, quantifier=thing.quantifier or "a"))
        near, seen = is_so("near", target), is_so("seen", target)
        words = f"look at the {self.grounder.name(target)}"
        inside = isinstance(target, Entity) and target.kind == "object"
        reach = (is_so("accessible", target),) if inside else ()
        return [
            *find_first(target),
            Stage((near, *reach), (target,), passing=True),
            Stage((near, seen), (target,), words),
        ]

    def _find(self, thing: Described) -> list[Stage]:
        """Find a thing, behind doors if need be, and tell where it is."""
        target = self.grounder.one(replace(thing, quantifier=thing.quantifier or "a"))
        if isinstance(target, Reference):
            raise Explore(f"find the {thing.words()}", wanted=target)
        *way, last = self._look(thing)
        where = self.grounder.whereabouts(target)
        verb = "are" if thing.word.endswith("s") and thing.word in ("keys", "tissues") else "is"
        text = f"The {self.grounder.name(target)} {verb}{where}." if where else ""
        able = find_skill(self.grounder.request.skills, "say") is not None
        calls = (("say", {"text": text}),) if text and able and target.kind == "object" else ()
        return [*way, replace(last, calls=calls)]


def _rows(steps: Sequence[Step]) -> list[list[Step]]:
    """Join steps in a row that wash, or cool, one thing each."""
    rows: list[list[Step]] = []
    for step in steps:
        joins = step.action in ("clean", "cool") and step.obj is not None
        if joins and rows and rows[-1][0].action == step.action:
            rows[-1].append(step)
        else:
            rows.append([step])
    return rows
