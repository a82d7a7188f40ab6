"""A home with every kind of fixture, for the planner's tests: drawers, devices, a person, many things."""

from __future__ import annotations

from collections.abc import Sequence

from household import ask

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.plan import SubtaskRecord, Vocabulary
from diarchy.contracts.predicate import Condition
from diarchy.contracts.world import Fact, WorldSnapshot

# id: class, x, y, z, room, what it holds, flags (o: opens, s: switches), part of
_FIXTURES: dict[str, tuple[str, float, float, float, str, str, str, str]] = {
    "counter_top_1": ("CounterTop", 1.0, 4.6, 0.44, "kitchen", "on", "", ""),
    "drawer_1": ("Drawer", 1.0, 4.5, 0.76, "kitchen", "in", "o", "counter_top_1"),
    "sink_basin_1": ("SinkBasin", 2.4, 4.6, 0.44, "kitchen", "in", "s", ""),
    "stove_1": ("Stove", 3.2, 4.6, 0.44, "kitchen", "", "", ""),
    "stove_burner_1": ("StoveBurner", 3.1, 4.6, 0.89, "kitchen", "on", "", "stove_1"),
    "stove_burner_2": ("StoveBurner", 3.3, 4.6, 0.89, "kitchen", "on", "", "stove_1"),
    "microwave_1": ("Microwave", 0.3, 3.4, 0.71, "kitchen", "in", "os", ""),
    "coffee_machine_1": ("CoffeeMachine", 0.3, 2.6, 0.44, "kitchen", "on", "", ""),
    "fridge_1": ("Fridge", 0.3, 1.8, 0.73, "kitchen", "in", "o", ""),
    "cabinet_1": ("Cabinet", 4.0, 4.6, 0.67, "kitchen", "in", "o", ""),
    "garbage_can_1": ("GarbageCan", 0.3, 0.4, 0.19, "kitchen", "in", "", ""),
    "dining_table_1": ("DiningTable", 3.0, 1.5, 0.37, "kitchen", "on", "", ""),
    "coffee_table_1": ("CoffeeTable", 7.0, 3.0, 0.23, "living_room", "on", "", ""),
    "sofa_1": ("Sofa", 7.0, 4.5, 0.42, "living_room", "on", "", ""),
    "shelf_1": ("Shelf", 6.0, 0.3, 0.40, "living_room", "on", "", ""),
    "bed_1": ("Bed", 11.0, 1.5, 0.25, "bedroom", "on", "", ""),
    "desk_1": ("Desk", 9.5, 4.5, 0.37, "bedroom", "on", "", ""),
    "desk_lamp_1": ("DeskLamp", 9.9, 4.7, 0.95, "bedroom", "", "s", "desk_1"),
    "dresser_1": ("Dresser", 12.0, 4.5, 0.45, "bedroom", "on", "", ""),
    "drawer_2": ("Drawer", 12.0, 4.4, 0.62, "bedroom", "in", "o", "dresser_1"),
    "drawer_3": ("Drawer", 12.0, 4.4, 0.80, "bedroom", "in", "o", "dresser_1"),
    "side_table_1": ("SideTable", 12.5, 2.5, 0.30, "bedroom", "on", "", ""),
}
# "colour class id": where, extent, what it holds
_THINGS: dict[str, tuple[str, tuple[float, float, float], str]] = {
    "red Apple apple_1": ("on dining_table_1", (0.07, 0.07, 0.07), ""),
    "green Apple apple_2": ("on counter_top_1", (0.07, 0.07, 0.07), ""),
    "Potato potato_1": ("on counter_top_1", (0.09, 0.06, 0.06), ""),
    "Tomato tomato_1": ("in fridge_1", (0.07, 0.07, 0.07), ""),
    "Egg egg_1": ("in fridge_1", (0.05, 0.05, 0.06), ""),
    "white Mug mug_1": ("on coffee_machine_1", (0.09, 0.09, 0.10), "in"),
    "blue Mug mug_2": ("on desk_1", (0.09, 0.09, 0.10), "in"),
    "Cup cup_1": ("on coffee_table_1", (0.08, 0.08, 0.10), "in"),
    "white Plate plate_1": ("on counter_top_1", (0.20, 0.20, 0.03), "on"),
    "Bowl bowl_1": ("in cabinet_1", (0.15, 0.15, 0.07), "in"),
    "Spoon spoon_1": ("on dining_table_1", (0.17, 0.03, 0.02), ""),
    "Fork fork_1": ("in drawer_1", (0.18, 0.03, 0.02), ""),
    "Book book_1": ("on shelf_1", (0.20, 0.14, 0.03), ""),
    "CellPhone cell_phone_1": ("on bed_1", (0.14, 0.07, 0.01), ""),
    "DishSponge dish_sponge_1": ("on sofa_1", (0.10, 0.07, 0.03), ""),
    "SodaCan soda_can_1": ("on coffee_table_1", (0.06, 0.06, 0.12), ""),
    "Box box_1": ("on side_table_1", (0.25, 0.20, 0.12), "in"),
    "Candle candle_1": ("on dresser_1", (0.05, 0.05, 0.10), ""),
}  # fmt: skip
VOCABULARY = Vocabulary(
    object_classes=tuple(sorted({*(k.split()[-2] for k in _THINGS), "Bread", "KeyChain", "Pencil", "RemoteControl"})),
    fixture_classes=tuple(sorted({f[0] for f in _FIXTURES.values()})),
    attributes={"color": ("red", "green", "blue", "white", "black")},
)  # fmt: skip
OPEN_PLACES = tuple(n for n, f in _FIXTURES.items() if f[5] and "o" not in f[6])


