"""Where a base fits and gets to in a furnished home: to place things and people so that they are met."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.geometry import FloatArray

CELL = 0.05
ROBOT_RADIUS = 0.33
"""Radius of the Fetch's base and what one keeps of distance, m."""
PERSON_ROOM = 0.30
_HEADROOM = 1.5
_STAND = np.array([0.60, 0.66, 0.72, 0.78])
"""Distances in m between a base and what it takes hold of."""


class FreeFloor:
    """The floor of a home: distance to what stands on it, and what is connected to a start.

    Args:
        home: the map; people count with some room around them.
        start: ``[x, y]`` m, where the robot is.
        people: False leaves them out.
    """

    def __init__(self, home: StaticMap, start: tuple[float, float], *, people: bool = True) -> None:
        x0, y0, x1, y1 = home.bounds
        self._origin = np.array([x0, y0])
        shape = (int(np.ceil((x1 - x0) / CELL)), int(np.ceil((y1 - y0) / CELL)))
        self._far = 1.0
        self.distance = np.full(shape, self._far)
        for wall in home.walls:
            if wall.pose.translation[2] - wall.size[2] / 2 < _HEADROOM:
                self._lower(wall.pose.translation[:2], wall.pose.yaw, wall.size[:2] / 2)
        for info in home.fixtures.values():
            if info.entity.part_of is None:
                half = np.array(info.entity.extent[:2]) / 2
                self._lower(np.array(info.entity.position[:2]), info.entity.yaw, half)
        for person in home.people if people else ():
            half = np.array(person.extent[:2]) / 2 + PERSON_ROOM
            self._lower(np.array(person.position[:2]), person.yaw, half)
        self.reached = self._flood(start)

    def room(self, points: npt.ArrayLike) -> FloatArray:
        """Distance ``[N]`` m from points ``[N, 2]`` to what is solid, 1 at most, 0 outside."""
        inside, cells = self._cells(points)
        return np.where(inside, self.distance[cells[..., 0], cells[..., 1]], 0.0)

    def met(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Tell which points ``[N, 2]`` the base gets to."""
        inside, cells = self._cells(points)
        return np.asarray(inside & self.reached[cells[..., 0], cells[..., 1]])

    def worked_at(self, x: float, y: float, yaw: float, spread: float) -> bool:
        """Tell whether the base can stand before a point, within ``spread`` of the direction ``yaw`` (rad)."""
        turns = yaw + np.linspace(-spread, spread, 17)
        r, a = np.meshgrid(_STAND, turns)
        at = np.stack([x + r * np.cos(a), y + r * np.sin(a)], axis=-1).reshape(-1, 2)
        return bool(self.met(at).any())

    def _cells(self, points: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
        raw = np.floor((np.asarray(points, dtype=np.float64) - self._origin) / CELL)
        shape = np.array(self.distance.shape)
        inside = np.all((raw >= 0) & (raw < shape), axis=-1)
        return np.asarray(inside), np.clip(raw.astype(np.intp), 0, shape - 1)

    def _lower(self, centre: FloatArray, yaw: float, half: FloatArray) -> None:
        """Take the minimum with the distance to a rectangle, where it is less than `_far`."""
        reach = float(np.hypot(*half)) + self._far
        low = np.maximum(np.floor((centre - reach - self._origin) / CELL).astype(int), 0)
        high = np.ceil((centre + reach - self._origin) / CELL).astype(int)
        window = self.distance[low[0] : high[0], low[1] : high[1]]
        x = self._origin[0] + (low[0] + 0.5 + np.arange(window.shape[0])) * CELL - centre[0]
        y = self._origin[1] + (low[1] + 0.5 + np.arange(window.shape[1])) * CELL - centre[1]
        c, s = np.cos(yaw), np.sin(yaw)
        along = np.abs(c * x[:, None] + s * y[None, :]) - half[0]
        across = np.abs(c * y[None, :] - s * x[:, None]) - half[1]
        gap = np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0))
        np.minimum(window, gap, out=window)

    def _flood(self, start: tuple[float, float]) -> npt.NDArray[np.bool_]:
        """Cells connected to the start on which the base fits."""
        free = self.distance >= ROBOT_RADIUS
        reached = np.zeros_like(free)
        cell = np.floor((np.array(start) - self._origin) / CELL).astype(int)
        # Who starts a little too close to something may drive away from it.
        near = tuple(slice(max(0, int(c) - 4), int(c) + 5) for c in cell)
        reached[near] = free[near]
        while True:
            grown = reached.copy()
            # Whole runs at a time: from wall to wall takes a few rounds, not one for every cell.
            for axis in (0, 1):
                grown = _spread(grown, free, axis)
            if np.array_equal(grown, reached):
                return reached
            reached = grown


def _spread(
    seeds: npt.NDArray[np.bool_], free: npt.NDArray[np.bool_], axis: int
) -> npt.NDArray[np.bool_]:
    """Fill every run of free cells along an axis that has a seed in it."""
    seeds, free = np.moveaxis(seeds, axis, 1), np.moveaxis(free, axis, 1)
    # Runs are numbered through the whole image: a blocked cell or a new line begins another.
    begins = np.ones_like(free)
    begins[:, 1:] = free[:, 1:] != free[:, :-1]
    run = np.cumsum(begins.ravel()).reshape(free.shape)
    hit = np.zeros(int(run.max()) + 1, dtype=bool)
    hit[run[seeds & free]] = True
    return np.asarray(np.moveaxis(hit[run] & free, 1, axis))
