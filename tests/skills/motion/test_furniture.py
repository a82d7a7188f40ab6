"""Drawers, switches and waiting at devices, in the simulated home, with perception and the oracle."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import Cause, SkillCall
from diarchy.skills.context import Context
from diarchy.skills.motion import doors
from diarchy.skills.motion.doors import Close, Open
from diarchy.skills.motion.navigate import NavigateTo
from diarchy.skills.motion.processes import Cool, Heat, Wash
from diarchy.skills.motion.switches import ToggleOff, ToggleOn
from diarchy.testing import check_skill


def _harness():
    path = Path(__file__).parents[1] / "harness.py"
    spec = importlib.util.spec_from_file_location("skills_harness", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


HARNESS = _harness()
KITCHEN = {
    "name": "devices",
    "rooms": {"kitchen": {"bounds": [0.0, 0.0, 4.6, 5.0], "floor": "tiles", "walls": "wall_sage"}},
    "fixtures": [
        {"class": "CounterTop", "x": 1.15, "y": 4.62, "yaw_deg": -90},
        {"class": "Microwave", "x": 2.8, "y": 4.62, "yaw_deg": -90},
        {"class": "SinkBasin", "x": 1.2, "y": 0.38, "yaw_deg": 90},
        {"class": "Desk", "x": 3.4, "y": 0.38, "yaw_deg": 90},
    ],
    "objects": [
        {"class": "Apple", "color": "red", "where": "microwave_1"},
        {"class": "SaltShaker", "color": "white", "where": "drawer_1"},
    ],
    "robot": {"x": 2.4, "y": 2.5, "yaw_deg": 90},
}


def kitchen(**changes):
    from diarchy.robots.home.scene import parse_scene

    return parse_scene({**KITCHEN, **changes})


@pytest.fixture
def rig():
    with HARNESS.Rig(kitchen(), seed=3, world="perceived") as built:
        built.look()
        yield built


def go(rig, kind, **args):
    outcome = rig.run(kind(rig.spec), **args).outcome
    assert outcome.success, outcome
    return outcome


CALLS = {
    ToggleOn: {"device": "microwave_1"},
    ToggleOff: {"device": "sink_basin_1"},
    Heat: {"object": "apple_1", "device": "microwave_1"},
    Cool: {"object": "apple_1", "device": "microwave_1"},
    Wash: {"object": "apple_1", "device": "sink_basin_1"},
}


@pytest.mark.parametrize("kind", CALLS)
def test_every_skill_keeps_the_promises_of_the_contract(rig, kind):
    def context():
        return Context(rig.spec, rig.clock, rig.world, epoch=1)

    skill = kind(rig.spec)
    check_skill(skill, context, call=SkillCall(skill.spec.name, CALLS[kind]))


def test_what_has_no_switch_cannot_be_switched(rig):
    outcome = rig.run(ToggleOn(rig.spec), device="counter_top_1").outcome
    assert outcome.cause is Cause.UNSUPPORTED


def test_a_device_heats_cools_or_washes_as_it_was_made_to(rig):
    outcome = rig.run(Heat(rig.spec), object="apple_1", device="sink_basin_1").outcome
    assert outcome.cause is Cause.UNSUPPORTED


def test_a_microwave_with_an_open_door_is_not_switched_on(rig):
    rig.robot.set_door("microwave_1", 1.2)
    outcome = rig.run(ToggleOn(rig.spec), device="microwave_1").outcome
    assert outcome.cause is Cause.PRECONDITION


def test_what_is_off_already_is_not_touched(rig):
    result = rig.run(ToggleOff(rig.spec), device="microwave_1")
    assert result.outcome.success
    assert result.seconds < 3.0


def test_nothing_gets_hot_in_a_microwave_that_is_off(rig):
    outcome = rig.run(Heat(rig.spec), object="apple_1", device="microwave_1").outcome
    assert outcome.cause is Cause.PRECONDITION


@pytest.mark.slow
def test_a_button_starts_the_microwave_and_what_is_in_it_gets_hot(rig):
    rig.robot.set_door("microwave_1", 1.4)
    rig.look()
    go(rig, NavigateTo, target="microwave_1")
    go(rig, Close, container="microwave_1")
    assert rig.robot.truth.holds("closed", "microwave_1")
    go(rig, ToggleOn, device="microwave_1")
    assert rig.robot.truth.holds("running", "microwave_1")
    go(rig, Heat, object="apple_1", device="microwave_1")
    assert rig.robot.truth.holds("hot", "apple_1")


@pytest.mark.slow
def test_a_door_that_slips_from_the_fingers_half_open_is_pulled_on_until_one_can_stand_beside_it(
    rig, monkeypatch
):
    pulled, pull = [], doors.Door.pull

    def slips(door, attempt):
        # Twice the fingers lose it on the way.
        monkeypatch.setattr(doors, "_PULL_TO", (0.9, 1.15, 1.47)[min(len(pulled), 2)])
        pulled.append(attempt)
        return pull(door, attempt)

    monkeypatch.setattr(doors.Door, "pull", slips)
    go(rig, NavigateTo, target="microwave_1")
    go(rig, Open, container="microwave_1")
    assert len(pulled) == 3
    assert rig.robot.truth.opening("microwave_1") > 1.25


@pytest.mark.slow
@pytest.mark.parametrize("device", ["sink_basin_1", "desk_lamp_1"])
def test_a_lever_and_a_lamp_are_switched_on_and_off_again(rig, device):
    go(rig, NavigateTo, target=device)
    go(rig, ToggleOn, device=device)
    assert rig.robot.truth.holds("running", device)
    go(rig, ToggleOff, device=device)
    assert not rig.robot.truth.holds("running", device)


@pytest.mark.slow
def test_a_drawer_is_pulled_out_and_pushed_in_and_what_lies_in_it_rides_along(rig):
    go(rig, NavigateTo, target="drawer_1")
    go(rig, Open, container="drawer_1")
    assert rig.robot.truth.holds("open", "drawer_1")
    assert rig.robot.truth.holds("in", "salt_shaker_1", "drawer_1")
    go(rig, Close, container="drawer_1")
    assert rig.robot.truth.holds("closed", "drawer_1")
    assert rig.robot.truth.holds("in", "salt_shaker_1", "drawer_1")
    assert rig.world.truth(Condition.parse("not open(drawer_1)")).value == "true"


@pytest.mark.slow
def test_a_door_that_something_holds_shut_is_blocked_and_given_up(rig):
    joint = rig.robot._model.joint("microwave_1/hinge")
    rig.robot._model.dof_frictionloss[int(joint.dofadr[0])] = 500.0
    go(rig, NavigateTo, target="microwave_1")
    outcome = rig.run(Open(rig.spec), container="microwave_1").outcome
    assert outcome.cause is Cause.BLOCKED
    assert np.hypot(*_hand(rig)[:2]) < 0.6, "the arm is folded again"


def _hand(rig):
    base = rig.robot.truth.base().se3()
    return base.inverse().apply(rig.robot.truth.gripper().translation)
