from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.shapes import complete_back, fit_ellipsoid, handle_ahead, rectangle


def cap(semi: tuple[float, float, float], yaw: float, elevation: float) -> FloatArray:
    """Points of an ellipsoid resting on z = 0, as far as they face a camera at -x, ``elevation`` up."""
    rng = np.random.default_rng(0)
    n = rng.normal(size=(4000, 3))
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    a = np.array(semi)
    points = n * a
    normals = n / a
    c, s = np.cos(yaw), np.sin(yaw)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    points, normals = points @ turn.T, normals @ turn.T
    view = np.array([-np.cos(elevation), 0.0, np.sin(elevation)])
    return points[normals @ view > 0.0] + np.array([0.3, -0.2, a[2]])


@settings(max_examples=30, deadline=None)
@given(
    a=st.floats(0.03, 0.05), ratio=st.floats(1.0, 1.6), c=st.floats(0.025, 0.045),
    yaw=st.floats(-1.5, 1.5), elevation=st.floats(0.3, 0.9),
)  # fmt: skip
def test_the_unseen_half_of_an_ellipsoid_is_found(
    a: float, ratio: float, c: float, yaw: float, elevation: float
) -> None:
    points = cap((a * ratio, a, c), yaw, elevation)
    found = fit_ellipsoid(points, 0.0, 2 * c)
    assert found is not None
    footprint, top = found
    assert np.allclose(footprint.centre, [0.3, -0.2], atol=0.002)
    assert np.allclose(footprint.size, [2 * a * ratio, 2 * a], atol=0.004)
    assert abs(top - 2 * c) < 0.004


def test_a_stem_is_not_part_of_the_body() -> None:
    ball = cap((0.037, 0.037, 0.037), 0.0, 0.5)
    stem = np.column_stack([np.full(30, 0.3), np.full(30, -0.2), np.linspace(0.074, 0.086, 30)])
    found = fit_ellipsoid(np.vstack([ball, stem]), 0.0, 0.084)
    assert found is not None
    assert abs(found[1] - 0.074) < 0.004


def test_a_box_is_not_round() -> None:
    rng = np.random.default_rng(1)
    front = np.column_stack(
        [np.zeros(900), rng.uniform(-0.05, 0.05, 900), rng.uniform(0, 0.08, 900)]
    )
    top = np.column_stack(
        [rng.uniform(0, 0.06, 900), rng.uniform(-0.05, 0.05, 900), np.full(900, 0.08)]
    )
    assert fit_ellipsoid(np.vstack([front, top]), 0.0, 0.08) is None


@given(yaw=st.floats(-1.5, 1.5), long=st.floats(0.06, 0.2), short=st.floats(0.02, 0.05))
def test_the_rectangle_around_a_rectangle_is_itself(yaw: float, long: float, short: float) -> None:
    corners = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * np.array([long, short]) / 2
    c, s = np.cos(yaw), np.sin(yaw)
    found = rectangle(corners @ np.array([[c, s], [-s, c]]) + np.array([1.0, 2.0]))
    assert np.allclose(found.centre, [1.0, 2.0], atol=1e-5)
    assert np.allclose(found.size, [long, short], atol=1e-4)
    assert abs(np.sin(found.yaw - yaw)) < 1e-3


def test_points_on_a_line_have_a_rectangle_too() -> None:
    line = np.outer(np.linspace(0, 1, 5), [0.6, 0.8])
    assert np.allclose(rectangle(line).size, [1.0, 0.0], atol=1e-6)


def test_half_a_cylinder_is_completed_to_a_whole_one() -> None:
    angle = np.linspace(np.pi / 2, 3 * np.pi / 2, 200)
    front = 0.03 * np.column_stack([np.cos(angle), np.sin(angle)])
    whole = complete_back(front, np.array([1.0, 0.0]))
    assert np.allclose(rectangle(whole).centre, [0, 0], atol=0.001)


def test_a_handle_is_on_the_positive_end() -> None:
    angle = np.linspace(0, 2 * np.pi, 100)
    rim = np.column_stack([0.04 * np.cos(angle), 0.04 * np.sin(angle), np.full(100, 0.09)])
    for side in (-1.0, 1.0):
        handle = np.column_stack(
            [side * np.linspace(0.04, 0.08, 40), np.zeros(40), np.full(40, 0.05)]
        )
        points = np.vstack([rim, handle])
        found = handle_ahead(rectangle(points[:, :2]), points, 0.09, 0.09)
        assert np.isclose(np.cos(found.yaw), side, atol=0.01)
