"""The skills without grasping, in the simulated home, judged by the simulator's truth."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from diarchy.contracts.geometry import wrap_angle
from diarchy.contracts.plan import Reference
from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause, Outcome
from diarchy.skills.context import Context
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.doors import Close, Open
from diarchy.skills.motion.drive import Arrival, Driver
from diarchy.skills.motion.head import LookAt
from diarchy.skills.motion.navigate import NavigateTo
from diarchy.skills.motion.search import Search
from diarchy.skills.motion.talk import AskPerson, Say, Wait
from diarchy.testing import check_skill


def _harness():
    path = Path(__file__).parents[1] / "harness.py"
    spec = importlib.util.spec_from_file_location("skills_harness", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


Rig = _harness().Rig


@pytest.fixture
def rig():
    with Rig(seed=3) as built:
        built.look()
        yield built


def before_fridge(rig, back=1.0):
    """Stand before the fridge's door as navigation would."""
    entity = rig.world.entity("fridge_1")
    rig.teleport(Pose2(entity.position[0], entity.position[1] - 0.3 - back, np.pi / 2))
    rig.run(Wait(rig.spec), seconds=0.2)


@pytest.mark.parametrize("kind", [NavigateTo, LookAt, Search, Open, Close, Wait, AskPerson, Say])
def test_every_skill_keeps_the_promises_of_the_contract(rig, kind):
    def context():
        return Context(rig.spec, rig.clock, rig.world, epoch=1)

    check_skill(kind(rig.spec), context)


def test_waiting_takes_as_long_as_asked(rig):
    result = rig.run(Wait(rig.spec), seconds=1.5)
    assert result.outcome.success
    assert result.seconds == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize("seconds", ["soon", -1, 1e9, None])
def test_waiting_for_nonsense_fails_at_once(rig, seconds):
    result = rig.run(Wait(rig.spec), seconds=seconds)
    assert result.outcome.cause is Cause.PRECONDITION


def test_what_is_said_is_heard_and_an_answer_comes_back(rig):
    assert rig.run(Say(rig.spec), text="hello").outcome.success
    assert rig.said == ["hello"]
    rig.answers = ["the red one"]
    assert rig.run(AskPerson(rig.spec), text="which?").outcome.detail == "the red one"
    assert rig.run(AskPerson(rig.spec), text="which?").outcome.cause is Cause.TIMEOUT


def test_navigation_ends_where_the_target_can_be_worked_on(rig):
    result = rig.run(NavigateTo(rig.spec), target="coffee_table_1")
    assert result.outcome.success, result.outcome
    assert result.starved == 0
    base, table = rig.robot.truth.base(), rig.world.entity("coffee_table_1")
    offset = np.array(table.position[:2]) - [base.x, base.y]
    assert np.hypot(*offset) < 0.95
    assert abs(wrap_angle(float(np.arctan2(*offset[::-1])) - base.yaw)) < 0.5


def test_navigation_to_something_unknown_is_a_lapsed_precondition(rig):
    outcome = rig.run(NavigateTo(rig.spec), target="unicorn_1").outcome
    assert outcome.cause is Cause.PRECONDITION


GOAL = Pose2(2.0, 2.0, 0.7)


def test_docking_is_exact_to_a_centimetre_and_a_degree(rig):
    class Dock(NavigateTo):
        def start(self, call, context, proprio):
            yield from Driver(context, "motion:test").to(proprio, GOAL, Arrival())
            return Outcome.done()

    assert rig.run(Dock(rig.spec), target="fridge_1").outcome.success
    base = rig.robot.truth.base()
    assert np.hypot(base.x - GOAL.x, base.y - GOAL.y) < 0.011
    assert abs(wrap_angle(base.yaw - GOAL.yaw)) < 0.019


def test_a_base_that_something_unseen_holds_back_is_blocked_and_brakes(rig):
    class Blind(NavigateTo):
        def start(self, call, context, proprio):
            try:
                yield from Driver(context, "motion:test").straight(proprio, 3.0)
            except MotionFailedError as error:
                return Outcome.failed(error.cause)
            return Outcome.done()

    before_fridge(rig, back=0.5)
    outcome = rig.run(Blind(rig.spec), target="fridge_1").outcome
    assert outcome.cause is Cause.BLOCKED
    assert np.abs(rig.robot.proprio().base_velocity).max() < 0.02


def test_looking_brings_the_target_into_view_or_says_that_it_cannot(rig):
    before_fridge(rig)
    assert rig.run(LookAt(rig.spec), target="fridge_1").outcome.success
    behind = rig.run(LookAt(rig.spec), target="dining_table_1").outcome
    assert behind.cause is Cause.NOT_VISIBLE


def test_what_is_known_already_is_not_searched_for(rig):
    result = rig.run(Search(rig.spec), object=Reference(cls="Apple"))
    assert result.outcome.success
    assert result.seconds < 0.1


def test_a_search_in_vain_says_where_it_looked(rig):
    anchored = Reference(cls="Laptop", relation="on", anchor="shelf_1")
    outcome = rig.run(Search(rig.spec), object=anchored).outcome
    assert outcome.cause is Cause.NOT_FOUND
    assert "shelf_1" in outcome.detail
    assert "counter" not in outcome.detail


def test_a_thing_with_no_door_cannot_be_opened(rig):
    assert rig.run(Open(rig.spec), container="sofa_1").outcome.cause is Cause.UNSUPPORTED


def test_a_full_hand_opens_no_door(rig):
    rig.world.claim("apple_1")
    assert rig.run(Open(rig.spec), container="fridge_1").outcome.cause is Cause.PRECONDITION


@pytest.mark.slow
def test_a_door_is_opened_and_closed_again():
    with Rig(seed=4) as rig:
        rig.look()
        before_fridge(rig)
        assert rig.run(Open(rig.spec), container="fridge_1").outcome.success
        assert rig.robot.truth.holds("open", "fridge_1")
        assert rig.run(Open(rig.spec), container="fridge_1").seconds < 3.0, "it is open already"
        assert rig.run(Close(rig.spec), container="fridge_1").outcome.success
        assert rig.robot.truth.holds("closed", "fridge_1")


@pytest.mark.slow
def test_a_door_is_opened_although_the_map_errs_about_its_hinge():
    with Rig(seed=5) as rig:
        fixtures = dict(rig.robot.static_map.fixtures)
        info = fixtures["fridge_1"]
        wrong = replace(info.hinge, origin=info.hinge.origin + np.array([0.06, 0.05, 0.0]))
        fixtures["fridge_1"] = replace(info, hinge=wrong)
        rig.robot.static_map = replace(rig.robot.static_map, fixtures=fixtures)
        rig.look()
        before_fridge(rig)
        assert rig.run(Open(rig.spec), container="fridge_1").outcome.success
        assert rig.robot.truth.holds("open", "fridge_1")
