"""What stands after a correction: orders, constraints, and what is done about the thing in the hand."""

from __future__ import annotations

from typing import Any

import pytest

from diarchy.agent.corrections.standing import NothingToChangeError, Standing, changed, place_of
from diarchy.contracts.correction import Correction, Order
from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import SubtaskRecord
from diarchy.contracts.predicate import Condition
from diarchy.contracts.world import WorldSnapshot


def world(held: str | None = None) -> WorldSnapshot:
    things = [
        Entity(id=i, cls="Mug", kind="object", position=(0.0, 0.0, 0.0)) for i in ("mug_1", "mug_2")
    ]
    table = Entity(id="table_1", cls="DiningTable", kind="fixture", position=(1.0, 0.0, 0.0))
    return WorldSnapshot(
        stamp=1.0, robot_position=(0.0, 0.0, 0.0), robot_room=None, entities=(*things, table),
        facts=(), held=held,
    )  # fmt: skip


def record(skill: str, **args: str) -> SubtaskRecord:
    return SubtaskRecord(id="s1", skill=skill, args=args, status="succeeded")


STANDING = Standing(
    orders=(Order(instruction="put the mugs on the shelf"),), origins={"mug_1": "on table_1"}
)
PLACED = [record("pick", object="mug_1"), record("place_on", object="mug_1", receptacle="shelf_1")]


def after(
    kind: str, *, held: str | None = None, history: list[SubtaskRecord] | None = None, **more: Any
) -> list[tuple[str, list[str], list[str]]]:
    correction = Correction.model_validate({"kind": kind, "text": "", **more})
    found = changed(STANDING, correction, world(held), history or [])
    return [
        (o.instruction, [str(g) for g in o.goals], [str(c) for c in o.constraints])
        for o in found.orders
    ]


SENTENCE = "put the mugs on the shelf"
BACK = ("put the mug back", ["on(mug_1, table_1)"], [])


def test_what_is_held_and_not_wanted_goes_back_first() -> None:
    left = (SENTENCE, [], ["not holding(mug_1)"])
    assert after("leave", held="mug_1", things=("mug_1",)) == [BACK, left]
    assert after("instead", held="mug_1", things=("mug_1",), replacement="mug_2") == [BACK, left]
    assert after("leave", held="mug_2", things=("mug_1",)) == [left]


def test_what_has_no_known_place_is_put_down_where_there_is_room() -> None:
    rows = after("leave", held="mug_2", things=("mug_2",))
    assert rows[0] == ("put the mug down", ["hand_empty()"], [])


def test_an_order_is_added_after_the_others_and_a_task_takes_the_place_of_all() -> None:
    assert after("also", instruction="wait") == [(SENTENCE, [], []), ("wait", [], [])]
    assert after("task", instruction="wait") == [("wait", [], [])]
    assert after("task", held="mug_1", instruction="wait") == [BACK, ("wait", [], [])]
    assert after("task") == []


def test_undo_takes_back_the_last_thing_moved_and_it_stays_there() -> None:
    assert after("undo", history=PLACED) == [BACK, (SENTENCE, [], ["not holding(mug_1)"])]
    assert after("undo", held="mug_1") == [BACK, (SENTENCE, [], ["not holding(mug_1)"])]


def test_undo_sets_a_door_back_and_drops_the_wish_for_it() -> None:
    opened = [
        record(
            "open",
            container="fridge_1",
        )
    ]
    assert after("undo", history=opened) == [("undo: open", ["not open(fridge_1)"], [])]


@pytest.mark.parametrize(
    ("kind", "more"),
    [("undo", {}), ("undo", {"things": ("mug_2",)}), ("instead", {"things": ("mug_1",)})],
)
def test_what_has_nothing_to_act_on_says_so(kind: str, more: dict[str, Any]) -> None:
    with pytest.raises(NothingToChangeError):
        after(kind, **more)


def test_the_rest_is_a_constraint_with_exceptions() -> None:
    assert after("rest", things=("mug_1",))[0][2] == ["not holding(*)", "holding(mug_1)"]


def test_constraints_are_said_once_however_often_they_are_said() -> None:
    one = changed(STANDING, Correction(kind="rest", text=""), world(), [])
    two = changed(one, Correction(kind="rest", text=""), world(), [])
    assert two == one


def test_a_place_is_read_from_the_facts() -> None:
    facts = [Condition.parse("on(mug_1, table_1)"), Condition.parse("near(mug_1)")]
    assert place_of("mug_1", facts) == "on table_1"
    assert place_of("mug_2", facts) is None
