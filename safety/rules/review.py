"""The rules read a sentence, and a plan step by step on simulated predicates.

A ``never`` rule is an invariant: it speaks when a step *brings about* what must not be. What is so
already (a phone lies in the microwave) is nobody's fault, and taking it out must stay possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diarchy.contracts.effects import State, apply, initial_state
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Plan, Subtask, find_skill
from diarchy.contracts.skill import SkillSpec
from diarchy.contracts.world import WorldSnapshot
from diarchy.safety.rules.facts import Binding, Facts
from diarchy.safety.rules.model import Finding, Rule, RuleSet, Ruling
from diarchy.safety.rules.things import Kinds, Thing, things_of
from diarchy.safety.rules.words import compile_phrase, is_said, normal


@dataclass(frozen=True)
class _Run:
    """One plan on its way through the rules."""

    skills: Sequence[SkillSpec]
    things: dict[str, Thing]
    facts: Callable[[State], Facts]


class Reviewer:
    """Holds a rule set ready; one reviewer serves any number of sentences and plans."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._kinds = Kinds(rules)
        self._said = [
            (
                rule,
                [compile_phrase(p, rules.words) for p in rule.said],
                [compile_phrase(p, rules.words) for p in rule.unless],
            )
            for rule in rules.rules
            if rule.said
        ]
        self._never = [r for r in rules.rules if r.never]
        self._step = [r for r in rules.rules if r.step]
        self._end = [r for r in rules.rules if r.end]

    def sentence(self, sentence: str) -> Ruling:
        """Read what a person said, before anything is planned."""
        text = normal(sentence)
        found = [
            Finding(rule.id, rule.answer, rule.because, rule.instead)
            for rule, said, unless in self._said
            if any(is_said(text, p) for p in said) and not any(is_said(text, p) for p in unless)
        ]
        return Ruling(tuple(found))

    def plan(
        self,
        plan: Plan,
        skills: Sequence[SkillSpec],
        world: WorldSnapshot,
        *,
        began: WorldSnapshot | None = None,
    ) -> Ruling:
        """Simulate a plan from a snapshot, with every rule as an invariant.

        Args:
            plan: what is left to do.
            skills: the specifications of its skills.
            world: the belief of this moment.
            began: the belief when the command began: what it shall not leave behind is judged from
                there, also by a plan that was patched. None: it begins now.
        """
        run = _run(plan, skills, world)
        state = initial_state(world)
        before = run.facts(state)
        standing = {r.id: self._solve(r, before) for r in self._never}
        found: list[Finding] = []
        for subtask in plan.subtasks:
            found += self._steps(subtask, before, run)
            after = run.facts(state := _after(subtask, state, skills))
            for rule in self._never:
                now = self._solve(rule, after)
                found += _findings(rule, now - standing[rule.id], run.things, subtask.id)
                standing[rule.id] = now
            before = after
        if plan.complete:
            start = initial_state(began) if began is not None else initial_state(world)
            for rule in self._end:
                left = self._solve(rule, before) - self._solve(rule, run.facts(start))
                found += _findings(rule, left, run.things, "")
        return Ruling(_once(found))

    def _solve(self, rule: Rule, facts: Facts) -> frozenset[Binding]:
        return facts.solutions(rule.never or rule.end, rule.where, self._kinds)

    def _steps(self, subtask: Subtask, facts: Facts, run: _Run) -> list[Finding]:
        spec = find_skill(run.skills, subtask.skill)
        if spec is None:
            return []
        found: list[Finding] = []
        names = [str(subtask.args.get(p.name, "")) for p in spec.parameters]
        for rule in self._step:
            for pattern in rule.step:
                if pattern.skill != subtask.skill or len(pattern.args) > len(names):
                    continue
                given = {a: n for a, n in zip(pattern.args, names, strict=False) if a != "*"}
                if any(n not in run.things for n in given.values()):
                    continue
                ways = facts.solutions(rule.when, rule.where, self._kinds, given)
                found += _findings(rule, ways, run.things, subtask.id)
        return found


def _run(plan: Plan, skills: Sequence[SkillSpec], world: WorldSnapshot) -> _Run:
    things = things_of(world, plan)
    inspected = frozenset(world.inspected)
    return _Run(skills, things, lambda state: Facts(state, things, inspected, world.robot_room))


def _after(subtask: Subtask, state: State, skills: Sequence[SkillSpec]) -> State:
    """Return the state after a step; a malformed step (the checker says so) changes nothing."""
    spec = find_skill(skills, subtask.skill)
    if spec is None:
        return state
    try:
        return apply(spec, subtask.args, state)
    except BadInputError:
        return state


def _findings(
    rule: Rule, ways: frozenset[Binding], things: dict[str, Thing], subtask: str
) -> list[Finding]:
    found: list[Finding] = []
    for way in sorted(ways):
        names = {letter: things[name].words for letter, name in way}
        found.append(
            Finding(
                rule.id,
                rule.answer,
                rule.because.format_map(names),
                rule.instead.format_map(names),
                subtask,
                tuple(name for _, name in way),
            )
        )
    return found


def _once(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Keep the first finding of every rule about the same things."""
    return tuple({f.key: f for f in reversed(found)}.values())[::-1]
