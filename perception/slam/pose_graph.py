"""A graph of poses in the plane, and the poses that fit its measurements best.

Gauss-Newton on sparse normal equations (Grisetti et al., "A tutorial on graph-based SLAM", 2010). Once all loops had their
say, they are weighted after Cauchy by what is left of their errors: a false one that the others contradict loses it again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.perception.slam.planar import between, rotation

_ROUNDS, _EQUAL = 30, 8
"""Rounds at most, and so many of them with all loops at full weight: after a long drift true ones are far off too."""
_SETTLED = 1e-5
_SOFT = 3.0
"""How many standard deviations a loop may be off before it loses weight."""


@dataclass(frozen=True)
class Edge:
    """What was measured between two poses of the graph.

    Attributes:
        first, second: their numbers.
        measured: the second in the frame of the first ``[3]``.
        sigma: standard deviations ``[3]``, m and rad.
        loop: it joins poses that are far apart in time, and may be false.
    """

    first: int
    second: int
    measured: FloatArray
    sigma: FloatArray
    loop: bool = False


def residual(edge: Edge, poses: FloatArray) -> FloatArray:
    """How far ``[3]`` the poses ``[N, 3]`` are off a measurement, in its standard deviations."""
    error = between(edge.measured, between(poses[edge.first], poses[edge.second]))
    return np.asarray(error / edge.sigma)


def optimised(poses: FloatArray, edges: list[Edge]) -> FloatArray:
    """Return the poses ``[N, 3]`` that fit the edges best; the first one stays where it is."""
    found = poses.copy()
    for k in range(_ROUNDS):
        step = _step(found, edges, weighted=k >= _EQUAL)
        found[:, :2] += step[:, :2]
        found[:, 2] = [wrap_angle(float(yaw)) for yaw in found[:, 2] + step[:, 2]]
        if k > _EQUAL and float(np.abs(step).max()) < _SETTLED:
            break
    return found


def _step(poses: FloatArray, edges: list[Edge], *, weighted: bool) -> FloatArray:
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    gradient = np.zeros(3 * len(poses))
    for edge in edges:
        error = residual(edge, poses)
        weight = 1.0 / (1.0 + float(error @ error) / _SOFT**2) if edge.loop and weighted else 1.0
        parts = [(edge.first, None), (edge.second, None)]
        jacobians = _jacobians(edge, poses)
        for (a, _), ja in zip(parts, jacobians, strict=True):
            gradient[3 * a : 3 * a + 3] += weight * (ja.T @ error)
            for (b, _), jb in zip(parts, jacobians, strict=True):
                block = weight * (ja.T @ jb)
                for i in range(3):
                    for j in range(3):
                        rows.append(3 * a + i)
                        columns.append(3 * b + j)
                        values.append(float(block[i, j]))
    for k in range(3):  # the first pose is the map's own
        rows.append(k)
        columns.append(k)
        values.append(1e12)
    size = 3 * len(poses)
    information = coo_array((values, (rows, columns)), shape=(size, size)).tocsc()
    return np.asarray(-spsolve(information, gradient)).reshape(-1, 3)


def _jacobians(edge: Edge, poses: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivatives ``[3, 3]`` of the residual by the first and by the second pose."""
    first, second = poses[edge.first], poses[edge.second]
    turned = rotation(first).T
    away = second[:2] - first[:2]
    c, s = np.cos(first[2]), np.sin(first[2])
    swing = np.array([[-s, c], [-c, -s]]) @ away
    by_first, by_second = np.zeros((3, 3)), np.zeros((3, 3))
    by_first[:2, :2], by_first[:2, 2], by_first[2, 2] = -turned, swing, -1.0
    by_second[:2, :2], by_second[2, 2] = turned, 1.0
    back = np.eye(3)
    back[:2, :2] = rotation(edge.measured).T
    scale = 1.0 / edge.sigma[:, None]
    return scale * (back @ by_first), scale * (back @ by_second)
