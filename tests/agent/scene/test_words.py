"""Questions in words: what they ask for, and what is said of words that nobody knows."""

from __future__ import annotations

import pytest
from scenes import scene_graph

from diarchy.agent.scene import answer
from diarchy.contracts.errors import BadInputError


def found(question: str) -> list[str]:
    return [a.node.id for a in answer(scene_graph(), question).answers]


def sure(question: str) -> list[str]:
    return [a.node.id for a in answer(scene_graph(), question).answers if a.truth.value == "true"]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("mug", ["mug_1", "mug_2"]),
        ("mugs in the kitchen", ["mug_1"]),
        ("the red mug", ["mug_1"]),
        ("mug kitchen", ["mug_1"]),
        ("red things", ["apple_1", "mug_1", "key_chain_1"]),
        ("red", ["apple_1", "mug_1", "key_chain_1"]),
        ("where are my keys?", ["key_chain_1"]),
        ("where did I put my keys", ["key_chain_1"]),
        ("What is on the dining table?", ["apple_1", "bowl_1", "mug_1"]),
        ("what's in the bowl", ["apple_1"]),
        ("what is on the coffee table", ["mug_2", "book_1"]),
        ("what is in the living room", ["mug_2", "plate_1", "book_1"]),
        ("kitchen", ["apple_1", "bowl_1", "mug_1", "key_chain_1"]),
        ("the mug on the coffee table", ["mug_2"]),
        ("red mugs and apples", ["mug_1", "apple_1"]),
        ("apple near the mug", ["apple_1"]),
        ("food", ["apple_1", "bread_1"]),
        ("how many mugs are there", ["mug_1", "mug_2"]),
        ("mug_2", ["mug_2"]),
    ],
)
def test_things_are_found_by_what_they_are_and_where(question: str, ids: list[str]) -> None:
    assert found(question) == ids


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("what is open", ["drawer_2", "drawer_1"]),
        ("open drawers", ["drawer_2", "drawer_1"]),
        ("which drawers are open?", ["drawer_2", "drawer_1"]),
        ("closed doors", ["fridge_1"]),
        ("is the fridge open", []),
        ("what is switched on", ["desk_lamp_1"]),
        ("lamps that are off", []),
        ("top drawer", ["drawer_2"]),
        ("dinning tabel", ["dining_table_1"]),
        ("the bottom drawer of the dresser", ["drawer_1"]),
        ("people", ["person_1"]),
        ("who is in the kitchen", []),
    ],
)
def test_furniture_and_people_are_asked_for_too(question: str, ids: list[str]) -> None:
    assert found(question) == ids


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("things not seen for 60 s", ["bread_1", "key_chain_1", "mug_2"]),
        ("mugs that were not seen for 1 minute", ["mug_2"]),
        ("what was seen in the last 20 seconds", ["apple_1", "book_1", "bowl_1", "mug_1", "plate_1"]),
        ("what have you not seen", ["key_chain_1"]),
    ],
)  # fmt: skip
def test_ages_are_asked_for(question: str, ids: list[str]) -> None:
    assert sorted(found(question)) == sorted(ids)


def test_what_is_only_believed_is_told_apart_from_what_is_sure() -> None:
    assert sure("what is on the coffee table") == ["mug_2"]
    assert sure("open drawers") == ["drawer_2"]
    assert sure("where are my keys") == []


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("flurb", "there is no 'flurb' here that I know"),
        ("bowls on the flurb", "'flurb'"),
        ("mugs in the garage", "no 'garage' here that I know; known: kitchen, living room"),
        ("bed", "did you mean"),
        ("?!", "no words in the question"),
    ],
)
def test_unknown_words_are_one_clear_error(question: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        answer(scene_graph(), question)
