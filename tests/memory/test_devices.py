from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2

MICROWAVE = (1.2, -2.0, 1.1)
SINK = (1.5, 2.0, 0.8)
DRAWER = (1.3, 1.2, 0.75)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def test_whether_a_device_runs_is_unknown_until_it_was_seen(household) -> None:
    assert truth(household, "running(sink_basin_1)") is Truth.UNKNOWN
    household.power["sink_basin_1"] = True
    household.look(*SINK)
    evidence = household.world.evaluate(Condition.parse("running(sink_basin_1)"))
    assert (evidence.truth, evidence.stamp) == (Truth.TRUE, household.now)
    household.power["sink_basin_1"] = False
    household.look(*SINK)
    assert truth(household, "not running(sink_basin_1)") is Truth.TRUE


def test_what_has_no_switch_never_runs(household) -> None:
    household.look(*SINK)
    assert truth(household, "running(table_1)") is Truth.FALSE
    assert truth(household, "running(nothing_1)") is Truth.UNKNOWN


def test_a_timer_is_not_known_to_run_for_ever_a_tap_is(household) -> None:
    lab = household
    lab.base = Pose2(0.3, -2.0, 0.0)
    lab.power["microwave_1"] = True
    lab.look(*MICROWAVE)
    lab.base = Pose2(0.3, 2.0, 0.0)
    lab.power["sink_basin_1"] = True
    lab.look(*SINK)
    lab.wait(10)
    assert truth(lab, "running(microwave_1)") is Truth.TRUE
    lab.wait(10)
    assert truth(lab, "running(microwave_1)") is Truth.UNKNOWN
    assert truth(lab, "running(sink_basin_1)") is Truth.TRUE


def test_a_fresh_look_decides_whether_the_timer_has_ended(household) -> None:
    lab = household
    lab.base = Pose2(0.3, -2.0, 0.0)
    lab.power["microwave_1"] = True
    lab.look(*MICROWAVE)
    lab.wait(20)
    lab.power["microwave_1"] = False
    lab.look(*MICROWAVE)
    assert truth(lab, "running(microwave_1)") is Truth.FALSE


@pytest.mark.parametrize(
    ("opening", "is_open", "is_shut"),
    [(0.0, False, True), (0.01, False, True), (0.05, False, False), (0.25, True, False)],
)
def test_a_drawer_is_open_shut_or_neither(household, opening, is_open, is_shut) -> None:
    household.base = Pose2(0.3, 1.2, 0.0)
    assert truth(household, "open(drawer_1)") is Truth.UNKNOWN
    assert truth(household, "shut(drawer_1)") is Truth.UNKNOWN
    household.openings["drawer_1"] = opening
    household.look(*DRAWER)
    assert truth(household, "open(drawer_1)") is Truth.of(is_open)
    assert truth(household, "enterable(drawer_1)") is Truth.of(is_open)
    assert truth(household, "shut(drawer_1)") is Truth.of(is_shut)
    assert truth(household, "not open(drawer_1)") is Truth.of(is_shut)


def test_what_has_no_door_is_shut_and_enterable(household) -> None:
    assert truth(household, "shut(sink_basin_1)") is Truth.TRUE
    assert truth(household, "enterable(sink_basin_1)") is Truth.TRUE
    assert truth(household, "open(sink_basin_1)") is Truth.FALSE


def test_no_door_is_open_only_once_all_were_seen_shut(household) -> None:
    lab = household
    for pose, target in (
        (Pose2(3.0, 0.0, 0.0), (4.0, 0.0, 0.8)),
        (Pose2(0.3, -2.0, 0.0), MICROWAVE),
    ):
        lab.base = pose
        lab.look(*target)
    assert truth(lab, "not open(*)") is Truth.UNKNOWN
    lab.base = Pose2(0.3, 1.2, 0.0)
    lab.look(*DRAWER)
    assert truth(lab, "not open(*)") is Truth.TRUE
    lab.openings["drawer_1"] = 0.05
    lab.look(*DRAWER)
    assert truth(lab, "not open(*)") is Truth.FALSE
    assert truth(lab, "open(*)") is Truth.FALSE


@pytest.mark.parametrize(
    ("name", "pose", "expected"),
    [
        ("sink_basin_1", Pose2(0.5, 2.0, 0.0), True),
        ("sink_basin_1", Pose2(2.4, 2.0, np.pi), False),
        ("drawer_1", Pose2(0.5, 1.2, 0.0), True),
        ("drawer_1", Pose2(2.2, 1.2, np.pi), False),
        ("drawer_1", Pose2(0.1, 1.2, 0.0), False),
        ("desk_lamp_1", Pose2(0.8, 0.4, 0.0), True),
        ("desk_lamp_1", Pose2(1.7, 1.2, -np.pi / 2), False),
    ],
)
def test_what_is_worked_from_its_front_is_near_only_there(household, name, pose, expected) -> None:
    household.base = pose
    household.feel()
    assert truth(household, f"near({name})") is Truth.of(expected)


def test_a_drawer_pulled_out_is_near_by_its_face(household) -> None:
    household.base, household.openings["drawer_1"] = Pose2(0.2, 1.2, 0.0), 0.28
    household.look(*DRAWER)
    assert truth(household, "near(drawer_1)") is Truth.TRUE
