"""The home from above: rooms, walls, fixtures, what is believed to lie where, and the driven path."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diarchy.agent.report.labels import LabelPlacer, Rectangle
from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.model import HomeMap, Place, Pose, RunView, Thing
from diarchy.agent.report.scene import furniture_told
from diarchy.contracts.entity import class_words

PIXELS_PER_METRE = 100.0
_MARGIN = 30.0
_FONT = 15.0


class Projection:
    """Metres in ``map`` (y up) to drawing units (y down)."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        self.x0, self.y0, self.x1, self.y1 = bounds
        self.width = (self.x1 - self.x0) * PIXELS_PER_METRE + 2 * _MARGIN
        self.height = (self.y1 - self.y0) * PIXELS_PER_METRE + 2 * _MARGIN

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        """Return drawing units of a point."""
        return (
            (x - self.x0) * PIXELS_PER_METRE + _MARGIN,
            (self.y1 - y) * PIXELS_PER_METRE + _MARGIN,
        )


def draw_map(view: RunView) -> Markup:
    """Draw the map of a run; empty if the trace holds neither a map nor a path."""
    home = view.home or _map_of_path(view.path)
    if home is None:
        return Markup()
    project, told = Projection(home.bounds), furniture_told(view.scene)
    placer = LabelPlacer(Rectangle(4, 4, project.width - 4, project.height - 4))
    placer.taken += [_covered(wall, project) for wall in home.walls]
    layers = [
        *(_room(name, box, project) for name, box in home.rooms.items()),
        *(_rectangle(f, project, "fixture", 5.0, told.get(f.id, "")) for f in home.fixtures),
        *(_rectangle(w, project, "wall", 0.0) for w in home.walls),
        _path(view.path, project),
        _things(list(view.things.values()), view.held, project, placer),
        *(_person(p, project, placer) for p in home.people),
        _ends(view.path, project, placer),
        *(_room_name(name, box, project, placer) for name, box in home.rooms.items()),
        *(_fixture_name(f, project, placer) for f in home.fixtures),
        _scale_bar(project),
    ]
    return tag(
        "svg",
        tag("title", "The home from above, with the path that the robot drove"),
        *layers,
        class_="map",
        viewbox=f"0 0 {project.width:.0f} {project.height:.0f}",
        role="img",
        data_x0=project.x0,
        data_y1=project.y1,
        data_scale=PIXELS_PER_METRE,
        data_margin=_MARGIN,
    )


def _map_of_path(path: Sequence[Pose]) -> HomeMap | None:
    if not path:
        return None
    xs, ys = [p.x for p in path], [p.y for p in path]
    return HomeMap((min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1), {})


def _room(name: str, box: tuple[float, float, float, float], project: Projection) -> Markup:
    (x0, y1), (x1, y0) = project(box[0], box[1]), project(box[2], box[3])
    return tag("rect", tag("title", name), class_="room", x=x0, y=y0, width=x1 - x0, height=y1 - y0)


def _rectangle(
    place: Place, project: Projection, kind: str, radius: float, told: str = ""
) -> Markup:
    x, y = project(place.x, place.y)
    width, height = place.sx * PIXELS_PER_METRE, place.sy * PIXELS_PER_METRE
    return tag(
        "rect",
        tag("title", told or place.id) if place.id else None,
        class_=kind,
        x=-width / 2,
        y=-height / 2,
        width=width,
        height=height,
        rx=radius,
        transform=f"translate({x:.1f} {y:.1f}) rotate({-math.degrees(place.yaw):.1f})",
    )


def _covered(place: Place, project: Projection) -> Rectangle:
    c, s = abs(math.cos(place.yaw)), abs(math.sin(place.yaw))
    half_x, half_y = (c * place.sx + s * place.sy) / 2, (s * place.sx + c * place.sy) / 2
    x0, y0 = project(place.x - half_x, place.y + half_y)
    x1, y1 = project(place.x + half_x, place.y - half_y)
    return Rectangle(x0, y0, x1, y1)


def _path(path: Sequence[Pose], project: Projection) -> Markup:
    """Draw runs of poses that held the same, so that carrying can be told from driving empty."""
    runs: list[list[Pose]] = []
    for pose in path:
        if runs and bool(runs[-1][-1].held) == bool(pose.held):
            runs[-1].append(pose)
        else:
            runs.append([runs[-1][-1], pose] if runs else [pose])
    lines = []
    for run in runs:
        points = " ".join("{:.1f},{:.1f}".format(*project(p.x, p.y)) for p in run)
        carrying = bool(run[-1].held)
        lines.append(tag("polyline", class_="path carrying" if carrying else "path", points=points))
    return join(*lines)


