from __future__ import annotations

import pytest
from langgraph.graph import END

from diarchy.agent.deliberation.graph import after_check, after_plan, after_reflect
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
    ("changes", "approve", "leads_to"),
    [
        ({}, False, "act"),
        ({}, True, "approve"),
        ({"approved": True}, True, "act"),
        ({"violations": ["the door is shut"]}, False, "plan"),
        ({"violations": ["the door is shut"], "status": "failed"}, False, END),
    ],
)
def test_only_a_plan_that_works_and_is_approved_is_acted_on(
    changes: dict[str, object], approve: bool, leads_to: str
) -> None:
    assert after_check(state(**changes), approve=approve) == leads_to


@pytest.mark.parametrize(
    ("changes", "leads_to"),
    [
        ({"answer": {"kind": "plan"}}, "act"),
        ({"answer": None}, "observe"),
        ({"question": {"text": "which?"}}, "ask"),
        ({"status": "stopped"}, END),
    ],
)
def test_what_follows_a_subtask_depends_on_how_it_ended(
    changes: dict[str, object], leads_to: str
) -> None:
    assert after_reflect(state(**changes)) == leads_to
