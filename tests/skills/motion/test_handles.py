"""A mug is also taken by its handle: from both sides, off the ground, short of its body."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity
from diarchy.skills.motion.grasps import Grasp
from diarchy.skills.motion.handles import BAR, handle_grasps
from diarchy.skills.motion.rims import body_centre

TIP = 0.0185
PALM, PALM_HALF, FINGER_HALF = 0.070, 0.040, 0.0135


def mug(yaw: float = 0.0, cls: str = "Mug", length: float = 0.107) -> Entity:
    return Entity(
        id="x",
        cls=cls,
        kind="object",
        position=(0.6, 0.1, 0.786),
        yaw=yaw,
        extent=(length, 0.074, 0.092),
    )


def tip(grasp: Grasp) -> np.ndarray:
    return grasp.pose.translation + TIP * grasp.pose.rotation[:, 0]


@given(yaw=st.floats(-3.1, 3.1))
def test_the_fingers_close_on_the_bar_from_both_sides(yaw: float) -> None:
    entity = mug(yaw)
    outward = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    bar = np.asarray(entity.position) + (entity.extent[0] - BAR) / 2 * outward
    grasps = list(handle_grasps(entity, TIP))
    assert grasps
    for grasp in grasps:
        rotation = grasp.pose.rotation
        assert rotation.T @ rotation == pytest.approx(np.eye(3))
        assert abs(rotation[2, 1]) < 1e-9, "the fingers close level"
        assert abs(rotation[:, 1] @ outward) < np.sin(0.46), "and across the bar, or nearly so"
        assert rotation[:, 0] @ outward < -0.4, "the hand comes from the handle's side"
        beyond = (tip(grasp) - bar) @ -outward
        assert 0.0 < beyond < 0.02, "past the bar, not as far as the body"
        assert np.linalg.norm((tip(grasp) - body_centre(entity))[:2]) > 0.037


@given(yaw=st.floats(-3.1, 3.1))
def test_hand_and_fingers_stay_above_what_the_mug_stands_on(yaw: float) -> None:
    for grasp in handle_grasps(mug(yaw), TIP):
        side = np.abs(grasp.pose.rotation[2, 2])
        assert tip(grasp)[2] - FINGER_HALF * side > mug().bottom
        palm = tip(grasp)[2] - PALM * grasp.pose.rotation[2, 0] - PALM_HALF * side
        assert palm > mug().bottom


def test_it_is_dearer_than_the_body_and_the_most_level_hand_is_not_the_best() -> None:
    costs = {round(-g.pose.rotation[2, 0], 2): g.cost for g in handle_grasps(mug(), TIP)}
    assert min(costs.values()) == costs[0.34] > 1.5


@pytest.mark.parametrize("entity", [mug(length=0.074), mug(cls="Pan"), mug(cls="Cup")])
def test_what_has_no_handle_or_none_in_sight_is_not_taken_by_it(entity: Entity) -> None:
    assert list(handle_grasps(entity, TIP)) == []


@given(yaw=st.floats(-3.1, 3.1))
def test_a_hand_that_comes_straight_at_the_bar_is_tried_before_one_that_is_turned_round_it(
    yaw: float,
) -> None:
    outward = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    askew = [
        (grasp.cost, abs(float(grasp.pose.rotation[:, 1] @ outward)) > 1e-6)
        for grasp in handle_grasps(mug(yaw), TIP)
    ]
    level = min(cost for cost, turned in askew if turned)
    assert min(cost for cost, turned in askew if not turned) < level
    assert {turned for _, turned in askew} == {True, False}, "beside a wall the turned ones fit"
