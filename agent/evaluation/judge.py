"""The judge: whether goals hold in the simulator's truth. Nothing else in the agent reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diarchy.contracts.predicate import ANY, Condition

# These are about what the agent knows or has done; the world has no truth of them.
_ABOUT_THE_AGENT = frozenset({"located", "seen", "accessible", "enterable"})


def judge(robot: Any, goals: Sequence[Condition]) -> bool | None:
    """Tell whether all goals hold physically; None where there is no truth to ask (a real robot)."""
    truth = getattr(robot, "truth", None)
    physical = [g for g in goals if g.predicate.name not in _ABOUT_THE_AGENT]
    if truth is None or not physical:
        return None
    return all(holds(truth, goal) for goal in physical)


def holds(truth: Any, goal: Condition) -> bool:
    """Tell whether one goal holds; ``*`` stands for any object. Not open means shut, not ajar."""
    name, args = goal.predicate.name, goal.predicate.args
    if name == "hand_empty":
        return goal.value != any(truth.holds("holding", o) for o in truth.objects)
    if name == "near":
        return bool(truth.holds("near", "robot", *args) == goal.value)
    if name == "open" and not goal.value:
        return bool(truth.holds("closed", *args))
    if any(a.startswith("<") for a in args):
        return False  # a thing that was described and never found
    candidates = [args]
    if goal.predicate.has_wildcard:
        candidates = [tuple(o if a == ANY else a for a in args) for o in truth.objects]
    return any(truth.holds(name, *c) for c in candidates) == goal.value
