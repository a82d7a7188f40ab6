"""Oriented boxes as arrays: signed distances, samples on them, and what stands on what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Box, FixtureInfo
from diarchy.contracts.geometry import SE3, FloatArray


class BoxSet:
    """Many oriented boxes, laid out for one matrix product.

    Attributes:
        rotations: ``[B, 3, 3]`` map_from_box.
        centres: ``[B, 3]`` m.
        halves: ``[B, 3]`` m, half sizes.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.rotations = np.array([b.pose.rotation for b in boxes]).reshape(-1, 3, 3)
        self.centres = np.array([b.pose.translation for b in boxes]).reshape(-1, 3)
        self.halves = np.array([np.asarray(b.size) / 2.0 for b in boxes]).reshape(-1, 3)

    def __len__(self) -> int:
        return len(self.centres)

    def signed_distances(self, points: npt.ArrayLike) -> FloatArray:
        """Signed distance ``[N, B]`` m of points ``[N, 3]`` to each box; negative inside."""
        p = np.asarray(points, dtype=np.float64)
        offset = p[:, None, :] - self.centres[None]
        local = np.einsum("nbi,bij->nbj", offset, self.rotations)
        q = np.abs(local) - self.halves
        outside = np.linalg.norm(np.maximum(q, 0.0), axis=-1)
        return np.asarray(outside + np.minimum(q.max(axis=-1), 0.0))


def box_grid(pose: SE3, size: npt.ArrayLike, n: tuple[int, int, int], shrink: float) -> FloatArray:
    """Regular samples ``[prod(n), 3]`` in ``map`` inside a box whose size is scaled by ``shrink``."""
    half = np.asarray(size, dtype=np.float64) / 2.0 * shrink
    axes = [np.linspace(-h, h, k) if k > 1 else np.zeros(1) for h, k in zip(half, n, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return pose.apply(grid)


def fixture_boxes(info: FixtureInfo, opening: float | None) -> list[Box]:
    """Solid parts of a fixture with its door or drawer at ``opening`` (None: closed, as the map has it)."""
    return list(info.boxes_at(opening))


def nearest_on_box(point: npt.ArrayLike, pose: SE3, size: npt.ArrayLike) -> FloatArray:
    """Point ``[3]`` of a solid box nearest to ``point`` ``[3]`` (itself when inside)."""
    half = np.asarray(size, dtype=np.float64) / 2.0
    local = pose.inverse().apply(np.asarray(point, dtype=np.float64))
    return pose.apply(np.clip(local, -half, half))
