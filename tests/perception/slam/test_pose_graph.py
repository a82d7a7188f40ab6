"""The poses that fit all measurements best."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.planar import between, compose
from diarchy.perception.slam.pose_graph import Edge, optimised, residual

SIGMA = np.array([0.01, 0.01, 0.005])


def _round(count: int = 24) -> FloatArray:
    """Poses on a circle, each heading along it; the last is where the first is."""
    angle = np.linspace(0.0, 2.0 * np.pi, count + 1)
    yaw = (angle + np.pi) % (2.0 * np.pi) - np.pi
    return np.stack([3.0 * np.sin(angle), 3.0 - 3.0 * np.cos(angle), yaw], axis=1)


def _drifted(truth: FloatArray) -> tuple[FloatArray, list[Edge]]:
    edges, poses = [], [truth[0]]
    for k in range(len(truth) - 1):
        measured = between(truth[k], truth[k + 1]) + np.array([0.01, 0.002, 0.008])
        edges.append(Edge(k, k + 1, measured, SIGMA))
        poses.append(compose(poses[-1], measured))
    return np.array(poses), edges


def test_closing_a_loop_undoes_most_of_the_drift() -> None:
    truth = _round()
    poses, edges = _drifted(truth)
    last = len(truth) - 1
    edges.append(Edge(0, last, between(truth[0], truth[-1]), SIGMA, loop=True))
    found = optimised(poses, edges)
    before = np.linalg.norm(poses[:, :2] - truth[:, :2], axis=1)
    after = np.linalg.norm(found[:, :2] - truth[:, :2], axis=1)
    assert before.max() > 0.5
    assert after.mean() < 0.2 * before.mean()
    np.testing.assert_allclose(found[0], truth[0], atol=1e-6)


def test_a_false_loop_among_true_ones_loses_its_say() -> None:
    truth = _round()
    poses, edges = _drifted(truth)
    last = len(truth) - 1
    for k in (0, 1, 2):
        edges.append(Edge(k, last - k, between(truth[k], truth[last - k]), SIGMA, loop=True))
    good = optimised(poses, edges)
    edges.append(Edge(4, 16, np.array([0.2, 0.3, 1.0]), SIGMA, loop=True))
    bent = optimised(poses, edges)
    assert np.linalg.norm(bent[:, :2] - good[:, :2], axis=1).max() < 0.05


def test_the_derivatives_are_those_of_the_residual() -> None:
    from diarchy.perception.slam.pose_graph import _Measured

    rng = np.random.default_rng(0)
    poses = rng.normal(0.0, 1.0, (2, 3))
    edge = Edge(0, 1, rng.normal(0.0, 0.5, 3), SIGMA)
    for k, exact in enumerate(j[0] for j in _Measured.of([edge]).jacobians(poses)):
        for i in range(3):
            moved, step = poses.copy(), 1e-6
            moved[k, i] += step
            slope = (residual(edge, moved) - residual(edge, poses)) / step
            np.testing.assert_allclose(exact[:, i], slope, atol=1e-3)
