"""Every shipped flat can be lived in and worked in: nothing overlaps, doors swing, fronts are reached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest

from diarchy.contracts.entity import Box, Entity, FixtureInfo, StaticMap, Surface, Truth
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2
from diarchy.contracts.world import Newcomers
from diarchy.robots.home.fetch import fetch_spec
from diarchy.robots.home.scene import (
    Scene,
    layout_names,
    load_layout,
    load_scene,
    parse_scene,
    scene_names,
)
from diarchy.robots.home.static_map import static_map
from diarchy.skills.motion.costmap import build_costmap
from diarchy.skills.motion.path import TravelField
from diarchy.skills.motion.standpoints import Purpose, standpoints

SPEC = fetch_spec()
NEEDED = {
    "CounterTop", "SinkBasin", "Fridge", "Microwave", "Cabinet", "Stove", "CoffeeMachine",
    "GarbageCan", "DiningTable", "CoffeeTable", "SideTable", "Sofa", "Shelf", "Desk", "DeskLamp",
    "Dresser", "Drawer", "Bed",
}  # fmt: skip
WORKED_AT_LEAST = 0.6
"""Part of the places along a surface's edge that must have a free standpoint."""
PULLED_TO = 1.43
"""How far (rad) a robot pulls a door; it goes no farther while it stands before it."""
each_layout = pytest.mark.parametrize("name", layout_names())


class Empty:
    """The belief of who knows the map and has seen nothing: everything is shut."""

    def __init__(self, home: StaticMap, base: SE3) -> None:
        self.static_map = home
        self.openings: dict[str, float] = {}
        self._base = base

    def map_from_base(self) -> SE3:
        return self._base

    def newcomers(self) -> Newcomers:
        return Newcomers.none()

    def entities(self) -> list[Entity]:
        fixtures = [info.entity for info in self.static_map.fixtures.values()]
        return sorted([*fixtures, *self.static_map.people], key=lambda e: e.id)

    def entity(self, entity_id: str) -> Entity:
        return next(e for e in self.entities() if e.id == entity_id)

    def truth(self, condition: Condition) -> Truth:
        return Truth.UNKNOWN

    def held(self) -> str | None:
        return None

    def opening(self, entity_id: str) -> float | None:
        return self.openings.get(entity_id)

    def surfaces(self, entity_id: str) -> tuple[Surface, ...]:
        holder = self.static_map.holder(entity_id)
        return holder.surfaces if holder is not None else ()

    def inspected(self, entity_id: str) -> float | None:
        return None


@lru_cache(maxsize=16)
def _home(name: str) -> tuple[Scene, StaticMap, Empty]:
    scene = parse_scene({"name": name, "layout": name})
    home = static_map(scene)
    start = scene.robot
    base = SE3.from_xyz_yaw(start.x, start.y, 0.0, float(np.radians(start.yaw_deg)))
    return scene, home, Empty(home, base)


def _families(home: StaticMap) -> dict[str, list[tuple[str, FixtureInfo]]]:
    """Fixtures with what is built into them, by the id of the outermost one."""
    found: dict[str, list[tuple[str, FixtureInfo]]] = {}
    for entity_id, info in home.fixtures.items():
        found.setdefault(info.entity.part_of or entity_id, []).append((entity_id, info))
    return found


