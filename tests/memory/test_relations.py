from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2
from diarchy.memory.relations import lamp_head

TABLE = (1.5, 0.0, 0.7)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def hold(lab, entity_id: str | None) -> None:
    lab.width, lab.force, lab.commanded = (0.06, 20.0, 0.0) if entity_id else (0.1, 0.0, 0.1)
    lab.world.claim_held(entity_id, lab.proprio())
    lab.feel()


def test_a_thing_is_lit_by_a_lamp_that_is_on_and_near(household) -> None:
    lab = household
    lab.base = Pose2(0.5, 0.2, 0.0)
    lab.put("book_1", 1.5, 0.1, 0.7, (0.17, 0.08, 0.03))
    assert truth(lab, "lit(book_1)") is Truth.UNKNOWN
    lab.look(*TABLE)
    assert truth(lab, "lit(book_1)") is Truth.FALSE
    lab.power["desk_lamp_1"] = True
    lab.look(*TABLE)
    evidence = lab.world.evaluate(Condition.parse("lit(book_1)"))
    assert (evidence.truth, evidence.stamp) == (Truth.TRUE, lab.now)


def test_a_thing_held_into_the_light_is_lit_now(household) -> None:
    lab = household
    lab.base = Pose2(0.5, 0.0, 0.0)
    lab.put("book_1", 1.2, -0.45, 0.7, (0.17, 0.08, 0.03))
    lab.power["desk_lamp_1"] = True
    lab.look(*TABLE)
    assert truth(lab, "lit(book_1)") is Truth.FALSE
    hold(lab, "book_1")
    lab.base = Pose2(0.6, 0.4, 0.0)
    lab.feel()
    evidence = lab.world.evaluate(Condition.parse("lit(book_1)"))
    assert (evidence.truth, evidence.stamp) == (Truth.TRUE, lab.now)
    lab.base = Pose2(0.6, 0.4, np.pi)
    lab.feel()
    assert truth(lab, "lit(book_1)") is Truth.FALSE


def test_nobody_knows_what_a_lamp_never_seen_lights(household) -> None:
    lab = household
    lab.base = Pose2(0.5, 0.0, 0.0)
    lab.put("book_1", 1.5, -0.05, 0.7, (0.17, 0.08, 0.03))
    lab.power.pop("desk_lamp_1")  # its picture tells nothing of it
    lab.look(*TABLE)
    assert truth(lab, "lit(book_1)") is Truth.UNKNOWN


def test_the_light_comes_from_the_upper_part_of_the_lamp(household) -> None:
    lamp = household.static_map.fixtures["desk_lamp_1"].entity
    assert lamp_head(lamp) == pytest.approx([1.7, 0.4, 1.05])


def test_a_thing_on_the_open_hands_is_given_once_it_is_let_go_of(household) -> None:
    lab = household
    lab.base = Pose2(1.0, 2.7, 0.0)
    lab.put("apple_1", 1.6, 2.7, 0.95, (0.07, 0.07, 0.07))
    lab.look(1.6, 2.7, 0.95)
    assert truth(lab, "given(apple_1, person_1)") is Truth.TRUE
    assert truth(lab, "given(*, person_1)") is Truth.TRUE
    assert truth(lab, "on(apple_1, person_1)") is Truth.FALSE
    assert lab.world.entity("apple_1").bottom == pytest.approx(0.95, abs=0.01)
    hold(lab, "apple_1")
    assert truth(lab, "given(apple_1, person_1)") is Truth.FALSE
    hold(lab, None)
    assert truth(lab, "given(apple_1, person_1)") is Truth.TRUE


def test_empty_hands_were_given_nothing_once_they_were_looked_at(household) -> None:
    lab = household
    assert truth(lab, "given(*, person_1)") is Truth.UNKNOWN
    lab.put("palm_1", 1.6, 2.7, 0.90, (0.28, 0.22, 0.049))
    lab.base = Pose2(1.0, 2.7, 0.0)
    lab.look(1.6, 2.7, 0.95)
    assert truth(lab, "given(*, person_1)") is Truth.FALSE


def test_nothing_is_given_to_one_without_open_hands(lab) -> None:
    lab.put("apple_1", 1.4, 0.0, 0.7)
    lab.look(*TABLE)
    assert truth(lab, "given(apple_1, person_1)") is Truth.FALSE
    assert truth(lab, "given(apple_1, person_9)") is Truth.UNKNOWN
