"""Frames, features and normalisation."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.skills.vla.flow.configuration import PROPRIO_DIM, TARGET_DIM
from diarchy.skills.vla.flow.processing import (
    Processor,
    Quantiles,
    move_rows,
    pose_row,
    proprio_features,
    target_features,
    target_frame,
)

finite = st.floats(-1e3, 1e3, allow_nan=False, width=32)
angles = st.floats(-3.0, 3.0)


def entity(x: float = 1.0, y: float = 0.5, yaw: float = 0.0, extent=(0.1, 0.06, 0.08)) -> Entity:  # type: ignore[no-untyped-def]
    return Entity(id="a", cls="A", kind="object", position=(x, y, 0.7), yaw=yaw, extent=extent)


@given(arrays.arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 5)), elements=finite))
def test_normalising_and_restoring_gives_back_what_varies(values: np.ndarray) -> None:  # type: ignore[type-arg]
    quantiles = Quantiles.fit(values)
    back = quantiles.restore(quantiles.normalise(values))
    varies = quantiles.span > 0.0
    scale = np.maximum(1.0, np.abs(values).max())
    assert np.allclose(back[:, varies], values[:, varies], atol=1e-9 * scale)


def test_a_constant_dimension_becomes_zero_and_comes_back_as_the_constant() -> None:
    values = np.column_stack([np.linspace(0, 1, 50), np.full(50, 7.25)])
    quantiles = Quantiles.fit(values)
    assert np.all(quantiles.normalise(values)[:, 1] == 0.0)
    assert np.all(quantiles.restore(np.full((3, 2), 0.9))[:, 1] == 7.25)


def test_quantiles_map_to_minus_one_and_one_and_nothing_is_clipped() -> None:
    values = np.linspace(0.0, 100.0, 1001)[:, None]
    scaled = Quantiles.fit(values).normalise(values)
    assert scaled[10, 0] == pytest.approx(-1.0)
    assert scaled[990, 0] == pytest.approx(1.0)
    assert scaled[-1, 0] > 1.0


def test_small_ranges_are_widened_about_their_middle() -> None:
    values = np.linspace(0.49, 0.51, 101)[:, None]
    quantiles = Quantiles.fit(values, floor=0.2)
    assert quantiles.span[0] == pytest.approx(0.2)
    assert quantiles.normalise([[0.5]])[0, 0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("bad", [np.zeros((0, 3)), np.zeros(4)])
def test_fitting_needs_samples(bad: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(BadInputError, match="samples"):
        Quantiles.fit(bad)


@given(angles, angles, angles, st.floats(-2.0, 2.0))
@settings(max_examples=60)
def test_rows_survive_a_change_of_frame_and_back(a: float, b: float, c: float, x: float) -> None:
    turn = SE3.from_quat([x, 0.2, -0.1], [1.0, a, b, c])
    rows = np.array([np.append(pose_row(turn), 0.05)] * 3)
    frame = SE3.from_xyz_yaw(0.4, x, 0.7, a)
    assert np.allclose(move_rows(move_rows(rows, frame), frame.inverse()), rows, atol=1e-9)


@given(angles, st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))
@settings(max_examples=60)
def test_features_do_not_change_when_robot_and_target_move_together(
    yaw: float, x: float, y: float
) -> None:
    base, moved = SE3.identity(), SE3.from_xyz_yaw(x, y, 0.0, yaw)
    first = entity(yaw=0.3)
    at = moved.apply(first.position)
    second = first.model_copy(update={"position": tuple(map(float, at)), "yaw": 0.3 + yaw})
    assert np.allclose(target_features(first, base), target_features(second, moved), atol=1e-9)


def test_a_box_turned_by_a_right_angle_with_swapped_sides_is_the_same_box() -> None:
    first = target_features(entity(yaw=0.4, extent=(0.15, 0.05, 0.03)), SE3.identity())
    swapped = entity(yaw=0.4 + np.pi / 2, extent=(0.05, 0.15, 0.03))
    assert np.allclose(first, target_features(swapped, SE3.identity()), atol=1e-9)
    assert first.shape == (TARGET_DIM,)


def test_the_target_frame_stands_on_the_target_and_looks_away_from_the_robot() -> None:
    frame = target_frame(entity(1.0, 1.0), Pose2(0.0, 0.0, 0.0).se3())
    assert np.allclose(frame.translation, [1.0, 1.0, 0.74])
    assert frame.yaw == pytest.approx(np.pi / 4)
    assert np.allclose(frame.rotation[:, 2], [0, 0, 1])


def test_proprioceptive_features_have_the_documented_length() -> None:
    q = np.arange(10.0)
    proprio = Proprio(0.0, 0, q, -q, q, 0.04, 30.0, Pose2(0, 0, 0), np.zeros(2))
    features = proprio_features(proprio, range(8), SE3.identity(), SE3.identity())
    assert features.shape == (PROPRIO_DIM,)
    assert np.array_equal(features[9:17], q[:8])
    assert np.array_equal(features[17:25], -q[:8])
    assert features[25:].tolist() == [0.04, 0.5, 0.04]


def test_a_processor_survives_the_weights_file_and_refuses_a_broken_one() -> None:
    rng = np.random.default_rng(0)
    processor = Processor.fit(*(rng.normal(size=(50, d)) for d in (PROPRIO_DIM, TARGET_DIM, 10)))
    arrays_ = processor.arrays()
    again = Processor.from_arrays(arrays_)
    assert np.array_equal(again.action.span, processor.action.span)
    del arrays_["processor.target.low"]
    with pytest.raises(BadInputError, match=r"processor\.target"):
        Processor.from_arrays(arrays_)
