"""Where to look so that a whole surface is taken in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Surface
from diarchy.contracts.geometry import FloatArray

ONE_LOOK = 0.9
"""Length (m) of a surface that one look from its edge takes in."""


def look_points(info: FixtureInfo) -> Iterator[FloatArray]:
    """Yield points ``[3]`` in ``map`` that, looked at one after the other, cover every surface."""
    for surface in info.surfaces:
        yield from _parts(surface)


def _parts(surface: Surface) -> Iterator[FloatArray]:
    axis = int(np.argmax(surface.size))
    count = max(1, int(np.ceil(surface.size[axis] / ONE_LOOK)))
    for i in range(count):
        offset = np.zeros(3)
        offset[axis] = ((i + 0.5) / count - 0.5) * surface.size[axis]
        yield surface.pose.apply(offset)
