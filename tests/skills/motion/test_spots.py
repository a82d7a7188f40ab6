from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.spots import SPACING, find_room, footprint, free_spots, seen_first

TABLE = Surface(SE3.from_xyz_yaw(1.0, 0.0, 0.74, 0.3), (0.6, 1.0), 1.0, "on", "top")
ROBOT = np.array([0.3, 0.0])


def neighbour(x: float, y: float, z: float = 0.79, yaw: float = 0.0) -> Entity:
    return Entity(
        id="n", cls="Box", kind="object", position=(x, y, z), yaw=yaw, extent=(0.12, 0.08, 0.1)
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(0.7, 1.3), st.floats(-0.4, 0.4), st.floats(-3.0, 3.0), st.floats(0.02, 0.1))
def test_spots_lie_on_the_surface_and_keep_clear_of_neighbours(
    x: float, y: float, yaw: float, radius: float
) -> None:
    other = neighbour(x, y, yaw=yaw)
    for spot in free_spots(TABLE, radius, [other], ROBOT):
        local = TABLE.pose.inverse().apply(spot)
        assert abs(local[0]) <= 0.3 - radius
        assert abs(local[1]) <= 0.5 - radius
        assert np.linalg.norm(spot[:2] - ROBOT) <= 0.85
        inside = np.abs(other.pose().inverse().apply(spot))[:2] - np.array([0.06, 0.04])
        gap = np.linalg.norm(np.maximum(inside, 0.0)) - radius
        assert gap >= SPACING - 1e-9


def test_what_stands_on_another_surface_is_no_neighbour() -> None:
    below = neighbour(0.9, 0.0, z=0.3)
    free = free_spots(TABLE, 0.05, [], ROBOT)
    assert len(free_spots(TABLE, 0.05, [below], ROBOT)) == len(free)
    assert len(free_spots(TABLE, 0.05, [neighbour(0.9, 0.0)], ROBOT)) < len(free)


def test_a_thing_larger_than_the_surface_has_no_spot() -> None:
    assert free_spots(TABLE, 0.4, [], ROBOT) == []


def test_a_compartment_is_filled_from_its_mouth() -> None:
    inside = Surface(SE3.from_xyz_yaw(1.0, 0.0, 0.7, 0.0), (0.5, 0.5), 0.5, "in", "front")
    best = free_spots(inside, 0.04, [], ROBOT, entrance=np.array([-1.0, 0.0, 0.0]))[0]
    assert best[0] < 0.85


def test_round_things_need_no_corners() -> None:
    assert footprint(np.array([0.2, 0.198, 0.03])) == 0.1
    assert footprint(np.array([0.16, 0.12, 0.08])) == np.hypot(0.16, 0.12) / 2.0


def test_a_plate_may_stand_over_the_edge_of_a_hot_plate_but_not_over_the_wall_of_a_tray() -> None:
    small = Surface(SE3.from_xyz_yaw(0.9, 0.0, 0.9, 0.0), (0.18, 0.18), 1.0, "on", "top")
    tray = Surface(small.pose, small.size, 1.0, "in", "top")
    assert len(free_spots(small, 0.1, [], ROBOT)) == 1
    assert free_spots(tray, 0.1, [], ROBOT) == []


def test_what_takes_the_room_is_named() -> None:
    small = Surface(SE3.from_xyz_yaw(0.9, 0.0, 0.74, 0.0), (0.2, 0.2), 1.0, "on", "top")
    inside, outside = neighbour(0.9, 0.0), neighbour(0.9, 0.5).model_copy(update={"id": "far"})
    room = find_room(small, 0.05, [inside, outside], ROBOT)
    assert room.spots == []
    assert room.obstacle is not None
    assert room.obstacle.id == "n"


def test_the_first_spots_to_try_lie_apart() -> None:
    first = find_room(TABLE, 0.04, [], ROBOT).spots[:4]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(first) for b in first[:i]]
    assert min(gaps) > 0.07


def test_the_best_spot_on_a_wide_table_is_not_at_its_edge() -> None:
    for x in np.linspace(0.1, 0.5, 9):
        best = TABLE.pose.inverse().apply(free_spots(TABLE, 0.04, [], np.array([x, 0.1]))[0])
        assert abs(best[0]) <= 0.3 - 0.04 - 0.03


def test_what_no_look_has_reached_is_put_something_on_last() -> None:
    spots = free_spots(TABLE, 0.05, [], ROBOT)
    dark = np.array([spots[0] + [0.0, 0.0, 0.015]])
    sorted_out = seen_first(TABLE, spots, dark, 0.05)
    far = [s for s in spots if np.hypot(*(s - spots[0])[:2]) >= 0.05 + SPACING]
    assert len(sorted_out) == len(spots)
    assert np.allclose(sorted_out[: len(far)], far)
    assert np.allclose(sorted_out[len(far)], spots[0])


def test_unseen_places_at_another_height_and_inside_of_things_change_nothing() -> None:
    spots = free_spots(TABLE, 0.05, [], ROBOT)
    below = np.array([spots[0] - [0.0, 0.0, 0.3]])
    assert np.allclose(seen_first(TABLE, spots, below, 0.05), spots)
    inside = Surface(TABLE.pose, TABLE.size, 0.3, "in", "front")
    assert np.allclose(seen_first(inside, spots, np.array([spots[0]]), 0.05), spots)
