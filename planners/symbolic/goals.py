"""A plan for goals that are given as conditions: putting things back needs no sentence."""

from __future__ import annotations

from collections.abc import Sequence

from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal
from diarchy.contracts.predicate import Condition
from diarchy.planners.symbolic.answers import Answered, refuse
from diarchy.planners.symbolic.assembly import Assembly
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.stage import Stage


def plan_goals(
    request: PlanRequest, goals: Sequence[Condition], words: str
) -> Plan | Question | Refusal:
    """Search for a plan from the present state to goals, one after the other.

    Args:
        request: as for a planner; its sentence is not read.
        goals: conditions over known things, in the order in which they are brought about.
        words: what they are for, for a person.
    """
    grounder = Grounder(request)
    assembly = Assembly(request, grounder)
    try:
        stages = [_stage(grounder, goal, words, group) for group, goal in enumerate(goals)]
        return assembly.build(stages, {g.predicate.args[0] for g in goals if _opens(g)})
    except Answered as stop:
        return stop.answer


def _opens(goal: Condition) -> bool:
    return goal.value and goal.predicate.name == "open"


def _stage(grounder: Grounder, goal: Condition, words: str, group: int) -> Stage:
    missing = [a for a in goal.predicate.args if a not in grounder.entities]
    if missing:
        raise refuse("impossible", f"I do not know where the {missing[0]} is any more")
    things = tuple(grounder.entities[a] for a in goal.predicate.args)
    return Stage((goal,), things, words, group=group)
