"""A small home for the planner's tests: what is in it, and how to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diarchy.contracts.entity import Entity, Truth, class_words
from diarchy.contracts.plan import Exchange, Plan, PlanRequest, SubtaskRecord, Vocabulary
from diarchy.contracts.predicate import Condition
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.skills.specs import BUILTIN

_FIXTURES: dict[str, tuple[str, tuple[float, float, float], str, tuple[str, ...], bool]] = {
    "counter_top_1": ("CounterTop", (1.1, 4.6, 0.9), "kitchen", ("on",), False),
    "fridge_1": ("Fridge", (2.6, 4.6, 0.9), "kitchen", ("in",), True),
    "garbage_can_1": ("GarbageCan", (0.3, 0.3, 0.3), "kitchen", ("in",), False),
    "dining_table_1": ("DiningTable", (2.6, 0.6, 0.7), "kitchen", ("on",), False),
    "coffee_table_1": ("CoffeeTable", (7.2, 2.8, 0.4), "living_room", ("on",), False),
    "sofa_1": ("Sofa", (7.2, 4.4, 0.4), "living_room", ("on",), False),
    "shelf_1": ("Shelf", (6.1, 0.3, 0.6), "living_room", ("on",), False),
    "house_plant_1": ("HousePlant", (8.8, 0.4, 0.5), "living_room", (), False),
}
VOCABULARY = Vocabulary(
    object_classes=(
        "Apple", "Bowl", "Bread", "Cup", "DishSponge", "Mug", "Potato", "RemoteControl",
        "SaltShaker", "SodaCan",
    ),
    fixture_classes=tuple(sorted({f[0] for f in _FIXTURES.values()})),
    attributes={"color": ("red", "blue", "green", "yellow", "white", "black")},
)  # fmt: skip


def fixtures() -> list[Entity]:
    return [
        Entity.model_validate({
            "id": name, "cls": cls, "kind": "fixture", "position": at, "extent": (1.0, 0.6, 0.8),
            "room": room, "can_hold": hold, "openable": door,
        })
        for name, (cls, at, room, hold, door) in _FIXTURES.items()
    ]  # fmt: skip


def world(
    objects: Mapping[str, str] | None = None,
    *,
    true: Sequence[str] = (),
    unknown: Sequence[str] = (),
    inspected: Sequence[str] = (),
    held: str | None = None,
    person: tuple[float, float] | None = (8.5, 2.7),
    room: str | None = "kitchen",
    at: tuple[float, float] = (3.3, 2.5),
) -> WorldSnapshot:
    """Build a snapshot.

    ``objects`` maps "red Mug mug_1" (colour optional) to "on dining_table_1", or to "" for nowhere.
    """
    places = {e.id: e for e in fixtures()}
    entities = list(places.values())
    facts = [Fact(condition=Condition.parse(t), truth=Truth.TRUE) for t in true]
    facts += [Fact(condition=Condition.parse(t), truth=Truth.UNKNOWN) for t in unknown]
    for index, (words, where) in enumerate((objects or {}).items()):
        *colour, cls, name = words.split()
        x, y, z = (1.0, 2.0, 0.0)
        if where:
            relation, place = where.split()
            facts.append(
                Fact(condition=Condition.parse(f"{relation}({name}, {place})"), truth=Truth.TRUE)
            )
            x, y, z = places[place].position if place in places else (x, y, z)
        entities.append(Entity.model_validate({
            "id": name, "cls": cls, "kind": "object", "position": (x + 0.05 * index, y, z + 0.4),
            "attributes": {"color": colour[0]} if colour else {}, "movable": True, "last_seen": 1.0,
            "can_hold": ("in",) if cls == "Bowl" else (),
        }))  # fmt: skip
    if person is not None:
        entities.append(Entity(id="person_1", cls="Person", kind="person", position=(*person, 0.8)))
    return WorldSnapshot(
        stamp=1.0, robot_position=(*at, 0.0), robot_room=room, entities=tuple(entities),
        facts=tuple(facts), inspected=dict.fromkeys(inspected, 1.0), held=held,
    )  # fmt: skip


def ask(
    sentence: str,
    snapshot: WorldSnapshot | None = None,
    *,
    answers: Sequence[tuple[str, str]] = (),
    history: Sequence[SubtaskRecord] = (),
    feedback: str | None = None,
    vocabulary: Vocabulary = VOCABULARY,
    committed: Sequence[str] = (),
    left_open: Sequence[str] = (),
) -> object:
    """Ask the planner."""
    return SymbolicPlanner().plan(
        PlanRequest(
            instruction=sentence, world=snapshot or world(), skills=BUILTIN, vocabulary=vocabulary,
            exchanges=tuple(Exchange(question=q, answer=a) for q, a in answers),
            history=tuple(history), feedback=feedback,
            committed=tuple(Condition.parse(c) for c in committed), left_open=tuple(left_open),
        )
    )  # fmt: skip


def brief(answer: object) -> str:
    """Write an answer in one line: "open fridge_1, pick apple_1", "question ...", "refusal code"."""
    if isinstance(answer, Plan):
        row = ", ".join(
            " ".join([s.skill, *(str(a) for a in s.args.values())]) for s in answer.subtasks
        )
        return row if answer.complete else f"{row} ..."
    kind = str(getattr(answer, "kind", answer))
    return f"{kind} {getattr(answer, 'code', getattr(answer, 'text', ''))}"


def known_words() -> list[str]:
    return [class_words(c) for c in (*VOCABULARY.object_classes, *VOCABULARY.fixture_classes)]
