"""A rigid thing keeps its shape, however little of it is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.entity import Detection, Sighting, StaticMap
from diarchy.memory.belief import CLEAR, MOVED, Belief

SHAPE = np.array([0.112, 0.074, 0.092])
PIXEL = np.ones((1, 1), dtype=np.bool_)


def seen(
    extent, position=(1.0, 1.0, 0.946), *, yaw=0.4, truncated=False, stamp=1.0, points=500
) -> Sighting:
    detection = Detection("Mug", 1.0, PIXEL, {}, instance="mug_1")
    return Sighting(detection, np.array(position), yaw, np.array(extent), stamp, truncated, points)


def taken_in_hand() -> Belief:
    belief = Belief.of(seen(SHAPE), "mug_1", "object")
    belief.update(seen(SHAPE), at_rest=True)
    belief.shape, belief.complete = belief.extent.copy(), False
    return belief


@given(
    side=st.floats(0.05, 0.098),
    depth=st.floats(0.03, 0.09),
    truncated=st.booleans(),
    yaw=st.floats(-3.0, 3.0),
)
def test_a_poor_look_into_a_cupboard_changes_neither_its_shape_nor_where_its_handle_is(
    side, depth, truncated, yaw
) -> None:
    belief = taken_in_hand()
    belief.update(seen((side, depth, 0.08), yaw=yaw, truncated=truncated, stamp=2.0), at_rest=True)
    assert belief.extent == pytest.approx(SHAPE)
    assert belief.yaw == pytest.approx(0.4)


def test_a_poor_look_moves_it_little_where_it_was_let_go_and_wholly_elsewhere() -> None:
    near, far = taken_in_hand(), taken_in_hand()
    near.update(seen((0.09, 0.05, 0.08), (1.02, 1.0, 0.94), truncated=True), at_rest=True)
    far.update(seen((0.09, 0.05, 0.08), (1.0 + 2 * MOVED, 1.0, 0.94), truncated=True), at_rest=True)
    assert 1.0 < near.position[0] < 1.01
    assert far.position[0] == pytest.approx(1.0 + 2 * MOVED)
    # What it stands on is seen: its bottom is there, its middle half its height above.
    assert near.position[2] == pytest.approx(0.94 - 0.04 + SHAPE[2] / 2)


def test_a_good_look_is_believed() -> None:
    belief = taken_in_hand()
    belief.update(seen((0.110, 0.075, 0.093), yaw=1.2), at_rest=True)
    assert belief.yaw == pytest.approx(1.2)


def test_what_fell_over_has_another_shape() -> None:
    belief = taken_in_hand()
    belief.update(seen((0.112, 0.092, 0.045)), at_rest=True)
    assert belief.extent[2] == pytest.approx(0.045)
    assert belief.shape is None


FORK = np.array([0.178, 0.046, 0.013])


def dropped_fork() -> Belief:
    belief = Belief.of(seen(FORK, (1.0, 1.0, 0.75), yaw=-0.9), "fork_1", "object")
    belief.update(seen(FORK, (1.0, 1.0, 0.75), yaw=-0.9), at_rest=True)
    belief.shape, belief.complete = belief.extent.copy(), False
    return belief


@given(yaw=st.floats(-3.0, 3.0), width=st.floats(0.020, 0.031), swapped=st.booleans())
def test_how_a_long_thing_lies_after_it_fell_is_seen_though_it_looks_narrower(
    yaw: float, width: float, swapped: bool
) -> None:
    belief = dropped_fork()
    size = (width, 0.165, 0.012) if swapped else (0.165, width, 0.012)
    belief.update(seen(size, (1.2, 1.1, 0.75), yaw=yaw, stamp=2.0), at_rest=True)
    along = yaw + (np.pi / 2 if swapped else 0.0)
    assert abs(np.sin(belief.yaw - along)) < 1e-6
    assert belief.extent == pytest.approx(FORK)


def test_half_of_a_long_thing_does_not_show_how_it_lies() -> None:
    belief = dropped_fork()
    belief.update(seen((0.09, 0.03, 0.012), (1.2, 1.1, 0.75), yaw=0.5, stamp=2.0), at_rest=True)
    assert belief.yaw == pytest.approx(-0.9)


def test_an_entity_says_whether_all_of_it_was_in_view() -> None:
    static_map = StaticMap((0.0, 0.0, 4.0, 4.0), {}, (), {})
    cut_off = Belief.of(seen(SHAPE, truncated=True), "mug_1", "object")
    cut_off.update(seen(SHAPE, truncated=True), at_rest=True)
    assert not cut_off.entity(static_map).complete
    cut_off.update(seen(SHAPE), at_rest=True)
    assert cut_off.entity(static_map).complete


def test_a_few_pixels_do_not_tell_a_size() -> None:
    static_map = StaticMap((0.0, 0.0, 4.0, 4.0), {}, (), {})
    pencil = Belief.of(seen((0.19, 0.1, 0.02), points=30), "pencil_1", "object")
    pencil.update(seen((0.19, 0.1, 0.02), points=30), at_rest=True)
    assert not pencil.entity(static_map).complete
    pencil.update(seen((0.17, 0.01, 0.01), points=CLEAR), at_rest=True)
    assert pencil.entity(static_map).complete


def test_a_few_pixels_do_not_spoil_a_size_that_is_known() -> None:
    mug = Belief.of(seen(SHAPE), "mug_1", "object")
    mug.update(seen(SHAPE), at_rest=True)
    mug.update(seen(2.0 * SHAPE, (1.02, 1.0, 0.946), yaw=1.0, points=CLEAR - 1), at_rest=True)
    assert mug.extent == pytest.approx(SHAPE)
    assert mug.yaw == pytest.approx(0.4)
    assert mug.position[0] > 1.0


PENCIL = np.array([0.172, 0.013, 0.012])


@given(shows=st.floats(0.03, 0.17), yaw=st.floats(-3.0, 3.0))
def test_what_was_put_upright_into_a_mug_stands_though_only_its_end_shows(
    shows: float, yaw: float
) -> None:
    belief = Belief.of(seen(PENCIL, (1.0, 1.0, 0.75)), "pencil_1", "object")
    belief.update(seen(PENCIL, (1.0, 1.0, 0.75)), at_rest=True)
    belief.shape, belief.complete = belief.extent.copy(), False
    top = 0.92
    end = seen((0.013, 0.012, shows), (1.0, 1.0, top - shows / 2), yaw=yaw, truncated=True)
    belief.update(end, at_rest=True)
    belief.carrier = "mug_1"
    belief.update(end, at_rest=True)
    assert sorted(belief.extent) == pytest.approx(sorted(PENCIL))
    assert belief.extent[2] == pytest.approx(0.172)
    assert belief.position[2] == pytest.approx(top - 0.172 / 2)
