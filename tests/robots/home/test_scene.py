from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.robots.home.scene import load_scene, parse_scene, scene_names
from diarchy.robots.home.static_map import static_map

GOOD: dict[str, Any] = {
    "name": "good",
    "rooms": {"kitchen": {"bounds": [0, 0, 4, 4]}},
    "fixtures": [{"class": "Fridge", "x": 1, "y": 1}],
    "objects": [{"class": "Mug", "color": "red", "where": "fridge_1"}],
    "robot": {"x": 3, "y": 3},
}


@pytest.mark.parametrize("name", scene_names())
def test_every_shipped_scene_loads_under_its_own_name(name: str) -> None:
    assert load_scene(name).name == name


def test_the_demo_and_the_template_ship() -> None:
    assert {"home", "household"} <= set(scene_names())


def test_ids_count_each_class_by_itself() -> None:
    scene = load_scene("home")
    assert scene.object_ids.count("mug_2") == 1
    assert "soda_can_1" in scene.object_ids
    assert "counter_top_1" in scene.fixture_ids


@pytest.mark.parametrize(
    ("change", "fragments"),
    [
        ({"fixturs": []}, ["unknown key 'fixturs'", "did you mean 'fixtures'"]),
        (
            {"fixtures": [{"class": "Frige", "x": 1, "y": 1}], "objects": []},
            ["fixtures.0.class", "did you mean 'Fridge'"],
        ),
        (
            {"fixtures": [{"class": "Fridge", "x": 1, "y": 1, "colour": "red"}], "objects": []},
            ["unknown key 'fixtures.0.colour'", "known: "],
        ),
        ({"objects": [{"class": "Mgu"}]}, ["objects.0.class", "did you mean 'Mug'"]),
        ({"objects": [{"class": "Mug", "color": "pink"}]}, ["objects.0", "pink", "red"]),
        ({"objects": [{"class": "Mug", "where": "frige_1"}]}, ["did you mean 'fridge_1'"]),
        ({"robot": {"x": "left", "y": 1}}, ["robot.x", "number", "'left'"]),
        ({"robot": {"x": 1e9, "y": 1}}, ["robot.x", "50"]),
        ({"rooms": {"kitchen": {"bounds": [4, 0, 0, 4]}}}, ["rooms.kitchen.bounds", "xmin"]),
        ({"objects": [{"class": "Mug", "where": [1, 2]}]}, ["objects.0.where", "[x, y, z]"]),
        ({"doorways": [{"x": 2, "y": 2}]}, ["doorways.0", "no wall"]),
        ({"robot": {"x": 9, "y": 1}}, ["robot: (9, 1)", "no room"]),
        ({"lighting": "dya"}, ["lighting", "did you mean 'day'"]),
    ],
)
def test_a_wrong_key_class_or_number_is_one_line_that_names_file_key_and_what_exists(
    change: dict[str, Any], fragments: list[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_scene({**GOOD, **change}, "my.yaml")
    message = str(caught.value)
    assert message.startswith("my.yaml: ")
    assert "\n" not in message
    for fragment in fragments:
        assert fragment in message


def test_an_unknown_scene_names_those_that_exist() -> None:
    with pytest.raises(BadInputError, match="did you mean 'home'"):
        load_scene("hmoe")


def test_a_missing_file_and_broken_yaml_are_one_line_each(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot read"):
        load_scene(tmp_path / "no.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("rooms: [")
    with pytest.raises(BadInputError, match="not valid YAML") as caught:
        load_scene(broken)
    assert "\n" not in str(caught.value)


def test_a_scene_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(BadInputError, match="mapping"):
        parse_scene(["home"])


def test_keep_out_zones_are_boxes_or_polygons_and_end_up_in_the_map() -> None:
    triangle = [[1.0, 1.0], [2.0, 1.0], [1.5, 2.0]]
    scene = parse_scene(GOOD | {"keep_out": [[0, 0, 1, 0.5], triangle]})
    box, polygon = static_map(scene).keep_out
    assert box == ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
    assert polygon == ((1.0, 1.0), (2.0, 1.0), (1.5, 2.0))


def test_a_zone_of_two_corners_is_refused() -> None:
    with pytest.raises(BadInputError, match="keep_out"):
        parse_scene(GOOD | {"keep_out": [[[0, 0], [1, 1]]]})
