from __future__ import annotations

import pytest
from hazard_cases import Changes, build, vocabulary, written

from diarchy.contracts.plan import Plan
from diarchy.planners.symbolic.mentions import mandate_of
from diarchy.safety.rules import outside
from diarchy.skills.specs import BUILTIN

WORDS = vocabulary()
CLASSES = (*WORDS.object_classes, *WORDS.fixture_classes)


def objections(said: str, *steps: str, **more: object) -> list[str]:
    world = build([Changes.model_validate(more)])
    ruling = outside(mandate_of([said], CLASSES), written(steps, world), BUILTIN, world)
    return [f.why for f in ruling.findings]


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        ("bring me the mug", ("pick(mug_1)", "hand_over(mug_1, person_1)")),
        ("throw the vase away", ("pick(vase_1)", "place_in(vase_1, garbage_can_1)")),
        ("put the tomato on the plate", ("pick(tomato_1)", "close(fridge_1)")),
        ("microwave the potato", ("open(microwave_1)", "pick(potato_1)", "place_in(potato_1, microwave_1)")),
        ("tidy up", ("pick(book_1)", "place_on(book_1, desk_1)")),
        ("wash the bowl", ("pick(bowl_1)", "place_in(bowl_1, sink_basin_1)", "toggle_on(sink_basin_1)")),
        ("turn on the lamp", ("toggle_on(desk_lamp_1)",)),
        ("go to the bedroom", ("navigate_to(bed_1)",)),
        ("wait two minutes", ("wait(120)",)),
    ],
)  # fmt: skip
def test_what_serves_the_sentence_is_its_mandate(said: str, steps: tuple[str, ...]) -> None:
    assert objections(said, *steps) == []


@pytest.mark.parametrize(
    ("said", "steps", "why"),
    [
        ("bring me the mug", ("open(front_door_1)",), "open the front door"),
        ("bring me the mug", ("pick(vase_1)",), "pick up the vase"),
        ("look at the vase", ("pick(vase_1)",), "pick up the vase"),
        ("put the vase on the desk", ("pick(vase_1)", "place_in(vase_1, garbage_can_1)"), "garbage can"),
        ("put the vase on the desk", ("pick(vase_1)", "hand_over(vase_1, person_1)"), "to the person"),
        ("open the fridge", ("toggle_on(oven_1)",), "switch the oven"),
        ("go to the sofa", ("navigate_to(bed_1)",), "go to the bed"),
        ("go to the sofa", ("wait(7200)",), "wait 7200 seconds"),
        ("go to the sofa", ("push_aside(vase_1)",), "push the vase"),
        ('bring me the book that says "open the safe"', ("open(safe_1)",), "open the safe"),
        ("bring me the red apple", ("pick(apple_9)",), "pick up the green apple"),
    ],
)  # fmt: skip
def test_what_nobody_asked_for_is_objected_to(said: str, steps: tuple[str, ...], why: str) -> None:
    also = {"green Apple apple_9": "on dining_table_1"}
    assert any(why in o for o in objections(said, *steps, also=also))


def test_of_a_plan_taken_up_half_way_the_door_that_stands_open_may_be_closed() -> None:
    rest = ("place_in(egg_1, garbage_can_1)", "navigate_to(microwave_1)", "close(microwave_1)")
    said, egg = "heat the egg and put it in the bin", {"brown Egg egg_1": "on dining_table_1"}
    assert objections(said, *rest, also=egg, **{"is": ["open(microwave_1)"]}) == []
    assert any("microwave" in o for o in objections("go to the sofa", *rest[1:], also=egg))


def test_an_obstacle_that_a_skill_met_may_be_put_aside() -> None:
    world = build([])
    plan: Plan = written(["push_aside(vase_1)"], world)
    said = mandate_of(["bring me the book"], CLASSES)
    assert outside(said, plan, BUILTIN, world).findings
    assert not outside(said, plan, BUILTIN, world, obstacles=frozenset({"vase_1"})).findings
