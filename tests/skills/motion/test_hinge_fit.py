from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.skills.motion.hinge_fit import Circle, fit_circle

TRUE = Circle(np.array([1.05, -0.31]), 0.57)


def arc(angle, noise=0.001, count=60):
    phase = np.linspace(1.7, 1.7 + angle, count)
    points = TRUE.centre + TRUE.radius * np.stack([np.cos(phase), np.sin(phase)], axis=1)
    return points + np.random.default_rng(0).normal(0, noise, points.shape)


@given(st.floats(-0.12, 0.12), st.floats(-0.12, 0.12))
@settings(max_examples=30, deadline=None)
def test_a_long_arc_overrules_a_wrong_map(dx, dy):
    prior = Circle(TRUE.centre + np.array([dx, dy]), TRUE.radius + dx)
    fitted = fit_circle(arc(1.2), prior)
    assert fitted.centre == pytest.approx(TRUE.centre, abs=0.02)


def test_a_short_arc_leaves_the_map_nearly_as_it_is():
    prior = Circle(TRUE.centre + np.array([0.03, 0.0]), TRUE.radius)
    fitted = fit_circle(arc(0.02), prior)
    assert fitted.centre == pytest.approx(prior.centre, abs=0.06)


def test_the_fitted_circle_passes_through_the_path_even_of_a_short_arc():
    prior = Circle(TRUE.centre + np.array([0.06, -0.05]), TRUE.radius - 0.05)
    points = arc(0.3)
    fitted = fit_circle(points, prior)
    gaps = np.linalg.norm(points - fitted.centre, axis=1) - fitted.radius
    assert np.max(np.abs(gaps)) < 0.005
