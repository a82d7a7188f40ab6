"""The teacher: from anywhere near, it ends with the object lifted, and never sweeps it aside."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.grasps import gripper_rotation
from diarchy.skills.vla.expert import LIFT, ROW_S, Hand, PickExpert

DOWN = np.array([0.0, 0.0, -1.0])
GRASP = SE3(gripper_rotation(DOWN, np.array([0.0, 1.0, 0.0])), np.array([0.7, 0.0, 0.8]))
EXPERT = PickExpert(GRASP, opening=0.09, width=0.055)
offset = st.floats(-0.12, 0.12)


def start(x: float = 0.05, y: float = -0.06, z: float = 0.16, yaw: float = 0.5) -> Hand:
    turned = gripper_rotation(DOWN, np.array([-np.sin(yaw), np.cos(yaw), 0.0]))
    pose = SE3(turned, GRASP.translation + np.array([x, y, z]))
    return Hand(pose, np.zeros(3), 0.10, 0.10, 0.0)


def run(hand: Hand, rows: int = 200) -> list[Hand]:
    hands = [hand]
    for _ in range(rows):
        hands.append(EXPERT.step(hands[-1]))
    return hands


@given(offset, offset, st.floats(0.02, 0.22), st.floats(-1.2, 1.2))
@settings(max_examples=25, deadline=None)
def test_from_anywhere_near_it_ends_holding_the_object_lifted(
    x: float, y: float, z: float, yaw: float
) -> None:
    last = run(start(x, y, z, yaw))[-1]
    assert last.grips
    assert abs(last.pose.translation[2] - GRASP.translation[2] - LIFT) < 0.01


@given(offset, offset, st.floats(0.12, 0.22), st.floats(-1.2, 1.2))
@settings(max_examples=25, deadline=None)
def test_it_is_low_only_where_it_is_over_the_grasp(
    x: float, y: float, z: float, yaw: float
) -> None:
    for hand in run(start(x, y, z, yaw), 100):
        relative = hand.pose.translation - GRASP.translation
        if relative[2] < 0.03:
            assert np.hypot(relative[0], relative[1]) < 0.03


def test_it_keeps_inside_speed_and_acceleration() -> None:
    places = np.array([h.pose.translation for h in run(start())])
    velocity = np.diff(places, axis=0) / ROW_S
    assert np.linalg.norm(velocity, axis=1).max() < 0.21
    assert np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() / ROW_S < 1.05


def test_it_closes_only_at_the_grasp_and_lifts_only_what_it_feels() -> None:
    hands = run(start())
    closing = next(h for h in hands if h.opening < EXPERT.opening - 0.012)
    assert np.linalg.norm(closing.pose.translation - GRASP.translation) < 0.01
    risen = [h for h in hands if h.opening < 0.01 and h.pose.translation[2] > 0.82]
    assert risen
    assert all(h.grips for h in risen)


def test_pushed_away_before_closing_it_comes_back() -> None:
    hand = run(start(), 45)[-1]
    pushed = Hand(
        SE3(hand.pose.rotation, hand.pose.translation + np.array([0.05, 0.02, 0.03])),
        np.zeros(3), 0.09, 0.09, 0.0,
    )  # fmt: skip
    assert run(pushed)[-1].grips


def test_a_chunk_begins_with_the_present_command() -> None:
    hand = start()
    chunk = EXPERT.chunk(hand, 16)
    assert chunk.shape == (16, 10)
    assert np.allclose(chunk[0, :3], hand.pose.translation)
    assert chunk[0, 9] == hand.opening
    assert np.allclose(chunk[1, :3], EXPERT.step(hand).pose.translation)