def _things(
    things: Sequence[Thing], held: str | None, project: Projection, placer: LabelPlacer
) -> Markup:
    lying = [thing for thing in things if thing.id != held]
    for thing in lying:
        placer.block(*project(thing.x, thing.y), 7.0)
    return join(*(_thing(thing, project, placer) for thing in lying))


def _thing(thing: Thing, project: Projection, placer: LabelPlacer) -> Markup:
    x, y = project(thing.x, thing.y)
    lx, ly = placer.place(thing.words, x, y, _FONT, 10.0)
    color = thing.attributes.get("color", "")
    return tag(
        "g",
        tag(
            "title", thing.told or f"{thing.id} at ({thing.x:.2f}, {thing.y:.2f}, {thing.z:.2f}) m"
        ),
        tag("line", class_="leader", x1=x, y1=y, x2=lx, y2=ly) if abs(ly - y) > 24 else None,
        tag(
            "circle",
            class_="thing remembered" if thing.remembered else "thing",
            cx=x,
            cy=y,
            r=6.0,
            style=f"fill:{_CSS_COLORS.get(color, 'var(--ink-soft)')}",
        ),
        _label(thing.words, lx, ly, "thing-name remembered" if thing.remembered else "thing-name"),
    )


_CSS_COLORS = {
    "red": "#d64545",
    "blue": "#3b6fd4",
    "green": "#4a9d55",
    "yellow": "#e3b729",
    "orange": "#e07f2b",
    "brown": "#8a5a3b",
    "white": "#f4f1ea",
    "black": "#2d2d30",
    "gray": "#8d9096",
    "grey": "#8d9096",
    "silver": "#b9bec6",
    "pink": "#dd7fa3",
    "purple": "#8359b8",
}


def _person(person: Place, project: Projection, placer: LabelPlacer) -> Markup:
    x, y = project(person.x, person.y)
    placer.block(x, y, 16.0)
    lx, ly = placer.place(person.id, x, y, _FONT, 18.0)
    return tag(
        "g",
        tag("ellipse", class_="person", cx=x, cy=y, rx=17.0, ry=10.0),
        tag("circle", class_="person-head", cx=x, cy=y, r=8.0),
        _label(person.id, lx, ly, "person-name"),
    )


def _ends(path: Sequence[Pose], project: Projection, placer: LabelPlacer) -> Markup:
    if not path:
        return Markup()
    start, end = path[0], path[-1]
    x, y = project(start.x, start.y)
    placer.block(x, y, 9.0)
    lx, ly = placer.place("start", x, y, _FONT, 12.0)
    begin = join(
        tag("circle", class_="path-start", cx=x, cy=y, r=8.0), _label("start", lx, ly, "path-name")
    )
    x, y = project(end.x, end.y)
    placer.block(x, y, 28.0)
    return join(begin, robot_mark(x, y, end.yaw))


def robot_mark(x: float, y: float, yaw: float) -> Markup:
    """Draw the robot: a disc of its footprint with an arrow ahead."""
    return tag(
        "g",
        tag("title", "the robot"),
        tag("circle", class_="robot", r=28.0),
        tag("path", class_="robot-ahead", d="M 24 0 L 4 -12 L 9 0 L 4 12 Z"),
        id="robot",
        transform=f"translate({x:.1f} {y:.1f}) rotate({-math.degrees(yaw):.1f})",
    )


def _room_name(
    name: str, box: tuple[float, float, float, float], project: Projection, placer: LabelPlacer
) -> Markup:
    words = class_words(name).replace("_", " ")
    x, y = project(box[0], box[1])
    width = len(words) * 10.0
    x, y = x + 18.0, y - 22.0
    placer.taken.append(Rectangle(x, y - 18.0, x + width, y + 4.0))
    return tag("text", words, class_="room-name", x=x, y=y)


def _fixture_name(fixture: Place, project: Projection, placer: LabelPlacer) -> Markup:
    words = class_words(fixture.label or fixture.id)
    x, y = project(fixture.x, fixture.y)
    lx, ly = placer.place(words, x, y, _FONT, -_FONT * 0.5)
    return _label(words, lx, ly, "fixture-name")


def _label(words: str, x: float, y: float, kind: str) -> Markup:
    return tag(
        "text", words, class_=kind, x=x, y=y, text_anchor="middle", dominant_baseline="central"
    )


def _scale_bar(project: Projection) -> Markup:
    x, y = project.width - _MARGIN - PIXELS_PER_METRE, project.height - 10.0
    return tag(
        "g",
        tag("line", class_="scale", x1=x, y1=y, x2=x + PIXELS_PER_METRE, y2=y),
        tag("text", "1 m", class_="scale-name", x=x - 8, y=y + 4, text_anchor="end"),
    )
