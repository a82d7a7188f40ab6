from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.geometry import SE3
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.resting import carried_by

APPLE, SPOON, EGG = (OBJECT_CLASSES[c] for c in ("Apple", "Spoon", "Egg"))
TABLE = SE3.from_translation([1.0, 2.0, 0.74])


def lies(thing: str, holder: str, relation: str, at: tuple[float, float, float]) -> bool:
    pose = TABLE @ SE3.from_translation(at)
    return carried_by(OBJECT_CLASSES[thing], pose, OBJECT_CLASSES[holder], TABLE, relation)


@pytest.mark.parametrize(
    ("thing", "holder", "relation", "at", "expected"),
    [
        ("Apple", "Bowl", "in", (0.01, 0.0, 0.010), True),
        ("Apple", "Bowl", "on", (0.01, 0.0, 0.010), False),
        ("Apple", "Bowl", "in", (0.12, 0.0, 0.000), False),
        ("Apple", "Bowl", "in", (0.00, 0.0, 0.200), False),
        ("Apple", "Mug", "in", (0.00, 0.0, 0.073), False),
        ("Egg", "Box", "in", (0.06, 0.04, 0.012), True),
        ("Apple", "Plate", "on", (0.02, 0.0, 0.012), True),
        ("Apple", "Plate", "on", (0.15, 0.0, 0.000), False),
        ("Apple", "Plate", "on", (0.02, 0.0, 0.120), False),
        ("Apple", "SodaCan", "on", (0.0, 0.0, 0.122), False),
    ],
)
def test_a_thing_is_in_the_hollow_or_on_the_plate_where_people_would_say_so(
    thing: str, holder: str, relation: str, at: tuple[float, float, float], expected: bool
) -> None:
    assert lies(thing, holder, relation, at) is expected


def test_a_spoon_that_leans_in_a_mug_is_in_it() -> None:
    lean = 1.35
    turn = np.array(
        [[np.cos(lean), 0, np.sin(lean)], [0, 1, 0], [-np.sin(lean), 0, np.cos(lean)]]
    ).T
    foot = np.array([-0.02, 0.0, 0.012])
    middle = foot + turn @ np.array([SPOON.extent[0] / 2, 0.0, 0.0])
    pose = TABLE @ SE3(turn, middle)
    assert carried_by(SPOON, pose, OBJECT_CLASSES["Mug"], TABLE, "in")


def test_an_overturned_bowl_holds_nothing() -> None:
    over = SE3(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 0.06]))
    assert not carried_by(EGG, SE3.identity(), OBJECT_CLASSES["Bowl"], over, "in")


@given(st.floats(-np.pi, np.pi), st.floats(-5, 5), st.floats(-5, 5))
def test_what_holds_does_not_depend_on_where_it_stands(yaw: float, x: float, y: float) -> None:
    moved = SE3.from_xyz_yaw(x, y, 0.3, yaw)
    inside = SE3.from_translation([0.01, 0.02, 0.01])
    assert carried_by(APPLE, moved @ inside, OBJECT_CLASSES["Bowl"], moved, "in")
