"""The judge: whether goals hold in the simulator's truth. Nothing else in the agent reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diarchy.contracts.predicate import Condition


def judge(robot: Any, goals: Sequence[Condition]) -> bool | None:
    """Tell whether all goals hold physically; None where there is no truth to ask (a real robot)."""
    truth = getattr(robot, "truth", None)
    if truth is None:
        return None
    return all(holds(truth, goal) for goal in goals)


def holds(truth: Any, goal: Condition) -> bool:
    """Tell whether one goal holds; ``*`` stands for any object."""
    name, args = goal.predicate.name, goal.predicate.args
    if goal.predicate.has_wildcard:
        candidates = truth.objects()
        found = any(
            truth.holds(name, *(c if a == "*" else a for a in args)) for c in candidates
        )
        return bool(found == goal.value)
    return bool(truth.holds(name, *args) == goal.value)
