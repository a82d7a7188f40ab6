from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.errors import BadInputError
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import GAP, REACH, place_objects
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
