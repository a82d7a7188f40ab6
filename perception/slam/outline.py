"""What a scan saw: the points of an outline, and which way its faces look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import LidarScan
from diarchy.perception.planar import rotation, scan_ends, transform

_NEIGHBOURS = 6


@dataclass(frozen=True)
class Outline:
    """Points ``[N, 2]`` m and the unit normals ``[N, 2]`` of the faces they lie on, in one frame."""

    points: FloatArray
    normals: FloatArray

    def __len__(self) -> int:
        return len(self.points)

    def at(self, pose: FloatArray) -> Outline:
        """Return it in the frame that ``pose`` ``[3]`` is given in."""
        return Outline(transform(self.points, pose), self.normals @ rotation(pose).T)

    def thinned(self, cell: float) -> Outline:
        """Return one point of every square of ``cell`` m: the first."""
        keys = np.floor(self.points / cell).astype(np.int64)
        _, first = np.unique(keys, axis=0, return_index=True)
        first.sort()
        return Outline(self.points[first], self.normals[first])


def outline_of(scan: LidarScan) -> Outline:
    """Return what a scan saw, in ``base``."""
    points, _ = scan_ends(scan)
    return Outline(points, _normals(points))


def joined(outlines: list[Outline]) -> Outline:
    """Return several outlines of one frame as one."""
    points = np.concatenate([o.points for o in outlines])
    return Outline(points, np.concatenate([o.normals for o in outlines]))


def _normals(points: FloatArray) -> FloatArray:
    """Unit normals ``[N, 2]``: across the line through each point's nearest neighbours."""
    if len(points) < 3:
        return np.tile([1.0, 0.0], (len(points), 1))
    _, near = cKDTree(points).query(points, k=min(_NEIGHBOURS, len(points)))
    spread = points[near] - points[near].mean(axis=1, keepdims=True)
    covariance = np.einsum("nki,nkj->nij", spread, spread)
    _, axes = np.linalg.eigh(covariance)  # the smallest first
    return np.asarray(axes[:, :, 0])