def _spread(box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corner of the upright box around a box."""
    half = np.abs(box.pose.rotation) @ box.size / 2
    return box.pose.translation - half, box.pose.translation + half


def _touch(first: Box, second: Box, slack: float = 0.004) -> bool:
    (low, high), (low2, high2) = _spread(first), _spread(second)
    if not (np.all(low + slack < high2) and np.all(low2 + slack < high)):
        return False
    # Upright boxes around both meet: look at the turned ones along their own axes.
    axes = [first.pose.rotation[:, i] for i in range(2)]
    axes += [second.pose.rotation[:, i] for i in range(2)]
    gap = second.pose.translation - first.pose.translation
    for axis in axes:
        reach = sum(float(np.abs(b.pose.rotation.T @ axis) @ b.size) / 2 for b in (first, second))
        if abs(float(gap @ axis)) > reach - slack:
            return False
    return True


def _others(home: StaticMap, family: str) -> Iterator[tuple[str, Box]]:
    for other, members in _families(home).items():
        if other != family:
            for entity_id, info in members:
                yield from ((entity_id, box) for box in info.boxes)
    yield from (("a wall", wall) for wall in home.walls)
    for person in home.people:
        yield person.id, Box(person.pose(), np.asarray(person.extent))
        palms = home.hands[person.id]
        yield person.id, Box(palms.pose, np.array([*palms.size, 0.1]))


def test_at_least_six_flats_ship_and_load_under_their_own_names() -> None:
    assert len(layout_names()) >= 6
    for name in layout_names():
        assert load_layout(name).name == name


@each_layout
def test_a_flat_has_all_that_household_tasks_need_and_is_compact(name: str) -> None:
    scene, home, _ = _home(name)
    assert {info.entity.cls for info in home.fixtures.values()} >= NEEDED
    assert {"kitchen", "living_room", "bedroom"} <= set(scene.rooms)
    assert scene.people
    width, depth = home.bounds[2] - home.bounds[0], home.bounds[3] - home.bounds[1]
    assert width <= 10.5
    assert width * depth <= 72.0
    assert all(door.width >= 1.1 for door in scene.doorways)


@each_layout
def test_nothing_stands_in_anything_else_or_in_a_wall(name: str) -> None:
    home = _home(name)[1]
    for family, members in _families(home).items():
        mine = [(i, box) for i, info in members for box in info.boxes]
        for other, box in _others(home, family):
            for entity_id, part in mine:
                assert not _touch(part, box), f"{entity_id} stands in {other}"


@each_layout
def test_every_door_and_drawer_opens_without_hitting_anything(name: str) -> None:
    home = _home(name)[1]
    for family, members in _families(home).items():
        around = list(_others(home, family))
        for entity_id, info in members:
            for opening in np.linspace(0.0, info.max_opening, 14)[1:]:
                moved = [info.boxes_at(float(opening))[i] for i in info.moving]
                for other, box in around:
                    hit = any(_touch(part, box) for part in moved)
                    assert not hit, f"{entity_id} at {opening:.2f} hits {other}"


@each_layout
def test_there_is_a_free_place_to_work_at_everything(name: str) -> None:
    _, home, world = _home(name)
    for entity_id, info in home.fixtures.items():
        purposes: list[Purpose] = ["look", "reach"] if info.surfaces else []
        purposes += ["open"] if info.openable else []
        purposes += ["operate"] if info.control else []
        for purpose in purposes:
            assert standpoints(world, SPEC, entity_id, purpose), f"{entity_id}: {purpose}"
    for person in home.people:
        assert standpoints(world, SPEC, person.id, "talk"), person.id
        assert standpoints(world, SPEC, person.id, "reach"), person.id


@each_layout
def test_there_is_room_before_a_door_as_far_as_the_robot_pulls_it(name: str) -> None:
    _, home, closed = _home(name)
    world = Empty(home, closed.map_from_base())
    for entity_id, info in home.fixtures.items():
        if info.hinge is not None:
            world.openings = {entity_id: PULLED_TO}
            assert len(standpoints(world, SPEC, entity_id, "reach")) >= 4, entity_id


@each_layout
def test_nearly_all_of_every_front_edge_can_be_worked_at(name: str) -> None:
    _, home, world = _home(name)
    base = Pose2.from_se3(world.map_from_base())
    costmap = build_costmap(world, SPEC)
    field = TravelField.build(costmap, (base.x, base.y))
    turns, radii = np.radians(np.linspace(-60.0, 60.0, 13)), np.array([0.62, 0.68, 0.74, 0.80])
    for entity_id, info in home.fixtures.items():
        for surface in info.surfaces:
            if surface.approach == "top" and info.slide is None and info.entity.cls != "Bed":
                free = []
                for side in np.linspace(-1.0, 1.0, 7) * max(0.0, surface.size[1] / 2 - 0.10):
                    front = max(0.0, surface.size[0] / 2 - 0.15)
                    x, y = surface.pose.apply([front, side, 0.0])[:2]
                    yaw = surface.pose.yaw + turns
                    stand = [(x + r * np.cos(a), y + r * np.sin(a)) for r in radii for a in yaw]
                    free.append(
                        any(costmap.free(*at) and np.isfinite(field.cost(*at)) for at in stand)
                    )
                assert np.mean(free) >= WORKED_AT_LEAST, f"{entity_id}: {free}"


def test_flats_differ_by_more_than_a_mirror() -> None:
    """Distances between the same furniture do not change when a flat is mirrored or turned."""
    prints = {}
    for name in layout_names():
        home = _home(name)[1]
        at = {i: np.array(f.entity.position[:2]) for i, f in home.fixtures.items()}
        pairs = [
            ("fridge_1", "sink_basin_1"), ("microwave_1", "counter_top_1"), ("bed_1", "desk_1"),
            ("sofa_1", "dining_table_1"), ("cabinet_1", "stove_1"), ("dresser_1", "shelf_1"),
            ("fridge_1", "bed_1"),
        ]  # fmt: skip
        prints[name] = np.array([np.linalg.norm(at[a] - at[b]) for a, b in pairs])
    names = sorted(prints)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            assert np.abs(prints[first] - prints[second]).max() > 0.8, (first, second)


def test_a_scene_takes_its_rooms_from_a_layout_and_adds_to_it() -> None:
    bare = load_layout("linden")
    scene = parse_scene(
        {
            "name": "mine",
            "layout": "linden",
            "fixtures": [{"class": "Shelf", "x": 9.0, "y": 2.6}],
            "lighting": "evening",
            "open": {"fridge_1": 0.5, "drawer_1": 1.0},
            "objects": [
                {"class": "Spoon", "where": "drawer_2"},
                {"class": "Mug", "where": "shelf_2"},
            ],
        }
    )
    assert scene.layout == "linden"
    assert scene.rooms == bare.rooms
    assert scene.fixtures[:-1] == bare.fixtures
    assert scene.fixture_ids[-1] == "shelf_2"
    assert scene.lighting == "evening"
    assert scene.openings == {"fridge_1": 0.5, "drawer_1": 1.0}
    assert parse_scene(scene.model_dump(by_alias=True)).fixtures == scene.fixtures


def test_the_seed_draws_a_layout_and_draws_all_of_them() -> None:
    drawn = [parse_scene({"name": "any", "layout": "random"}, seed=s).layout for s in range(40)]
    assert set(drawn) == set(layout_names())
    assert drawn[7] == parse_scene({"name": "any", "layout": "random"}, seed=7).layout


@pytest.mark.parametrize(
    ("change", "fragments"),
    [
        ({"layout": "lindne"}, ["layout", "did you mean 'linden'"]),
        ({"layout": "linden", "rooms": {"a": {"bounds": [0, 0, 2, 2]}}}, ["'rooms'", "layout"]),
        ({"layout": "linden", "open": {"fridge_2": 1}}, ["open", "did you mean 'fridge_1'"]),
        ({"layout": "linden", "style": "coats"}, ["style", "did you mean 'coast'"]),
    ],
)
def test_what_is_wrong_about_a_layout_is_one_line(
    change: dict[str, object], fragments: list[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_scene({"name": "mine", **change}, "my.yaml")
    message = str(caught.value)
    assert message.startswith("my.yaml: ")
    assert "\n" not in message
    for fragment in fragments:
        assert fragment in message


@pytest.mark.parametrize("name", scene_names())
def test_every_shipped_scene_is_complete_for_any_seed(name: str) -> None:
    for seed in range(3):
        scene = load_scene(name, seed)
        assert scene.rooms
        assert all(thing.cls != "random" and thing.count == 1 for thing in scene.objects)
