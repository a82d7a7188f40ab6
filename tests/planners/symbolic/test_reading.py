"""What sentences mean, in ALFRED's slots: rules of English, not sentences learnt by heart."""

from __future__ import annotations

import pytest

from diarchy.planners.symbolic import read

HOME = (
    "Apple", "Bowl", "Bread", "ButterKnife", "Candle", "CreditCard", "Cup", "DishSponge", "Fork", "Knife", "KeyChain",
    "Lettuce", "Mug", "Newspaper", "Pan", "Pen", "Plate", "Pot", "Potato", "RemoteControl", "SoapBar", "Tomato",
    "ToiletPaper", "Watch", "ArmChair", "Bed", "Cabinet", "CoffeeMachine", "CoffeeTable", "CounterTop", "Desk",
    "DeskLamp", "DiningTable", "Drawer", "Dresser", "FloorLamp", "Fridge", "GarbageCan", "Microwave", "Shelf",
    "SideTable", "SinkBasin", "Sofa", "StoveBurner", "Toilet", "ToiletPaperHanger",
)  # fmt: skip
SIMPLE, TWO = "pick_and_place_simple", "pick_two_obj_and_place"
HEAT, COOL, CLEAN = (f"pick_{w}_then_place_in_recep" for w in ("heat", "cool", "clean"))
LIGHT, CARRIED = "look_at_obj_in_light", "pick_and_place_with_movable_recep"

ROWS = [
    ("Put the bar of soap on the back of the toilet.", SIMPLE, "SoapBar", "Toilet", "", "", False),
    ("move the keys from the couch to the coffee table", SIMPLE, "KeyChain", "CoffeeTable", "", "", False),
    ("To place two candles in the cabinet", TWO, "Candle", "Cabinet", "", "", False),
    ("Put away the remotes in a drawer", TWO, "RemoteControl", "Drawer", "", "", False),
    ("Wash the mug and put it in the coffee maker", CLEAN, "Mug", "CoffeeMachine", "", "", False),
    ("Put a clean mug on the shelf", CLEAN, "Mug", "Shelf", "", "", False),
    ("wash and return a sponge to the shelf", CLEAN, "DishSponge", "Shelf", "", "", False),
    ("Chill an apple and put it in the trash can", COOL, "Apple", "GarbageCan", "", "", False),
    ("put an egg-free potato in the fridge and then on the table", COOL, "Potato", "DiningTable", "", "", False),
    ("Heat a slice of bread, put it in the fridge", HEAT, "Bread", "Fridge", "", "", True),
    ("place a microwaved potato slice on the counter", HEAT, "Potato", "CounterTop", "", "", True),
    ("Put a bowl with a fork in it on the table", CARRIED, "Fork", "DiningTable", "Bowl", "", False),
    ("Place a cup containing a fork in the sink", CARRIED, "Fork", "SinkBasin", "Cup", "", False),
    ("put the fork in the pan, put the pan in the sink", CARRIED, "Fork", "SinkBasin", "Pan", "", False),
    ("Put a pen in a mug on the desk", CARRIED, "Pen", "Desk", "Mug", "", False),
    ("put a pot, containing a tomato slice, in the fridge", CARRIED, "Tomato", "Fridge", "Pot", "", True),
    ("Examine the watch by the light of the floor lamp", LIGHT, "Watch", "", "", "FloorLamp", False),
    ("Pick up the newspaper and turn on the desk lamp", LIGHT, "Newspaper", "", "", "DeskLamp", False),
    ("turn the tall lamp on while holding a credit card", LIGHT, "CreditCard", "", "", "FloorLamp", False),
    ("use the desk lamp to look at the pen", LIGHT, "Pen", "", "", "DeskLamp", False),
    ("put the pen on the desk next to the lamp", SIMPLE, "Pen", "Desk", "", "", False),
    ("Put the lettuce on the top shelf of the fridge", SIMPLE, "Lettuce", "Fridge", "", "", False),
    ("put a roll of toilet paper on the toilet paper holder", SIMPLE, "ToiletPaper", "ToiletPaperHanger", "", "", False),
    ("put the watch on the night stand", SIMPLE, "Watch", "SideTable", "", "", False),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_sentence_is_read_into_the_slots_that_a_person_would_fill(
    row: tuple[object, ...],
) -> None:
    sentence, *expected = row
    slots = read(str(sentence), HOME).slots
    assert list(slots.values()) == expected


def test_it_stands_for_the_thing_named_last_and_both_for_two() -> None:
    steps = read("take the apple, then put it on the shelf", HOME).steps
    assert [s.obj.mention for s in steps if s.obj is not None] == [steps[0].obj.mention] * 2  # type: ignore[union-attr]


def test_a_word_that_names_a_class_of_this_home_alone_is_known() -> None:
    reading = read("put the zeppelin model on the shelf", ["ZeppelinModel", "Shelf"])
    assert reading.slots["object_target"] == "ZeppelinModel"


def test_synonyms_fall_back_to_what_the_home_has() -> None:
    assert read("put the mug on the couch", ["Cup", "ArmChair"]).slots["object_target"] == "Cup"
    assert (
        read("put the mug on the couch", ["Cup", "ArmChair"]).slots["parent_target"] == "ArmChair"
    )


@pytest.mark.parametrize(
    ("typed", "cls"),
    [
        ("fridg", "Fridge"),
        ("refridgerator", "Fridge"),
        ("cabnet", "Cabinet"),
        ("micorwave", "Microwave"),
    ],
)
def test_slips_of_spelling_are_forgiven(typed: str, cls: str) -> None:
    assert read(f"put the apple in the {typed}", HOME).slots["parent_target"] == cls
