from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.robots.ros2 import strict
from diarchy.robots.ros2.convert.geometry import transform_stamped
from diarchy.robots.ros2.frames import FrameBuffer, FrameError, slerp

seeds = st.integers(0, 2**32 - 1)


def some_pose(rng: np.random.Generator) -> SE3:
    return SE3.from_quat(rng.uniform(-3, 3, 3), rng.normal(size=4))


def put(buffer: FrameBuffer, parent: str, child: str, pose: SE3, t: float, **kw: bool) -> bool:
    return buffer.add(transform_stamped(strict.new, pose, parent, child, t), **kw)


@given(seeds)
def test_a_chain_composes_and_its_inverse_comes_back(seed: int) -> None:
    rng, buffer = np.random.default_rng(seed), FrameBuffer()
    a, b, c = (some_pose(rng) for _ in range(3))
    put(buffer, "map", "odom", a, 1.0)
    put(buffer, "odom", "base", b, 1.0)
    put(buffer, "base", "camera", c, 0.0, static=True)
    assert np.allclose(buffer.lookup("map", "camera", 1.0).matrix(), (a @ b @ c).matrix())
    there = buffer.lookup("camera", "map", 1.0) @ buffer.lookup("map", "camera", 1.0)
    assert np.allclose(there.matrix(), np.eye(4), atol=1e-9)
    assert np.allclose(buffer.lookup("odom", "odom").matrix(), np.eye(4))


@given(seeds, st.floats(0.0, 1.0))
def test_between_two_stamps_it_turns_the_short_way(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, 4))
    first, second = first / np.linalg.norm(first), second / np.linalg.norm(second)
    mixed = slerp(first, second, share)
    whole = 2 * np.arccos(min(1.0, abs(float(first @ second))))
    part = 2 * np.arccos(min(1.0, abs(float(first @ mixed))))
    assert part == pytest.approx(share * whole, abs=2e-3)


@given(st.lists(st.integers(0, 400), min_size=2, max_size=30, unique=True), st.floats(0, 4))
def test_the_order_in_which_transforms_come_does_not_matter(times: list[int], at: float) -> None:
    def line(t: float) -> SE3:
        return SE3.from_xyz_yaw(2.0 * t, -t, 0.0, 0.3 * t)

    buffer = FrameBuffer()
    for t in times:
        put(buffer, "odom", "base", line(t / 100), t / 100)
    low, high = min(times) / 100, max(times) / 100
    if low <= at <= high:
        found = buffer.lookup("odom", "base", at)
        assert np.allclose(found.matrix(), line(at).matrix(), atol=1e-6)
    else:
        with pytest.raises(FrameError, match="is known"):
            buffer.lookup("odom", "base", at)


def test_beyond_the_newest_it_waits_unless_told_otherwise() -> None:
    buffer = FrameBuffer()
    put(buffer, "odom", "base", SE3.identity(), 1.0)
    put(buffer, "odom", "base", SE3.from_translation([1, 0, 0]), 2.0)
    with pytest.raises(FrameError, match=r"known up to 2\.000 s, asked for 2\.100 s"):
        buffer.lookup("odom", "base", 2.1)
    assert buffer.lookup("odom", "base", 2.1, tolerance=0.2).translation[0] == 1.0


def test_without_a_stamp_all_edges_are_taken_at_the_newest_common_time() -> None:
    buffer = FrameBuffer()
    for t in (1.0, 2.0, 3.0):
        put(buffer, "map", "odom", SE3.from_translation([10 * t, 0, 0]), t)
    for t in (1.0, 2.0):
        put(buffer, "odom", "base", SE3.from_translation([t, 0, 0]), t)
    assert buffer.lookup("map", "base").translation[0] == pytest.approx(22.0)


def test_a_frame_that_is_unknown_is_named_with_the_nearest() -> None:
    buffer = FrameBuffer()
    put(buffer, "base_link", "laser", SE3.identity(), 0.0, static=True)
    with pytest.raises(FrameError, match="did you mean 'laser'"):
        buffer.lookup("base_link", "lazer")
    put(buffer, "other", "island", SE3.identity(), 0.0, static=True)
    with pytest.raises(FrameError, match="not connected"):
        buffer.lookup("base_link", "island")


def test_rings_repeats_and_broken_rotations_are_refused() -> None:
    buffer = FrameBuffer()
    assert put(buffer, "a", "b", SE3.identity(), 1.0)
    assert not put(buffer, "a", "b", SE3.from_translation([5, 0, 0]), 1.0)
    assert not put(buffer, "a", "a", SE3.identity(), 1.0)
    put(buffer, "b", "a", SE3.identity(), 1.0)
    with pytest.raises(FrameError, match="ring"):
        buffer.lookup("a", "c")
    broken = transform_stamped(strict.new, SE3.identity(), "a", "d", 1.0)
    broken.transform.rotation.w = 0.0
    with pytest.raises(BadInputError, match="length 0"):
        buffer.add(broken)


def test_history_is_bounded_and_what_moves_can_be_forgotten() -> None:
    buffer = FrameBuffer(history=1.0)
    for i in range(1000):
        put(buffer, "odom", "base", SE3.identity(), i * 0.01)
    with pytest.raises(FrameError):
        buffer.lookup("odom", "base", 5.0)
    put(buffer, "base", "laser", SE3.identity(), 0.0, static=True)
    buffer.clear_moving()
    assert buffer.frames == ("base", "laser")
