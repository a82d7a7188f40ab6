"""Which surfaces were really looked at: the ground on which "it is not there" stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Sighting, StaticMap, Surface
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.perception.percept import Percept
from diarchy.perception.visibility import probe_points

MOST = 0.8
"""Fraction of a surface's cells that must have been seen; things standing on it hide the rest."""
MOST_INSIDE = 0.5
"""The same of a drawer, a basin or a bin: the near wall hides what lies right behind it, from any place
to stand."""
SPACING, FEWEST, MANY = 0.07, 5, 16
"""Distance (m) between the cells of a surface, and how many there are at least and at most along a side."""
LIFT = 0.015
NEAR_ENOUGH = 3.2
"""Beyond this range (m) a look is no proof that nothing small is there."""


class Inspection:
    """Stamps of the last look at each cell of each surface of each fixture.

    A cell counts as seen when the robot was at rest, the cell was in the image, and the line of
    sight reached it, or something was seen standing there; so a closed container is never inspected, an open one is when its inside was
    seen. Several looks add up. Surfaces above the eye do not count. The cells of a drawer go where it
    goes. People's open hands are inspected like furniture.
    """

    def __init__(self, static_map: StaticMap) -> None:
        self._map = static_map
        self._owners: dict[str, list[int]] = {}
        cells: list[FloatArray] = []
        index: list[FloatArray] = []
        self._heights: list[float] = []
        self._walled: list[bool] = []
        places = {name: info.surfaces for name, info in static_map.fixtures.items()}
        places |= {name: (surface,) for name, surface in static_map.hands.items()}
        for name, surfaces in sorted(places.items()):
            for surface in surfaces:
                grid = surface_cells(surface)
                self._owners.setdefault(name, []).append(len(self._heights))
                index.append(np.full(len(grid), len(self._heights)))
                cells.append(grid)
                self._heights.append(float(surface.pose.translation[2]))
                self._walled.append(surface.relation == "in" and surface.approach == "top")
        self._shut = np.concatenate(cells) if cells else np.zeros((0, 3))
        self._cells = self._shut.copy()
        self._index = np.concatenate(index) if index else np.zeros(0)
        self._stamps = np.full(len(self._cells), -np.inf)
        self._eye = 0.0

    def move(self, fixture: str, opening: float) -> None:
        """Take the cells of a drawer along to an opening (m); what was seen in them stays seen."""
        info = self._map.fixtures[fixture]
        if info.slide is not None:
            mask = np.isin(self._index, self._owners.get(fixture, ()))
            self._cells[mask] = info.displacement(opening).apply(self._shut[mask])

    def add(self, percept: Percept) -> None:
        """Take in the views of a percept; one in motion proves nothing."""
        if not percept.at_rest or len(self._cells) == 0:
            return
        for view in percept.views:
            eye = view.map_from_camera.translation
            self._eye = max(self._eye, float(eye[2]))
            near = np.flatnonzero(np.linalg.norm(self._cells - eye, axis=1) < NEAR_ENOUGH)
            seen = probe_points(view.frame, view.map_from_camera, self._cells[near]).seen
            hit = near[seen]
            self._stamps[hit] = np.maximum(self._stamps[hit], view.frame.stamp)

        for sighting in percept.sightings:
            under = self._under(sighting)
            self._stamps[under] = np.maximum(self._stamps[under], sighting.stamp)

    def _under(self, sighting: Sighting) -> npt.NDArray[np.intp]:
        """Cells that a thing stands on: what is there is known, it is the thing."""
        x, y, z = (float(v) for v in sighting.position)
        box = SE3.from_xyz_yaw(x, y, z, sighting.yaw)
        half = np.asarray(sighting.extent) / 2.0
        near = np.flatnonzero(
            np.abs(self._cells - sighting.position).max(axis=1) < half.max() + LIFT
        )
        local = np.abs(box.inverse().apply(self._cells[near]))
        half[2] += LIFT
        return near[np.all(local <= half, axis=1)]

    def stamp(self, fixture: str) -> float | None:
        """Since when most of every surface below the eye has been seen; None if it has not been."""
        counting = [i for i in self._owners.get(fixture, ()) if self._counts(i)]
        stamps = [self._surface_stamp(i) for i in counting]
        return None if not stamps or not np.isfinite(min(stamps)) else min(stamps)

    def unseen(self, fixture: str) -> FloatArray:
        """Return the cells ``[N, 3]`` m of a fixture that no look has reached."""
        mine = np.isin(self._index, self._owners.get(fixture, ()))
        return np.asarray(self._cells[mine & ~np.isfinite(self._stamps)])

    def coverage(self, fixture: str) -> float:
        """Fraction of all cells of a fixture that were ever seen."""
        mask = np.isin(self._index, self._owners.get(fixture, ()))
        return float(np.isfinite(self._stamps[mask]).mean()) if mask.any() else 0.0

    def forget(self, fixture: str) -> None:
        """Its inside may have changed unseen."""
        self._stamps[np.isin(self._index, self._owners.get(fixture, ()))] = -np.inf

    def _counts(self, surface: int) -> bool:
        return self._heights[surface] < self._eye - 0.05

    def _surface_stamp(self, surface: int) -> float:
        most = MOST_INSIDE if self._walled[surface] else MOST
        stamps = np.sort(self._stamps[self._index == surface])[::-1]
        return float(stamps[min(len(stamps) - 1, int(np.ceil(most * len(stamps))) - 1)])


def surface_cells(surface: Surface) -> FloatArray:
    """Sample points ``[N, 3]`` in ``map``, a little above a surface and away from its edges."""
    spans = []
    for size in surface.size:
        inner = max(0.0, size - 0.06)
        spans.append(
            np.linspace(-inner / 2.0, inner / 2.0, int(np.clip(inner / SPACING, FEWEST, MANY)))
        )
    x, y = (a.ravel() for a in np.meshgrid(*spans, indexing="ij"))
    return surface.pose.apply(np.stack([x, y, np.full(len(x), LIFT)], axis=1))
