from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3
from diarchy.robots.home import HomeRobot


def test_every_box_of_the_map_is_where_mujoco_has_a_geom(home: HomeRobot) -> None:
    model, data = home._model, home._data
    centres = data.geom_xpos
    for info in home.static_map.fixtures.values():
        for part in info.boxes:
            near = np.linalg.norm(centres - part.pose.translation, axis=1)
            assert near.min() < 1e-6, info.entity.id
            geom = int(near.argmin())
            if model.geom_type[geom] == 6:  # a box: sizes agree too
                found = sorted(2 * model.geom_size[geom])
                assert any(
                    np.allclose(sorted(2 * model.geom_size[g]), sorted(part.size))
                    for g in np.flatnonzero(near < 1e-6)
                ), (info.entity.id, found)


def test_boxes_lie_within_the_entitys_bounding_box(home: HomeRobot) -> None:
    for info in home.static_map.fixtures.values():
        for part in info.boxes:
            local = (info.entity.pose().inverse() @ part.pose).translation
            half = np.array(info.entity.extent) / 2 + 0.15  # handles stand out
            half[2] += 0.15  # and a tap above the rim of its sink
            assert np.all(np.abs(local) <= half), info.entity.id


def test_no_movable_object_is_on_the_map(home: HomeRobot) -> None:
    assert not set(home.truth.objects) & set(home.static_map.fixtures)
    assert [p.kind for p in home.static_map.people] == ["person"]


def test_things_put_on_a_surface_of_the_map_rest_at_its_height(home: HomeRobot) -> None:
    for entity_id in ("counter_top_1", "dining_table_1", "coffee_table_1", "shelf_1"):
        surface = home.static_map.fixtures[entity_id].surfaces[0]
        spots = [o for o in home.truth.objects if home.truth.holds("on", o, entity_id)]
        assert spots, entity_id
        for spot in spots:
            bottom = home.truth.pose(spot).translation[2]
            assert abs(bottom - surface.pose.translation[2]) < 0.002


def test_the_hinge_of_the_map_turns_the_handle_to_where_mujoco_has_it(home: HomeRobot) -> None:
    hinge = home.static_map.fixtures["fridge_1"].hinge
    assert hinge is not None
    bar = home._model.geom("fridge_1/door/1").id
    np.testing.assert_allclose(home._data.geom_xpos[bar], hinge.handle, atol=1e-6)
    home.set_door("fridge_1", 1.0)
    turned = SE3.from_xyz_yaw(0, 0, 0, hinge.sign * 1.0).rotation @ (hinge.handle - hinge.origin)
    np.testing.assert_allclose(home._data.geom_xpos[bar], hinge.origin + turned, atol=1e-6)


def test_rooms_and_doorway_are_on_the_map(home: HomeRobot) -> None:
    home_map = home.static_map
    assert home_map.room_at(1.0, 1.0) == "kitchen"
    assert home_map.room_at(8.0, 1.0) == "living_room"
    at_doorway = [
        w
        for w in home_map.walls
        if abs(w.pose.translation[0] - 4.4) < 0.01
        and abs(w.pose.translation[1] - 2.5) < w.size[1] / 2
        and w.pose.translation[2] - w.size[2] / 2 < 1.9
    ]
    assert at_doorway == []
