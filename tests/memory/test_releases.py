"""How the hand let go of a thing tells how to take it again, if it still lies so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3
from diarchy.memory.releases import FLAT, SLID, Releases

HAND = SE3(Rotation.from_euler("y", 40, degrees=True).as_matrix(), np.array([1.0, 2.0, 0.9]))
UPRIGHT = SE3.from_xyz_yaw(1.1, 2.0, 0.85, 0.3)


def bread(x: float = 1.1, y: float = 2.0) -> Entity:
    return Entity(
        id="bread_1",
        cls="Bread",
        kind="object",
        position=(x, y, 0.85),
        yaw=0.3,
        extent=(0.15, 0.08, 0.07),
    )


def released(map_from_thing: SE3) -> Releases:
    releases = Releases()
    releases.add("bread_1", HAND, 0.09, HAND.inverse() @ map_from_thing)
    return releases


@given(angle=st.floats(0.0, 2 * np.pi), slid=st.floats(0.0, SLID - 1e-6))
def test_the_hand_is_moved_along_with_what_slid_a_little(angle: float, slid: float) -> None:
    dx, dy = slid * np.cos(angle), slid * np.sin(angle)
    left = released(UPRIGHT).of(bread(1.1 + dx, 2.0 + dy))
    assert left is not None
    assert left[0].translation == pytest.approx(HAND.translation + np.array([dx, dy, 0.0]))
    assert left[1] == 0.09


@given(lean=st.floats(0.0, np.pi), about=st.floats(0.0, np.pi))
def test_what_leant_when_it_was_let_go_fell_and_lies_otherwise_now(
    lean: float, about: float
) -> None:
    axis = np.array([np.cos(about), np.sin(about), 0.0])
    leaning = SE3(
        Rotation.from_rotvec(lean * axis).as_matrix() @ UPRIGHT.rotation, UPRIGHT.translation
    )
    if abs(lean - FLAT) > 1e-6:
        assert (released(leaning).of(bread()) is not None) == (lean < FLAT)


def test_what_is_elsewhere_or_was_held_in_an_unknown_way_is_taken_afresh() -> None:
    assert released(UPRIGHT).of(bread(1.1 + 2 * SLID)) is None
    releases = released(UPRIGHT)
    releases.add("bread_1", HAND, 0.09, None)
    assert releases.of(bread()) is None
