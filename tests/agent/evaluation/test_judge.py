from __future__ import annotations

from types import SimpleNamespace

import pytest

from diarchy.agent.evaluation.judge import AnyOf, goals_met, judge
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


class Robot:
    """A robot whose simulator knows these facts and no others."""

    def __init__(self, facts: set[tuple[str, ...]]) -> None:
        self.truth = Truth()
        self.truth.facts = frozenset(facts)


def test_a_goal_of_several_choices_is_met_by_any_of_them() -> None:
    goal = AnyOf.parse("in(apple_1, drawer_1) or in(apple_1, drawer_2)")
    assert str(goal) == "in(apple_1, drawer_1) or in(apple_1, drawer_2)"
    assert judge(Robot({("in", "apple_1", "drawer_2")}), [goal])
    assert not judge(Robot({("in", "apple_1", "drawer_3")}), [goal])


def test_one_choice_alone_is_a_plain_condition() -> None:
    assert AnyOf.parse("open(fridge_1)") == Condition.parse("open(fridge_1)")


def test_each_goal_is_told_by_itself() -> None:
    met = goals_met(
        Robot({("in", "apple_1", "fridge_1")}),
        [Condition.parse("in(apple_1, fridge_1)"), Condition.parse("on(apple_1, desk_1)")],
    )
    assert met == [True, False]
