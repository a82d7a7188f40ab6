"""Which fixture of the map a reading is about, and how far its doors and drawers are open."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from diarchy.contracts.entity import FixtureInfo, StaticMap
from diarchy.contracts.geometry import FloatArray
from diarchy.perception.boxes import nearest_on_box
from diarchy.perception.percept import FixtureReading

SAME_FIXTURE = 0.8
"""A reading farther than this (m) from every box of a fixture is about another one."""


def which_fixture(
    static_map: StaticMap, reading: FixtureReading, openings: Mapping[str, float]
) -> str | None:
    """Name the fixture that a reading is about: as the detector says, else the nearest of its class."""
    known = reading.detection.instance
    if known is not None:
        return known if known in static_map.fixtures else None
    opening = reading.detection.opening
    distances = sorted(
        (
            _distance(info, reading.position, openings.get(name) if opening is None else opening),
            name,
        )
        for name, info in static_map.fixtures.items()
        if info.entity.cls == reading.detection.cls
    )
    return distances[0][1] if distances and distances[0][0] < SAME_FIXTURE else None


def _distance(info: FixtureInfo, point: FloatArray, opening: float | None) -> float:
    """From a point to the fixture's box, drawn out with its drawer; the centre settles ties."""
    moved = info.displacement(opening) if info.slide is not None else None
    pose = info.entity.pose() if moved is None else moved @ info.entity.pose()
    gap = float(np.linalg.norm(nearest_on_box(point, pose, info.entity.extent) - point))
    return gap + 1e-3 * float(np.linalg.norm(pose.translation - point))
