"""Fitting an outline to another: generalised ICP in the plane, by small_gicp.

small_gicp works in space (Koide, "small_gicp", JOSS 2024; GICP: Segal et al., RSS 2009). The faces that a planar scan
meets stand upright: each of its points is taken at three heights, so that small_gicp sees upright planes. All is alike
above and below, so the fit stays in the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from diarchy.contracts.errors import MissingExtraError
from diarchy.contracts.geometry import FloatArray
from diarchy.perception.localization import BEAM_SIGMA, INLIER
from diarchy.perception.planar import planar, spatial, transform
from diarchy.perception.slam.outline import Outline

_HEIGHTS = (-0.04, 0.0, 0.04)
_NEIGHBOURS = 12
_ITERATIONS = 30


@dataclass(frozen=True)
class Fit:
    """Where an outline fits.

    Attributes:
        pose: of what it was seen from ``[3]``.
        inliers: share of its points that lie within `INLIER` of the other.
        rms: of their distances, m.
        information: ``[3, 3]`` that the points together give about x, y (1/m^2) and yaw: little along a corridor.
    """

    pose: FloatArray
    inliers: float
    rms: float
    information: FloatArray


class Target:
    """An outline that others are fitted to."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self._tree = cKDTree(outline.points)
        self._gicp = _import_small_gicp()
        self._cloud, self._search = _cloud(self._gicp, outline)

    def fit(self, source: Outline, guess: FloatArray, reaches: tuple[float, ...]) -> Fit:
        """Fit an outline, seen from ``guess`` ``[3]`` or nearby.

        Args:
            source: what was seen, in the frame of the sought pose.
            guess: where the pose is thought to be.
            reaches: how far (m) points may be from their counterparts, from round to round: from coarse to fine.
        """
        (cloud, _), pose = _cloud(self._gicp, source), spatial(guess)
        for reach in reaches:
            result = self._gicp.align(
                self._cloud,
                cloud,
                self._search,
                init_T_target_source=pose.matrix(),
                max_correspondence_distance=reach,
                max_iterations=_ITERATIONS,
            )
            pose = type(pose).from_matrix(np.asarray(result.T_target_source))
        return self.judge(source, planar(pose))

    def judge(self, source: Outline, pose: FloatArray) -> Fit:
        """Say how well an outline fits at a pose ``[3]``: by distances across the faces, which points along them do not change."""
        seen = transform(source.points, pose)
        away, nearest = self._tree.query(seen, distance_upper_bound=0.5)
        met = np.isfinite(away)
        nearest = np.minimum(nearest, len(self.outline) - 1)
        gap = seen - self.outline.points[nearest]
        across = np.abs(np.einsum("ni,ni->n", gap, self.outline.normals[nearest]))
        # Along its face a point may lie between two of the other outline, no farther than those are apart.
        good = met & (across < INLIER) & (away < 4.0 * INLIER)
        rms = float(np.sqrt(np.mean(across[good] ** 2))) if good.any() else 0.0
        normals, arm = self.outline.normals[nearest[good]], seen[good] - pose[:2]
        swing = normals[:, 1] * arm[:, 0] - normals[:, 0] * arm[:, 1]
        rows = np.column_stack([normals, swing]) / BEAM_SIGMA
        return Fit(pose, float(good.mean()) if len(good) else 0.0, rms, rows.T @ rows)


def _cloud(gicp: Any, outline: Outline) -> tuple[Any, Any]:
    """Return an outline as small_gicp wants it: points with covariances, and their search tree."""
    flat = np.zeros((len(outline), 3))
    flat[:, :2] = outline.points
    cloud = gicp.PointCloud(np.concatenate([flat + np.array([0.0, 0.0, z]) for z in _HEIGHTS]))
    tree = gicp.KdTree(cloud)
    gicp.estimate_covariances(cloud, tree, num_neighbors=_NEIGHBOURS)
    return cloud, tree


def _import_small_gicp() -> Any:
    try:
        import small_gicp
    except ImportError as error:
        raise MissingExtraError("mapping an unknown home", "slam") from error
    return small_gicp
