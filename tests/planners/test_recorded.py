"""`RecordedPlanner` gives recorded answers again, in order, under the name of who gave them."""

from __future__ import annotations

import json

import pytest

from diarchy.contracts.errors import BadInputError, PlannerUnavailableError
from diarchy.contracts.plan import Plan, Planner, Question, Refusal, Subtask
from diarchy.planners.recorded import RecordedPlanner
from diarchy.testing import sample_request

ANSWERS = (
    Plan(subtasks=(Subtask(id="s1", skill="pick", args={"object": "Mug_1"}),)),
    Question(text="Which?"),
    Refusal(code="unsafe", reason="No."),
)


def test_answers_come_in_order_and_then_it_says_that_the_record_ended() -> None:
    planner = RecordedPlanner(ANSWERS, name="vlm:small")
    assert isinstance(planner, Planner)
    assert planner.name == "vlm:small"
    assert tuple(planner.plan(sample_request()) for _ in ANSWERS) == ANSWERS
    assert planner.remaining == 0
    with pytest.raises(PlannerUnavailableError, match=r"holds 3 answer\(s\) of vlm:small"):
        planner.plan(sample_request("one more"))


def test_answers_are_read_back_from_a_trace() -> None:
    lines = [json.loads(answer.model_dump_json()) for answer in ANSWERS]
    planner = RecordedPlanner(lines)
    assert tuple(planner.plan(sample_request()) for _ in ANSWERS) == ANSWERS


@pytest.mark.parametrize("broken", [{"kind": "song"}, {}, {"kind": "plan", "steps": 3}])
def test_a_record_that_cannot_be_read_says_which_answer(broken: dict[str, object]) -> None:
    with pytest.raises(BadInputError, match="recorded answer 2"):
        RecordedPlanner([ANSWERS[0], broken])
