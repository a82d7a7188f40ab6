from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from diarchy.contracts.geometry import (
    SE3,
    Intrinsics,
    all_finite,
    all_true,
    rotation_from_6d,
    rotation_to_6d,
    wrap_angle,
)

coordinates = st.floats(-10, 10)
quaternions = arrays(np.float64, 4, elements=st.floats(-1, 1)).filter(
    lambda q: np.linalg.norm(q) > 0.1
)
poses = st.builds(SE3.from_quat, arrays(np.float64, 3, elements=coordinates), quaternions)


@given(poses, poses)
def test_the_inverse_undoes_a_transform(a: SE3, b: SE3) -> None:
    back = (a @ b) @ b.inverse()
    assert np.allclose(back.matrix(), a.matrix(), atol=1e-9)


@given(poses, arrays(np.float64, (5, 3), elements=coordinates))
def test_composition_is_application_after_application(a: SE3, points: np.ndarray) -> None:
    assert np.allclose((a @ a).apply(points), a.apply(a.apply(points)), atol=1e-9)


@given(poses)
def test_a_pose_survives_its_quaternion(pose: SE3) -> None:
    again = SE3.from_quat(pose.translation, pose.quat())
    assert np.allclose(again.matrix(), pose.matrix(), atol=1e-9)


@given(poses)
def test_a_rotation_survives_six_numbers(pose: SE3) -> None:
    assert np.allclose(rotation_from_6d(rotation_to_6d(pose.rotation)), pose.rotation, atol=1e-9)


@given(arrays(np.float64, 6, elements=st.floats(-5, 5)))
def test_six_numbers_become_a_rotation_or_an_error(values: np.ndarray) -> None:
    try:
        rotation = rotation_from_6d(values)
    except ValueError:
        return
    assert np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1.0, abs=1e-6)


def test_parallel_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="parallel"):
        rotation_from_6d([1, 0, 0, 2, 0, 0])


@given(st.floats(-100, 100))
def test_a_wrapped_angle_is_the_same_direction(angle: float) -> None:
    wrapped = wrap_angle(angle)
    assert -np.pi < wrapped <= np.pi
    assert np.cos(wrapped) == pytest.approx(np.cos(angle), abs=1e-9)
    assert np.sin(wrapped) == pytest.approx(np.sin(angle), abs=1e-9)


@given(st.floats(0.2, 8.0), st.integers(0, 63), st.integers(0, 47))
def test_a_pixel_lifted_by_its_depth_projects_to_itself(z: float, u: int, v: int) -> None:
    camera = Intrinsics.from_fovy(64, 48, 50.0)
    points = camera.backproject(np.full((48, 64), z, dtype=np.float32))
    assert np.allclose(camera.project(points[v, u]), [u + 0.5, v + 0.5], atol=1e-3)


def test_what_is_behind_the_camera_has_no_pixel() -> None:
    assert np.isnan(Intrinsics.from_fovy(64, 48, 50.0).project([0.0, 0.0, -1.0])).all()


def test_quaternions_are_those_of_scipy_half_turns_too() -> None:
    turns = Rotation.random(50, random_state=0).as_matrix()
    halves = [np.diag(d) for d in ((1.0, -1.0, -1.0), (-1.0, 1.0, -1.0), (-1.0, -1.0, 1.0))]
    for rotation in (*turns, *halves, np.eye(3)):
        x, y, z, w = Rotation.from_matrix(rotation).as_quat(canonical=True)
        assert np.allclose(SE3(rotation, np.zeros(3)).quat(), [w, x, y, z], atol=1e-12)


@given(
    arrays(
        np.float64,
        st.integers(1, 12),
        elements=st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.just(1.7e308)),
    )
)
def test_finite_means_the_same_as_numpys(values: np.ndarray) -> None:
    assert all_finite(values) == bool(np.isfinite(values).all())


@given(arrays(np.bool_, st.integers(0, 12)))
def test_all_true_means_the_same_as_numpys(values: np.ndarray) -> None:
    assert all_true(values) == bool(values.all())
