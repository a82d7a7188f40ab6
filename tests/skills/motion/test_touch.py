"""Where closed fingers go to press a button or to turn a lever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.entity import Control
from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.drawers import hand_pitch
from diarchy.skills.motion.openable import level_grip
from diarchy.skills.motion.touch import touches

TIP = 0.02
FRONT = np.array([1.0, 0.0])
HORIZONTAL = np.array([1.0, 0.0, 0.0])
UP = np.array([0.0, 0.0, 1.0])


def button(normal):
    return Control("button", np.array([0.5, 0.1, 0.8]), np.asarray(normal), 0.008)


def lever(turn=1.0):
    """A lever that points to the front and turns about its rear end."""
    normal = np.array([0.0, turn, 0.0])
    return Control("lever", np.array([0.09, 0.0, 1.0]), normal, 0.87, np.array([0.0, 0.0, 1.0]))


def tip(pose):
    return pose.apply([TIP, 0.0, 0.0])


@pytest.mark.parametrize("normal", [HORIZONTAL, UP])
def test_a_button_is_pressed_two_centimetres_beyond_its_face_along_its_normal(normal):
    for touch in touches(button(normal), FRONT, on=True, fingertip=TIP):
        assert touch.pressed
        np.testing.assert_allclose(tip(touch.along[-1]), button(normal).at - 0.02 * normal)
        np.testing.assert_allclose(touch.along[-1].rotation[:, 0], -normal, atol=1e-9)
        assert (tip(touch.before) - button(normal).at) @ normal > 0.04, "it starts well before it"


@given(st.sampled_from([1.0, -1.0]), st.booleans())
def test_a_lever_is_led_from_one_end_of_its_arc_beyond_the_other(turn, on):
    control = lever(turn)
    touch = next(touches(control, FRONT, on=on, fingertip=TIP))
    sides = np.array([tip(pose)[1] for pose in touch.along]) * turn
    forwards = 1.0 if on else -1.0
    assert np.all(np.diff(sides * forwards) > 0.0), "it never turns back"
    end = control.at[0] * np.sin(control.travel)
    begin = (0.0 if on else end) - forwards * 0.03
    assert sides[0] * forwards < begin * forwards, "it comes in beside the lever, not on it"
    middle = control.at[0] * np.sin(control.travel / 2.0)
    assert sides[-1] > middle if on else sides[-1] < 0.03
    assert not touch.pressed


def test_every_way_to_a_lever_comes_from_before_or_above_it():
    for touch in touches(lever(), FRONT, on=True, fingertip=TIP):
        approach = touch.before.rotation[:, 0]
        assert approach[0] < 0.4
        assert approach[2] < 1e-9
        way = tip(touch.along[0]) - tip(touch.before)
        np.testing.assert_allclose(way / np.linalg.norm(way), approach, atol=1e-6)


@given(st.floats(-3.1, 3.1), st.floats(-0.9, 0.9))
def test_a_grip_points_along_its_approach_with_the_fingers_across_the_bar(yaw, pitch):
    level = SE3.from_xyz_yaw(0.0, 0.0, 0.0, yaw).rotation
    approach = np.cos(pitch) * level[:, 0] - np.sin(pitch) * UP
    rotation = level_grip(approach, level[:, 1])
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    np.testing.assert_allclose(rotation[:, 0], approach, atol=1e-9)
    assert abs(rotation[:, 1] @ level[:, 1]) < 1e-9


def test_the_hand_points_down_at_low_handles_only():
    assert hand_pitch(0.76) == hand_pitch(0.62) == 0.0
    assert hand_pitch(0.45) > 0.8
    assert hand_pitch(0.20) == pytest.approx(1.2)
