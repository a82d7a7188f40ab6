from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.entity import Box, Entity, FixtureInfo, Hinge, StaticMap
from diarchy.contracts.geometry import SE3
from diarchy.contracts.guard import DistanceField
from diarchy.perception import StaticMapField

PANEL = Box(SE3.from_xyz_yaw(1.0, 0.0, 1.0, 0.0), np.array([0.06, 0.6, 0.8]))
HANDLE = Box(SE3.from_xyz_yaw(0.92, -0.23, 1.0, 0.0), np.array([0.02, 0.02, 0.3]))
BODY = Box(SE3.from_xyz_yaw(1.3, 0.0, 0.75, 0.0), np.array([0.54, 0.6, 1.5]))


def home() -> StaticMap:
    hinge = Hinge(
        np.array([1.0, 0.3, 0.0]), 1, np.array([0.92, -0.23, 1.0]), np.array([-1.0, 0.0, 0.0]),
        np.array([0.0, 0.0, 1.0]), 1.9, PANEL,
    )  # fmt: skip
    fridge = Entity(id="fridge_1", cls="Fridge", kind="fixture", position=(1.27, 0, 0.75))
    info = FixtureInfo(
        fridge, (BODY, PANEL, HANDLE), np.array([-1.0, 0.0]), (), hinge, moving=(1, 2)
    )
    wall = Box(SE3.from_xyz_yaw(0.0, 2.0, 1.0, 0.0), np.array([4.0, 0.1, 2.0]))
    return StaticMap((-3, -3, 3, 3), {}, (wall,), {"fridge_1": info})


def test_it_is_a_distance_field() -> None:
    assert isinstance(StaticMapField(home()), DistanceField)


def test_distances_are_exact_outside_and_negative_inside() -> None:
    field = StaticMapField(home())
    found = field.distance([[0.0, 1.5, 1.0], [0.0, 2.0, 1.0], [1.3, 0.0, 0.7]])
    assert found[:2] == pytest.approx([0.45, -0.05])
    assert found[2] < 0


def test_an_open_door_stands_where_it_was_seen() -> None:
    closed, opened = StaticMapField(home()), StaticMapField(home(), doors={"fridge_1": np.pi / 2})
    before_handle = [[0.9, -0.23, 1.0]]
    assert closed.distance(before_handle)[0] < 0.02
    assert opened.distance(before_handle)[0] > 0.05
    swung = [[1.6, 0.3, 1.0], [0.7, 0.3, 1.0]]
    assert opened.distance(swung).min() < 0.03


def test_what_may_be_touched_is_left_out() -> None:
    field = StaticMapField(
        home(), objects={"mug_1": Box(SE3.from_translation([0, 0, 1]), np.full(3, 0.1))}
    )
    point = [[0.0, 0.0, 1.0]]
    assert field.distance(point)[0] == pytest.approx(-0.05)
    assert field.without(frozenset({"mug_1"})).distance(point)[0] > 0.5
    assert field.distance(point)[0] == pytest.approx(-0.05)


def test_nothing_near_gives_the_horizon_and_no_points_nothing() -> None:
    field = StaticMapField(StaticMap((0, 0, 1, 1), {}, (), {}), horizon=0.7)
    assert field.distance([[0, 0, 0]])[0] == 0.7
    assert field.distance(np.zeros((0, 3))).shape == (0,)


@given(st.lists(st.tuples(*[st.floats(-2.5, 2.5)] * 3), min_size=2, max_size=8))
def test_the_field_is_one_lipschitz(points: list[tuple[float, float, float]]) -> None:
    p = np.array(points)
    d = StaticMapField(home()).distance(p)
    gaps = np.linalg.norm(p[:, None] - p[None], axis=-1)
    assert np.all(np.abs(d[:, None] - d[None]) <= gaps + 1e-9)
