"""A TF buffer as plain maths: transforms by time, chained over the tree of frames.

Semantics are those of tf2: edges are ``parent_from_child``, static ones hold for ever, between two
stamps one interpolates (linear and slerp), beyond the newest stamp one waits rather than guess.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diarchy.contracts.errors import StaleDataError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.ros2.convert.geometry import rotation_of, seconds

HISTORY = 10.0
"""Seconds that moving transforms are kept."""
_SLACK = 1e-6


class FrameError(StaleDataError):
    """A transform is not there, or not at that time; the message says which frames are."""


@dataclass
class _Edge:
    """Stamps (s, ascending) with positions and quaternions (w, x, y, z) of one child in its parent."""

    parent: str
    static: bool
    stamps: list[float] = field(default_factory=list)
    values: list[tuple[tuple[float, float, float], tuple[float, float, float, float]]] = field(
        default_factory=list
    )


class FrameBuffer:
    """Transforms between named frames over the last `HISTORY` seconds.

    Not locked: whoever has several threads (the node) hands messages over in one of them.
    """

    def __init__(self, history: float = HISTORY) -> None:
        self._history = history
        self._edges: dict[str, _Edge] = {}

    @property
    def frames(self) -> tuple[str, ...]:
        """Names of all frames."""
        return tuple(sorted({*self._edges, *(e.parent for e in self._edges.values())}))

    def newest(self, child: str) -> float | None:
        """Stamp of the newest transform of a child; None: unknown or static."""
        edge = self._edges.get(child)
        return edge.stamps[-1] if edge and edge.stamps and not edge.static else None

    def clear_moving(self) -> None:
        """Forget what moves: time has jumped back."""
        self._edges = {c: e for c, e in self._edges.items() if e.static}

    def add(self, stamped: Any, *, static: bool = False) -> bool:
        """Take a TransformStamped; False if it repeats a stamp or is older than the history.

        Raises:
            BadInputError: its rotation is no unit quaternion.
        """
        at, quaternion = stamped.transform.translation, rotation_of(stamped.transform.rotation)
        return self.put(
            str(stamped.header.frame_id),
            str(stamped.child_frame_id),
            seconds(stamped.header.stamp),
            (float(at.x), float(at.y), float(at.z)),
            quaternion,
            static=static,
        )

    def put(
        self,
        parent: str,
        child: str,
        stamp: float,
        at: tuple[float, float, float],
        quaternion: tuple[float, float, float, float],
        *,
        static: bool = False,
    ) -> bool:
        """Take ``parent_from_child`` at a stamp: m and w, x, y, z."""
        parent, child = parent.lstrip("/"), child.lstrip("/")
        if not parent or not child or parent == child or not all(map(math.isfinite, at)):
            return False
        edge = self._edges.get(child)
        if edge is None or edge.parent != parent or edge.static != static:
            edge = self._edges[child] = _Edge(parent, static)
        if static:
            edge.stamps, edge.values = [stamp], [(at, quaternion)]
            return True
        if not edge.stamps or stamp > edge.stamps[-1]:
            edge.stamps.append(stamp)
            edge.values.append((at, quaternion))
        else:
            index = bisect.bisect_left(edge.stamps, stamp)
            if edge.stamps[index] == stamp or stamp < edge.stamps[-1] - self._history:
                return False
            edge.stamps.insert(index, stamp)
            edge.values.insert(index, (at, quaternion))
        if len(edge.stamps) > 64 and edge.stamps[32] < edge.stamps[-1] - self._history:
            del edge.stamps[:32], edge.values[:32]
        return True

    def lookup(
        self, target: str, source: str, stamp: float | None = None, *, tolerance: float = 0.0
    ) -> SE3:
        """Return ``target_from_source`` at a stamp; None: the newest that every edge on the way has.

        Args:
            target: frame to express things in.
            source: frame that things are in.
            stamp: s.
            tolerance: s that the newest transform may be older than the stamp and stand in for it.

        Raises:
            FrameError: a frame is unknown, the two are not connected, or there is nothing at that time.
        """
        target, source = target.lstrip("/"), source.lstrip("/")
        if target == source:
            return SE3.identity()
        up, down = self._chain(source), self._chain(target)
        common = next((f for f in up if f in down), None)
        if common is None:
            raise FrameError(
                f"the frames '{target}' and '{source}' are not connected{self._known(target, source)}"
            )
        rising, falling = up[: up.index(common)], down[: down.index(common)]
        if stamp is None:
            times = [t for c in (*rising, *falling) if (t := self.newest(c)) is not None]
            stamp, tolerance = min(times, default=0.0), math.inf
        return self._climb(falling, stamp, tolerance).inverse() @ self._climb(
            rising, stamp, tolerance
        )

    def _known(self, *asked: str) -> str:
        unknown = [f for f in asked if f not in self.frames]
        return (
            f"; no frame '{unknown[0]}': {did_you_mean(unknown[0], self.frames)}" if unknown else ""
        )

    def _chain(self, frame: str) -> list[str]:
        """The frame and its ancestors."""
        chain = [frame]
        while (edge := self._edges.get(chain[-1])) is not None:
            if edge.parent in chain:
                raise FrameError(f"the frames {' -> '.join([*chain, edge.parent])} form a ring")
            chain.append(edge.parent)
        return chain

    def _climb(self, chain: list[str], stamp: float, tolerance: float) -> SE3:
        """Compose ``ancestor_from_first`` of a chain of children."""
        pose = SE3.identity()
        for child in chain:
            pose = self._at(child, stamp, tolerance) @ pose
        return pose

    def _at(self, child: str, stamp: float, tolerance: float) -> SE3:
        edge = self._edges[child]
        stamps = edge.stamps
        if edge.static or (len(stamps) == 1 and abs(stamps[0] - stamp) <= max(tolerance, _SLACK)):
            return _pose(edge.values[-1])
        if stamp > stamps[-1] + max(tolerance, _SLACK):
            raise FrameError(
                f"'{edge.parent}' to '{child}' is known up to {stamps[-1]:.3f} s, asked for {stamp:.3f} s"
            )
        if stamp < stamps[0] - _SLACK:
            raise FrameError(
                f"'{edge.parent}' to '{child}' is known from {stamps[0]:.3f} s on, asked for {stamp:.3f} s"
            )
        index = bisect.bisect_left(stamps, stamp)
        if index >= len(stamps):
            return _pose(edge.values[-1])
        if index == 0 or stamps[index] - stamp < _SLACK:
            return _pose(edge.values[index])
        share = (stamp - stamps[index - 1]) / (stamps[index] - stamps[index - 1])
        return _between(edge.values[index - 1], edge.values[index], share)


_Value = tuple[tuple[float, float, float], tuple[float, float, float, float]]


def _pose(value: _Value) -> SE3:
    return SE3.from_quat(np.array(value[0]), value[1])


def _between(first: _Value, second: _Value, share: float) -> SE3:
    at = (1.0 - share) * np.array(first[0]) + share * np.array(second[0])
    return SE3.from_quat(at, slerp(np.array(first[1]), np.array(second[1]), share))


def slerp(first: FloatArray, second: FloatArray, share: float) -> FloatArray:
    """Interpolate unit quaternions ``[4]`` the short way round (Shoemake 1985)."""
    dot = float(first @ second)
    if dot < 0.0:
        second, dot = -second, -dot
    if dot > 0.9995:
        mixed = (1.0 - share) * first + share * second
    else:
        angle = math.acos(min(dot, 1.0))
        mixed = (
            math.sin((1.0 - share) * angle) * first + math.sin(share * angle) * second
        ) / math.sin(angle)
    return np.asarray(mixed / np.linalg.norm(mixed))
