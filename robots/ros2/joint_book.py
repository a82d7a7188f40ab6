"""The newest reading of every joint, whoever publishes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.robots.ros2.convert.geometry import seconds
from diarchy.robots.ros2.freshness import Gate

_Index = slice | npt.NDArray[np.intp]


class JointBook:
    """Newest reading of every joint, from any number of publishers on one topic.

    Each publisher has stamps of its own, so order is checked per set of names; an input is lost when
    the oldest of the needed joints is.
    """

    def __init__(self, names: tuple[str, ...], gate: Gate) -> None:
        self.names = names
        self.position, self.velocity, self.effort = (np.zeros(len(names)) for _ in range(3))
        self.stamps = np.full(len(names), -np.inf)
        self._index = {name: i for i, name in enumerate(names)}
        self._gate = gate
        self._sources: dict[tuple[str, ...], tuple[Gate, _Index, _Index]] = {}

    def take(self, message: Any, now: float) -> None:
        """Take a JointState."""
        self._gate.notice(now)
        names = tuple(message.name)
        source = self._sources.get(names)
        if source is None:
            known = [i for i, n in enumerate(names) if n in self._index]
            gate = Gate(self._gate.name, self._gate.max_age, self._gate.max_future)
            source = (gate, _index(known), _index([self._index[names[i]] for i in known]))
            if len(self._sources) < 64:
                self._sources[names] = source
        gate, here, mine = source
        stamp = seconds(message.header.stamp)
        refusal = gate.admit(stamp, now)
        if refusal is not None:
            self._gate.refused[refusal] += 1
            return
        if not isinstance(here, slice) and not len(here):
            return
        position = np.asarray(message.position, dtype=np.float64)
        if len(position) != len(names) or not np.isfinite(position[here]).all():
            self._gate.malformed("positions are missing or not finite")
            return
        self.position[mine] = position[here]
        self.velocity[mine] = _part(message.velocity, len(names), here)
        self.effort[mine] = _part(message.effort, len(names), here)
        self.stamps[mine] = stamp
        self._gate.taken += 1
        self._gate.note(float(self.stamps.min()))

    def forget(self) -> None:
        """Forget all: time has jumped back."""
        self.stamps[:] = -np.inf
        self._sources.clear()

    def missing(self) -> list[str]:
        """Joints that nobody has told of yet."""
        return [n for n, s in zip(self.names, self.stamps, strict=True) if not np.isfinite(s)]


def _index(places: list[int]) -> _Index:
    """Places in an array as NumPy takes them fastest."""
    first = places[0] if places else 0
    if places and places == list(range(first, first + len(places))):
        return slice(first, first + len(places))
    return np.array(places, dtype=np.intp)


def _part(values: Any, count: int, here: _Index) -> Any:
    return np.asarray(values, dtype=np.float64)[here] if len(values) == count else 0.0
