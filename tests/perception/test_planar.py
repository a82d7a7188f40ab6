"""Poses in the plane."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diarchy.perception.planar import between, compose, planar, spatial, transform

Poses = st.builds(
    lambda x, y, yaw: np.array([x, y, yaw]),
    *(st.floats(-20, 20), st.floats(-20, 20), st.floats(-3.1, 3.1)),
)


@given(Poses, Poses)
def test_what_lies_between_two_poses_leads_from_one_to_the_other(a, b) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(compose(a, between(a, b)), b, atol=1e-9)


@given(Poses, Poses)
def test_it_is_what_transforms_in_space_do(a, b) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(compose(a, b), planar(spatial(a) @ spatial(b)), atol=1e-9)
    point = np.array([[0.3, -1.2]])
    expected = spatial(a).apply(np.array([[0.3, -1.2, 0.0]]))[:, :2]
    np.testing.assert_allclose(transform(point, a), expected, atol=1e-9)
