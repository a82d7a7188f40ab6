"""Which pairs can meet before the robot rests: most ticks none, and that is found without measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Solid
from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Pose2
from diarchy.safety.barriers.braking_way import travel
from diarchy.safety.barriers.hull import POOL, Hull, Index
from diarchy.safety.barriers.surroundings import Surroundings, touchable
from diarchy.safety.limits import Limits

_EXACT = 0.25
"""Gaps (m) of the robot to itself are measured up to here."""
_NONE: Index = np.zeros((0, 2), dtype=np.intp)
_STALE_M = 0.01
"""Bounds are computed anew when something may have moved so far (m) since."""
_FINGERS_M = 0.001
"""The same of the fingers, which no joint target tells of."""
_ARM, _TRUNK, OWN_MARGIN = 0.008, 0.002, 0.004
"""Gaps (m) that are kept: of the arm to the surroundings, of the rest of the robot, of the robot to itself."""
_AT_WORK = -0.015
"""The hand of a skill that may touch something comes this near to all the rest: beliefs are so exact."""


@dataclass(frozen=True)
class Pair:
    """A row of `Hull.geoms` and a box of the pool, or (``own``) another row; the gap (m) that is kept."""

    geom: int
    other: int
    own: bool
    margin: float


class Near:
    """Lower bounds of all gaps, kept up while the robot moves and measured anew now and then."""

    def __init__(self, hull: Hull, limits: Limits) -> None:
        self._hull, self._limits = hull, limits
        self._around = Surroundings(())
        self._touch = touchable(self._around.owners, frozenset(), hull.arm)
        self._allowed: frozenset[str] = frozenset()
        self._at: tuple[FloatArray, Pose2] | None = None
        self._gaps = np.zeros((0, 0))
        self._least = np.zeros(0)
        self._own = np.zeros(0)
        self._span = np.zeros(len(hull.geoms))
        self._opening = 0.0
        self.boxes: list[int] = []

    @property
    def around(self) -> Surroundings:
        """What is around the robot."""
        return self._around

    def pairs(
        self,
        q: FloatArray,
        rate: FloatArray,
        base: tuple[float, float],
        pose: Pose2,
        context: GuardContext,
        opening: float,
    ) -> list[Pair]:
        """Return the pairs whose gap may come below its margin before the robot rests; their boxes are in the pool.

        Args:
            q: present joint targets ``[J]``.
            rate: fastest speed ``[J]`` of the joints now and in this tick.
            base: the same of the base.
            pose: of the base.
            context: what is around, and what may be touched.
            opening: of the fingers, m.
        """
        self._take_over(context.obstacles, context.allowed_contacts)
        if abs(opening - self._opening) > _FINGERS_M:
            self._at = None
        margins = self._margins(bool(context.allowed_contacts))
        found = self._candidates(q, rate, base, pose, margins)
        if found is not None and (len(found[0]) or len(found[1])) and self._stale(q, pose):
            found = None
        if found is None:
            self._measure(q, pose, opening)
            found = self._candidates(q, rate, base, pose, margins)
        assert found is not None
        rows, own = found
        return self._named(rows, own, margins)

    def _named(self, rows: Index, own: Index, margins: FloatArray) -> list[Pair]:
        boxes = sorted({int(m) for _, m in rows})[:POOL]
        number = {box: i for i, box in enumerate(boxes)}
        if boxes != self.boxes:
            self.boxes = boxes
            if boxes:
                self._hull.put_boxes(self._around.half[boxes])
        pairs = [
            Pair(int(g), number[int(m)], False, float(margins[int(g)]))
            for g, m in rows
            if int(m) in number
        ]
        both = self._hull.own_pairs[own].tolist()
        return pairs + [Pair(first, second, True, OWN_MARGIN) for first, second in both]

    def _take_over(self, obstacles: Sequence[Solid], allowed: frozenset[str]) -> None:
        if obstacles is not self._around.obstacles:
            self._around, self._at = Surroundings(obstacles), None
        if self._at is None or allowed != self._allowed:
            self._allowed = allowed
            self._touch = touchable(self._around.owners, allowed, self._hull.arm)
            self._nearest()

    def _margins(self, at_work: bool) -> FloatArray:
        margins = np.where(self._hull.arm, _ARM, _TRUNK)
        return np.where(self._hull.hand, _AT_WORK, margins) if at_work else margins

    def _stale(self, q: FloatArray, pose: Pose2) -> bool:
        return bool(self._moved(q, pose).max(initial=0.0) > _STALE_M)

    def _moved(self, q: FloatArray, pose: Pose2) -> FloatArray:
        """How far ``[G]`` m any point of a geom has moved at most since the bounds were measured."""
        assert self._at is not None
        before, base = self._at
        by_joints = self._hull.lever @ np.abs(q - before)
        drive = float(np.hypot(pose.x - base.x, pose.y - base.y))
        return np.asarray(by_joints + drive + abs(wrap_angle(pose.yaw - base.yaw)) * self._span)

    def _candidates(
        self,
        q: FloatArray,
        rate: FloatArray,
        base: tuple[float, float],
        pose: Pose2,
        margins: FloatArray,
    ) -> tuple[Index, Index] | None:
        if self._at is None:
            return None
        hull = self._hull
        before, _ = self._at
        joints, drive, turn = travel(rate, base, self._limits)
        goes = self._moved(q, pose) + hull.lever @ joints + drive + turn * self._span
        own = self._own - hull.own_lever @ (joints + np.abs(q - before)) < OWN_MARGIN
        goes += margins
        if (self._least >= goes).all():  # as at most ticks: no need to look at each box
            return _NONE, np.flatnonzero(own)
        near = (self._gaps - goes[:, None] < 0.0) & ~self._touch
        return np.argwhere(near), np.flatnonzero(own)

    def _nearest(self) -> None:
        """Take down the least gap ``[G]`` m of each geom to what it may not touch."""
        if self._gaps.shape == self._touch.shape:
            self._least = np.where(self._touch, np.inf, self._gaps).min(axis=1, initial=np.inf)

    def _measure(self, q: FloatArray, pose: Pose2, opening: float) -> None:
        hull = self._hull
        hull.place(q, opening)
        centres = hull.centres()
        self._gaps = self._around.gaps(centres, hull.radius, pose)
        self._nearest()
        first, second = hull.own_pairs.T
        apart = np.linalg.norm(centres[first] - centres[second], axis=1)
        self._own = apart - hull.radius[first] - hull.radius[second]
        # The spheres of long links overlap in every posture: their gaps are measured.
        for i in np.flatnonzero(self._own < _EXACT):
            self._own[i] = hull.gap_to_own(int(first[i]), int(second[i]), _EXACT)
        self._span = np.linalg.norm(centres[:, :2], axis=1) + hull.radius
        self._at, self._opening = (q.copy(), pose), opening
