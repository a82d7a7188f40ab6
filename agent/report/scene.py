"""The belief at the end in a report: things and furniture with where, how sure and how old."""

from __future__ import annotations

from diarchy.agent.report.details import table, things
from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.model import RunView, Thing
from diarchy.agent.scene import everything
from diarchy.agent.scene.telling import Teller
from diarchy.contracts.entity import Truth
from diarchy.memory.scene_graph import SceneFixture, SceneGraph, SceneObject
from diarchy.memory.scene_query import Answer


def things_of(graph: SceneGraph) -> dict[str, Thing]:
    """Return the movable things for the drawing, by id, less those of which nobody knows where they are."""
    teller = Teller(graph)
    return {
        o.id: Thing(
            o.id,
            o.cls,
            dict(o.attributes),
            *o.position,
            o.room,
            o.last_seen,
            told=teller.line(Answer(o, Truth.TRUE)),
            remembered=o.status == "remembered",
        )
        for o in graph.objects
        if o.status != "gone"
    }


def furniture_told(graph: SceneGraph | None) -> dict[str, str]:
    """Say of each fixture, by id, how it stands and when it was looked at."""
    if graph is None:
        return {}
    teller = Teller(graph)
    return {f.id: teller.line(Answer(f, Truth.TRUE)) for f in graph.fixtures}


def believed(view: RunView) -> Markup:
    """List things, and, folded, the furniture; of a run that left no scene graph what its trace tells."""
    graph = view.scene
    if graph is None:
        return things(view)
    teller = Teller(graph)
    rows = [
        (o.describe(), tag("code", o.id), teller.where(o), _sure(o), teller.when(o))
        for o in (a.node for a in everything(graph).answers)
        if isinstance(o, SceneObject)
    ]
    head = ("Thing", "Name", "Where", "How sure", "How old")
    return join(table(head, rows) if rows else None, _furniture(graph, teller))


def _sure(thing: SceneObject) -> str:
    return "gone" if thing.status == "gone" else f"{100.0 * thing.confidence:.0f}%"


def _furniture(graph: SceneGraph, teller: Teller) -> Markup:
    rows = [(teller.name(f.id), tag("code", f.id), teller.state(f)) for f in graph.fixtures]
    looked = sum(
        f.inspected is not None and f.inspected >= 0.0 for f in graph.fixtures if _holds(f)
    )
    of = sum(map(_holds, graph.fixtures))
    words = f"Furniture: {looked} of {of} places were seen whole"
    drawn = table(("Furniture", "Name", "How it stands, and what is there"), rows)
    return tag("details", tag("summary", words), drawn)


def _holds(fixture: SceneFixture) -> bool:
    return bool(fixture.can_hold)
