"""What the lidar met lately that nothing known explains."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Box, Entity, StaticMap
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.world import Newcomers
from diarchy.perception.percept import Percept

_LEGS, _BEAMS = 0.40, 5
"""Within so many m of where a person is believed to stand are the legs, if so many beams go there."""
_WIDE, _BEYOND = 0.25, 0.20
"""Every beam to within so many m beside that place must get so far (m) behind it."""
KEPT_S = 2.0
"""How long a point counts after the lidar met it last: it may be out of sight while the robot goes round it."""
_NEAR_THING, _NEAR_PERSON = 0.12, 0.35
"""How far (m) a point may lie outside of a box and be part of what it is around; people sway and step."""


class Met:
    """Keeps the points of the last scans.

    Args:
        static_map: tells which parts of furniture move.
    """

    def __init__(self, static_map: StaticMap) -> None:
        self._map = static_map
        self._scans: deque[tuple[float, FloatArray]] = deque()
        self._newest = -np.inf

    def add(self, percept: Percept) -> None:
        """Take in the scan of a percept, if it has one."""
        if percept.unmatched is None:
            return
        self._newest = percept.stamp
        self._scans.append((percept.stamp, percept.unmatched))
        while self._scans[0][0] < percept.stamp - KEPT_S:
            self._scans.popleft()

    def unknown(
        self, now: float, entities: Iterable[Entity], openings: dict[str, float | None]
    ) -> Newcomers:
        """Return what of it counts at a moment (s) and is none of the entities, nor a door where it stands."""
        lately = [points for stamp, points in self._scans if stamp >= now - KEPT_S]
        points = np.concatenate(lately) if lately else np.zeros((0, 2))
        for entity in entities if len(points) else ():
            if entity.kind != "fixture":
                box = Box(entity.pose(), np.asarray(entity.extent, dtype=np.float64))
                slack = _NEAR_PERSON if entity.kind == "person" else _NEAR_THING
                points = points[~_within(box, points, slack)]
        for name, opening in openings.items() if len(points) else ():
            info = self._map.fixtures[name]
            parts = info.boxes_at(opening)
            for i in info.moving:
                points = points[~_within(parts[i], points, _NEAR_THING)]
        return Newcomers(points, self._newest)


def walked_off(percept: Percept, position: FloatArray) -> bool:
    """Tell whether the lidar saw past where a person was believed to stand, and met nobody there.

    Legs are thin: beams pass between them, but then others end there. Who leans against furniture is in doubt still there.

    Args:
        percept: with a scan that fitted the map.
        position: of the person ``[2]`` or ``[3]`` m in ``map``.
    """
    scan, quality = percept.scan, percept.localization
    if scan is None or quality is None or not quality.accepted:
        return False
    lidar = percept.map_from_base @ scan.base_from_lidar
    x, y = (lidar.inverse().apply([*np.asarray(position)[:2], lidar.translation[2]]))[:2]
    away, bearing = float(np.hypot(x, y)), float(np.arctan2(y, x))
    if away < _LEGS:
        return False
    off = away * np.tan(np.clip(scan.angles - bearing, -1.2, 1.2))
    across = (np.abs(scan.angles - bearing) < np.pi / 2.0) & (np.abs(off) < _WIDE)
    ended = bool(np.any(scan.ranges[across] < away + _BEYOND))
    return int(across.sum()) >= _BEAMS and not ended and not _met_near(percept, position)


def _met_near(percept: Percept, position: FloatArray) -> bool:
    """Whether the lidar met something near a place that is not of the map."""
    met = percept.unmatched
    if met is None or not len(met):
        return False
    gaps = np.linalg.norm(met - np.asarray(position, dtype=np.float64)[:2], axis=1)
    return bool(gaps.min() < _LEGS)


def _within(box: Box, points: FloatArray, slack: float) -> npt.NDArray[np.bool_]:
    """Which points ``[N, 2]`` lie, seen from above, in a box grown by ``slack`` m."""
    local = (points - box.pose.translation[:2]) @ box.pose.rotation[:2, :2]
    half = np.asarray(box.size)[:2] / 2.0
    return np.asarray(np.all(np.abs(local) <= half + slack, axis=1))
