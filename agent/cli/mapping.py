"""What `map` does: what a run came to believe about where things are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from diarchy.agent.cli.output import print_error, print_json
from diarchy.contracts.errors import ExitCode

if TYPE_CHECKING:
    from diarchy.agent.report.model import RunView, Thing


def show_map(folder: Path, query: str | None, *, as_json: bool) -> int:
    """Print the things of a run that match; exit code 1 if none does."""
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
