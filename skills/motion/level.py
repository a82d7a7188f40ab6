"""A way of the arm on which what is held stays level: RRT-Connect on the joints that keep it so.

Each new configuration is pulled back to where the hand leans as it does now, by a few Newton steps on
the lean alone (after Berenson, "Manipulation planning with workspace constraints", ICRA 2009).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.kinematics import Kinematics

LEVEL = float(np.radians(6.0))
"""How much (rad) the load may lean on the way."""
_STEP = 0.15
_TORSO_WEIGHT = 4.0
_NEWTON, _NEWTON_FAR = 4, 12
"""Newton steps back to level: for the next step of a walk, and for a sample from anywhere."""
_DAMPING = 1e-3
_SHORTCUTS = (30, 2, 200)
"""Shortcuts to try on a way: at least, for each of its steps, and at most."""

_SMOOTHINGS = 4
"""Rounds in which each step of a way moves between its neighbours: what zigzags is slow to follow."""
_ALIKE = 0.01
"""A move smaller than this (rad) is not worth looking at."""

Valid = Callable[[FloatArray], bool]


class _Levelling:
    """Pulls joints to where a direction of the gripper points up."""

    def __init__(self, kinematics: Kinematics, up: FloatArray) -> None:
        self._kinematics, self._up = kinematics, up
        self._moving = np.asarray(kinematics.arm, dtype=np.intp)

    def lean(self, q: FloatArray) -> float:
        """How far (rad) from upright the direction is at joints ``[J]``."""
        direction = self._kinematics.gripper_pose(q).rotation @ self._up
        return float(np.arccos(np.clip(direction[2], -1.0, 1.0)))

    def project(self, q: FloatArray, steps: int = _NEWTON) -> FloatArray | None:
        """Return the nearest level joints ``[J]``, None if a few steps do not get there."""
        for _ in range(steps):
            direction = self._kinematics.gripper_pose(q).rotation @ self._up
            if direction[2] > np.cos(0.4 * LEVEL):
                return q
            error = np.array([direction[1], -direction[0]])
            rows = self._kinematics.jacobian(q)[3:5, self._moving]
            change = rows.T @ np.linalg.solve(rows @ rows.T + _DAMPING * np.eye(2), error)
            q = q.copy()
            q[self._moving] += np.clip(change, -0.2, 0.2)
            q = self._kinematics.clip(q)
        return q if self.lean(q) < LEVEL else None


class _Walker:
    """Steps towards configurations without leaving what is level and free."""

    def __init__(self, arm: Arm, levelling: _Levelling, valid: Valid) -> None:
        self._levelling, self._valid = levelling, valid
        moving = np.asarray(arm.kinematics.arm, dtype=np.intp)
        self._weight = np.zeros(len(arm.q))
        self._weight[moving] = 1.0
        self._weight[list(arm.torso)] = _TORSO_WEIGHT

    def distance(self, a: FloatArray, b: FloatArray) -> float:
        return float(np.abs((a - b) * self._weight).max())

    def nearest(self, nodes: Sequence[FloatArray], target: FloatArray) -> int:
        """Index of the nearest of some configurations."""
        away = np.abs((np.asarray(nodes) - target) * self._weight).max(axis=1)
        return int(np.argmin(away))

    def walk(self, begin: FloatArray, end: FloatArray) -> tuple[list[FloatArray], bool]:
        """Return the steps from ``begin`` (left out) towards ``end``, and whether it was reached."""
        steps: list[FloatArray] = []
        here, left = begin, self.distance(begin, end)
        while left > 1e-9:
            if left <= _STEP:
                if self.between(here, end):
                    return [*steps, end], True
                return steps, False
            following = self._levelling.project(here + (end - here) * (_STEP / left))
            if following is None:
                return steps, False
            remaining = self.distance(following, end)
            if remaining > left - 0.25 * _STEP or not self.between(here, following):
                return steps, False
            here, left = following, remaining
            steps.append(here)
        return steps, True

    def between(self, a: FloatArray, b: FloatArray) -> bool:
        """Whether the straight line from ``a`` (left out) to ``b`` is level and free."""
        count = max(1, int(np.ceil(self.distance(a, b) / 0.08)))
        points = [a + (b - a) * (k / count) for k in range(1, count + 1)]
        return all(self._levelling.lean(p) < LEVEL and self._valid(p) for p in points)


def level_path(
    arm: Arm,
    goal: FloatArray,
    *,
    iterations: int = 400,
    margin: float = 0.006,
    up: FloatArray | None = None,
) -> list[FloatArray] | None:
    """Return waypoints ``[J]`` from the commanded joints to ``goal``; None if none was found.

    Args:
        arm: of the execution; its scene knows the world and the load.
        goal: joints ``[J]``; the load must be level there.
        iterations: samples to try.
        margin: distance (m) to keep to everything; less where the arm is nearer now.
        up: direction ``[3]`` in the gripper's frame that is up when the load is level. Default, and where the
            load is not level to begin with: what is up now.
    """
    begin, base = arm.q, arm.base
    goal = arm.gaze_kept(arm.kinematics.clip(goal))
    levelling = None if up is None else _Levelling(arm.kinematics, up)
    if levelling is None or levelling.lean(begin) > LEVEL:
        levelling = _Levelling(arm.kinematics, arm.kinematics.gripper_pose(begin).rotation[2])
    arm.scene.prepare(begin, goal, base)

    def valid(q: FloatArray) -> bool:
        return not arm.scene.in_collision(q, base, margin=margin)

    walker = _Walker(arm, levelling, valid)
    found = None
    if levelling.lean(goal) < LEVEL and valid(goal):
        found = _connect(arm, walker, levelling, goal, iterations)
    arm.scene.relax()
    return found


def _connect(
    arm: Arm, walker: _Walker, levelling: _Levelling, goal: FloatArray, iterations: int
) -> list[FloatArray] | None:
    begin, rng = arm.q, arm.context.rng
    moving = np.asarray(arm.kinematics.arm, dtype=np.intp)
    low = np.maximum(arm.kinematics.lower, np.minimum(begin, goal) - 1.8)
    high = np.minimum(arm.kinematics.upper, np.maximum(begin, goal) + 1.8)
    trees = [_Tree(walker, begin), _Tree(walker, goal)]
    forward = True
    for k in range(iterations):
        first, second = trees
        sample: FloatArray | None = goal if forward else begin
        if k > 0:
            anywhere = begin.copy()
            anywhere[moving] = rng.uniform(low[moving], high[moving])
            # Towards what is not level itself a walk soon ends; towards what is it gets far.
            sample = levelling.project(anywhere, _NEWTON_FAR)
        node = None if sample is None else first.grow(sample)
        if node is not None:
            other = second.grow(first.nodes[node])
            if other is not None and walker.distance(second.nodes[other], first.nodes[node]) < 1e-9:
                whole = first.path(node) + second.path(other)[::-1][1:]
                shortened = _shortened(walker, whole if forward else whole[::-1], arm)
                return _smoothed(walker, levelling, shortened)
        trees, forward = [second, first], not forward
    return None


class _Tree:
    """Level configurations, each with the one that it was reached from."""

    def __init__(self, walker: _Walker, root: FloatArray) -> None:
        self.nodes: list[FloatArray] = [root]
        self._parents: list[int] = [-1]
        self._walker = walker

    def grow(self, target: FloatArray) -> int | None:
        """Walk from the nearest node to the target; returns the last new node, None if there is none."""
        nearest = self._walker.nearest(self.nodes, target)
        if self._walker.distance(self.nodes[nearest], target) < 1e-9:
            return nearest
        steps, _ = self._walker.walk(self.nodes[nearest], target)
        if not steps:
            return None
        before = [nearest, *range(len(self.nodes), len(self.nodes) + len(steps) - 1)]
        self._parents.extend(before)
        self.nodes.extend(steps)
        return len(self.nodes) - 1

    def path(self, node: int) -> list[FloatArray]:
        """Return the configurations from the root to a node."""
        found: list[FloatArray] = []
        while node >= 0:
            found.append(self.nodes[node])
            node = self._parents[node]
        return found[::-1]


def _shortened(walker: _Walker, path: Sequence[FloatArray], arm: Arm) -> list[FloatArray]:
    """Replace detours by walks between random points of the path."""
    out = list(path)
    least, each, most = _SHORTCUTS
    for _ in range(min(max(least, each * len(path)), most)):
        if len(out) < 4:
            break
        i, j = sorted(arm.context.rng.choice(len(out), 2, replace=False))
        steps, reached = walker.walk(out[i], out[j])
        if reached and len(steps) < j - i:
            out = [*out[: i + 1], *steps, *out[j + 1 :]]
    return out


def _smoothed(
    walker: _Walker, levelling: _Levelling, path: Sequence[FloatArray]
) -> list[FloatArray]:
    """Move each configuration to between its neighbours, where that is level and free."""
    out = list(path)
    for _ in range(_SMOOTHINGS):
        for k in range(1, len(out) - 1):
            middle = levelling.project((out[k - 1] + out[k + 1]) / 2.0)
            if middle is None or walker.distance(middle, out[k]) < _ALIKE:
                continue
            if walker.between(out[k - 1], middle) and walker.between(middle, out[k + 1]):
                out[k] = middle
    return out
