from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.errors import BadInputError
from diarchy.robots.home.freespace import FreeFloor
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import GAP, REACH, Placed, place_objects
from diarchy.robots.home.scene import load_scene, parse_scene
from diarchy.robots.home.static_map import static_map


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_drawn_objects_keep_their_distance_and_lie_in_reach_of_a_front_edge(seed: int) -> None:
    scene = load_scene("household")
    placed = place_objects(scene, np.random.default_rng(seed))
    surfaces = [
        s for f in static_map(scene).fixtures.values() for s in f.surfaces if s.relation == "on"
    ]
    for i, thing in enumerate(placed):
        radius = OBJECT_CLASSES[thing.cls].footprint
        found = False
        for surface in surfaces:
            local = surface.pose.inverse().apply(thing.pose.translation)
            front = surface.size[0] / 2 - local[0]
            inside = abs(local[1]) <= surface.size[1] / 2 - radius and abs(local[2]) < 0.01
            found |= bool(inside and radius <= front <= REACH + 1e-9)
        assert found, thing
        for other in placed[:i]:
            gap = np.linalg.norm(thing.pose.translation[:2] - other.pose.translation[:2])
            gap -= radius + OBJECT_CLASSES[other.cls].footprint
            height = abs(thing.pose.translation[2] - other.pose.translation[2])
            assert gap >= GAP - 1e-9 or height > 0.25


def test_the_seed_decides_and_nothing_else_does() -> None:
    scene = load_scene("household")
    first, again, other = (place_objects(scene, np.random.default_rng(s)) for s in (4, 4, 5))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.pose.matrix(), b.pose.matrix())
    assert any(
        not np.allclose(a.pose.translation, b.pose.translation)
        for a, b in zip(first, other, strict=True)
    )


def test_a_scene_that_is_too_full_says_so() -> None:
    scene = parse_scene(
        {
            "name": "full",
            "rooms": {"kitchen": {"bounds": [0, 0, 4, 4]}},
            "fixtures": [{"class": "CoffeeTable", "x": 1, "y": 1}],
            "objects": [{"class": "Bowl"}] * 12,
            "robot": {"x": 3, "y": 3},
        }
    )
    with pytest.raises(BadInputError, match="no free spot for bowl_"):
        place_objects(scene, np.random.default_rng(0))


@pytest.mark.parametrize("chunk", range(4))
def test_a_flat_of_any_seed_has_room_for_everything_and_all_can_be_worked_at(chunk: int) -> None:
    for seed in range(chunk * 5, chunk * 5 + 5):
        scene = load_scene("household_flat", seed)
        placed = place_objects(scene, np.random.default_rng(seed))
        start = scene.robot
        floor = FreeFloor(static_map(scene), (start.x, start.y))
        for thing in placed:
            x, y = (float(v) for v in thing.pose.translation[:2])
            assert floor.worked_at(x, y, 0.0, np.pi), thing


def _set_table(*objects: dict[str, Any]) -> dict[str, Placed]:
    scene = parse_scene({"name": "set", "layout": "linden", "objects": list(objects)})
    return {thing.id: thing for thing in place_objects(scene, np.random.default_rng(0))}


def test_things_start_on_and_in_other_things() -> None:
    placed = _set_table(
        {"class": "Bread", "where": "plate_1"},
        {"class": "Plate", "where": "dining_table_1"},
        {"class": "Spoon", "where": "mug_1"},
        {"class": "Mug", "where": "box_1"},
        {"class": "Box", "where": "shelf_1"},
    )
    for inner, outer in (("bread_1", "plate_1"), ("spoon_1", "mug_1"), ("mug_1", "box_1")):
        gap = placed[inner].pose.translation - placed[outer].pose.translation
        assert np.hypot(*gap[:2]) < 0.03, inner
        assert 0.0 < gap[2] < 0.15, inner


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ([{"class": "Plate"}, *[{"class": "Apple", "where": "plate_1"}] * 6], "no room left"),
        ([{"class": "Cup"}, {"class": "Pot", "where": "cup_1"}], "pot_1 is too large for cup_1"),
        ([{"class": "Statue", "where": "drawer_1"}], "nothing in the scene can hold statue_1"),
    ],
)
def test_what_does_not_fit_is_refused(objects: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        _set_table(*objects)


def test_dirt_and_temperature_go_with_the_thing() -> None:
    scene = parse_scene(
        {
            "name": "states",
            "layout": "linden",
            "objects": [
                {"class": "Mug", "where": "sink_basin_1", "dirty": True},
                {"class": "Potato", "where": "plate_1", "temperature": "hot"},
                {"class": "Plate"},
            ],
        }
    )
    mug, potato, plate = place_objects(scene, np.random.default_rng(1))
    assert (mug.dirty, potato.temperature, plate.dirty, plate.temperature) == (
        True,
        "hot",
        False,
        None,
    )
