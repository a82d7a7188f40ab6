"""Scene graphs on disk: written whole or not at all, and read with one clear error for whatever else is there."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError
from diarchy.memory.scene_graph import FORMAT, VERSION, SceneGraph

SCENE_FILE = "scene_graph.json"
_SAME_PLACE = 0.3
"""Furniture that stands farther (m) from where a file says so is that of another home."""


def save_scene_graph(graph: SceneGraph, path: Path) -> None:
    """Write a graph in the place of what was there.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(as_json(graph), indent=1, ensure_ascii=False) + "\n", "utf-8")
    os.replace(beside, path)


def as_json(graph: SceneGraph) -> dict[str, Any]:
    """Return a graph as what JSON knows."""
    return graph.model_dump(mode="json")


def load_scene_graph(path: Path) -> SceneGraph:
    """Read a graph.

    Raises:
        BadInputError: there is none, or what is there is broken, something else, or newer than this version.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read: {error.strerror or error}; give a {SCENE_FILE}, as every run leaves one in its folder"
        ) from error
    except ValueError as error:
        raise BadInputError(
            f"{path} is no whole scene graph: {error}; take that of another run, or delete it and run anew"
        ) from error
    _check_kind(path, data)
    try:
        return SceneGraph.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the graph"
        raise BadInputError(
            f"{path} is a damaged scene graph: {where}: {first['msg']}; take that of another run, or delete it"
        ) from error


def _check_kind(path: Path, data: Any) -> None:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadInputError(
            f"{path} is no scene graph (its \"format\" is not '{FORMAT}'); give a {SCENE_FILE}, as every run leaves one in its folder"
        )
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BadInputError(
            f"{path} is a scene graph of version {version}, and this diarchy reads up to {VERSION}; update diarchy, or delete the file"
        )


def check_same_home(graph: SceneGraph, static_map: StaticMap, path: Path | None = None) -> None:
    """Make sure that a graph tells of the home that the robot is in.

    Raises:
        BadInputError: a piece of furniture is not here, or stands elsewhere.
    """
    name = str(path) if path is not None else "the scene graph"
    for fixture in graph.fixtures:
        here = static_map.fixtures.get(fixture.id)
        if here is None or here.entity.cls != fixture.cls:
            problem = f"there is no '{fixture.id}' here"
        elif math.dist(here.entity.position[:2], fixture.position[:2]) > _SAME_PLACE:
            there, now = (
                "({:.1f}, {:.1f})".format(*p[:2]) for p in (fixture.position, here.entity.position)
            )
            problem = f"its '{fixture.id}' stands at {there} m, the one here at {now} m"
        else:
            continue
        raise BadInputError(
            f"{name} remembers another home: {problem}; give the file of this home, or a new name to begin one"
        )
