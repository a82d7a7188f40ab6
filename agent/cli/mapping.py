"""What `map` does: what a run came to believe about where things are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from diarchy.agent.cli.output import print_error, print_json
from diarchy.contracts.errors import BadInputError, ExitCode

if TYPE_CHECKING:
    from diarchy.agent.report.model import RunView, Thing
    from diarchy.agent.scene import Reply
    from diarchy.memory import SceneGraph


def show_map(path: Path, query: str | None, *, export: Path | None = None, as_json: bool) -> int:
    """Answer a question about a run, or about a scene graph; exit code 1 if nothing fits.

    ``export`` is a folder for a map of ROS 2's map server.

    Raises:
        BadInputError: there is no run, its scene graph cannot be read, or a word is not known.
    """
    from diarchy.memory import load_scene_graph
    from diarchy.memory.scene_file import SCENE_FILE

    file = path if path.is_file() else path / SCENE_FILE
    if path.is_file() or file.exists():
        graph = load_scene_graph(file)
        if export is not None:
            _export(graph, export, as_json=as_json)
        return _show_graph(graph, path, query, as_json=as_json)
    if export is not None:
        raise BadInputError(
            f"--export: {path} holds no {SCENE_FILE}; give a run that came to its end"
        )
    return _show_trace(path, query, as_json=as_json)


def _export(graph: SceneGraph, folder: Path, *, as_json: bool) -> None:
    from diarchy.agent.scene.exporting import export_map

    written = export_map(graph, folder)
    typer.echo(f"map for the map server: {written}", err=as_json)


def _show_graph(graph: SceneGraph, path: Path, query: str | None, *, as_json: bool) -> int:
    from diarchy.agent.scene import answer, everything

    reply = answer(graph, query) if query else everything(graph)
    if as_json:
        print_json(_object(graph, reply, path, query))
    else:
        for line in (*reply.lines, *(f"({note})" for note in reply.notes)):
            typer.echo(line)
    if not reply.answers:
        print_error(f"nothing that is known fits '{query}'" if query else "the run saw no things")
        return int(ExitCode.NOT_ACHIEVED)
    return int(ExitCode.DONE)


def _object(graph: SceneGraph, reply: Reply, path: Path, query: str | None) -> dict[str, Any]:
    from diarchy.agent.scene.telling import Teller
    from diarchy.memory.scene_graph import SceneFixture, SceneObject, ScenePerson

    teller = Teller(graph)
    rows = {
        name: [teller.row(a) for a in reply.answers if isinstance(a.node, kind)]
        for name, kind in (
            ("things", SceneObject),
            ("fixtures", SceneFixture),
            ("people", ScenePerson),
        )
    }
    told = {"run": str(path), "query": query, "stamp": graph.stamp, "perception": graph.perception}
    return {"schema": 1, **told, **rows, "notes": list(reply.notes)}


# ---- runs that left no scene graph: older ones, and those that did not come to their end ----------


def _show_trace(folder: Path, query: str | None, *, as_json: bool) -> int:
    from diarchy.agent.report import load_run

    view = load_run(folder)
    rows = [_row(thing, view) for thing in find(view, query or "")]
    if as_json:
        print_json({"schema": 1, "run": str(folder), "query": query, "things": rows})
    else:
        for row in rows:
            where = "in the gripper" if row["held"] else f"in the {row['room'] or 'home'}"
            typer.echo(
                f"{row['id']}: {row['words']} {where}, {row['position']}, seen at {row['last_seen']} s"
            )
    if not rows:
        known = ", ".join(sorted(view.things)) or "nothing"
        print_error(
            f"no thing matches '{query}'; known: {known}" if query else "the run saw no things"
        )
        return int(ExitCode.NOT_ACHIEVED)
    return int(ExitCode.DONE)


def find(view: RunView, query: str) -> list[Thing]:
    """Return the things that every word of the query names by id, class, attribute or room, sorted by id."""
    words = query.lower().split()
    return [
        thing
        for key, thing in sorted(view.things.items())
        if all(
            word in f"{key} {thing.words} {thing.cls} {thing.room or ''}".lower() for word in words
        )
    ]


def _row(thing: Thing, view: RunView) -> dict[str, Any]:
    return {
        "id": thing.id,
        "cls": thing.cls,
        "words": thing.words,
        "attributes": thing.attributes,
        "position": [thing.x, thing.y, thing.z],
        "room": thing.room,
        "held": thing.id == view.held,
        "last_seen": thing.last_seen,
    }
