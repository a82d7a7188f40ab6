"""A collision-free path of joints: straight if that is free, else RRT-Connect and shortcuts.

Kuffner and LaValle, "RRT-Connect", ICRA 2000. Two trees of a few hundred nodes are searched by
brute force: that is faster here than any index.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.contracts.geometry import FloatArray

Free = Callable[[FloatArray], bool]
"""Tells whether joints ``[n]`` are free."""
Joined = Callable[[FloatArray, FloatArray], bool]
"""Tells whether the straight line between two joint vectors is free."""

RESOLUTION = 0.06
"""rad between the points of a segment that are checked: the hand of an outstretched arm comes 6 cm on."""
_EXTEND = 0.35


def segment_free(a: FloatArray, b: FloatArray, free: Free, resolution: float = RESOLUTION) -> bool:
    """Tell whether the straight line from ``a`` (taken as free) to ``b`` is free.

    Points are visited coarse to fine: a collision is found early.
    """
    count = max(1, int(np.ceil(float(np.abs(b - a).max()) / resolution)))
    return all(free(a + (b - a) * (k / count)) for k in _coarse_to_fine(count))


def _coarse_to_fine(count: int) -> list[int]:
    """1 .. count, the last first, then halves, quarters and so on."""
    order, step = [count], count
    seen = {0, count}
    while len(seen) < count + 1:
        step = max(1, step // 2)
        fresh = [k for k in range(step, count, step) if k not in seen]
        order += fresh
        seen.update(fresh)
    return order


def plan_path(
    start: FloatArray,
    goal: FloatArray,
    free: Free,
    lower: FloatArray,
    upper: FloatArray,
    rng: np.random.Generator,
    *,
    iterations: int = 1500,
    resolution: float = RESOLUTION,
) -> list[FloatArray] | None:
    """Return waypoints ``[n]`` from start to goal, or None if none was found.

    Args:
        start, goal: joint vectors ``[n]`` in comparable units.
        free: the collision check.
        lower, upper: the box that is searched.
        rng: source of the samples.
        iterations: samples to try.
        resolution: largest change of a joint between two points that are checked.
    """

    def joined(a: FloatArray, b: FloatArray) -> bool:
        return segment_free(a, b, free, resolution)

    if not free(goal):
        return None
    if joined(start, goal):
        return [start, goal]
    path = _connect(start, goal, joined, lower, upper, rng, iterations)
    return None if path is None else _shortcut(path, joined, rng)


class _Tree:
    def __init__(self, root: FloatArray) -> None:
        self.nodes = [root]
        self.parents = [-1]

    def nearest(self, q: FloatArray) -> int:
        return int(np.argmin(np.abs(np.asarray(self.nodes) - q).max(axis=1)))

    def add(self, q: FloatArray, parent: int) -> int:
        self.nodes.append(q)
        self.parents.append(parent)
        return len(self.nodes) - 1

    def branch(self, index: int) -> list[FloatArray]:
        out = []
        while index >= 0:
            out.append(self.nodes[index])
            index = self.parents[index]
        return out


def _extend(tree: _Tree, near: int, target: FloatArray, joined: Joined) -> tuple[int, bool]:
    """Go one step towards the target; return the node reached and whether it is the target."""
    begin = tree.nodes[near]
    length = float(np.abs(target - begin).max())
    q = target if length <= _EXTEND else begin + (target - begin) * (_EXTEND / length)
    if not joined(begin, q):
        return -1, False
    return tree.add(q, near), length <= _EXTEND


def _connect(
    start: FloatArray,
    goal: FloatArray,
    joined: Joined,
    lower: FloatArray,
    upper: FloatArray,
    rng: np.random.Generator,
    iterations: int,
) -> list[FloatArray] | None:
    first, second = _Tree(start), _Tree(goal)
    forward = True
    for k in range(iterations):
        # Every few samples aim at the middle between both ends, where the way most often lies.
        middle = (start + goal) / 2.0 + rng.normal(0.0, 0.5, len(start))
        sample = np.clip(middle, lower, upper) if k % 3 == 0 else rng.uniform(lower, upper)
        node, _ = _extend(first, first.nearest(sample), sample, joined)
        if node >= 0:
            target = first.nodes[node]
            other = second.nearest(target)
            met = False
            while other >= 0 and not met:
                other, met = _extend(second, other, target, joined)
            if met:
                path = first.branch(node)[::-1] + second.branch(second.parents[other])
                return path if forward else path[::-1]
        first, second, forward = second, first, not forward
    return None


def _shortcut(
    path: list[FloatArray], joined: Joined, rng: np.random.Generator, attempts: int = 40
) -> list[FloatArray]:
    """Replace detours by straight pieces between random points of the path."""
    for _ in range(attempts):
        if len(path) < 3:
            break
        i, j = sorted(rng.choice(len(path) - 1, 2, replace=False))
        a = path[i] + (path[i + 1] - path[i]) * rng.uniform()
        b = path[j] + (path[j + 1] - path[j]) * rng.uniform()
        if joined(a, b):
            path = [*path[: i + 1], a, b, *path[j + 1 :]]
    for i in range(len(path) - 2, 0, -1):
        if joined(path[i - 1], path[i + 1]):
            path = path[:i] + path[i + 1 :]
    return path
