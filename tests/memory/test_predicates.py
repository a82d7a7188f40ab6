from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import ARITY, Condition
from diarchy.contracts.robot import Pose2
from diarchy.memory.predicates import _RULES

TABLE = (1.5, 0.0, 0.7)
FRIDGE = (4.3, 0.0, 0.8)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def test_every_predicate_of_the_contract_has_a_rule_and_a_definition() -> None:
    assert set(_RULES) == set(ARITY)
    assert all(rule.__doc__ for rule in _RULES.values())


@pytest.mark.parametrize(
    ("x", "bottom", "expected"),
    [(1.5, 0.7, True), (1.5, 0.72, True), (1.22, 0.7, True), (1.5, 0.85, False), (1.1, 0.7, False)],
)
def test_on_asks_for_height_and_for_the_centre_over_the_surface(lab, x, bottom, expected) -> None:
    lab.put("mug_1", x, 0.0, bottom)
    lab.look(*TABLE)
    assert truth(lab, "on(mug_1, table_1)") is Truth.of(expected)
    assert truth(lab, "not on(mug_1, table_1)") is Truth.of(not expected)


def test_a_thing_stacked_on_a_plate_is_on_it(lab) -> None:
    lab.put("plate_1", 1.5, 0.0, 0.7, (0.22, 0.22, 0.02))
    lab.put("apple_1", 1.52, 0.02, 0.72, (0.07, 0.07, 0.07))
    lab.look(*TABLE)
    assert truth(lab, "on(apple_1, plate_1)") is Truth.TRUE
    assert truth(lab, "on(plate_1, apple_1)") is Truth.FALSE
    assert truth(lab, "in(apple_1, plate_1)") is Truth.FALSE


def test_relations_of_unknown_things_are_unknown(lab) -> None:
    lab.look(*TABLE)
    assert truth(lab, "on(mug_9, table_1)") is Truth.UNKNOWN
    assert truth(lab, "not on(mug_9, table_1)") is Truth.UNKNOWN
    assert truth(lab, "accessible(mug_9)") is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        (Pose2(0.3, 0.0, 0.0), True),
        (Pose2(0.3, 0.0, np.radians(50)), True),
        (Pose2(0.3, 0.0, np.radians(70)), False),
        (Pose2(0.0, 0.0, 0.0), False),
        (Pose2(1.5, 1.4, -np.pi / 2), True),
    ],
)
def test_near_a_fixture_is_a_matter_of_its_box_and_of_facing_it(lab, pose, expected) -> None:
    lab.base = pose
    lab.feel()
    assert truth(lab, "near(table_1)") is Truth.of(expected)


@pytest.mark.parametrize(
    ("pose", "expected"),
    [(Pose2(1.3, 0.0, np.pi / 2), True), (Pose2(1.1, 0.0, np.pi / 2), False), (Pose2(1.1, 0.0, 0.0), True)],
)  # fmt: skip
def test_what_lies_on_the_base_is_near_wherever_that_faces(lab, pose, expected) -> None:
    lab.put("mug_1", 1.5, 0.0, 0.7)
    lab.look(*TABLE)
    lab.base = pose
    lab.feel()
    assert truth(lab, "near(mug_1)") is Truth.of(expected)


def test_near_a_container_with_a_door_is_before_its_front(lab) -> None:
    lab.base = Pose2(3.1, 0.0, 0.0)
    lab.feel()
    assert truth(lab, "near(fridge_1)") is Truth.TRUE
    lab.base = Pose2(5.4, 0.0, np.pi)
    lab.feel()
    assert truth(lab, "near(fridge_1)") is Truth.FALSE


@pytest.mark.parametrize(
    ("angle", "is_open", "is_shut"), [(0.0, False, True), (0.5, False, False), (1.5, True, False)]
)
def test_a_door_is_open_shut_or_ajar(lab, angle, is_open, is_shut) -> None:
    lab.base, lab.door = Pose2(3.0, 0.0, 0.0), angle
    lab.look(*FRIDGE)
    assert truth(lab, "open(fridge_1)") is Truth.of(is_open)
    assert truth(lab, "not open(fridge_1)") is Truth.of(is_shut)
    assert truth(lab, "enterable(fridge_1)") is Truth.of(is_open)


def test_what_has_no_door_is_enterable_and_not_open(lab) -> None:
    assert truth(lab, "enterable(table_1)") is Truth.TRUE
    assert truth(lab, "open(table_1)") is Truth.FALSE
    assert truth(lab, "open(nothing_1)") is Truth.UNKNOWN


def test_nothing_on_a_table_is_known_only_after_looking_at_it(lab) -> None:
    assert truth(lab, "on(*, table_1)") is Truth.UNKNOWN
    lab.look(*TABLE)
    assert truth(lab, "on(*, table_1)") is Truth.FALSE
    assert truth(lab, "not on(*, table_1)") is Truth.TRUE
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.look(*TABLE)
    assert truth(lab, "on(*, table_1)") is Truth.TRUE
    assert truth(lab, "on(mug_1, *)") is Truth.TRUE


def test_wildcards_over_the_hand(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    assert truth(lab, "holding(*)") is Truth.FALSE
    lab.width, lab.force, lab.commanded = 0.06, 20.0, 0.0
    lab.world.claim_held("mug_1", lab.proprio())
    lab.feel()
    assert truth(lab, "holding(*)") is Truth.TRUE


def test_seen_asks_for_a_look_at_rest(lab) -> None:
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.still = False
    lab.look(*TABLE)
    assert truth(lab, "located(mug_1)") is Truth.TRUE
    assert truth(lab, "seen(mug_1)") is Truth.FALSE
    assert lab.world.evaluate(Condition.parse("on(mug_1, table_1)")).stamp is None
    lab.still = True
    lab.look(*TABLE)
    assert truth(lab, "seen(mug_1)") is Truth.TRUE
    assert truth(lab, "seen(table_1)") is Truth.TRUE


def test_evidence_carries_the_stamp_of_what_it_rests_on(lab) -> None:
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.look(*TABLE)
    looked = lab.now
    lab.feel(10)
    assert lab.world.evaluate(Condition.parse("on(mug_1, table_1)")).stamp == looked
    assert lab.world.evaluate(Condition.parse("hand_empty()")).stamp == lab.now
    assert lab.world.evaluate(Condition.parse("near(table_1)")).stamp == lab.now
