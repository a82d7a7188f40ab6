"""The planner kit passes a good planner and says what is broken about each bad one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from diarchy.contracts.errors import PlannerUnavailableError
from diarchy.contracts.plan import Plan, Planner, PlanRequest, Question, Reference, Refusal, Subtask
from diarchy.contracts.predicate import Condition
from diarchy.testing import check_planner

Answer = Plan | Question | Refusal
DRIVE = Subtask(id="s1", skill="navigate_to", args={"target": "Mug_1"})
PICK = Subtask(id="s2", skill="pick", args={"object": "Mug_1"})
GOOD = Plan(subtasks=(DRIVE, PICK), goals=(Condition.parse("holding(Mug_1)"),))


class Says:
    """Answers mugs with a plan (or whatever it is told to say) and refuses the rest."""

    name = "says"

    def __init__(self, answer: Callable[[PlanRequest], object] = lambda _: GOOD) -> None:
        self._answer = answer

    def plan(self, request: PlanRequest) -> Answer:
        if "flurble" in request.instruction:
            return Refusal(code="unknown_word", reason="I do not know the word 'flurble'.")
        return self._answer(request)  # type: ignore[return-value]


class Fickle(Says):
    """Changes its mind."""

    def __init__(self) -> None:
        self._calls = 0

    def plan(self, request: PlanRequest) -> Answer:
        self._calls += 1
        return Question(text=f"question number {self._calls}?")


def steps(*subtasks: Subtask) -> Planner:
    return Says(lambda _: Plan(subtasks=subtasks))


def gives_up(request: PlanRequest) -> Answer:
    raise PlannerUnavailableError("no server")


def scribbles(request: PlanRequest) -> Answer:
    request.images["mine"] = b"\x89PNG"
    return GOOD


def pick(thing: object) -> Subtask:
    return Subtask(id="s1", skill="pick", args={"object": thing})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        Question(text="Which mug?", options=("the red one", "the blue one")),
        Plan(subtasks=(pick(Reference(cls="Apple")),), complete=False),
    ],
)
def test_a_good_planner_passes(answer: Answer) -> None:
    check_planner(Says(lambda _: answer))


def test_a_sampling_planner_may_change_its_mind_if_it_says_so() -> None:
    check_planner(Fickle(), deterministic=False)


@pytest.mark.parametrize(
    ("planner", "words"),
    [
        pytest.param(object(), "is no Planner", id="lacks its members"),
        pytest.param(Says(lambda _: "a plan"), "returned str", id="answers with a string"),
        pytest.param(Says(gives_up), "PlannerUnavailableError", id="cannot be reached"),
        pytest.param(Says(scribbles), "changed the request", id="scribbles on the request"),
        pytest.param(Fickle(), "two different answers", id="changes its mind"),
        pytest.param(steps(), "neither subtasks nor goals", id="plans nothing"),
        pytest.param(steps(DRIVE, DRIVE), "not different", id="repeats an id"),
        pytest.param(
            steps(Subtask(id="s1", skill="fly")), "does not offer", id="uses a skill of its own"
        ),
        pytest.param(steps(pick("Mug_9")), "no known entity", id="invents an entity"),
        pytest.param(
            steps(pick(Reference(cls="Dragon"))), "does not know", id="refers to an unknown class"
        ),
        pytest.param(
            steps(Subtask(id="s1", skill="pick")), "needs object", id="leaves an argument out"
        ),
        pytest.param(
            steps(DRIVE.model_copy(update={"expects": (Condition.parse("near(Mug_9)"),)})),
            "bound entities",
            id="expects something of an unknown thing",
        ),
        pytest.param(Says(lambda _: Question(text=" ")), "has no text", id="asks nothing"),
        pytest.param(
            Says(lambda _: Refusal(code="unsafe", reason="")), "no reason", id="gives no reason"
        ),
    ],
)
def test_the_kit_says_what_is_wrong_with_a_planner_that(planner: Planner, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as caught:
        check_planner(planner)
    assert "To mend it: " in str(caught.value)
