"""What of a sentence is done already: told from the history, so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diarchy.contracts.effects import State, holds
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Argument, PlanRequest, SubtaskRecord, find_skill
from diarchy.contracts.predicate import Condition
from diarchy.planners.symbolic.stage import Stage

_PLACED = ("on", "in", "given")
_FLEETING = ("near", "seen", "located")
_OPPOSITE = {"hot": "cold", "cold": "hot"}


class Progress:
    """Walks through the history along with the stages."""

    def __init__(self, request: PlanRequest) -> None:
        self._skills = request.skills
        self._records = [r for r in request.history if r.status == "succeeded"]
        self._next = 0

    def is_past(self, stage: Stage, later: Sequence[Stage], state: State) -> bool:
        """Whether a stage was reached before, and is undone only by what comes after it."""
        coming = [s for s in later if s.goals]
        if stage.wait is not None:
            return self._called("wait", {"seconds": stage.wait})
        if stage.calls and not stage.goals:
            return False
        ends: list[int] = []
        for goal in stage.goals:
            if holds(goal, state) is Truth.TRUE:
                continue
            undone = any(contradicts(goal, s.goals) for s in coming)
            fleeting = goal.predicate.name in _FLEETING and bool(coming)
            at = self._achieved(goal)
            if at is None or not (undone or fleeting):
                return False
            ends.append(at + 1)
        if not all(self._called(name, args) for name, args in stage.calls):
            return False
        self._next = max([self._next, *ends])
        return bool(stage.goals) and (bool(ends) or bool(stage.calls))

    def _achieved(self, goal: Condition) -> int | None:
        for index in range(self._next, len(self._records)):
            if goal in self._effects(self._records[index]):
                return index
        return None

    def _effects(self, record: SubtaskRecord) -> list[Condition]:
        spec = find_skill(self._skills, record.skill)
        if spec is None:
            return []
        return [spec.bind(p.template, record.args) for p in spec.postconditions]

    def _called(self, skill: str, args: Mapping[str, Argument]) -> bool:
        wanted = {k: str(v) for k, v in args.items()}
        for index in range(self._next, len(self._records)):
            record = self._records[index]
            if record.skill == skill and {k: str(v) for k, v in record.args.items()} == wanted:
                self._next = index + 1
                return True
        return False


def contradicts(earlier: Condition, goals: Sequence[Condition]) -> bool:
    """Whether new goals take an earlier one back: the same thing elsewhere, the other state of it."""
    for goal in goals:
        old, new = earlier.predicate, goal.predicate
        if old.name == "near" or (earlier.value != goal.value and old == new):
            return True
        if not goal.value or not old.args or not new.args:
            continue
        if old.name == "holding" and new.name in ("holding", "open", "running", *_PLACED):
            return True
        if old.name == "lit" and new.name in ("holding", *_PLACED) and old.args[0] == new.args[0]:
            return True
        if _OPPOSITE.get(old.name) == new.name and old.args == new.args:
            return True
        moved = old.name in _PLACED and new.name in ("holding", "lit", *_PLACED)
        if moved and old.args[0] == new.args[0] and old != new:
            return True
    return False
