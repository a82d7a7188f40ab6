from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.memory.grip import PATIENCE, UNKNOWN_OBJECT, Grip
from diarchy.memory.releases import SLID

NONE = np.zeros(0)
HELD = Proprio(0.0, 0, NONE, NONE, NONE, 0.04, 50.0, Pose2(0.0, 0.0, 0.0), np.zeros(2))
SAT = {"egg_1": SE3.identity()}


def feel(
    grip: Grip, count: int, *, force: float, width: float = 0.04, at: float = 0.0
) -> str | None:
    lost = None
    for k in range(count):
        reading = replace(HELD, stamp=at + 0.05 * k, gripper_force=force, gripper_width=width)
        lost = grip.update(reading) or lost
    return lost


@pytest.fixture
def grip() -> Grip:
    grip = Grip()
    grip.hold("egg_1", SAT, HELD)
    return grip


def test_a_force_that_flickers_loses_nothing(grip: Grip) -> None:
    assert feel(grip, PATIENCE - 1, force=0.0) is None
    assert grip.held() == "egg_1"


def test_a_force_that_stays_away_says_what_was_lost(grip: Grip) -> None:
    assert feel(grip, PATIENCE, force=0.0) == "egg_1"
    assert grip.held() is None


@pytest.mark.parametrize(
    ("asked", "width", "held"), [(0.065, 0.071, None), (0.0, 0.006, UNKNOWN_OBJECT)]
)
def test_a_bar_that_presses_an_open_finger_outwards_is_not_held_and_a_thin_thing_is(
    asked: float, width: float, held: str | None
) -> None:
    commanded = Action(np.zeros(2), NONE, asked)
    grip = Grip()
    grip.update(replace(HELD, commanded=commanded, gripper_width=width, gripper_force=37.0))
    assert grip.held() == held


def test_what_was_pinched_for_a_moment_is_still_in_the_hand(grip: Grip) -> None:
    feel(grip, PATIENCE, force=0.0)
    grip.release()  # the belief takes it for dropped
    feel(grip, 1, force=25.0, width=0.0405, at=0.4)
    assert grip.held() == "egg_1"
    assert grip.gripper_from == SAT


@pytest.mark.parametrize(("width", "at"), [(0.05, 0.4), (0.04, 1.5)])
def test_what_is_of_another_width_or_comes_later_may_be_anything(
    grip: Grip, width: float, at: float
) -> None:
    feel(grip, PATIENCE, force=0.0)
    feel(grip, 1, force=25.0, width=width, at=at)
    assert grip.held() == UNKNOWN_OBJECT


def test_fingers_that_opened_for_a_moment_were_let_go_by_the_skill(grip: Grip) -> None:
    feel(grip, PATIENCE, force=0.0, width=0.05)
    grip.release()
    assert grip.last(0.8) == "egg_1"
    assert grip.last(5.0) is None


def taken(lab) -> str:
    """The id of a mug that was seen and is between the fingers."""
    lab.put("mug_1", 1.5, 0.0, 0.7)
    lab.look(1.5, 0.0, 0.75)
    (mug,) = [e.id for e in lab.world.entities() if e.cls == "Mug"]
    lab.width, lab.force, lab.commanded = 0.06, 20.0, 0.0
    lab.world.claim_held(mug, lab.proprio())
    lab.feel(3)
    return str(mug)


def test_how_the_hand_let_go_is_remembered_though_the_fingers_felt_nothing_before(lab) -> None:
    mug = taken(lab)
    lab.width, lab.force, lab.commanded = 0.07, 0.0, 0.09
    lab.feel(2 * PATIENCE)
    assert lab.world.held() is None
    lab.width = 0.09
    lab.world.claim_held(None, lab.proprio())
    left = lab.world.let_go(mug)
    assert left is not None
    assert left[1] == 0.09


@pytest.mark.parametrize(("slid", "known"), [(0.05, True), (2.0 * SLID, False)])
def test_how_it_was_let_go_moves_along_with_what_slid_a_little(lab, slid, known) -> None:
    mug = taken(lab)
    lab.width, lab.force, lab.commanded = 0.09, 0.0, 0.09
    lab.world.claim_held(None, lab.proprio())
    hand, _ = lab.world.let_go(mug)
    was = np.array(lab.world.entity(mug).position)
    lab.put("mug_1", float(was[0]), float(was[1]) + slid, 0.7)
    for _ in range(6):
        lab.look(*was[:2], 0.75)
    left = lab.world.let_go(mug)
    assert (left is not None) == known
    if left is not None:
        moved = np.array(lab.world.entity(mug).position) - was
        assert left[0].translation - hand.translation == pytest.approx([*moved[:2], 0.0])
