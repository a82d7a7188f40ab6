"""A graph of poses in the plane, and the poses that fit its measurements best.

Gauss-Newton on sparse normal equations (Grisetti et al., "A tutorial on graph-based SLAM", 2010). Once all loops had their
say, they are weighted after Cauchy by what is left of their errors: a false one that the others contradict loses it again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from diarchy.contracts.geometry import FloatArray

_ROUNDS, _EQUAL = 30, 8
"""Rounds at most, and so many of them with all loops at full weight: after a long drift true ones are far off too."""
_SETTLED = 1e-5
_FIXED = 1e12
"""Information of the first pose: it is the map's own."""
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
    return np.asarray(_Measured.of([edge]).residuals(poses)[0])


def optimised(poses: FloatArray, edges: list[Edge]) -> FloatArray:
    """Return the poses ``[N, 3]`` that fit the edges best; the first one stays where it is."""
    found, measured = poses.copy(), _Measured.of(edges)
    for k in range(_ROUNDS):
        step = _step(found, measured, weighted=k >= _EQUAL)
        found += step
        found[:, 2] = _wrapped(found[:, 2])
        if k > _EQUAL and float(np.abs(step).max()) < _SETTLED:
            break
    return found


@dataclass(frozen=True)
class _Measured:
    """All edges as arrays: numbers ``[E]``, measurements and deviations ``[E, 3]``, loops ``[E]``."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    measured: FloatArray
    sigma: FloatArray
    loop: npt.NDArray[np.bool_]

    @staticmethod
    def of(edges: list[Edge]) -> _Measured:
        return _Measured(
            np.array([e.first for e in edges]),
            np.array([e.second for e in edges]),
            np.array([e.measured for e in edges]),
            np.array([e.sigma for e in edges]),
            np.array([e.loop for e in edges]),
        )

    def residuals(self, poses: FloatArray) -> FloatArray:
        """Errors ``[E, 3]`` in standard deviations."""
        first, second = poses[self.first], poses[self.second]
        away = _turned_back(first[:, 2], second[:, :2] - first[:, :2])
        off = _turned_back(self.measured[:, 2], away - self.measured[:, :2])
        turn = _wrapped(second[:, 2] - first[:, 2] - self.measured[:, 2])
        return np.column_stack([off, turn]) / self.sigma

    def jacobians(self, poses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Derivatives ``[E, 3, 3]`` of the errors by the first and by the second pose."""
        first, second = poses[self.first], poses[self.second]
        away = second[:, :2] - first[:, :2]
        c, s = np.cos(first[:, 2]), np.sin(first[:, 2])
        by_first, by_second = np.zeros((2, len(first), 3, 3))
        by_second[:, 0, 0], by_second[:, 0, 1] = c, s
        by_second[:, 1, 0], by_second[:, 1, 1] = -s, c
        by_second[:, 2, 2] = 1.0
        by_first[:, :2, :2], by_first[:, 2, 2] = -by_second[:, :2, :2], -1.0
        by_first[:, 0, 2] = -s * away[:, 0] + c * away[:, 1]
        by_first[:, 1, 2] = -c * away[:, 0] - s * away[:, 1]
        back = np.zeros((len(first), 3, 3))
        c, s = np.cos(self.measured[:, 2]), np.sin(self.measured[:, 2])
        back[:, 0, 0], back[:, 0, 1], back[:, 1, 0], back[:, 1, 1] = c, s, -s, c
        back[:, 2, 2] = 1.0
        back /= self.sigma[:, :, None]
        return back @ by_first, back @ by_second


def _step(poses: FloatArray, edges: _Measured, *, weighted: bool) -> FloatArray:
    """One Gauss-Newton step ``[N, 3]``."""
    errors = edges.residuals(poses)
    weight = np.ones(len(errors))
    if weighted:
        robust = 1.0 / (1.0 + (errors**2).sum(axis=1) / _SOFT**2)
        weight = np.where(edges.loop, robust, 1.0)
    ends = (edges.first, edges.second)
    jacobians = edges.jacobians(poses)
    size = 3 * len(poses)
    gradient = np.zeros(size)
    rows, columns, values = [np.arange(3)], [np.arange(3)], [np.full(3, _FIXED)]
    for a, ja in zip(ends, jacobians, strict=True):
        pull = weight[:, None] * np.einsum("eij,ei->ej", ja, errors)
        np.add.at(gradient, 3 * a[:, None] + np.arange(3), pull)
        for b, jb in zip(ends, jacobians, strict=True):
            block = weight[:, None, None] * np.einsum("eki,ekj->eij", ja, jb)
            row = np.broadcast_to(3 * a[:, None, None] + np.arange(3)[:, None], block.shape)
            column = np.broadcast_to(3 * b[:, None, None] + np.arange(3), block.shape)
            rows.append(row.ravel())
            columns.append(column.ravel())
            values.append(block.ravel())
    index = (np.concatenate(rows), np.concatenate(columns))
    information = coo_array((np.concatenate(values), index), shape=(size, size)).tocsc()
    return np.asarray(-spsolve(information, gradient)).reshape(-1, 3)


def _turned_back(angle: FloatArray, points: FloatArray) -> FloatArray:
    """Turn each of some points ``[E, 2]`` by minus its angle ``[E]``."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = points[:, 0], points[:, 1]
    return np.column_stack([c * x + s * y, c * y - s * x])


def _wrapped(angles: FloatArray) -> FloatArray:
    return np.asarray((angles + np.pi) % (2.0 * np.pi) - np.pi)
