"""From stages to a `Plan`: search for each, close what was opened, and say why in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diarchy.contracts.effects import State, holds
from diarchy.contracts.entity import Entity, Truth, class_words
from diarchy.contracts.plan import Argument, Plan, PlanRequest, Reference, Subtask, find_skill
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.planners.symbolic.answers import Explore, refuse
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.search import Act, Scope, acts, find_acts
from diarchy.planners.symbolic.stages import Stage

_WORDS = {
    "navigate_to": "go to the {target}",
    "look_at": "look at the {target}",
    "search": "look for the {object}",
    "pick": "pick the {object}",
    "place_on": "put the {object} on the {receptacle}",
    "place_in": "put the {object} in the {receptacle}",
    "open": "open the {container}",
    "close": "close the {container}",
    "wait": "wait {seconds} s",
}
_MAX_FAILURES = 2


class Assembly:
    """Builds the subtasks of one plan."""

    def __init__(self, request: PlanRequest, grounder: Grounder) -> None:
        self._request = request
        self._grounder = grounder
        self._state: State = grounder.state
        self._subtasks: list[Subtask] = []
        self._opened = _left_open(request, grounder)
        self._notes: list[str] = []

    def build(self, stages: Sequence[Stage], asked_open: set[str]) -> Plan:
        """Plan stage after stage; each starts where the one before ends.

        Raises:
            Answered: a stage cannot be reached with the skills at hand.
        """
        goals: list[Condition] = []
        for index, stage in enumerate(stages):
            self._notes.append(stage.note)
            if stage.wait is not None:
                self._append("wait", {"seconds": stage.wait})
            self._reach(stage, [g for g in goals if not _contradicts(g, stage.goals)])
            goals = [g for g in goals if not _contradicts(g, stage.goals)]
            goals += [g for g in (*stage.goals, *stage.checks) if g not in goals]
            soon = self._containers(stages[index + 1]) if index + 1 < len(stages) else set()
            goals += self._close(asked_open | soon)
        lasting = tuple(
            g for g in goals if g.predicate.name != "near" and holds(g, self._state) is Truth.TRUE
        )
        return Plan(
            reasoning=self._reasoning(),
            subtasks=tuple(self._subtasks),
            goals=lasting or tuple(goals),
        )

    def explore(self, first: Explore) -> Plan:
        """Plan to find out more (opening what is closed), and to be asked again then."""
        if first.wanted is not None:
            self._append("search", {"object": first.wanted})
        for place in first.places:
            closed = place.openable and Predicate("open", (place.id,)) not in self._state.true
            goals = [Condition(Predicate("open", (place.id,)))] if closed else []
            near_and_seen = [Condition(Predicate(n, (place.id,))) for n in ("near", "seen")]
            self._reach(Stage((*goals, near_and_seen[0]), (place,)), [])
            self._append("look_at", {"target": place.id})
        return Plan(
            reasoning=f"First I have to {first.why}; then I can plan the rest.",
            subtasks=tuple(self._subtasks),
            complete=False,
        )

    # ---- stages -------------------------------------------------------------------------------

    def _reach(self, stage: Stage, keep: Sequence[Condition]) -> None:
        goals = list(dict.fromkeys([*stage.goals, *keep]))
        if all(holds(g, self._state) is Truth.TRUE for g in goals):
            return
        scope = self._scope(stage, keep)
        choices = [a for a in acts(self._request.skills, scope) if not self._hopeless(a)]
        path = find_acts(_within(self._state, scope), goals, choices, scope)
        if path is None:
            raise self._no_way(stage, scope)
        for act in path:
            self._append(act.spec.name, act.args)
            self._state = act.ground.apply(self._state)
            if act.spec.name == "open":
                self._opened.append(str(act.args["container"]))

    def _scope(self, stage: Stage, keep: Sequence[Condition]) -> Scope:
        """Collect what matters: the things themselves, what they are in, what is in the hand."""
        known = {t.id: t for t in stage.things if isinstance(t, Entity)}
        named = {a for g in keep for a in g.predicate.args}
        held = {p.args[0] for p in self._state.true if p.name == "holding"}
        for name in sorted({*known, *named, *held}):
            if name in self._grounder.entities:
                known[name] = self._grounder.entities[name]
            holders = {
                p.args[1] for p in self._state.true if p.name in ("on", "in") and p.args[0] == name
            }
            known.update(
                {
                    h: self._grounder.entities[h]
                    for h in sorted(holders)
                    if h in self._grounder.entities
                }
            )
        if held:
            spare = self._grounder.near_surface()
            known.update({spare.id: spare} if spare is not None else {})
        references = [t for t in stage.things if isinstance(t, Reference)]
        said = [v for s in self._subtasks for v in s.args.values() if isinstance(v, Reference)]
        references += [r for r in said if str(r) in held | named]
        x, y, _ = self._request.world.robot_position
        return Scope.of([known[k] for k in sorted(known)], references, (x, y))

    def _containers(self, stage: Stage) -> set[str]:
        things = {a for g in stage.goals for a in g.predicate.args}
        return things | {
            p.args[1] for p in self._state.true if p.name == "in" and p.args[0] in things
        }

    def _close(self, keep_open: set[str]) -> list[Condition]:
        """Close what was opened on the way, unless it is needed again or was asked to be open."""
        goals: list[Condition] = []
        for name in list(dict.fromkeys(self._opened)):
            shut = Condition(Predicate("open", (name,)), value=False)
            if name in keep_open or find_skill(self._request.skills, "close") is None:
                continue
            if Predicate("hand_empty") not in self._state.true:
                self._notes.append(
                    f"I cannot close the {self._words(name)} with my hand full, so it stays open"
                )
                continue
            self._reach(Stage((shut,), (self._grounder.entities[name],)), [])
            self._opened = [o for o in self._opened if o != name]
            goals.append(shut)
        return goals

    def _hopeless(self, act: Act) -> bool:
        """Whether exactly this has failed too often to be tried again."""
        failed = [
            r for r in self._request.history
            if r.status == "failed" and r.skill == act.spec.name
            and {k: str(v) for k, v in r.args.items()} == {k: str(v) for k, v in act.args.items()}
        ]  # fmt: skip
        return len(failed) >= _MAX_FAILURES

    def _no_way(self, stage: Stage, scope: Scope) -> Exception:
        tried = [a for a in acts(self._request.skills, scope) if self._hopeless(a)]
        if tried:
            last = next(r for r in reversed(self._request.history) if r.status == "failed")
            words = self._sentence(tried[0].spec.name, tried[0].args)
            return refuse(
                "impossible",
                f"I tried to {words} and could not ({last.cause or last.detail}), and I know no other way",
            )
        wanted = stage.note or ", ".join(str(g) for g in stage.goals)
        return refuse("impossible", f"I found no way to {wanted} with the skills that I have")

    # ---- words --------------------------------------------------------------------------------

    def _append(self, skill: str, args: object) -> None:
        bound: dict[str, Argument] = dict(args) if isinstance(args, dict) else {}
        number = len(self._request.history) + len(self._subtasks) + 1
        words = self._sentence(skill, bound)
        self._subtasks.append(Subtask(id=f"s{number}", skill=skill, args=bound, words=words))

    def _sentence(self, skill: str, args: object) -> str:
        bound = args if isinstance(args, dict) else {}
        named = {k: self._words(v) for k, v in bound.items()}
        template = _WORDS.get(skill)
        return (
            template.format(**named)
            if template
            else f"{skill.replace('_', ' ')} {' '.join(named.values())}".strip()
        )

    def _words(self, value: Argument) -> str:
        if isinstance(value, Reference):
            return " ".join([*value.attributes.values(), class_words(value.cls)])
        if isinstance(value, float | int):
            return f"{value:g}"
        entity = self._grounder.entities.get(value)
        if entity is None:
            return value
        return class_words(entity.cls) if entity.kind == "fixture" else entity.describe()

    def _reasoning(self) -> str:
        wishes = "; ".join(n for n in self._notes if n)
        sentences = [f"What is wanted: {wishes}." if wishes else ""]
        if not self._subtasks:
            sentences.append("All of that is so already, so nothing has to move.")
        sentences += self._because()
        return " ".join(s for s in sentences if s)

    def _because(self) -> list[str]:
        said: list[str] = []
        skills = [s.skill for s in self._subtasks]
        for subtask in self._subtasks:
            thing = self._words(next(iter(subtask.args.values()), ""))
            if subtask.skill == "search":
                said.append(f"I do not know where the {thing} is, so I look for it first.")
            if subtask.skill == "open" and "pick" in skills:
                said.append(
                    f"The {thing} is closed, and opening it needs an empty hand, so that comes before carrying."
                )
            if subtask.skill == "close":
                said.append(f"I close the {thing} again at the end." if "open" in skills else "")
        return list(dict.fromkeys(said))


def _within(state: State, scope: Scope) -> State:
    """Leave out what no act in this scope can change or need, so that searching stays cheap."""
    mine = frozenset(scope.entities)
    return replace(
        state,
        true=frozenset(p for p in state.true if mine.issuperset(p.args)),
        unknown=frozenset(p for p in state.unknown if mine.issuperset(p.args)),
    )


def _contradicts(earlier: Condition, goals: Sequence[Condition]) -> bool:
    """Whether new goals take an earlier one back: the same thing elsewhere, the other state of a door."""
    for goal in goals:
        old, new = earlier.predicate, goal.predicate
        if old.name == "near" or (earlier.value != goal.value and old == new):
            return True
        if old.name == "holding" and new.name in ("holding", "on", "in", "open"):
            return True
        moved = old.name in ("on", "in") and new.name in ("on", "in", "holding")
        if moved and old.args[0] == new.args[0] and old != new:
            return True
    return False


def _left_open(request: PlanRequest, grounder: Grounder) -> list[str]:
    """Containers that were opened during this command and still stand open."""
    opened: list[str] = []
    for record in request.history:
        name = str(record.args.get("container", ""))
        if record.status == "succeeded" and record.skill == "open":
            opened.append(name)
        elif record.status == "succeeded" and record.skill == "close":
            opened = [o for o in opened if o != name]
    still = [o for o in dict.fromkeys(opened) if Predicate("open", (o,)) in grounder.state.true]
    return [o for o in still if o in grounder.entities]
