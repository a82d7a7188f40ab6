from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.robots.home.drawing import LIKELY, closed, fixture_models
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import place_objects
from diarchy.robots.home.scene import Scene, load_scene, parse_scene, with_children
from diarchy.robots.home.static_map import static_map


def _scene(objects: list[dict[str, Any]], seed: int = 0, layout: str = "linden") -> Scene:
    return parse_scene({"name": "drawn", "layout": layout, "objects": objects}, seed=seed)


def _classes(scene: Scene) -> dict[str, str]:
    classes = [cls for f in scene.fixtures for cls in with_children(f.cls)]
    return dict(zip(scene.place_ids, classes, strict=True))


def test_the_table_names_only_what_exists_and_every_class_has_a_likely_place() -> None:
    assert set(LIKELY) <= set(fixture_models())
    named = {cls for classes in LIKELY.values() for cls in classes}
    assert named == set(OBJECT_CLASSES)


@pytest.mark.parametrize("place", sorted(LIKELY))
def test_whatever_is_likely_somewhere_fits_there(place: str) -> None:
    scene = _scene([])
    place_id = next(i for i, cls in _classes(scene).items() if cls == place)
    for cls in LIKELY[place]:
        alone = _scene([{"class": cls, "where": place_id}])
        assert len(place_objects(alone, np.random.default_rng(0))) == 1, cls


def test_a_random_class_is_likely_where_it_is_put_and_new_to_the_home_while_there_are_any() -> None:
    for seed in range(10):
        scene = _scene([{"class": "random", "count": 12, "where": "likely"}], seed)
        counts = Counter(thing.cls for thing in scene.objects)
        assert len(scene.objects) == 12
        assert max(counts.values()) == 1
        classes = _classes(scene)
        for thing in scene.objects:
            assert thing.surfaces
            for place in thing.surfaces:
                assert thing.cls in LIKELY[classes[place]]
                assert not closed(classes[place])


def test_inside_is_behind_a_door_or_in_a_drawer() -> None:
    for seed in range(10):
        scene = _scene([{"class": "random", "count": 4, "where": "inside"}], seed)
        for thing in scene.objects:
            assert all(closed(_classes(scene)[place]) for place in thing.surfaces)
        home = static_map(scene)
        for thing in place_objects(scene, np.random.default_rng(seed)):
            inside = [
                entity_id
                for entity_id, info in home.fixtures.items()
                for s in info.surfaces
                if info.openable
                and np.all(
                    np.abs(s.pose.inverse().apply(thing.pose.translation)[:2])
                    <= np.array(s.size) / 2
                )
                and abs(s.pose.translation[2] - thing.pose.translation[2]) < 0.01
            ]
            assert len(inside) == 1, thing


def test_same_draws_one_class_and_among_names_the_choice() -> None:
    entry = {"class": "random", "count": 2, "same": True, "among": ["Apple", "Book", "Pencil"]}
    drawn = set()
    for seed in range(12):
        first, second = (o.cls for o in _scene([{**entry, "where": "likely"}], seed).objects)
        assert first == second
        drawn.add(first)
    assert drawn == {"Apple", "Book", "Pencil"}


def test_count_makes_several_with_ids_of_their_own() -> None:
    scene = _scene([{"class": "Mug", "count": 3, "where": "dining_table_1"}, {"class": "Mug"}])
    assert scene.object_ids == ("mug_1", "mug_2", "mug_3", "mug_4")


@pytest.mark.parametrize(
    ("thing", "fragments"),
    [
        ({"class": "Mug", "where": "plate_1"}, ["no fixture 'plate_1'", "did you mean"]),
        ({"class": "random", "color": "red"}, ["colour"]),
        ({"class": "Mug", "same": True}, ["'same'", "class: random"]),
        ({"class": "Mug", "temperature": "warm"}, ["temperature", "'hot'", "'cold'"]),
        ({"class": "Mug", "where": "apple_1"}, ["apple_1 holds nothing"]),
        ({"class": "Box", "where": "box_1"}, ["box_1", "itself"]),
        ({"class": "random", "where": "inside", "among": ["Statue"]}, ["inside", "Statue"]),
        ({"class": "Bread", "where": "likely", "surfaces": ["bed_1"]}, ["likely place", "Bread"]),
        ({"class": "Mug", "count": 2, "where": [1, 1, 1]}, ["[x, y, z]"]),
    ],
)
def test_an_entry_that_cannot_be_drawn_says_why_in_one_line(
    thing: dict[str, Any], fragments: list[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        _scene([{"class": "Apple", "where": "counter_top_1"}, thing])
    message = str(caught.value)
    assert "\n" not in message
    assert any(fragment in message for fragment in fragments), message


def test_the_templates_home_has_what_household_tasks_need() -> None:
    closed_counts, pairs = [], []
    for seed in range(30):
        scene = load_scene("household_flat", seed)
        classes = _classes(scene)
        names = Counter(o.cls for o in scene.objects)
        assert 14 <= len(scene.objects) <= 16
        assert {"Plate", "Box"} <= set(names)
        assert {"Bowl", "Pot"} & set(names)
        assert {"Mug", "Cup"} & set(names)
        assert any(o.dirty for o in scene.objects)
        pairs.append(max(names.values()))
        closed_counts.append(
            sum(
                bool(o.surfaces) and all(closed(classes[p]) for p in o.surfaces)
                for o in scene.objects
            )
        )
    assert min(pairs) >= 2
    assert min(closed_counts) >= 3
