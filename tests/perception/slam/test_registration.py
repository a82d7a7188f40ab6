"""An outline is fitted to another where it was seen from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("small_gicp")

from diarchy.perception.planar import between
from diarchy.perception.slam.outline import outline_of
from diarchy.perception.slam.registration import Target
from tests.perception.slam.flat import cast

THERE = np.array([2.0, 1.5, 0.4])


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-0.15, 0.15), st.integers(0, 99))
def test_a_scan_finds_back_to_where_it_was_taken(
    dx: float, dy: float, turn: float, seed: int
) -> None:
    target = Target(outline_of(cast(THERE, 0.005)).at(THERE))
    pose = THERE + np.array([dx, dy, turn])
    fit = target.fit(outline_of(cast(pose, 0.005, seed)), THERE, (0.5, 0.2, 0.1))
    error = between(pose, fit.pose)
    assert np.hypot(*error[:2]) < 0.02
    assert abs(error[2]) < np.radians(0.6)
    assert fit.inliers > 0.8


def test_what_does_not_belong_there_is_told_by_its_inliers() -> None:
    target = Target(outline_of(cast(THERE)).at(THERE))
    other = outline_of(cast(np.array([6.0, 2.0, 2.5])))
    fits = [
        target.fit(other, THERE + np.array([0.0, 0.0, k]), (0.5, 0.1)).inliers
        for k in (0.0, 1.5, 3.0)
    ]
    assert max(fits) < 0.7


def test_a_scan_that_is_half_hidden_by_people_still_fits() -> None:
    target = Target(outline_of(cast(THERE)).at(THERE))
    pose = THERE + np.array([0.1, -0.05, 0.06])
    scan = cast(pose, 0.005, 1)
    scan.ranges[:100] = np.minimum(scan.ranges[:100], 0.7)
    fit = target.fit(outline_of(scan), THERE, (0.3, 0.1))
    assert np.hypot(*between(pose, fit.pose)[:2]) < 0.03
