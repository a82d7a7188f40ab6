"""Signed distance of a horizontal cross-section of the static map, on a grid."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Box, StaticMap
from diarchy.contracts.geometry import SE3, FloatArray

CELL = 0.02
REACH = 0.8
"""Distances are exact up to this (m) and constant beyond."""


class DistanceGrid:
    """Signed distance (m) to the outlines of what the map has at one height; negative inside.

    Sampled bilinearly on a 2 cm grid of exact box distances, so that surfaces are found to a
    fraction of a cell.
    """

    def __init__(self, static_map: StaticMap, height: float) -> None:
        self.height = height
        x0, y0, x1, y1 = static_map.bounds
        self._origin = np.array([x0 - REACH, y0 - REACH])
        shape = np.ceil((np.array([x1, y1]) + REACH - self._origin) / CELL).astype(int) + 2
        self._values = np.full((int(shape[0]), int(shape[1])), REACH)
        walls = [_outwards(wall, static_map.bounds) for wall in static_map.walls]
        for box in [*walls, *(b for f in static_map.fixtures.values() for b in f.boxes)]:
            if _cut(box, height):
                self._add(box)

    def sample(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Distance ``[N]`` and its gradient ``[N, 2]`` at points ``[N, 2]``; `REACH` and 0 off the map."""
        grid = ((points - self._origin) / CELL).T
        whole = np.floor(grid)
        index, (u, v) = whole.astype(np.intp), grid - whole
        limit = np.array(self._values.shape)[:, None] - 2
        inside = np.minimum(np.maximum(index, 0), limit)
        (i, j), width = inside, self._values.shape[1]
        values, corner = self._values.ravel(), i * width + j
        a, b = values.take(corner), values.take(corner + width)
        c, d = values.take(corner + 1), values.take(corner + width + 1)
        less_u, less_v = 1 - u, 1 - v
        value = (a * less_u + b * u) * less_v + (c * less_u + d * u) * v
        slope_x = ((b - a) * less_v + (d - c) * v) / CELL
        slope_y = ((c - a) * less_u + (d - b) * u) / CELL
        gradient = np.stack([slope_x, slope_y], axis=1)
        outside = (inside != index).any(axis=0)
        if outside.any():
            value[outside], gradient[outside] = REACH, 0.0
        return value, gradient

    def _add(self, box: Box) -> None:
        half = np.asarray(box.size)[:2] / 2.0
        axes = box.pose.rotation[:2, :2]
        centre = box.pose.translation[:2]
        around = np.abs(axes) @ half + REACH
        low = np.floor((centre - around - self._origin) / CELL).astype(int)
        high = np.ceil((centre + around - self._origin) / CELL).astype(int) + 1
        low = np.clip(low, 0, self._values.shape)
        high = np.clip(high, 0, self._values.shape)
        if np.any(high <= low):
            return
        x = self._origin[0] + CELL * np.arange(low[0], high[0]) - centre[0]
        y = self._origin[1] + CELL * np.arange(low[1], high[1]) - centre[1]
        qu = np.abs(x[:, None] * axes[0, 0] + y[None, :] * axes[1, 0]) - half[0]
        qv = np.abs(x[:, None] * axes[0, 1] + y[None, :] * axes[1, 1]) - half[1]
        signed = np.hypot(np.maximum(qu, 0), np.maximum(qv, 0)) + np.minimum(np.maximum(qu, qv), 0)
        window = self._values[low[0] : high[0], low[1] : high[1]]
        np.minimum(window, signed, out=window)


def _cut(box: Box, height: float) -> bool:
    """Whether a horizontal plane cuts a box."""
    reach = float(np.abs(box.pose.rotation[2]) @ (np.asarray(box.size) / 2.0))
    return abs(float(box.pose.translation[2]) - height) <= reach


def _outwards(wall: Box, bounds: tuple[float, float, float, float]) -> Box:
    """An outer wall, made solid outwards: nobody sees its outer face, so nothing shall fit to it."""
    half = np.abs(wall.pose.rotation[:2, :2]) @ (np.asarray(wall.size)[:2] / 2.0)
    if np.abs(wall.pose.rotation[:2, :2]).max() < 0.999:
        return wall
    low, high = wall.pose.translation[:2] - half, wall.pose.translation[:2] + half
    for axis in range(2):
        if high[axis] - low[axis] > 0.5:
            continue
        if low[axis] <= bounds[axis] + 0.01:
            low[axis] -= REACH
        if high[axis] >= bounds[axis + 2] - 0.01:
            high[axis] += REACH
    centre = np.array([*(low + high) / 2.0, wall.pose.translation[2]])
    return Box(SE3.from_translation(centre), np.array([*(high - low), np.asarray(wall.size)[2]]))
