"""From stages to a `Plan`: search for each, close what was opened, look again where that is due."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from diarchy.contracts.effects import State, holds
from diarchy.contracts.entity import Entity, Truth, class_words
from diarchy.contracts.household import PROCESSES
from diarchy.contracts.plan import Argument, Plan, PlanRequest, Reference, Subtask, find_skill
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.planners.left_open import opened
from diarchy.planners.symbolic.answers import Explore, refuse
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.progress import Progress, contradicts
from diarchy.planners.symbolic.search import Act, Scope, acts, find_acts
from diarchy.planners.symbolic.stage import Stage, is_not_so, is_so
from diarchy.planners.symbolic.telling import Teller

_MAX_FAILURES = 2
AT_A_TIME = 4
"""Places that are looked at before it is thought again."""
_MOVES = frozenset({"place_on", "place_in", "hand_over"})
_WORDS = frozenset({"say", "ask", "wait"})
_PUTS_DOWN = frozenset({"place_on", "place_in"})


class Assembly:
    """Builds the subtasks of one plan."""

    def __init__(self, request: PlanRequest, grounder: Grounder) -> None:
        self._request = request
        self._grounder = grounder
        self._state: State = grounder.state
        self._subtasks: list[Subtask] = []
        self._opened = _left_open(request, grounder)
        self._teller = Teller(grounder)
        self._progress = Progress(request)

    def build(
        self, stages: Sequence[Stage], asked_open: set[str], again: Sequence[Entity] = ()
    ) -> Plan:
        """Plan stage after stage; each starts where the one before ends.

        Args:
            stages: what shall be done.
            asked_open: ids of what shall stay open.
            again: what must be looked at once more after something was moved.

        Raises:
            Answered: a stage cannot be reached with the skills at hand.
        """
        goals = self._close_behind(asked_open, stages)
        for index, stage in enumerate(stages):
            later = stages[index + 1 :]
            if not self._is_done(stage, later):
                self._do(stage, [g for g in goals if not contradicts(g, stage.goals)])
            goals = [g for g in goals if not contradicts(g, stage.goals)]
            asked = () if stage.passing else stage.goals
            goals += [g for g in (*asked, *stage.checks) if g not in goals]
            if not later or later[0].group != stage.group:
                goals += self._close(asked_open | self._soon(later))
        complete = not self._look_again(again)
        lost = [c for stage in stages for c in stage.missing]
        lasting = tuple(
            g for g in dict.fromkeys(goals) if g.predicate.name not in ("near", "located")
            and holds(g, self._state) is Truth.TRUE
        )  # fmt: skip
        # What is missing stays promised from plan to plan, until it is found or owned up to.
        kept = (*(lasting or tuple(goals)), *lost)
        if lost and not self._subtasks:
            return self._find_again(lost[0].predicate.args[0], kept)
        return Plan(
            reasoning=self._teller.reasoning(self._subtasks),
            subtasks=tuple(self._subtasks),
            goals=kept,
            complete=complete and not lost,
        )

    def _find_again(self, name: str, goals: tuple[Condition, ...]) -> Plan:
        """Search for what was to be moved and is not where it was; all else is done by then.

        Raises:
            Answered: it was searched for in vain.
        """
        words = re.sub(r"_\d+$", "", name).replace("_", " ")
        classes = self._request.vocabulary.object_classes
        cls = next((c for c in classes if class_words(c) == words), "")
        wanted = Reference(cls=cls, quantifier="another")
        vain = [r for r in self._request.history if r.skill == "search" and r.status == "failed"]
        if not cls or any(str(r.args.get("object")) == str(wanted) for r in vain):
            raise refuse(
                "impossible", f"the {words} is gone from its place, and I could not find it again"
            )
        search = self.explore(Explore(f"find the {words} again", wanted=wanted))
        return search.model_copy(update={"goals": goals})

    def explore(self, first: Explore) -> Plan:
        """Plan to find out more (opening what is closed), and to be asked again then."""
        if first.wanted is not None:
            self._append("search", {"object": first.wanted})
        else:
            self._close({p.id for p in first.places})
        # A few at a time: what is seen on the way may be enough.
        for place in self._tour(first.places)[:AT_A_TIME]:
            look = "change_view" if first.closer else "look_at" if place.openable else "inspect"
            if not place.openable:
                self._append(look, {"target": place.id})
                continue
            closed = Predicate("open", (place.id,)) not in self._state.true
            goals = (is_so("open", place),) if closed else ()
            self._reach(Stage((*goals, is_so("near", place)), (place,)), [])
            self._append(look, {"target": place.id})
        return Plan(
            reasoning=f"First I have to {first.why}; then I can plan the rest.",
            subtasks=tuple(self._subtasks),
            complete=False,
        )

    # ---- stages -------------------------------------------------------------------------------

    def _is_done(self, stage: Stage, later: Sequence[Stage]) -> bool:
        if stage.unless and all(holds(c, self._state) is Truth.TRUE for c in stage.unless):
            return True
        return self._progress.is_past(stage, later, self._state)

    def _do(self, stage: Stage, goals: Sequence[Condition]) -> None:
        self._teller.note(stage.note)
        if stage.wait is not None:
            self._append("wait", {"seconds": stage.wait})
        self._reach(stage, goals)
        for skill, args in stage.calls:
            self._append(skill, args)

    def _reach(self, stage: Stage, keep: Sequence[Condition]) -> None:
        if all(holds(g, self._state) is Truth.TRUE for g in stage.goals):
            return
        scope = self._scope(stage)
        kept = [g for g in keep if self._at_stake(g, scope)]
        goals = list(dict.fromkeys([*stage.goals, *kept]))
        possible = [a for a in acts(self._request.skills, scope) if self._sensible(a, stage)]
        choices = [a for a in possible if not self._hopeless(a)]
        path = find_acts(_within(self._state, scope), goals, choices, scope)
        if path is None:
            raise self._no_way(stage, [a for a in possible if self._hopeless(a)])
        for act in path:
            self._append(act.spec.name, act.args)
            self._state = act.ground.apply(self._state)
            if act.spec.name == "open":
                self._opened.append(str(act.args["container"]))

    def _at_stake(self, goal: Condition, scope: Scope) -> bool:
        """Whether an earlier goal could be undone here; what is opened again is closed again later."""
        if goal.predicate.name in ("open", "near", "seen", "located", "holding", "lit"):
            return False
        mine = all(a in scope.entities for a in goal.predicate.args)
        return mine and holds(goal, self._state) is Truth.TRUE

    def _sensible(self, act: Act, stage: Stage) -> bool:
        """Whether it makes sense: what is only in the way is put down on a free surface."""
        if act.spec.name == "pick" and not self._may_pick(act):
            return False
        if act.spec.name not in _PUTS_DOWN:
            return True
        thing, place = str(act.args["object"]), str(act.args["receptacle"])
        mine = {a for g in stage.goals for a in g.predicate.args}
        spare = self._spare()
        if place in self._devices() and place not in mine:
            return False
        return thing in mine or (spare is not None and place == spare.id)

    def _may_pick(self, act: Act) -> bool:
        thing = self._grounder.entities.get(str(act.args["object"]))
        return self._grounder.may_take(thing) if thing is not None else True

    def _devices(self) -> set[str]:
        return {e.id for e in self._grounder.entities.values() if e.cls in PROCESSES}

    def _spare(self) -> Entity | None:
        near = next((p.args[0] for p in self._state.true if p.name == "near"), None)
        return self._grounder.near_surface(of=self._grounder.entities.get(near or ""))

    def _scope(self, stage: Stage) -> Scope:
        """Collect what matters: the things themselves, what they are in, what is in the hand."""
        entities = self._grounder.entities
        held = {p.args[0] for p in self._state.true if p.name == "holding"}
        names = {t.id for t in stage.things if isinstance(t, Entity)} | held
        names |= {a for g in stage.goals for a in g.predicate.args}
        known: dict[str, Entity] = {}
        while names:
            name = min(names)
            names.remove(name)
            if name in entities and name not in known:
                known[name] = entities[name]
            names |= {
                p.args[1] for p in self._state.true
                if p.name in ("on", "in") and p.args[0] == name and p.args[1] not in known
            }  # fmt: skip
        spare = self._spare() if held else None
        if spare is not None:
            known[spare.id] = spare
        references = [t for t in stage.things if isinstance(t, Reference)]
        said = [v for s in self._subtasks for v in s.args.values() if isinstance(v, Reference)]
        references += [r for r in said if str(r) in held]
        x, y, _ = self._request.world.robot_position
        return Scope.of([known[k] for k in sorted(known)], _once(references), (x, y))

    # ---- doors and second looks ---------------------------------------------------------------

    def _soon(self, later: Sequence[Stage]) -> set[str]:
        """What the next group of stages needs open: the containers themselves, and what things are in."""
        if not later:
            return set()
        following = [s for s in later if s.group == later[0].group]
        things = {a for s in following for g in s.goals for a in g.predicate.args}
        shut = {g.predicate.args[0] for s in following for g in s.goals
                if g.predicate.name == "open" and not g.value}  # fmt: skip
        holders = {p.args[1] for p in self._state.true if p.name == "in" and p.args[0] in things}
        return (things | holders) - shut

    def _close(self, keep_open: set[str]) -> list[Condition]:
        """Close what was opened on the way, unless it is needed again or was asked to be open."""
        goals: list[Condition] = []
        for name in list(dict.fromkeys(self._opened)):
            if name in keep_open or find_skill(self._request.skills, "close") is None:
                continue
            if name in self._request.left_open and not self._moves():
                continue
            container = self._grounder.entities[name]
            if Predicate("hand_empty") not in self._state.true:
                words = self._grounder.name(container)
                self._teller.note(f"I cannot close the {words} with my hand full, so it stays open")
                continue
            shut = is_not_so("open", container)
            if self._untouched(name):
                # To who closes it a door that was left ajar is an open one.
                ajar = Predicate("open", (name,))
                self._state = replace(self._state, true=self._state.true | {ajar})
            self._reach(Stage((shut,), (container,)), [])
            self._opened = [o for o in self._opened if o != name]
            goals.append(shut)
        return goals

    def _close_behind(self, asked_open: set[str], stages: Sequence[Stage]) -> list[Condition]:
        """Close first what was opened in vain right here: a drawer that stays out is in the way of what follows."""
        needed = {a for s in stages for g in s.goals for a in g.predicate.args}
        needed |= {p.args[1] for p in self._state.true if p.name == "in" and p.args[0] in needed}
        here = {o for o in self._opened if Predicate("near", (o,)) in self._state.true}
        vain = here - needed - asked_open
        if not vain or Predicate("hand_empty") not in self._state.true:
            return []
        return self._close(set(self._opened) - vain)

    def _moves(self) -> bool:
        """Whether this command moves the robot at all: who only asks something is answered, and no more."""
        done = (*(r.skill for r in self._request.history), *(s.skill for s in self._subtasks))
        return any(skill not in _WORDS for skill in done)

    def _untouched(self, container: str) -> bool:
        """Whether this plan neither opens nor closes a container."""
        return all(s.args.get("container") != container for s in self._subtasks)

    def _look_again(self, places: Sequence[Entity]) -> bool:
        """Look where things were taken from: one more may have stood behind them."""
        taken = [str(s.args["object"]) for s in self._subtasks if s.skill == "pick"]
        emptied = {self._grounder.receptacle_of(t) for t in taken}
        places = [p for p in places if p.id in emptied]
        if not places or not any(s.skill in _MOVES for s in self._subtasks):
            return False
        for place in self._tour(places):
            self._reach(Stage((is_so("near", place),), (place,)), [])
            self._append("look_at", {"target": place.id})
        self._teller.note("then look whether one more stood behind the others")
        return True

    def _tour(self, places: Sequence[Entity]) -> list[Entity]:
        """Order places by always going to the nearest that is left."""
        x, y, _ = self._request.world.robot_position
        left, row = list(places), []
        while left:
            nearest = min(
                left,
                key=lambda e: (round(math.hypot(e.position[0] - x, e.position[1] - y), 3), e.id),
            )
            left.remove(nearest)
            row.append(nearest)
            x, y = nearest.position[0], nearest.position[1]
        return row

    # ---- failures -----------------------------------------------------------------------------

    def _hopeless(self, act: Act) -> bool:
        """Whether exactly this has failed too often to be tried again."""
        failed = [
            r for r in self._request.history
            if r.status == "failed" and r.skill == act.spec.name and r.obstacle is None
            and {k: str(v) for k, v in r.args.items()} == {k: str(v) for k, v in act.args.items()}
        ]  # fmt: skip
        return len(failed) >= _MAX_FAILURES

    def _no_way(self, stage: Stage, tried: Sequence[Act]) -> Exception:
        if tried:
            last = next(r for r in reversed(self._request.history) if r.status == "failed")
            words = self._teller.sentence(tried[0].spec.name, tried[0].args)
            return refuse(
                "impossible",
                f"I tried to {words} and could not ({last.cause or last.detail}), and I know no other way",
            )
        wanted = stage.note or ", ".join(str(g) for g in stage.goals)
        return refuse("impossible", f"I found no way to {wanted} with the skills that I have")

    def _append(self, skill: str, args: Mapping[str, Argument]) -> None:
        number = len(self._request.history) + len(self._subtasks) + 1
        words = self._teller.sentence(skill, args)
        self._subtasks.append(Subtask(id=f"s{number}", skill=skill, args=dict(args), words=words))


def _once(references: Sequence[Reference]) -> list[Reference]:
    return list({str(r): r for r in references}.values())


def _within(state: State, scope: Scope) -> State:
    """Leave out what no act in this scope can change or need, so that searching stays cheap."""
    mine = frozenset(scope.entities)
    return replace(
        state,
        true=frozenset(p for p in state.true if mine.issuperset(p.args)),
        unknown=frozenset(p for p in state.unknown if mine.issuperset(p.args)),
        doors=state.doors & mine,
    )


def _left_open(request: PlanRequest, grounder: Grounder) -> list[str]:
    """Containers that the robot opened and that are not shut again, ajar ones too."""
    shut = {
        f.condition.predicate.args[0]
        for f in request.world.facts
        if f.condition.predicate.name == "shut" and f.truth is not Truth.FALSE
    }
    found = opened(request.history, request.left_open)
    return [o for o in found if o in grounder.entities and o not in shut]
