"""Long things are left along the sides of a compartment; what stands may be turned as it likes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.entity import Surface
from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.collision import Attached
from diarchy.skills.motion.hand_turns import about_y, about_z
from diarchy.skills.motion.placements import diagonality

BREAD, CAN = np.array([0.18, 0.08, 0.07]), np.array([0.06, 0.06, 0.05])
angles = st.floats(-np.pi, np.pi)


def shelf(yaw: float) -> Surface:
    return Surface(SE3.from_xyz_yaw(1.0, 2.0, 0.9, yaw), (0.4, 0.3), 0.2, "in", "front")


def in_hand(size: np.ndarray) -> Attached:
    return Attached("thing_1", SE3.identity(), size)


@given(yaw=angles, off=angles)
def test_it_counts_how_far_off_the_sides_a_long_thing_lies(yaw: float, off: float) -> None:
    found = diagonality(shelf(yaw), in_hand(BREAD), about_z(yaw + off))
    assert found == pytest.approx(abs(np.sin(2.0 * off)), abs=1e-9)


@given(yaw=angles, turn=angles)
def test_what_stands_upright_or_is_hardly_longer_than_wide_may_be_turned(
    yaw: float, turn: float
) -> None:
    upright = about_z(turn) @ about_y(np.pi / 2.0)
    assert diagonality(shelf(yaw), in_hand(BREAD), upright) == pytest.approx(0.0, abs=1e-9)
    assert diagonality(shelf(yaw), in_hand(CAN), about_z(turn)) == 0.0
