from __future__ import annotations

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.predicate import Condition
from diarchy.skills.motion.riders import carrier_of, resting_on, riders


class Belief:
    """A `WorldView` that knows some things, and which of them are on or in which."""

    def __init__(self, things: list[Entity], *facts: str) -> None:
        self._things = things
        self._facts = {Condition.parse(f) for f in facts}

    def entities(self) -> list[Entity]:
        return self._things

    def truth(self, condition: Condition) -> Truth:
        return Truth.of(condition in self._facts)


def thing(name: str, cls: str, x: float, z: tuple[float, float], size: float = 0.07) -> Entity:
    hold = {"Plate": ("on",), "Bowl": ("in",)}.get(cls, ())
    middle, height = (z[0] + z[1]) / 2.0, z[1] - z[0]
    return Entity(
        id=name, cls=cls, kind="object", position=(x, 0.0, middle), extent=(size, size, height),
        can_hold=hold, movable=True,
    )  # fmt: skip


PLATE = thing("plate_1", "Plate", 1.0, (0.74, 0.77), 0.20)
APPLE = thing("apple_1", "Apple", 1.0, (0.75, 0.82))
BOOK = thing("book_1", "Book", 2.0, (0.74, 0.77), 0.17)
SOAP = thing("soap_bar_1", "SoapBar", 2.02, (0.74, 0.81))


def test_what_lies_on_a_plate_rides_with_it() -> None:
    world = Belief([APPLE, BOOK, PLATE], "on(apple_1, plate_1)")
    assert riders(world, "plate_1") == (APPLE,)  # type: ignore[arg-type]
    assert carrier_of(world, "apple_1") == PLATE  # type: ignore[arg-type]
    assert riders(world, "book_1") == ()  # type: ignore[arg-type]
    assert carrier_of(world, "book_1") is None  # type: ignore[arg-type]


def test_what_lies_on_a_book_is_noticed_even_if_its_box_reaches_down_to_the_table() -> None:
    world = Belief([BOOK, SOAP])
    assert resting_on(world, BOOK) == SOAP  # type: ignore[arg-type]
    assert resting_on(world, SOAP) is None  # type: ignore[arg-type]


def test_the_container_around_a_thing_does_not_lie_on_it() -> None:
    bowl = thing("bowl_1", "Bowl", 1.0, (0.74, 0.86), 0.15)
    assert resting_on(Belief([APPLE, bowl]), APPLE) is None  # type: ignore[arg-type]
