from __future__ import annotations

from types import SimpleNamespace

import pytest

from diarchy.agent.evaluation.judge import judge
from diarchy.contracts.predicate import Condition


class Truth:
    objects = ("mug_1", "apple_1")
    facts = frozenset(
        {("on", "mug_1", "table_1"), ("near", "robot", "table_1"), ("ajar", "fridge_1")}
    )

    def holds(self, name: str, *args: str) -> bool:
        return (name, *args) in self.facts


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        ("on(mug_1, table_1)", True),
        ("on(apple_1, table_1)", False),
        ("not on(*, table_1)", False),
        ("on(*, table_1)", True),
        ("near(table_1)", True),
        ("hand_empty()", True),
        ("not open(fridge_1)", False),  # ajar is not shut
    ],
)
def test_goals_are_judged_by_the_truth(goal: str, verdict: bool) -> None:
    assert judge(SimpleNamespace(truth=Truth()), [Condition.parse(goal)]) is verdict


def test_a_real_robot_has_no_judge() -> None:
    assert judge(SimpleNamespace(), [Condition.parse("on(a, b)")]) is None


def test_what_the_agent_knows_has_no_truth() -> None:
    assert judge(SimpleNamespace(truth=Truth()), [Condition.parse("located(mug_1)")]) is None
