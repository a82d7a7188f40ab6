"""What a scene graph answers, in words and as data: what, where, how sure, how old."""

from __future__ import annotations

from typing import Any

from diarchy.agent.scene.words import fixture_names
from diarchy.contracts.entity import Truth, class_words
from diarchy.memory.scene_graph import Node, SceneFixture, SceneGraph, SceneObject, ScenePerson
from diarchy.memory.scene_query import Answer, age


class Teller:
    """Tells of the nodes of one graph."""

    def __init__(self, graph: SceneGraph) -> None:
        self._graph = graph
        self._names = fixture_names(graph)

    def line(self, answer: Answer) -> str:
        """Say one answer in a line: ``mug_1: red mug on the dining table, in the kitchen; seen 4 s before the end``."""
        node = answer.node
        plain = isinstance(node, SceneObject) and node.status != "seen"  # that is said anyway
        doubt = "perhaps: " if answer.truth is Truth.UNKNOWN and not plain else ""
        if isinstance(node, SceneFixture):
            words = f"{self._names[node.id]}{_in_room(node)}"
            return f"{node.id}: {doubt}{words}; {self.state(node)}"
        if isinstance(node, ScenePerson):
            return f"{node.id}: {doubt}a person{_in_room(node)}; {self.when(node)}"
        return f"{node.id}: {doubt}{node.describe()} {self.where(node)}; {self.when(node)}"

    def row(self, answer: Answer) -> dict[str, Any]:
        """Return one answer as data; positions in m, times in s."""
        node = answer.node
        row: dict[str, Any] = {
            "id": node.id,
            "certainty": answer.truth.value,
            "position": [round(v, 3) for v in node.position],
            "room": node.room,
            "last_seen": node.last_seen,
            "age": _rounded(age(self._graph, node)),
        }
        if isinstance(node, SceneObject):
            return row | {
                "cls": node.cls,
                "words": node.describe(),
                "attributes": dict(node.attributes),
                "held": node.held,
                "status": node.status,
                "confidence": node.confidence,
                "relations": [r.model_dump(mode="json") for r in node.relations],
                "where": self.where(node),
            }
        if isinstance(node, SceneFixture):
            return row | {
                "cls": node.cls,
                "words": self._names[node.id],
                "door": node.door,
                "door_seen": node.door_seen,
                "running": None if node.running is None else node.running.value,
                "running_seen": node.running_seen,
                "inspected": node.inspected,
                "holds": [o.id for o in self._graph.contents(node.id)],
            }
        return row

    def where(self, thing: SceneObject) -> str:
        """Say where a thing is, the nearest place first: in the bowl, on the table."""
        if thing.held:
            return "in the gripper"
        x, y, z = thing.position
        at = f"at ({x:.2f}, {y:.2f}, {z:.2f})"
        if thing.status == "gone":
            return f"gone from where it was{_in_room(thing)}, {at}"
        hands = [r for r in thing.relations if r.name == "given"]
        places = [f"{r.name} the {self.name(r.of)}" for r in thing.relations if r.name != "given"]
        places += [f"in the hands of {r.of}" for r in hands]
        doubt = any(r.truth is Truth.UNKNOWN for r in thing.relations)
        said = f"{'perhaps ' if doubt else ''}{places[0]}" if places else "on no furniture"
        return f"{said}{_in_room(thing)} {at}"

    def name(self, node_id: str) -> str:
        """Name something without its article."""
        node = self._graph.node(node_id)
        if isinstance(node, SceneObject):
            return node.describe()
        return self._names.get(node_id, node_id)

    def when(self, node: Node) -> str:
        """Say how old and how sure it is."""
        seconds = age(self._graph, node)
        if seconds is None:
            return "known from the map"
        if isinstance(node, SceneObject) and node.status == "remembered":
            ago = -(node.last_seen or 0.0)
            return f"seen in an earlier run, at least {ago:.0f} s before this one, and not in this"
        return f"seen {self.ago(node.last_seen)}"

    def ago(self, stamp: float | None) -> str:
        """Say how long before the end of the run a look was."""
        if stamp is None:
            return "never"
        if stamp < 0.0:
            return "in an earlier run"
        seconds = max(0.0, self._graph.stamp - stamp)
        return "at the end" if seconds < 1.0 else f"{seconds:.0f} s before the end"

    def state(self, fixture: SceneFixture) -> str:
        """Say how a piece of furniture stands, when it was looked at, and what is known to be there."""
        said = []
        if fixture.door == "unknown":
            said.append("open or closed, never seen")
        elif fixture.door is not None:
            words = "closed" if fixture.door == "shut" else fixture.door
            said.append(f"{words} (seen {self.ago(fixture.door_seen)})")
        if fixture.running is Truth.UNKNOWN:
            said.append("on or off, not known")
        elif fixture.running is not None:
            power = "on" if fixture.running is Truth.TRUE else "off"
            said.append(f"{power} (seen {self.ago(fixture.running_seen)})")
        if fixture.can_hold:
            into = "into" if fixture.can_hold == ("in",) else "at"
            looked = self.ago(fixture.inspected)
            said.append(
                f"looked {into} {looked}" if looked != "never" else f"not wholly looked {into}"
            )
        held = [o.describe() for o in self._graph.contents(fixture.id)]
        return "; ".join([*said, *([f"with {', '.join(held)}"] if held else [])]) or "as on the map"


def kind_words(cls: str) -> str:
    """Name a class with its article."""
    words = class_words(cls)
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _in_room(node: Node) -> str:
    return f" in the {node.room.replace('_', ' ')}" if node.room else ""


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
