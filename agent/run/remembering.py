"""What a run leaves of what it saw, and what it began with: scene graphs in the run folder and beside it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from diarchy.agent.run.trace import Trace
from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.world import Remembered
from diarchy.memory.scene_file import (
    SCENE_FILE,
    as_json,
    check_same_home,
    load_scene_graph,
    save_scene_graph,
)
from diarchy.memory.scene_graph import SceneGraph

RECALLED_FILE = "remembered.json"
_log = logging.getLogger(__name__)


def recalled_from(path: Path | None, static_map: StaticMap) -> SceneGraph | None:
    """Read what was remembered; None where nothing was, or shall be.

    Raises:
        BadInputError: the file cannot be read or written, or is that of another home.
    """
    if path is None:
        return None
    if not path.exists():
        if not path.absolute().parent.is_dir():
            raise BadInputError(f"{path} cannot be written: there is no folder {path.parent}")
        return None
    graph = load_scene_graph(path)
    check_same_home(graph, static_map, path)
    return graph


def keep_recalled(trace: Trace, graph: SceneGraph, hints: Sequence[Remembered]) -> None:
    """Note what a run begins with; the graph itself is kept, because a replay begins with the same."""
    trace.write_json(RECALLED_FILE, as_json(graph))
    rows = [{"id": h.thing.id, "place": h.place, "confidence": h.thing.confidence} for h in hints]
    trace.event("remembered", things=rows)


def recalled_in(folder: Path) -> SceneGraph | None:
    """Return what a run in a folder began with; None if it began with nothing.

    Raises:
        BadInputError: the file cannot be read.
    """
    path = folder / RECALLED_FILE
    return load_scene_graph(path) if path.is_file() else None


def leave_scene_graph(graph: SceneGraph, trace: Trace, lasting: Path | None) -> None:
    """Write what is believed at the end into the run folder, and where the next run finds it.

    What cannot be written changes nothing of how the run ended; the log says so.
    """
    trace.write_json(SCENE_FILE, as_json(graph))
    if lasting is None:
        return
    try:
        save_scene_graph(graph, lasting)
    except OSError as error:
        _log.error("what was seen could not be remembered in %s: %s", lasting, error)
