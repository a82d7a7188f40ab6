"""A run as one self-contained HTML page."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from diarchy.agent.report.details import (
    conversation,
    failures,
    guard_table,
    model_answers,
    rules,
)
from diarchy.agent.report.header import header
from diarchy.agent.report.load import load_run
from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.model import RunView
from diarchy.agent.report.pictures import strip
from diarchy.agent.report.scene import believed
from diarchy.agent.report.steps import steps
from diarchy.agent.report.svg_map import draw_map
from diarchy.agent.report.thinking import thinking
from diarchy.agent.report.timeline import draw_timeline
from diarchy.agent.report.tree_view import draw_tree
from diarchy.agent.run.trace import REPORT_FILE


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into a run folder and return its path.

    Raises:
        BadInputError: the folder holds no run.
        OSError: the file cannot be written.
    """
    page = render(load_run(folder))
    path = folder / REPORT_FILE
    unfinished = path.with_suffix(".part")
    unfinished.write_text(page, encoding="utf-8")
    os.replace(unfinished, path)
    return path


def render(view: RunView) -> str:
    """Return the page of a run."""
    drawn = [(key, link, title, draw(view)) for key, link, title, draw in SECTIONS]
    shown = [part for part in drawn if part[-1]]
    links = [tag("a", link, href=f"#{key}") for key, link, _, _ in shown]
    body = tag(
        "body",
        header(view),
        tag("nav", *links, aria_label="Sections"),
        tag("main", *(_section(key, title, drawing) for key, _, title, drawing in shown)),
        tag(
            "footer", "Written by diarchy from the trace of this run. Times are simulated seconds."
        ),
        tag("dialog", tag("img", alt=""), id="zoom"),
        tag("script", Markup(_asset("report.js"))),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{view.instruction or 'a run'} · diarchy"),
        tag("style", Markup(_asset("report.css"))),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _section(key: str, title: str, body: Markup) -> Markup:
    return tag("section", tag("h2", title), body, id=key)


def _map(view: RunView) -> Markup:
    drawing = draw_map(view)
    if not drawing:
        return Markup()
    legend = tag(
        "p",
        tag("span", class_="swatch path"),
        "driven with an empty hand ",
        tag("span", class_="swatch carrying"),
        "driven carrying something. Positions are what the robot believed.",
        " Hollow: seen in an earlier run, and not in this." if _any_remembered(view) else "",
        class_="legend",
    )
    dense = strip([view.dense_map]) if view.dense_map is not None else Markup()
    return join(tag("div", drawing, class_="card drawing"), legend, _scrubber(view), dense)


def _any_remembered(view: RunView) -> bool:
    return any(thing.remembered for thing in view.things.values())


def _scrubber(view: RunView) -> Markup:
    if len(view.path) < 2:
        return Markup()
    poses = ";".join(f"{p.t:.2f},{p.x:.3f},{p.y:.3f},{p.yaw:.3f}" for p in view.path)
    slider = tag(
        "input",
        type="range",
        id="scrub",
        min=0,
        max=len(view.path) - 1,
        value=len(view.path) - 1,
        data_poses=poses,
        aria_label="Move the robot along its path",
    )
    return tag(
        "p", slider, tag("output", f"{view.path[-1].t:.1f} s", id="scrub-time"), class_="scrubber"
    )


SECTIONS: tuple[tuple[str, str, str, Callable[[RunView], Markup]], ...] = (
    ("failures", "Failures", "What went wrong", failures),
    ("thinking", "Thoughts", "What it thought", thinking),
    ("rules", "Rules", "What the rules said", rules),
    ("map", "Map", "Where it went", _map),
    ("timeline", "Time line", "When it did it", draw_timeline),
    ("steps", "Steps", "What it did", steps),
    ("tree", "Tree", "The behaviour tree", lambda view: draw_tree(view.tree)),
    ("things", "Objects", "What it saw", believed),
    ("guard", "Guard", "What the guard did", guard_table),
    ("talk", "Talk", "What was said", conversation),
    ("models", "Models", "What the models wrote", model_answers),
)


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
