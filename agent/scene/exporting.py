"""A scene graph as a map for a navigation stack: walls and the outlines of the furniture, seen from above."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from diarchy.contracts.entity import Box, Entity, FixtureInfo, StaticMap
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.memory.scene_graph import SceneFixture, SceneGraph
from diarchy.robots.ros2.convert.maps import Grid
from diarchy.robots.ros2.map_files import UNKNOWN, write_map
from diarchy.robots.ros2.rasterise import FREE, rasterise

HEIGHT = 0.35
"""Where the picture is cut through the home (m): at the height of the lidar."""


def export_map(graph: SceneGraph, folder: Path) -> Path:
    """Write ``map.pgm`` and ``map.yaml`` into a folder; returns the path of the latter.

    Raises:
        BadInputError: the folder cannot be written.
    """
    try:
        return write_map(grid_of(graph), folder)
    except OSError as error:
        raise BadInputError(f"--export {folder}: cannot be written: {error.strerror}") from error


def grid_of(graph: SceneGraph, *, resolution: float = 0.05) -> Grid:
    """Draw a graph: solid where walls and furniture stand (a table as a whole, not its legs), unknown outside all rooms."""
    walls = tuple(
        Box(SE3.from_xyz_yaw(*w.position, w.yaw), np.array(w.extent)) for w in graph.walls
    )
    fixtures = {f.id: _solid(f) for f in graph.fixtures if f.part_of is None}
    home = StaticMap(graph.bounds, graph.rooms, walls, fixtures)
    grid = rasterise(home, height=HEIGHT, resolution=resolution)
    cells = grid.cells.copy()
    rows, columns = cells.shape
    x = graph.bounds[0] + (np.arange(columns) + 0.5) * resolution
    y = graph.bounds[1] + (np.arange(rows) + 0.5) * resolution
    within = np.zeros(cells.shape, dtype=bool)
    for x0, y0, x1, y1 in graph.rooms.values():
        within |= ((y >= y0) & (y <= y1))[:, None] & ((x >= x0) & (x <= x1))[None, :]
    cells[(cells == FREE) & ~within] = UNKNOWN
    return Grid(cells, grid.resolution, grid.origin)


def _solid(fixture: SceneFixture) -> FixtureInfo:
    entity = Entity(
        id=fixture.id,
        cls=fixture.cls,
        kind="fixture",
        position=fixture.position,
        yaw=fixture.yaw,
        extent=fixture.extent,
    )
    box = Box(entity.pose(), np.array(fixture.extent))
    front = np.array([np.cos(fixture.yaw), np.sin(fixture.yaw)])
    return FixtureInfo(entity, (box,), front)
