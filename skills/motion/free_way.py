"""Ways of the arm among the boxes of a scene that are free between the points that are looked at, too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.collision import PlanningScene
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.motion.rrt import RESOLUTION, plan_path, segment_free

_TORSO_WEIGHT = 4.0
_FINE = 0.02
"""rad between the points of a way that are looked at once more before it is taken."""
_AROUND = 1.8
"""How far (rad) beyond its ends a way may lead."""


@dataclass(frozen=True)
class FreeWay:
    """What is free for one arm from one place of the base.

    Attributes:
        scene: the believed world and the robot in it.
        kinematics: of the arm.
        base: ``map_from_base``.
        torso: how many of the arm's joints are the torso's, in m.
        allow: ids of entities that may be touched.
    """

    scene: PlanningScene
    kinematics: Kinematics
    base: SE3
    torso: int
    allow: Collection[str] = ()

    def plan(
        self, begin: FloatArray, goal: FloatArray, rng: np.random.Generator, iterations: int
    ) -> list[FloatArray] | None:
        """Return waypoints ``[J]`` to ``goal`` or None; the margin shrinks where the ends need it.

        A way that grazes something between the points that were looked at is sought once more in finer
        steps. If none is found so, the first one stays: it keeps its margin at most points, and the ends
        may be where there is no more room.
        """
        self.scene.prepare(begin, goal, self.base)
        margin = self._margin(begin, goal)
        found = None if margin is None else self._route(begin, goal, margin, rng, iterations)
        self.scene.relax()
        return found

    def grazes(self, rows: FloatArray) -> bool:
        """Whether rows ``[N, J]`` come nearer to things than half of what their ends keep from them."""
        self.scene.prepare(rows[0], rows[-1], self.base)
        margin = self._margin(rows[0], rows[-1])
        come = np.abs(np.diff(rows, axis=0)).max(axis=1).cumsum()
        steps = np.searchsorted(come, np.arange(_FINE, float(come.max(initial=0.0)), _FINE))
        grazed = margin is not None and any(self._near(rows[k], 0.5 * margin) for k in steps)
        self.scene.relax()
        return grazed

    def _near(self, q: FloatArray, margin: float) -> bool:
        """Whether things, the robot itself not counted, are nearer than a margin."""
        return self.scene.in_collision(q, self.base, allow=self.allow, margin=margin, itself=False)

    def _collides(self, q: FloatArray, margin: float) -> bool:
        return self.scene.in_collision(q, self.base, allow=self.allow, margin=margin)

    def _route(
        self,
        begin: FloatArray,
        goal: FloatArray,
        margin: float,
        rng: np.random.Generator,
        iterations: int,
    ) -> list[FloatArray] | None:
        arm = np.asarray(self.kinematics.arm, dtype=np.intp)
        weight = np.ones(len(arm))
        weight[: self.torso] = _TORSO_WEIGHT
        low = np.maximum(self.kinematics.lower, np.minimum(begin, goal) - _AROUND)[arm] * weight
        high = np.minimum(self.kinematics.upper, np.maximum(begin, goal) + _AROUND)[arm] * weight
        ends = begin[arm] * weight, goal[arm] * weight

        def whole(part: FloatArray) -> FloatArray:
            q = goal.copy()
            q[arm] = part / weight
            return q

        def is_free(part: FloatArray) -> bool:
            return not self._collides(whole(part), margin)

        def clear(part: FloatArray) -> bool:
            return not self._near(whole(part), 0.5 * margin)

        found = None
        for step in (RESOLUTION, _FINE):
            finer = plan_path(
                *ends, is_free, low, high, rng, iterations=iterations, resolution=step
            )
            found = finer or found
            # What is thinner than a step is passed through now and then: then steps must be finer.
            if found is None or all(segment_free(a, b, clear, _FINE) for a, b in pairwise(found)):
                break
        return None if found is None else [whole(part) for part in found]

    def _margin(self, begin: FloatArray, goal: FloatArray) -> float | None:
        for margin in (self.scene.margin, 0.008, 0.002):
            if not any(self._collides(q, margin) for q in (begin, goal)):
                return margin
        return None


def with_head(
    path: Sequence[FloatArray], begin: FloatArray, goal: FloatArray, head: Sequence[int]
) -> list[FloatArray]:
    """Spread the head's turn evenly over waypoints ``[J]``, which are changed."""
    for k, q in enumerate(path):
        for j in head:
            q[j] = begin[j] + (goal[j] - begin[j]) * k / max(1, len(path) - 1)
    return list(path)
