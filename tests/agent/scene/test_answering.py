"""Answers say how old and how sure they are, and what nobody has looked at."""

from __future__ import annotations

from scenes import scene_graph

from diarchy.agent.scene import answer, everything
from diarchy.agent.scene.telling import Teller


def line(question: str) -> str:
    return answer(scene_graph(), question).lines[0]


def test_an_answer_says_where_and_how_old() -> None:
    said = "mug_1: red mug on the dining table in the kitchen at (1.00, 1.00, 0.80); seen 10 s before the end"
    assert line("mug_1") == said


def test_doubt_is_said() -> None:
    assert "perhaps on the coffee table" in line("book")
    assert line("open drawers").startswith("drawer_2: top drawer of the dresser")
    assert answer(scene_graph(), "open drawers").lines[1].startswith("drawer_1: perhaps: ")
    assert "perhaps in the bottom drawer of the dresser" in line("what is in the bottom drawer")


def test_what_was_seen_in_an_earlier_run_is_said_to_be_so() -> None:
    assert "in an earlier run, at least 40 s before this one, and not in this" in line("keys")


def test_what_is_gone_is_not_said_to_be_anywhere() -> None:
    assert "gone from where it was" in line("bread")
    assert answer(scene_graph(), "bread in the kitchen").answers == ()


def test_what_is_held_is_in_the_gripper() -> None:
    assert "in the gripper" in line("plate")


def test_nothing_found_is_explained_by_who_looked() -> None:
    fridge = answer(scene_graph(), "what is in the fridge")
    assert fridge.notes == ("nobody has seen all of the fridge: there may be some",)
    drawer = answer(scene_graph(), "what is in the top drawer")
    assert "all of the top drawer of the dresser was seen 20 s before the end" in drawer.notes[0]


def test_what_is_not_as_asked_is_told_as_it_is() -> None:
    assert (
        answer(scene_graph(), "is the fridge open")
        .notes[0]
        .startswith("but fridge_1: fridge in the kitchen; closed")
    )
    notes = answer(scene_graph(), "red mugs on the sofa").notes
    assert notes[-1].startswith("but mug_1: red mug on the dining table")


def test_a_place_that_was_not_seen_whole_may_hold_more() -> None:
    assert (
        answer(scene_graph(), "what is in the bottom drawer")
        .notes[-1]
        .endswith("there may be more")
    )


def test_another_kind_may_be_meant_and_that_is_said() -> None:
    reply = answer(scene_graph(), "cups in the kitchen")
    assert [a.node.id for a in reply.answers] == ["mug_1"]
    assert reply.notes[0] == "a cup fits nowhere; this may be meant"


def test_a_word_that_tells_nothing_apart_is_named() -> None:
    assert "'big' tells nothing apart here" in answer(scene_graph(), "big mugs").notes


def test_furniture_is_told_with_what_it_holds_and_when_it_was_looked_at() -> None:
    assert line("fridge") == (
        "fridge_1: fridge in the kitchen; closed (seen 80 s before the end); not wholly looked into"
    )
    assert "on (seen 5 s before the end)" in line("lamp")
    assert "with red mug, yellow bowl" in line("dining table")


def test_rows_are_plain_data() -> None:
    graph = scene_graph()
    rows = {r["id"]: r for r in map(Teller(graph).row, everything(graph).answers)}
    assert rows["mug_1"]["relations"] == [
        {"name": "on", "of": "dining_table_1", "truth": "true", "stamp": 50.0}
    ]
    assert rows["mug_1"]["age"] == 10.0
    assert rows["person_1"]["room"] == "living_room"
