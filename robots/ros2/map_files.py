"""Occupancy grids as the files of ROS 2's map server: ``map.pgm`` and ``map.yaml``.

The format is that of ``nav2_map_server`` (mode ``trinary``): the picture's first row is the highest y, dark is solid.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.robots.ros2.convert.maps import Grid
from diarchy.robots.ros2.rasterise import FREE, SOLID

YAML_FILE, IMAGE_FILE = "map.yaml", "map.pgm"
UNKNOWN = -1
_SHADES = {SOLID: 0, FREE: 254, UNKNOWN: 205}
_OCCUPIED, _FREE = 0.65, 0.196
"""So that the shade of unknown, 50/255, is not below the threshold of free."""


def write_map(grid: Grid, folder: Path) -> Path:
    """Write a grid into a folder, which is made if need be; returns the path of the YAML file.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shades = np.full(grid.cells.shape, _SHADES[UNKNOWN], dtype=np.uint8)
    for value, shade in _SHADES.items():
        shades[grid.cells == value] = shade
    rows, columns = grid.cells.shape
    header = f"P5\n{columns} {rows}\n255\n".encode("ascii")
    (folder / IMAGE_FILE).write_bytes(header + np.flipud(shades).tobytes())
    x, y = (float(v) for v in grid.origin.translation[:2])
    told = {
        "image": IMAGE_FILE,
        "mode": "trinary",
        "resolution": float(grid.resolution),
        "origin": [round(x, 4), round(y, 4), round(grid.origin.yaw, 4)],
        "negate": 0,
        "occupied_thresh": _OCCUPIED,
        "free_thresh": _FREE,
    }
    path = folder / YAML_FILE
    path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return path


def read_map(path: Path) -> Grid:
    """Read what a map server reads (trinary, a PGM picture).

    Raises:
        BadInputError: a file is not there, or is something else.
    """
    try:
        told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        shades = _pgm((path.parent / str(told["image"])).read_bytes())
        resolution = float(told["resolution"])
        x, y, yaw = (float(v) for v in told["origin"])
        occupied, free = float(told["occupied_thresh"]), float(told["free_thresh"])
        negated = bool(told.get("negate", 0))
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise BadInputError(f"{path} is no map of a map server: {error!r}") from error
    if not (math.isfinite(resolution) and resolution > 0.0):
        raise BadInputError(f"{path} has a resolution of {resolution} m")
    dark = shades / 255.0 if negated else 1.0 - shades / 255.0
    cells = np.full(dark.shape, UNKNOWN, dtype=np.int8)
    cells[dark > occupied] = SOLID
    cells[dark < free] = FREE
    return Grid(np.flipud(cells).copy(), resolution, SE3.from_xyz_yaw(x, y, 0.0, yaw))


def _pgm(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Read a binary PGM of 8 bits; ValueError for anything else."""
    words: list[bytes] = []
    at = 0
    while len(words) < 4:
        end = data.index(b"\n", at)
        words += data[at:end].split(b"#")[0].split()
        at = end + 1
    kind, columns, rows, most = words
    if kind != b"P5" or int(most) != 255:
        raise ValueError("not a PGM of 8 bits")
    cells = np.frombuffer(data, dtype=np.uint8, offset=at)
    return cells.reshape(int(rows), int(columns))
