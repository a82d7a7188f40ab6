"""The robot among what is near: is a way to rest free, and if not, what is the least change?"""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2, RobotSpec
from diarchy.safety.barriers.braking_way import Moment, moments
from diarchy.safety.barriers.hull import Hull
from diarchy.safety.barriers.near import OWN_MARGIN, Near, Pair
from diarchy.safety.barriers.programme import least_change
from diarchy.safety.barriers.surroundings import in_map
from diarchy.safety.limits import Limits

_HORIZON = 0.12
"""Gaps beyond this (m) have no row in the programme."""
_CLOSING = 0.5
"""A gap may close as fast as a point could stop in it that brakes with this (m/s^2)."""
_WORSE = 2e-5
"""A gap that is too small already may shrink by so much (m) a tick: distances are not exact."""


class BarrierScene:
    """Measures the pairs of one tick. `begin` with them, then ask. Not for threads."""

    def __init__(self, spec: RobotSpec) -> None:
        self._limits = Limits.of(spec)
        self._hull = Hull(spec)
        self.near = Near(self._hull, self._limits)
        self._range = np.concatenate(
            [
                [2.0 * self._limits.linear, 2.0 * self._limits.angular],
                2.0 * self._limits.velocity,
            ]
        )

    def begin(self, pairs: Sequence[Pair], q: FloatArray, pose: Pose2, opening: float) -> None:
        """Look at these pairs from joints ``[J]`` and a base pose; ``opening`` m of the fingers."""
        self._pairs, self._q, self._pose, self._opening = pairs, q, pose, opening
        self._now: dict[Pair, float] = {}
        self._boxed = [p for p in pairs if not p.own]
        self._own = [p for p in pairs if p.own]
        self._rows = np.array([p.geom for p in self._boxed], dtype=np.intp)
        self._columns = np.array([self.near.boxes[p.other] for p in self._boxed], dtype=np.intp)
        self._margins = np.array([p.margin for p in self._boxed])
        self._first = np.array([p.geom for p in self._own], dtype=np.intp)
        self._second = np.array([p.other for p in self._own], dtype=np.intp)

    def words(self, pair: Pair) -> str:
        """Say what would touch what."""
        model, geoms = self._hull.model, self._hull.geoms
        part = model.body(int(model.geom_bodyid[geoms[pair.geom]])).name
        if pair.own:
            other = model.body(int(model.geom_bodyid[geoms[pair.other]])).name
        else:
            other = self.near.around.owners[self.near.boxes[pair.other]] or "a wall"
        return f"{part} meets {other}"

    def blocking(
        self, q: FloatArray, rate: FloatArray, base: tuple[float, float], pose: Pose2
    ) -> Pair | None:
        """Return a pair whose gap gets too small on the way to rest from a command; None if there is none."""
        for moment in reversed(moments(q, rate, base, pose, self._limits)):
            self._stand(moment)
            for pair in self._maybe_near(moment.base):
                # A depth is only told in a reach above zero.
                gap = self._gap(pair, max(pair.margin, 1e-3))
                if gap < pair.margin and gap < self._gap_now(pair, moment) - _WORSE:
                    return pair
        return None

    def least_change(
        self, told: FloatArray, brake: FloatArray, lower: FloatArray, upper: FloatArray
    ) -> FloatArray | None:
        """Return the speeds ``[2 + J]`` nearest to ``told`` with which no gap closes too fast; None if there are none."""
        self._stand(Moment(self._q, self._pose))
        mujoco.mj_comPos(self._hull.model, self._hull.data)
        rows, floors = [], []
        for pair in self._maybe_near(self._pose, _HORIZON):
            measure = self._hull.slope_to_own if pair.own else self._hull.slope_to_box
            found = measure(pair.geom, pair.other, _HORIZON)
            if found is None:
                continue
            gap, row = found
            rows.append(row)
            floors.append(-np.sqrt(2.0 * _CLOSING * max(gap - pair.margin, 0.0)))
        if not rows:
            return None
        return least_change(
            told, brake, lower, upper, np.array(rows), np.array(floors), 1.0 / self._range
        )

    def _maybe_near(self, base: Pose2, beyond: float = 0.0) -> list[Pair]:
        """Pairs whose bounding spheres, or sphere and box, are nearer than the margin, or so much more, as it stands now."""
        centres, radius = self._hull.centres(), self._hull.radius
        apart = centres[self._first] - centres[self._second]
        reach = radius[self._first] + radius[self._second] + OWN_MARGIN + beyond
        own = (apart * apart).sum(axis=1) < reach * reach
        found = [self._own[i] for i in np.flatnonzero(own)]
        if self._boxed:
            around = self.near.around
            away = in_map(centres, base)[self._rows] - around.middle[self._columns]
            local = np.einsum("pi,pij->pj", away, around.rotation[self._columns])
            outside = np.maximum(np.abs(local) - around.half[self._columns], 0.0)
            reach = np.maximum(radius[self._rows] + self._margins + beyond, 0.0)
            near = (outside * outside).sum(axis=1) < reach * reach
            found += [self._boxed[i] for i in np.flatnonzero(near)]
        return found

    def _stand(self, moment: Moment) -> None:
        self._hull.place(moment.q, self._opening)
        boxes = self.near.boxes
        if boxes:
            around = self.near.around
            self._hull.move_boxes(around.rotation[boxes], around.middle[boxes], moment.base)

    def _gap(self, pair: Pair, upto: float) -> float:
        measure = self._hull.gap_to_own if pair.own else self._hull.gap_to_box
        return measure(pair.geom, pair.other, upto)

    def _gap_now(self, pair: Pair, then: Moment) -> float:
        """Gap of a pair where the robot is now; comes back to ``then``."""
        if pair not in self._now:
            self._stand(Moment(self._q, self._pose))
            self._now[pair] = self._gap(pair, max(pair.margin, 1e-3))
            self._stand(then)
        return self._now[pair]
