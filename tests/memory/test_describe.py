from __future__ import annotations

from scenes import scene_graph

from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Reference
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2
from diarchy.memory import describe
from diarchy.memory.describe import reference_words


def test_a_snapshot_lists_doors_that_were_never_seen_as_unknown(lab) -> None:
    facts = {str(f.condition): f.truth for f in lab.world.snapshot().facts}
    assert facts["open(fridge_1)"] is Truth.UNKNOWN
    assert facts["hand_empty()"] is Truth.TRUE


def test_facts_of_a_snapshot_agree_with_the_belief_and_are_sorted(lab) -> None:
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.look(1.5, 0.0, 0.7)
    snapshot = lab.world.snapshot()
    names = [f.condition for f in snapshot.facts]
    assert names == sorted(names)
    assert Condition.parse("on(mug_1, table_1)") in snapshot.true_facts()
    assert all(lab.world.truth(f.condition) is f.truth for f in snapshot.facts)
    assert snapshot.inspected == {"table_1": lab.now}
    assert type(snapshot).model_validate_json(snapshot.model_dump_json()) == snapshot


def test_words_say_where_how_old_and_what_is_not_known(lab) -> None:
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.look(1.5, 0.0, 0.7)
    lab.feel(100)
    text = describe(lab.world.snapshot())
    assert "- mug_1: red mug, on table_1, in the kitchen, at (1." in text
    assert ", seen 5 s ago" in text
    assert "fridge_1: fridge, in the kitchen" not in text  # the map gave it no room
    assert "- what is on or in fridge_1" in text


def test_words_say_that_a_door_was_never_seen(lab) -> None:
    text = describe(lab.world.snapshot())
    assert "door never seen, not yet looked at" in text
    assert "- whether open(fridge_1)" in text


def test_words_can_be_kept_to_some_entities(lab) -> None:
    text = describe(lab.world.snapshot(), only=["table_1"])
    assert "table_1" in text
    assert "fridge_1" not in text
    assert "Objects: none known" in text


def test_a_reference_in_words() -> None:
    reference = Reference(
        cls="RemoteControl", attributes={"color": "black"}, relation="on", anchor="coffee_table_1", quantifier="the"
    )  # fmt: skip
    assert reference_words(reference) == "the black remote control on the coffee table"


def test_words_tell_of_states_devices_and_drawers(household) -> None:
    lab = household
    lab.base, lab.power["sink_basin_1"] = Pose2(0.8, 2.0, 0.0), True
    lab.put("potato_1", 1.5, 2.0, 0.73, (0.09, 0.07, 0.06), temperature="hot")
    lab.look(1.5, 2.0, 0.8)
    lab.base = Pose2(0.65, 1.2, 0.0)
    lab.look(1.3, 1.2, 0.75)
    text = describe(lab.world.snapshot())
    assert "- potato_1: hot red potato, in sink_basin_1" in text
    assert "- sink_basin_1: sink basin, at (1.50, 2.00, 0.44), the faucet runs" in text
    assert "- drawer_1 (in dresser_1): drawer, at (1.50, 1.20, 0.76), closed" in text
    assert "microwave, at (1.50, -2.00, 0.66), door never seen, on or off, not known" in text
    assert "- whether running(microwave_1)" in text


def test_words_name_the_innermost_place_of_a_thing(lab) -> None:
    lab.put("plate_1", 1.2, 0.0, 0.7, (0.2, 0.2, 0.034))
    lab.put("apple_1", 1.22, 0.02, 0.71, (0.07, 0.07, 0.07))
    lab.look(1.5, 0.0, 0.7)
    assert "- apple_1: red apple, on plate_1" in describe(lab.world.snapshot())


def test_what_an_earlier_run_saw_is_told_apart_from_what_is_believed(lab) -> None:
    lab.world.remember(scene_graph())
    text = describe(lab.world.snapshot())
    believed, _, before = text.partition("Seen in an earlier run, perhaps still there:")
    assert "mug_1" not in believed
    assert "- red mug, at dining_table_1" in before
    assert "- white plate, on no furniture" in before


def test_a_snapshot_always_says_what_is_open_and_what_runs(household) -> None:
    household.look(1.5, 2.0, 0.8)
    facts = {str(f.condition): f.truth for f in household.world.snapshot().facts}
    assert facts["running(sink_basin_1)"] is Truth.FALSE
    assert facts["running(microwave_1)"] is Truth.UNKNOWN
    assert facts["open(fridge_1)"] is Truth.UNKNOWN
    assert "running(table_1)" not in facts
