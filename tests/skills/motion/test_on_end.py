"""What stands on end goes into a vessel's mouth with its lower end, however it leans in the hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.collision import Attached
from diarchy.skills.motion.hand_turns import rotation_about
from diarchy.skills.motion.on_end import through_the_mouth
from diarchy.skills.motion.placements import corners_of

LENGTH, RIM = 0.175, 0.10


@given(
    lean=st.floats(0.0, 0.5),
    towards=st.floats(-np.pi, np.pi),
    along=st.floats(-0.04, 0.04),
    sunk=st.floats(0.02, 0.09),
)
def test_its_part_below_the_rim_is_centred_in_the_mouth(
    lean: float, towards: float, along: float, sunk: float
) -> None:
    held = Attached(
        "pencil_1", SE3(np.eye(3), np.array([0.02, 0.0, along])), np.array([0.01, 0.01, LENGTH])
    )
    rotation = rotation_about(np.array([np.cos(towards), np.sin(towards), 0.0]), lean)
    corners = held.pose.apply(corners_of(held.size)) @ rotation.T
    height = RIM - sunk - float(corners[:, 2].min())
    # Without it the middle of the pencil is over the middle of the vessel.
    gripper = -(rotation @ held.pose.translation)[:2]
    gripper = gripper + through_the_mouth(held, rotation, corners, height, RIM)

    axis = rotation[:, 2]
    middle = np.append(gripper, height) + rotation @ held.pose.translation
    low, at_rim = ((middle + axis * (z - middle[2]) / axis[2])[:2] for z in (RIM - sunk, RIM))
    assert low == pytest.approx(-at_rim, abs=1e-9)
    assert np.linalg.norm(low) <= 0.5 * sunk * np.tan(lean) + 1e-9
