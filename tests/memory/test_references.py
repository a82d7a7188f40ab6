from __future__ import annotations

import pytest

from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Reference
from diarchy.memory.references import matches
from diarchy.testing.samples import SampleWorld


def thing(
    name: str, cls: str = "Mug", *, x: float = 0.0, color: str = "red", seen: bool = True
) -> Entity:
    return Entity(
        id=name,
        cls=cls,
        kind="object",
        position=(x, 0.0, 0.8),
        attributes={"color": color},
        last_seen=1.0 if seen else None,
    )


class World(SampleWorld):
    def entities(self) -> tuple[Entity, ...]:
        return (thing("mug_1"), thing("mug_2", color="blue"), thing("bowl_1", "Bowl", x=0.5))


@pytest.mark.parametrize(
    ("reference", "fits"),
    [
        (Reference(cls="Mug"), True),
        (Reference(cls="Cup"), False),
        (Reference(cls="Mug", attributes={"color": "red"}), True),
        (Reference(cls="Mug", attributes={"color": "blue"}), False),
        (Reference(cls="Mug", relation="near", anchor="bowl_1"), True),
        (Reference(cls="Mug", relation="near", anchor="Bowl"), True),
        (Reference(cls="Mug", relation="near", anchor="lamp_1"), False),
    ],
)
def test_a_description_fits_what_it_describes(reference: Reference, fits: bool) -> None:
    assert matches(thing("mug_1"), reference, World()) is fits


def test_a_thing_that_was_never_seen_fits_nothing() -> None:
    assert not matches(thing("mug_1", seen=False), Reference(cls="Mug"), World())
