"""The distance field of what is known to be solid: the static map, doors where they were seen, objects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Box, StaticMap
from diarchy.contracts.geometry import FloatArray
from diarchy.perception.boxes import BoxSet, fixture_boxes

FAR = 10.0
"""Distance (m) reported where there is nothing at all."""


class StaticMapField:
    """Signed distance to walls, fixtures and other believed boxes; implements `DistanceField`.

    Exact outside boxes. About 50 points against a flat take a fraction of a millisecond: boxes
    farther than ``horizon`` from the points' bounding box are skipped and distances are capped at it.

    Args:
        static_map: walls and fixtures.
        stamp: newest evidence in it, seconds on the robot's clock.
        doors: fixture id to perceived opening (rad of a door, m of a drawer); never seen counts as closed.
        objects: further boxes by entity id, for example objects that stand about.
        without: entity ids to leave out (what the running skill may touch, what is held).
        horizon: m.
    """

    def __init__(
        self,
        static_map: StaticMap,
        *,
        stamp: float = 0.0,
        doors: Mapping[str, float] | None = None,
        objects: Mapping[str, Box] | None = None,
        without: frozenset[str] = frozenset(),
        horizon: float = 1.5,
    ) -> None:
        owned: list[tuple[str, Box]] = [("wall", wall) for wall in static_map.walls]
        for name, info in static_map.fixtures.items():
            owned += [(name, box) for box in fixture_boxes(info, (doors or {}).get(name))]
        owned += [(name, box) for name, box in (objects or {}).items()]
        self._owners = tuple(name for name, _ in owned)
        self._boxes = tuple(box for _, box in owned)
        self._stamp = stamp
        self._horizon = horizon
        self._use(without)

    def _use(self, without: frozenset[str]) -> None:
        keep = [b for n, b in zip(self._owners, self._boxes, strict=True) if n not in without]
        self._set = BoxSet(keep)
        self._radii = np.linalg.norm(self._set.halves, axis=1)

    @property
    def stamp(self) -> float:
        """Seconds on the robot's clock of the newest evidence in it."""
        return self._stamp

    def without(self, ids: frozenset[str]) -> StaticMapField:
        """Return the same field with the boxes of some entities left out."""
        other = object.__new__(StaticMapField)
        other._owners, other._boxes = self._owners, self._boxes
        other._stamp, other._horizon = self._stamp, self._horizon
        other._use(ids)
        return other

    def distance(self, points: npt.ArrayLike) -> FloatArray:
        """Signed distance ``[N]`` m of points ``[N, 3]`` in ``map``, at most ``horizon``."""
        p = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        if len(p) == 0 or len(self._set) == 0:
            return np.full(len(p), min(FAR, self._horizon))
        low, high = p.min(axis=0), p.max(axis=0)
        gap = np.linalg.norm(
            np.maximum(0.0, np.maximum(low - self._set.centres, self._set.centres - high)), axis=1
        )
        near = np.flatnonzero(gap - self._radii < self._horizon)
        if len(near) == 0:
            return np.full(len(p), self._horizon)
        offset = p[:, None, :] - self._set.centres[near]
        local = np.einsum("nbi,bij->nbj", offset, self._set.rotations[near])
        q = np.abs(local) - self._set.halves[near]
        outside = np.sqrt(np.square(np.maximum(q, 0.0)).sum(axis=-1))
        signed = outside + np.minimum(q.max(axis=-1), 0.0)
        return np.asarray(np.minimum(signed.min(axis=1), self._horizon))
