from __future__ import annotations

from collections.abc import Callable

import pytest
from langgraph.graph import END

from diarchy.agent.deliberation.graph import (
    after_approve,
    after_ask,
    after_check,
    after_hear,
    after_plan,
    after_reflect,
    after_review,
)
from diarchy.agent.deliberation.state import State, initial


def state(**changes: object) -> State:
    return initial("put the apple in the fridge") | State(**changes)  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("changes", "leads_to"),
    [
        ({"answer": {"kind": "plan"}}, "check"),
        ({"question": {"text": "which?"}}, "ask"),
        ({"status": "refused"}, END),
    ],
)
def test_an_answer_of_the_planner_leads_to_its_consequence(
    changes: dict[str, object], leads_to: str
) -> None:
    assert after_plan(state(**changes)) == leads_to


@pytest.mark.parametrize(
    ("changes", "leads_to"),
    [
        ({}, "review"),
        ({"violations": ["the door is shut"]}, "plan"),
        ({"violations": ["the door is shut"], "status": "failed"}, END),
    ],
)
def test_only_a_plan_that_works_is_put_before_the_rules(
    changes: dict[str, object], leads_to: str
) -> None:
    assert after_check(state(**changes)) == leads_to


RISK = [{"key": "hot_to_hand mug_1", "why": "it is hot", "instead": ""}]


@pytest.mark.parametrize(
    ("changes", "always", "leads_to"),
    [
        ({}, False, "act"),
        ({}, True, "approve"),
        ({"approved": True}, True, "act"),
        ({"risks": RISK}, False, "approve"),
        ({"risks": RISK, "approved": True}, True, "approve"),
        ({"status": "refused"}, False, END),
    ],
)
def test_only_what_no_rule_objects_to_is_acted_on_unasked(
    changes: dict[str, object], always: bool, leads_to: str
) -> None:
    assert after_review(state(**changes), always=always) == leads_to


@pytest.mark.parametrize(
    ("step", "changes", "leads_to"),
    [
        (after_hear, {}, "observe"),
        (after_hear, {"risks": RISK}, "approve"),
        (after_hear, {"status": "refused"}, END),
        (after_approve, {"answer": None}, "observe"),
        (after_approve, {"answer": {"kind": "plan"}}, "act"),
        (after_approve, {"status": "refused"}, END),
        (after_ask, {}, "plan"),
        (after_ask, {"risks": RISK}, "approve"),
        (after_ask, {"status": "refused"}, END),
    ],
)
def test_what_is_said_is_read_by_the_rules_before_it_counts(
    step: Callable[[State], str], changes: dict[str, object], leads_to: str
) -> None:
    assert step(state(**changes)) == leads_to


@pytest.mark.parametrize(
    ("changes", "leads_to"),
    [
        ({"answer": {"kind": "plan"}}, "review"),
        ({"answer": None}, "observe"),
        ({"question": {"text": "which?"}}, "ask"),
        ({"status": "stopped"}, END),
    ],
)
def test_what_follows_a_subtask_depends_on_how_it_ended(
    changes: dict[str, object], leads_to: str
) -> None:
    assert after_reflect(state(**changes)) == leads_to
