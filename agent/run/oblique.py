"""A picture of a dense map for people: seen from above at a slant, without perspective."""

from __future__ import annotations

import numpy as np
from PIL import Image

from diarchy.contracts.geometry import FloatArray
from diarchy.perception.dense_map import Mesh

_YAW, _PITCH = np.radians(-60.0), np.radians(50.0)
_WIDTH, _EDGE = 1000, 12
_PAPER = 255
_SPACING = 0.02
"""Distance (m) of the vertices of a dense map: a dot is as large as that in the picture."""


def oblique(mesh: Mesh, *, width: int = _WIDTH) -> Image.Image:
    """Draw each vertex as a dot, the nearest last; ``width`` is of the picture, in pixels."""
    u, v, near = _projected(mesh.vertices)
    scale = (width - 2 * _EDGE) / max(float(np.ptp(u)), 1e-6)
    height = int(np.ceil(np.ptp(v) * scale)) + 2 * _EDGE
    order = np.argsort(near)
    column = ((u - u.min()) * scale).astype(int)[order] + _EDGE
    row = ((v.max() - v) * scale).astype(int)[order] + _EDGE
    picture = np.full((height, width, 3), _PAPER, dtype=np.uint8)
    colours = (np.clip(mesh.colours[order], 0.0, 1.0) * 255.0).astype(np.uint8)
    dot = max(1, int(np.ceil(_SPACING * scale)))
    for dy in range(dot):
        for dx in range(dot):
            picture[np.minimum(row + dy, height - 1), np.minimum(column + dx, width - 1)] = colours
    return Image.fromarray(picture)


def _projected(points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """To the right, up, and towards the eye ``[N]``, in m."""
    right = np.array([np.cos(_YAW), -np.sin(_YAW), 0.0])
    ahead = np.array([np.sin(_YAW), np.cos(_YAW), 0.0])
    up = np.sin(_PITCH) * ahead + np.array([0.0, 0.0, np.cos(_PITCH)])
    eye = np.array([0.0, 0.0, np.sin(_PITCH)]) - np.cos(_PITCH) * ahead
    return points @ right, points @ up, points @ eye