def _fixtures(without: Sequence[str]) -> list[Entity]:
    return [
        Entity.model_validate({
            "id": name, "cls": cls, "kind": "fixture", "position": (x, y, z), "extent": (0.6, 0.6, 0.5),
            "room": room, "can_hold": (hold,) if hold else (), "openable": "o" in flags,
            "switchable": "s" in flags, "part_of": whole or None,
        })
        for name, (cls, x, y, z, room, hold, flags, whole) in _FIXTURES.items() if cls not in without
    ]  # fmt: skip


def home(
    *,
    true: Sequence[str] = (),
    without: Sequence[str] = (),
    missing: Sequence[str] = (),
    moved: dict[str, str] | None = None,
    held: str | None = None,
    person: bool = True,
    inspected: Sequence[str] | None = None,
    states: dict[str, dict[str, str]] | None = None,
) -> WorldSnapshot:
    """Build the home; ``without`` fixture classes, ``missing`` things, some ``moved``: "on bed_1"."""
    entities = _fixtures(without)
    places = {e.id: e for e in entities}
    facts = [Fact(condition=Condition.parse(t), truth=Truth.TRUE) for t in true]
    for index, (words, (where, extent, hold)) in enumerate(_THINGS.items()):
        *colour, cls, name = words.split()
        where = (moved or {}).get(name, where)
        if name in missing or (where and where.split()[1] not in places and not moved):
            continue
        x, y, z = 3.0, 3.0, 0.5
        if where and name != held:
            relation, place = where.split()
            facts.append(
                Fact(condition=Condition.parse(f"{relation}({name}, {place})"), truth=Truth.TRUE)
            )
            x, y, z = places[place].position if place in places else (x, y, z)
        attributes = {**({"color": colour[0]} if colour else {}), **(states or {}).get(name, {})}
        entities.append(Entity.model_validate({
            "id": name, "cls": cls, "kind": "object", "position": (x + 0.01 * index, y, z + 0.5),
            "attributes": attributes, "movable": True, "last_seen": 1.0, "extent": extent,
            "can_hold": (hold,) if hold else (),
        }))  # fmt: skip
    if person:
        entities.append(
            Entity(id="person_1", cls="Person", kind="person", position=(8.3, 3.0, 0.8))
        )
    return WorldSnapshot(
        stamp=1.0, robot_position=(4.0, 3.0, 0.0), robot_room="kitchen",
        entities=tuple(sorted(entities, key=lambda e: e.id)), facts=tuple(facts), held=held,
        inspected=dict.fromkeys(OPEN_PLACES if inspected is None else inspected, 1.0),
    )  # fmt: skip


def command(
    sentence: str,
    world: WorldSnapshot | None = None,
    *,
    history: Sequence[SubtaskRecord] = (),
    answers: Sequence[tuple[str, str]] = (),
    committed: Sequence[str] = (),
) -> object:
    """Ask the planner in this home."""
    return ask(
        sentence, world or home(), vocabulary=VOCABULARY, history=history, answers=answers,
        committed=committed,
    )  # fmt: skip
