"""A plan is compared after each look with what was believed when it was made."""

from __future__ import annotations

import pytest
from fakes import FakeWorld, mug

from diarchy.agent.corrections.surprises import Expectations
from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Subtask

PICK = Subtask(id="s2", skill="pick", args={"object": "mug_1"})
PUT = Subtask(id="s4", skill="place_in", args={"object": "mug_1", "receptacle": "fridge_1"})
RUNNING = (Subtask(id="s1", skill="navigate_to", args={"target": "mug_1"}), PICK, PUT)


def place(name: str, *, door: bool = False) -> Entity:
    relation = "in" if door else "on"
    return Entity.model_validate({
        "id": name, "cls": "Fridge" if door else "Shelf", "kind": "fixture", "openable": door,
        "position": (0.0, 0.0, 0.0), "can_hold": (relation,),
    })  # fmt: skip


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    for thing in (mug(), place("table_1"), place("shelf_1"), place("fridge_1", door=True)):
        world.add(thing)
    world.set("on(mug_1, table_1)", "open(fridge_1)")
    return world


def surprise(world: FakeWorld, expected: Expectations, current: str = "s1") -> str:
    return expected.surprise(RUNNING, world, current) or ""


def test_as_long_as_all_is_as_it_was_nothing_surprises(world: FakeWorld) -> None:
    assert surprise(world, Expectations(RUNNING, world)) == ""


def test_a_thing_that_was_moved_or_is_gone_is_a_surprise(world: FakeWorld) -> None:
    expected = Expectations(RUNNING, world)
    world.clear("on(mug_1, table_1)")
    world.set("on(mug_1, shelf_1)")
    assert "is not where it was" in surprise(world, expected)
    del world.things["mug_1"]
    assert surprise(world, expected) == "mug_1 is gone from its place"


def test_the_hand_that_takes_a_thing_is_no_surprise(world: FakeWorld) -> None:
    expected = Expectations(RUNNING, world)
    world.clear("on(mug_1, table_1)")
    assert surprise(world, expected, current="s2") == ""
    world.in_hand = "mug_1"
    assert surprise(world, expected) == ""


def test_what_the_robot_put_elsewhere_itself_is_no_surprise_but_who_moves_it_then_is(
    world: FakeWorld,
) -> None:
    again = Subtask(id="s6", skill="pick", args={"object": "mug_1"})
    expected, left = Expectations((*RUNNING, again), world), (PUT, again)
    world.in_hand = "mug_1"
    world.clear("on(mug_1, table_1)")
    assert expected.surprise(left, world, "s4") is None
    world.in_hand = None
    world.set("in(mug_1, fridge_1)")
    assert expected.surprise(left, world, "s4") is None
    assert expected.surprise((again,), world, "s5") is None
    world.clear("in(mug_1, fridge_1)")
    assert "is not where it was" in (expected.surprise((again,), world, "s5") or "")


def test_a_goal_that_is_so_already_is_a_surprise_but_not_if_it_was_known(world: FakeWorld) -> None:
    expected = Expectations(RUNNING, world)
    world.set("in(mug_1, fridge_1)")
    assert surprise(world, expected) == "in(mug_1, fridge_1) is so already"
    assert surprise(world, Expectations(RUNNING, world)) == ""


def test_a_door_that_was_open_and_is_shut_is_a_surprise_unless_it_is_to_be_opened(
    world: FakeWorld,
) -> None:
    expected = Expectations(RUNNING, world)
    world.clear("open(fridge_1)")
    assert surprise(world, expected) == "fridge_1 is shut, and was open"
    opening = Subtask(id="s0", skill="open", args={"container": "fridge_1"})
    assert expected.surprise((opening, *RUNNING), world, "s0") is None


def test_what_cannot_be_told_is_no_surprise(world: FakeWorld) -> None:
    expected = Expectations(RUNNING, world)
    world.unknown |= {"on(mug_1, table_1)", "open(fridge_1)"}
    assert surprise(world, expected) == ""
