"""What a person says while the robot works, read against a small home and a running plan."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from household import VOCABULARY, brief, world
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.correction import Correction, CorrectionRequest, Corrector, Order
from diarchy.contracts.plan import Plan, PlanRequest, Reference, SubtaskRecord
from diarchy.contracts.predicate import Condition
from diarchy.contracts.world import WorldSnapshot
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.planners.symbolic.corrections import SymbolicCorrector
from diarchy.planners.symbolic.goals import plan_goals
from diarchy.planners.symbolic.utterances import is_stop
from diarchy.skills.specs import BUILTIN

THINGS = {
    "red Mug mug_1": "on dining_table_1",
    "blue Mug mug_2": "on coffee_table_1",
    "white Mug mug_3": "on coffee_table_1",
    "red SodaCan soda_can_1": "on shelf_1",
    "green Cup cup_1": "on shelf_1",
}
HOME = world(THINGS, inspected=["coffee_table_1"])
HOLDING = world({**THINGS, "red Mug mug_1": ""}, inspected=["coffee_table_1"], held="mug_1")


def read(
    said: str,
    order: str = "bring me the red mug",
    home: WorldSnapshot = HOME,
    *,
    history: Sequence[SubtaskRecord] = (),
    answers: Sequence[str] = (),
) -> Correction:
    request = PlanRequest(
        instruction=order, world=home, skills=BUILTIN, vocabulary=VOCABULARY, history=tuple(history)
    )
    plan = SymbolicPlanner().plan(request)
    assert isinstance(plan, Plan)
    return SymbolicCorrector().read(
        CorrectionRequest(
            said=said,
            request=request,
            orders=(Order(instruction=order),),
            running=plan.subtasks,
            answers=tuple(answers),
        )
    )


def done(skill: str, **args: str) -> SubtaskRecord:
    return SubtaskRecord(id="s1", skill=skill, args=args, status="succeeded")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Stop!", "stop"),
        ("s", "stop"),
        ("stop right there", "stop"),
        ("please don't move", "stop"),
        ("hold on", "pause"),
        ("wait a moment", "pause"),
        ("ok, go on", "resume"),
        ("undo that", "undo"),
        ("put it back", "undo"),
        ("leave it", "leave"),
        ("that's not trash", "leave"),
        ("the rest can stay", "rest"),
        ("leave the others", "rest"),
        ("hurry up", "pace"),
        ("a bit slower please", "pace"),
        ("what are you doing, and why?", "status"),
        ("What's next?", "next"),
        ("also bring a cup", "also"),
        ("then put the can on the sofa", "also"),
        ("put the cup on the coffee table", "also"),
        ("forget that, bring me the can instead", "task"),
        ("never mind", "task"),
        ("blorf the snoot", "unclear"),
    ],
)
def test_each_kind_is_told_by_its_words(said: str, kind: str) -> None:
    found = read(said)
    assert (found.kind, found.text, found.reader) == (kind, said, "symbolic")


@pytest.mark.parametrize(
    ("said", "old", "new"),
    [
        ("not that one, the blue one", "mug_1", "mug_2"),
        ("no, the white one", "mug_1", "mug_3"),
        ("not the red mug, the cup", "mug_1", "cup_1"),
        ("I meant the can", "mug_1", "soda_can_1"),
        ("not there, on the shelf", "person_1", "shelf_1"),
    ],
)
def test_another_thing_or_place_is_found_by_its_description(said: str, old: str, new: str) -> None:
    found = read(said)
    assert (found.kind, found.things, found.replacement) == ("instead", (old,), new)


def test_what_was_not_found_yet_can_be_replaced_too() -> None:
    unseen = world({"blue Mug mug_2": "on coffee_table_1"})
    found = read("not that one, the blue one", home=unseen)
    assert (found.things, found.replacement) == (("<the red Mug>",), "mug_2")
    other = read("not the mug, the green cup", home=unseen)
    assert isinstance(other.replacement, Reference)
    assert (other.replacement.cls, other.replacement.attributes) == ("Cup", {"color": "green"})


def test_two_things_that_fit_alike_are_one_short_question_and_its_answer_decides() -> None:
    asked = read("the other one")
    assert asked.question is not None
    assert asked.question.options == ("blue mug", "white mug")
    assert read("the other one", answers=["the white one"]).replacement == "mug_3"


def test_a_thing_alone_is_completed_by_what_is_being_done() -> None:
    assert read("also the cup").instruction == "bring me the cup"
    order = "put the can on the coffee table"
    assert read("the cup too", order).instruction == "put the cup on the coffee table"


def test_it_is_named_because_the_sentence_has_to_stand_by_itself() -> None:
    found = read("no, put it on the shelf")
    assert (found.kind, found.instruction) == ("task", "put the red mug on the shelf")


def test_the_same_thing_with_another_wish_takes_the_place_of_the_first() -> None:
    assert read("put the red mug on the sofa").kind == "task"


def test_trash_that_is_none_is_taken_out_if_it_was_thrown_away() -> None:
    thrown = world({"red SodaCan soda_can_1": "in garbage_can_1", "green Cup cup_1": "on shelf_1"})
    history = [done("place_in", object="soda_can_1", receptacle="garbage_can_1")]
    found = read("the can is not trash", "throw away the cup", thrown, history=history)
    assert (found.kind, found.things) == ("undo", ("soda_can_1",))


def test_before_anything_was_taken_the_rest_is_all_but_the_first() -> None:
    order = "put the cup and the can on the sofa"
    assert read("the rest can stay", order).things == ("cup_1",)
    held = world({**THINGS, "green Cup cup_1": ""}, held="cup_1")
    assert read("the rest can stay", order, held).things == ()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_is_read_as_something(said: str) -> None:
    found = read(said)
    assert found.kind != "stop" or is_stop(said) or said.strip().lower().startswith(("stop", "s"))


@pytest.mark.parametrize(
    "said", ["stop at the fridge and open it", "bring me a cup", "go to the bus stop"]
)
def test_a_sentence_with_stop_in_it_is_no_stop_at_once(said: str) -> None:
    assert not is_stop(said)


def test_it_keeps_the_protocol() -> None:
    assert isinstance(SymbolicCorrector(), Corrector)


# ---- what the planner makes of it ---------------------------------------------------------------


def plan(order: str, home: WorldSnapshot = HOME, **more: object) -> str:
    request = PlanRequest.model_validate(
        {"instruction": order, "world": home, "skills": BUILTIN, "vocabulary": VOCABULARY, **more}
    )
    return brief(SymbolicPlanner().plan(request))


def test_a_thing_that_shall_be_left_alone_is_in_no_plan() -> None:
    looked = world(THINGS, inspected=["counter_top_1", "garbage_can_1", "dining_table_1",
                   "coffee_table_1", "sofa_1", "shelf_1", "fridge_1"])  # fmt: skip
    steps = plan("put all mugs on the sofa", looked, constraints=["not holding(mug_2)"])
    assert "pick mug_1" in steps
    assert "pick mug_3" in steps
    assert "mug_2" not in steps


def test_nothing_more_is_taken_and_what_is_held_is_brought_to_its_end() -> None:
    order = "put the red mug and the can on the sofa"
    steps = plan(order, HOLDING, constraints=["not holding(*)"])
    assert "place_on mug_1 sofa_1" in steps
    assert "pick" not in steps


def test_what_is_exempt_from_the_rest_is_still_taken() -> None:
    constraints = ["not holding(*)", "holding(cup_1)"]
    steps = plan("put the cup and the can on the sofa", constraints=constraints)
    assert "pick cup_1" in steps
    assert "soda_can_1" not in steps


def test_what_was_meant_takes_the_place_of_what_was_named() -> None:
    instead = {"mug_1": "mug_2"}
    assert "pick mug_2" in plan("bring me the red mug", instead=instead)
    assert "place_on soda_can_1 sofa_1" in plan(
        "put the can on the shelf", world({"red SodaCan soda_can_1": "on dining_table_1"}),
        instead={"shelf_1": "sofa_1"},
    )  # fmt: skip
    described = {"<the red Mug>": "mug_2"}
    assert "pick mug_2" in plan("bring me the red mug", instead=described)


def test_an_order_by_its_goals_is_planned_from_what_is_so() -> None:
    request = PlanRequest(instruction="", world=HOLDING, skills=BUILTIN, vocabulary=VOCABULARY)
    goal = Condition.parse("on(mug_1, dining_table_1)")
    steps = brief(plan_goals(request, [goal], "put it back"))
    assert steps == "navigate_to dining_table_1, place_on mug_1 dining_table_1"
    lost = Condition.parse("on(mug_9, dining_table_1)")
    assert brief(plan_goals(request, [lost], "put it back")) == "refusal impossible"
