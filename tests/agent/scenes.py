"""A scene graph written by hand, for questions about it."""

from __future__ import annotations

from typing import Any

from diarchy.memory.scene_graph import SceneGraph

ROOMS = {"kitchen": [0.0, 0.0, 4.4, 5.0], "living_room": [4.4, 0.0, 9.2, 5.0]}


def fixture(name: str, cls: str, x: float, y: float, room: str, **more: Any) -> dict[str, Any]:
    place = {"position": [x, y, 0.4], "extent": [1.0, 0.6, 0.8], "room": room, "last_seen": 50.0}
    return {"id": name, "cls": cls, "can_hold": ["on"], "inspected": 50.0, **place, **more}


def thing(name: str, cls: str, color: str, where: str, **more: Any) -> dict[str, Any]:
    relation, place = where.split() if where else ("", "")
    relations = [{"name": relation, "of": place, "stamp": 50.0}] if where else []
    kitchen = place in ("dining_table_1", "fridge_1", "drawer_1", "drawer_2")
    room = "kitchen" if kitchen else "living_room"
    box = {"position": [1.0, 1.0, 0.8], "extent": [0.08, 0.08, 0.1], "room": room}
    attributes = {"color": color} if color else {}
    return {
        "id": name, "cls": cls, "attributes": attributes, "relations": relations, "confidence": 1.0,
        "last_seen": 90.0, **box, **more,
    }  # fmt: skip


FIXTURES = [
    fixture("dining_table_1", "DiningTable", 2.6, 0.6, "kitchen"),
    fixture("fridge_1", "Fridge", 2.7, 4.6, "kitchen", can_hold=["in"], door="shut", door_seen=20.0, inspected=None),
    fixture("dresser_1", "Dresser", 0.4, 3.0, "kitchen"),
    fixture("drawer_1", "Drawer", 0.4, 3.0, "kitchen", position=[0.4, 3.0, 0.3], can_hold=["in"], door="unknown", inspected=None, part_of="dresser_1"),
    fixture("drawer_2", "Drawer", 0.4, 3.0, "kitchen", position=[0.4, 3.0, 0.6], can_hold=["in"], door="open", door_seen=80.0, inspected=80.0, part_of="dresser_1"),
    fixture("coffee_table_1", "CoffeeTable", 7.2, 2.8, "living_room"),
    fixture("sofa_1", "Sofa", 7.2, 4.4, "living_room", inspected=None),
    fixture("desk_lamp_1", "DeskLamp", 8.0, 4.4, "living_room", can_hold=[], running="true", running_seen=95.0),
]  # fmt: skip
OBJECTS = [
    thing("mug_1", "Mug", "red", "on dining_table_1"),
    thing("mug_2", "Mug", "blue", "on coffee_table_1", last_seen=10.0),
    thing("bowl_1", "Bowl", "yellow", "on dining_table_1"),
    thing("apple_1", "Apple", "red", "in bowl_1", room="kitchen"),
    thing("plate_1", "Plate", "white", "", held=True),
    thing("book_1", "Book", "blue", "on coffee_table_1", confidence=0.3, relations=[{"name": "on", "of": "coffee_table_1", "truth": "unknown", "stamp": 30.0}]),
    thing("key_chain_1", "KeyChain", "", "in drawer_1", confidence=0.45, status="remembered", last_seen=-40.0, relations=[{"name": "in", "of": "drawer_1", "truth": "unknown", "stamp": -40.0}]),
    thing("bread_1", "Bread", "brown", "", status="gone", last_seen=15.0, room="kitchen"),
]  # fmt: skip


def scene_graph(**more: Any) -> SceneGraph:
    """The belief after 100 s in a kitchen and a living room."""
    data = {
        "stamp": 100.0, "perception": "oracle", "bounds": [0, 0, 9.2, 5], "rooms": ROOMS,
        "classes": ["Apple", "Book", "Bowl", "Bread", "Cup", "KeyChain", "Mug", "Plate"],
        "robot": {"pose": [3.3, 2.5, 0.0], "room": "kitchen", "held": "plate_1"},
        "fixtures": FIXTURES, "objects": OBJECTS,
        "people": [{"id": "person_1", "position": [8.5, 2.7, 0.8], "room": "living_room", "last_seen": 3.0}],
    }  # fmt: skip
    return SceneGraph.model_validate(data | more)
