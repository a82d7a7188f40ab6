import pytest

from diarchy.planners.embedded.language import (
    Reading,
    Wish,
    goal_of,
    parse,
    steps_of,
    write,
)

GOALS = [
    ("pick_and_place_simple", "Mug", "Desk", "", "", False),
    ("pick_and_place_simple", "Bread", "Fridge", "", "", True),
    ("pick_two_obj_and_place", "Pen", "Drawer", "", "", False),
    ("pick_and_place_with_movable_recep", "Fork", "CounterTop", "Mug", "", False),
    ("pick_and_place_with_movable_recep", "Tomato", "SideTable", "Plate", "", True),
    ("pick_heat_then_place_in_recep", "Potato", "SinkBasin", "", "", True),
    ("pick_cool_then_place_in_recep", "Cup", "Microwave", "", "", False),
    ("pick_clean_then_place_in_recep", "Cloth", "Cabinet", "", "", False),
    ("look_at_obj_in_light", "Book", "", "", "FloorLamp", False),
]


@pytest.mark.parametrize("goal", GOALS)
def test_steps_of_a_goal_mean_that_goal(goal):
    assert goal_of(Reading(steps_of(goal))) == goal
    assert goal_of(Reading(steps_of(goal, where="Shelf"))) == goal


@pytest.mark.parametrize("goal", GOALS)
def test_what_is_written_can_be_read_again(goal):
    reading = Reading(steps_of(goal, where="Shelf"))
    assert parse(write(reading)) == reading


def test_everything_that_can_be_said_survives_writing():
    said = Wish("put", "Mug", "all", "red", "Shelf", "Bowl", "green", "Desk")
    assert parse(write(Reading((said, Wish("wait", "30"))))).steps == (said, Wish("wait", "30"))


def test_refusals_and_questions_survive_writing():
    assert parse(write(Reading(code="unsafe"))).code == "unsafe"
    assert parse(write(Reading())) == Reading()


def test_the_sketch_names_the_actions_first():
    assert write(Reading((Wish("heat", "Egg"), Wish("give", "Egg")))).startswith(
        '{"reasoning":"heat, then give","answer":{"kind":"plan","steps":[{"do":"heat","object":"Egg"}'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        '{"answer": 1}',
        '{"answer": {"kind": "plan", "steps": []}}',
        '{"answer": {"kind": "plan", "steps": [{"do": "fly", "object": "Mug"}]}}',
        '{"answer": {"kind": "plan", "steps": [{"do": "put"}]}}',
        '{"answer": {"kind": "refusal", "code": "bored"}}',
        '{"answer": {"kind": "song"}}',
    ],
)
def test_what_is_no_answer_is_an_error(text):
    with pytest.raises(ValueError, match=r".+"):
        parse(text)
