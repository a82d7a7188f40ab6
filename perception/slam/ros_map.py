"""A map as ROS keeps it: a picture (PGM) and what it means (YAML), read by nav2's map_server.

The format is that of https://docs.nav2.org/configuration/packages/configuring-map-server.html: white is free, black is
solid, grey unknown; the first row of the picture is the north edge, ``origin`` its south-west corner.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from diarchy.contracts.errors import BadInputError
from diarchy.perception.slam.occupancy_grid import FREE, SOLID, UNKNOWN, OccupancyGrid

_WHITE, _GREY, _BLACK = 254, 205, 0
_SOLID_FROM, _FREE_UNTO = 0.65, 0.196
"""The grey of the unknown, 205, is 0.1961: with the 0.25 that is usual it would be read as free."""


def write_map(grid: OccupancyGrid, folder: Path, name: str = "map") -> tuple[Path, Path]:
    """Write ``NAME.pgm`` and ``NAME.yaml`` into a folder; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    shades = np.full(grid.cells.shape, _GREY, dtype=np.uint8)
    shades[grid.cells == FREE], shades[grid.cells == SOLID] = _WHITE, _BLACK
    picture, meaning = folder / f"{name}.pgm", folder / f"{name}.yaml"
    Image.fromarray(np.ascontiguousarray(shades.T[::-1])).save(picture)
    x, y = (float(v) for v in grid.origin)
    content = {
        "image": picture.name,
        "mode": "trinary",
        "resolution": float(grid.resolution),
        "origin": [x, y, 0.0],
        "negate": 0,
        "occupied_thresh": _SOLID_FROM,
        "free_thresh": _FREE_UNTO,
    }
    meaning.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return picture, meaning


def read_map(path: Path) -> OccupancyGrid:
    """Read a map that `write_map` or a ROS map saver wrote, by its YAML file.

    Raises:
        BadInputError: a file is missing, or is no such map, or the map is turned.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        resolution = float(content["resolution"])
        x, y, yaw = (float(v) for v in content["origin"])
        solid_from, free_unto = float(content["occupied_thresh"]), float(content["free_thresh"])
        negate = bool(int(content.get("negate", 0)))
        shades = np.asarray(Image.open(path.parent / str(content["image"])).convert("L"))
    except OSError as error:
        raise BadInputError(f"the map {path} cannot be read: {error}") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BadInputError(
            f"{path} is not a map of ROS's map_server (image, resolution, origin, occupied_thresh, "
            f"free_thresh): {error}"
        ) from error
    if abs(yaw) > 1e-6:
        raise BadInputError(
            f"the map {path} is turned by {yaw:.3f} rad: only upright ones are read"
        )
    solid = shades / 255.0 if negate else 1.0 - shades / 255.0
    cells = np.full(shades.shape, UNKNOWN, dtype=np.int8)
    cells[solid < free_unto], cells[solid > solid_from] = FREE, SOLID
    return OccupancyGrid(np.ascontiguousarray(cells[::-1].T), np.array([x, y]), resolution)
