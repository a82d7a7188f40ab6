import pytest

from diarchy.contracts.effects import violations
from diarchy.contracts.plan import Plan, Question, Refusal
from diarchy.planners.embedded.expand import answer_text, expand, steps_for
from diarchy.planners.embedded.language import Reading, Wish
from diarchy.planners.vlm.decode import decode
from diarchy.skills.specs import BUILTIN
from diarchy.testing.samples import sample_request


def _request():
    return sample_request().model_copy(update={"skills": BUILTIN})


def _expand(*wishes, code=None):
    return expand(Reading(wishes, code), _request(), "what was said")


def test_a_wish_becomes_a_plan_that_holds():
    plan = _expand(Wish("put", "Mug", "a", to="Fridge"))
    assert isinstance(plan, Plan)
    assert not violations(plan, BUILTIN, _request().world)
    assert plan.reading["type"] == "pick_and_place_simple"
    assert plan.reading["parent_target"] == "Fridge"
    assert plan.reasoning.startswith("put. ")


def test_the_plan_is_one_that_any_model_could_have_answered():
    plan = _expand(Wish("put", "Mug", "a", to="Fridge"))
    again = decode(answer_text(plan, _request()), _request())
    assert [(s.skill, s.args) for s in again.subtasks] == [(s.skill, s.args) for s in plan.subtasks]


def test_which_of_two_is_asked():
    answer = _expand(Wish("hold", "Mug"))
    assert isinstance(answer, Question)
    assert answer.options


def test_a_colour_tells_which():
    plan = _expand(Wish("hold", "Mug", color="red"))
    picked = next(s.args["object"] for s in plan.subtasks if s.skill == "pick")
    assert _request().world.entity(picked).attributes["color"] == "red"


def test_both_are_moved():
    plan = _expand(Wish("put", "Mug", "two", to="Fridge"))
    assert sum(s.skill == "place_in" for s in plan.subtasks) == 2


def test_cutting_is_read_and_refused_and_the_rest_offered():
    answer = _expand(Wish("slice", "Mug", "a"), Wish("put", "Mug", "a", to="Fridge"))
    assert isinstance(answer, Refusal)
    assert answer.code == "no_skill"
    assert "put a mug in the fridge" in answer.suggestion
    assert answer.reading["object_sliced"] is True


@pytest.mark.parametrize("code", ["unknown_word", "no_skill", "unsafe", "not_understood"])
def test_refusals_say_why_in_words_of_the_sentence(code):
    answer = _expand(code=code)
    assert isinstance(answer, Refusal)
    assert answer.code == code
    assert "what was said" in answer.reason


def test_what_is_unclear_is_asked():
    assert isinstance(_expand(), Question)


def test_a_skill_that_the_robot_lacks_is_refused():
    skills = tuple(s for s in BUILTIN if s.name != "toggle_on")
    answer = expand(Reading((Wish("turn on", "Fridge"),)), _request().model_copy(update={"skills": skills}), "x")  # fmt: skip
    assert isinstance(answer, Refusal)
    assert answer.code == "no_skill"


def test_one_thing_keeps_its_number_and_the_next_gets_its_own():
    heat, put, other = steps_for(
        [Wish("heat", "Mug", "a"), Wish("put", "Mug", "a", to="Fridge"), Wish("hold", "Mug", "a")],
        _request(),
    )
    assert heat.obj.mention == put.obj.mention
    assert other.obj.mention != put.obj.mention


def test_a_vessel_is_the_same_when_it_is_filled_and_when_it_is_moved():
    fill, move = steps_for(
        [Wish("put", "Apple", to="Mug"), Wish("put", "Mug", to="Fridge")], _request()
    )
    assert fill.dest.mention == move.obj.mention


def test_waiting_and_going_need_no_object():
    plan = _expand(Wish("go", "Fridge"), Wish("wait", "30"))
    assert [s.skill for s in plan.subtasks] == ["navigate_to", "wait"]
    assert plan.subtasks[1].args["seconds"] == 30.0


def test_a_colour_that_this_robot_cannot_tell_is_refused_in_words():
    request = _request()
    blind = request.vocabulary.model_copy(update={"attributes": {}})
    world = request.world.model_copy(update={"entities": tuple(e for e in request.world.entities if e.kind != "object")})  # fmt: skip
    request = request.model_copy(update={"vocabulary": blind, "world": world})
    answer = expand(Reading((Wish("hold", "Mug", color="teal"),)), request, "take the teal mug")
    assert isinstance(answer, Refusal)
    assert "hold the teal mug" in answer.reason
