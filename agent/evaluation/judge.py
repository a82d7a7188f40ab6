"""The judge: whether goals hold in the simulator's truth. Nothing else in the agent reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from diarchy.contracts.predicate import ANY, Condition

# These are about what the agent knows or has done; the world has no truth of them.
_ABOUT_THE_AGENT = frozenset({"located", "seen", "accessible", "enterable"})


@dataclass(frozen=True)
class AnyOf:
    """A goal that several states of the world meet: "in a drawer" is met by any drawer."""

    choices: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(str(c) for c in self.choices)

    @staticmethod
    def parse(text: str) -> Condition | AnyOf:
        """Read what ``str`` wrote.

        Raises:
            BadInputError: a condition cannot be read.
        """
        choices = tuple(Condition.parse(part) for part in text.split(" or "))
        return choices[0] if len(choices) == 1 else AnyOf(choices)


Goal: TypeAlias = Condition | AnyOf


def judge(robot: Any, goals: Sequence[Goal]) -> bool | None:
    """Tell whether all goals hold physically; None where there is no truth to ask (a real robot)."""
    met = goals_met(robot, goals)
    return None if met is None else all(met)


def goals_met(robot: Any, goals: Sequence[Goal]) -> list[bool] | None:
    """Tell of each physical goal whether it holds; None where there is no truth or no such goal."""
    truth = getattr(robot, "truth", None)
    physical = [g for g in goals if isinstance(g, AnyOf) or _is_physical(g)]
    if truth is None or not physical:
        return None
    return [meets(truth, goal) for goal in physical]


def meets(truth: Any, goal: Goal) -> bool:
    """Tell whether one goal holds."""
    if isinstance(goal, AnyOf):
        return any(holds(truth, choice) for choice in goal.choices)
    return holds(truth, goal)


def _is_physical(goal: Condition) -> bool:
    return goal.predicate.name not in _ABOUT_THE_AGENT


def holds(truth: Any, goal: Condition) -> bool:
    """Tell whether one condition holds; ``*`` stands for any object. Not open means shut, not ajar."""
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
