from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Detection, Sighting, StaticMap, Truth
from diarchy.contracts.geometry import SE3
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2
from diarchy.memory import WorldModel
from diarchy.perception import Percept
from diarchy.perception.percept import FixtureReading
from tests.memory.conftest import HAND, HOUSEHOLD, tiny_spec

DRAWER = (1.3, 1.2, 0.75)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def filled(lab) -> None:
    """A key chain is seen in the drawer that stands open."""
    lab.base = Pose2(0.65, 1.2, 0.0)
    lab.openings["drawer_1"] = 0.28
    lab.put("key_chain_1", 1.22, 1.25, 0.7, (0.08, 0.05, 0.03))
    lab.look(*DRAWER)


def test_what_lies_in_an_open_drawer_is_in_it(household) -> None:
    filled(household)
    assert truth(household, "in(key_chain_1, drawer_1)") is Truth.TRUE
    assert truth(household, "accessible(key_chain_1)") is Truth.TRUE
    assert household.world.entity("key_chain_1").bottom == pytest.approx(0.7, abs=0.01)


def test_what_lies_in_a_drawer_goes_with_it_and_stays_believed_unseen(household) -> None:
    lab = household
    filled(lab)
    where = np.array(lab.world.entity("key_chain_1").position)
    lab.openings["drawer_1"] = 0.0
    lab.put("key_chain_1", 1.50, 1.25, 0.7, (0.08, 0.05, 0.03))
    for _ in range(4):
        lab.look(*DRAWER)
    assert np.array(lab.world.entity("key_chain_1").position) - where == pytest.approx(
        [0.28, 0.0, 0.0], abs=1e-6
    )
    assert truth(lab, "in(key_chain_1, drawer_1)") is Truth.TRUE
    assert truth(lab, "located(key_chain_1)") is Truth.TRUE
    assert truth(lab, "accessible(key_chain_1)") is Truth.FALSE


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 0.3), min_size=1, max_size=6), st.floats(-0.1, 0.1))
def test_however_a_drawer_was_moved_its_content_keeps_its_place_in_it(openings, aside) -> None:
    static_map = StaticMap((-1, -3, 6, 3), {}, (), HOUSEHOLD)
    world = WorldModel(static_map, tiny_spec(), base_from_gripper=lambda p: HAND)
    read(world, 0.28)
    egg = Detection("Egg", 1.0, np.ones((1, 1), dtype=bool), instance="egg_1")
    seen = Sighting(egg, np.array([1.22, 1.2 + aside, 0.72]), 0.0, np.full(3, 0.04), 1.0, False, 99)
    world.integrate(Percept(1.0, SE3.identity(), (seen,), (), (), None, True, "test"))
    info = static_map.fixtures["drawer_1"]
    place = info.displacement(0.28).inverse().apply(seen.position)
    for opening in openings:
        read(world, opening)
        now = info.displacement(opening).inverse().apply(world.entity("egg_1").position)
        assert now == pytest.approx(place, abs=1e-9)
        assert world.truth(Condition.parse("in(egg_1, drawer_1)")) is Truth.TRUE


def read(world: WorldModel, opening: float) -> None:
    """A look tells how far the drawer is out, and nothing else."""
    mask = np.ones((1, 1), dtype=bool)
    seen = Detection("Drawer", 1.0, mask, opening=opening, instance="drawer_1")
    reading = FixtureReading(seen, np.zeros(3), 0.0)
    world.integrate(Percept(0.0, SE3.identity(), (), (reading,), (), None, True, "test"))


def test_a_drawer_is_inspected_only_while_it_is_open_and_then_remembered(household) -> None:
    lab = household
    lab.base = Pose2(0.65, 1.2, 0.0)
    lab.look(*DRAWER)
    assert lab.world.inspected("drawer_1") is None
    assert truth(lab, "in(*, drawer_1)") is Truth.UNKNOWN
    lab.openings["drawer_1"] = 0.28
    lab.look(*DRAWER)
    looked = lab.now
    assert lab.world.inspected("drawer_1") == looked
    assert truth(lab, "in(*, drawer_1)") is Truth.FALSE
    lab.openings["drawer_1"] = 0.0
    lab.look(*DRAWER)
    assert lab.world.inspected("drawer_1") == looked


def test_what_is_taken_out_of_a_drawer_stays_when_it_is_shut(household) -> None:
    lab = household
    filled(lab)
    lab.width, lab.force, lab.commanded = 0.04, 20.0, 0.0
    lab.world.claim_held("key_chain_1", lab.proprio())
    lab.feel()
    del lab.things["key_chain_1"]
    held_at = lab.world.entity("key_chain_1").position
    lab.openings["drawer_1"] = 0.0
    lab.look(*DRAWER)
    assert lab.world.entity("key_chain_1").position == pytest.approx(held_at, abs=0.01)
    assert truth(lab, "in(key_chain_1, drawer_1)") is Truth.FALSE


def test_surfaces_are_where_the_drawer_is(household) -> None:
    filled(household)
    (inner,) = household.world.surfaces("drawer_1")
    assert inner.pose.translation == pytest.approx([1.22, 1.2, 0.7])


def test_the_distance_field_knows_an_open_drawer(household) -> None:
    face = [[1.06, 1.2, 0.76]]
    assert household.world.distance_field().distance(face)[0] > 0.1
    filled(household)
    assert household.world.distance_field().distance(face)[0] < 0.01
