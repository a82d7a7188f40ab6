from __future__ import annotations

import pytest

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2

MICROWAVE = (1.4, -2.0, 1.0)
SINK = (1.5, 2.0, 0.75)
FRIDGE = (4.2, 0.0, 0.8)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def in_the_microwave(lab) -> None:
    """A potato is seen in the open microwave, then the door is seen shut."""
    lab.base, lab.openings["microwave_1"] = Pose2(0.3, -2.0, 0.0), 1.9
    lab.put("potato_1", 1.4, -2.0, 0.9, (0.09, 0.07, 0.06))
    lab.look(*MICROWAVE)
    lab.openings["microwave_1"] = 0.0
    lab.look(*MICROWAVE)


def test_states_are_unknown_before_a_look_and_seen_by_it(lab) -> None:
    assert truth(lab, "hot(potato_1)") is Truth.UNKNOWN
    lab.put("potato_1", 1.4, 0.1, 0.7, temperature="hot", cleanliness="dirty")
    lab.look(1.5, 0.0, 0.7)
    assert [truth(lab, f"{s}(potato_1)") for s in ("hot", "cold", "clean")] == [
        Truth.TRUE, Truth.FALSE, Truth.FALSE,
    ]  # fmt: skip
    assert lab.world.entity("potato_1").describe() == "dirty hot red potato"


def test_what_a_fresh_look_does_not_show_is_not_so_any_more(lab) -> None:
    lab.put("potato_1", 1.4, 0.1, 0.7, temperature="hot", cleanliness="clean")
    lab.look(1.5, 0.0, 0.7)
    lab.put("potato_1", 1.4, 0.1, 0.7)
    lab.look(1.5, 0.0, 0.7)
    assert truth(lab, "hot(potato_1)") is Truth.FALSE
    assert truth(lab, "clean(potato_1)") is Truth.FALSE
    assert lab.world.entity("potato_1").attributes == {"color": "red"}


def test_a_look_in_motion_changes_no_state(lab) -> None:
    lab.put("potato_1", 1.4, 0.1, 0.7, temperature="hot")
    lab.look(1.5, 0.0, 0.7)
    stamp = lab.now
    lab.put("potato_1", 1.4, 0.1, 0.7)
    lab.still = False
    lab.look(1.5, 0.0, 0.7)
    evidence = lab.world.evaluate(Condition.parse("hot(potato_1)"))
    assert (evidence.truth, evidence.stamp) == (Truth.TRUE, stamp)


def test_a_hot_thing_that_was_not_looked_at_for_long_may_be_hot_or_not(lab) -> None:
    lab.put("potato_1", 1.4, 0.1, 0.7, temperature="hot", cleanliness="clean")
    lab.put("mug_1", 1.4, -0.1, 0.7)
    lab.look(1.5, 0.0, 0.7)
    lab.now += 499.0
    lab.feel()
    assert truth(lab, "hot(potato_1)") is Truth.TRUE
    lab.now += 10.0
    lab.feel()
    assert truth(lab, "hot(potato_1)") is Truth.UNKNOWN
    assert truth(lab, "clean(potato_1)") is Truth.TRUE
    assert truth(lab, "hot(mug_1)") is Truth.FALSE


def test_a_potato_in_the_running_microwave_is_believed_hot_after_its_time(household) -> None:
    lab = household
    in_the_microwave(lab)
    lab.power["microwave_1"] = True
    lab.look(*MICROWAVE)
    began = lab.now
    lab.wait(11)
    assert truth(lab, "hot(potato_1)") is Truth.FALSE
    lab.wait(2)
    evidence = lab.world.evaluate(Condition.parse("hot(potato_1)"))
    assert evidence.truth is Truth.TRUE
    assert evidence.stamp >= began + 12.0
    assert lab.world.entity("potato_1").attributes["temperature"] == "hot"


def test_a_microwave_that_was_not_switched_on_heats_nothing(household) -> None:
    in_the_microwave(household)
    household.wait(30)
    assert truth(household, "hot(potato_1)") is Truth.FALSE


def test_a_microwave_seen_off_too_early_has_heated_nothing(household) -> None:
    lab = household
    in_the_microwave(lab)
    lab.power["microwave_1"] = True
    lab.look(*MICROWAVE)
    lab.wait(5)
    lab.power["microwave_1"] = False
    lab.look(*MICROWAVE)
    lab.wait(20)
    assert truth(lab, "hot(potato_1)") is Truth.FALSE


@pytest.mark.parametrize(("door", "expected"), [(0.0, Truth.TRUE), (1.9, Truth.FALSE)])
def test_only_a_closed_fridge_cools(lab, door: float, expected: Truth) -> None:
    lab.base, lab.door = Pose2(3.0, 0.0, 0.0), 1.9
    lab.put("apple_1", 4.25, 0.0, 0.6)
    lab.look(*FRIDGE)
    lab.door = door
    lab.look(*FRIDGE)
    lab.wait(12)
    assert truth(lab, "cold(apple_1)") is expected


def test_water_cleans_what_lies_in_the_sink_and_a_newer_look_has_the_last_word(household) -> None:
    lab = household
    lab.base = Pose2(0.8, 2.0, 0.0)
    lab.power["sink_basin_1"] = True
    lab.put("apple_1", 1.5, 2.0, 0.73, (0.07, 0.07, 0.07), cleanliness="dirty")
    lab.look(*SINK)
    assert truth(lab, "in(apple_1, sink_basin_1)") is Truth.TRUE
    assert truth(lab, "clean(apple_1)") is Truth.FALSE
    lab.wait(5)
    assert truth(lab, "clean(apple_1)") is Truth.TRUE
    lab.look(*SINK)
    assert truth(lab, "clean(apple_1)") is Truth.FALSE
    lab.wait(2)
    assert truth(lab, "clean(apple_1)") is Truth.FALSE
    lab.wait(3)
    assert truth(lab, "clean(apple_1)") is Truth.TRUE


def test_what_is_taken_out_is_not_worked_on_any_longer(household) -> None:
    lab = household
    lab.base = Pose2(0.9, 2.0, 0.0)
    lab.power["sink_basin_1"] = True
    lab.put("apple_1", 1.5, 2.0, 0.73, (0.07, 0.07, 0.07))
    lab.look(*SINK)
    lab.width, lab.force, lab.commanded = 0.06, 20.0, 0.0
    lab.world.claim_held("apple_1", lab.proprio())
    lab.wait(10)
    assert truth(lab, "holding(apple_1)") is Truth.TRUE
    assert truth(lab, "clean(apple_1)") is Truth.FALSE
