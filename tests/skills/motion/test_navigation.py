"""Cost map, path, laws of the base and standpoints, on a map drawn by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Box, Entity, FixtureInfo, Hinge, Slide, StaticMap, Surface
from diarchy.contracts.geometry import SE3, wrap_angle
from diarchy.contracts.robot import BaseSpec, Pose2
from diarchy.contracts.world import Newcomers
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.costmap import build_costmap
from diarchy.skills.motion.path import TravelField, path_length
from diarchy.skills.motion.route import plan_line, seconds
from diarchy.skills.motion.standpoints import DOOR_DISTANCE, DRAWER_DISTANCE, standpoints
from diarchy.skills.motion.unicycle import Creep, Follow, Pace, TurnTo, Unicycle

SPEC = fetch_spec()
PACE = Pace.of(BaseSpec())
DT = 1.0 / SPEC.control_hz


def box(x, y, z, sx, sy, sz):
    return Box(SE3.from_translation([x, y, z]), np.array([sx, sy, sz]))


def table():
    entity = Entity(
        id="table_1",
        cls="DiningTable",
        kind="fixture",
        position=(4.0, 1.0, 0.4),
        extent=(0.8, 1.2, 0.8),
    )
    top = Surface(SE3.from_translation([4.0, 1.0, 0.8]), (0.8, 1.2), 1.0, "on", "top")
    return FixtureInfo(entity, (box(4.0, 1.0, 0.4, 0.8, 1.2, 0.8),), np.array([-1.0, 0.0]), (top,))


def fridge():
    panel = box(1.0, 3.67, 1.0, 0.6, 0.06, 1.4)
    entity = Entity(
        id="fridge_1",
        cls="Fridge",
        kind="fixture",
        position=(1.0, 4.0, 0.7),
        extent=(0.6, 0.72, 1.4),
    )
    hinge = Hinge(
        np.array([1.3, 3.67, 0.0]), 1, np.array([0.75, 3.57, 1.0]), np.array([0.0, -1.0, 0.0]),
        np.array([0.0, 0.0, 1.0]), 1.9, panel,
    )  # fmt: skip
    inside = Surface(SE3.from_translation([1.0, 4.0, 0.7]), (0.5, 0.5), 0.4, "in", "front")
    boxes = (box(1.0, 4.0, 0.7, 0.6, 0.6, 1.4), panel)
    return FixtureInfo(entity, boxes, np.array([0.0, -1.0]), (inside,), hinge, moving=(1,))


def chest():
    """A drawer that comes out of a wall along -y."""
    entity = Entity(
        id="drawer_1",
        cls="Drawer",
        kind="fixture",
        position=(3.0, 4.2, 0.7),
        extent=(0.5, 0.32, 0.16),
    )
    tray, face = box(3.0, 4.2, 0.7, 0.4, 0.3, 0.12), box(3.0, 4.04, 0.7, 0.5, 0.02, 0.16)
    slide = Slide(
        np.array([0.0, -1.0, 0.0]), np.array([3.0, 3.98, 0.7]), np.array([1.0, 0.0, 0.0]), 0.29, face
    )  # fmt: skip
    inside = Surface(SE3.from_translation([3.0, 4.2, 0.65]), (0.4, 0.28), 0.11, "in", "top")
    front = np.array([0.0, -1.0])
    return FixtureInfo(entity, (tray, face), front, (inside,), slide=slide, moving=(0, 1))


START = Pose2(1.0, 1.0, 0.0)


class World:
    """A belief that can be written down."""

    def __init__(self, base=START, objects=(), people=(), door=None, walls=(), drawer=None):
        wall = box(2.5, 1.2, 1.0, 0.1, 2.4, 2.0)
        fixtures = {"fridge_1": fridge(), "table_1": table()}
        if drawer is not None:
            fixtures["drawer_1"] = chest()
        self.static_map = StaticMap(
            (0.0, 0.0, 6.0, 4.4), {"hall": (0.0, 0.0, 6.0, 4.4)}, (wall, *walls), fixtures
        )
        self._base, self._others = base, (*objects, *people)
        self._doors = {"fridge_1": door, "drawer_1": drawer}
        self.met = np.zeros((0, 2))

    def newcomers(self):
        return Newcomers(self.met, 0.0)

    def map_from_base(self):
        return self._base.se3()

    def entities(self):
        fixtures = [f.entity for f in self.static_map.fixtures.values()]
        return sorted([*fixtures, *self._others], key=lambda e: e.id)

    def entity(self, entity_id):
        return next(e for e in self.entities() if e.id == entity_id)

    def held(self):
        return None

    def opening(self, entity_id):
        return self._doors.get(entity_id)

    def surfaces(self, entity_id):
        return self.static_map.holder(entity_id).surfaces_at(self.opening(entity_id))


def thing(name, x, y, z, size=0.1, kind="object"):
    return Entity(id=name, cls="Thing", kind=kind, position=(x, y, z), extent=(size, size, size))


# --- cost map and path ---------------------------------------------------------------------------


def test_distances_are_those_to_the_nearest_face():
    costmap = build_costmap(World(), SPEC)
    assert costmap.distance_at([3.0, 1.0]) == pytest.approx(0.45, abs=0.04)
    assert costmap.distance_at([2.5, 1.0]) < 0.0
    assert not costmap.free(2.2, 1.0)
    assert costmap.free(1.5, 1.5)


def test_who_is_met_by_the_lidar_alone_is_given_room_and_can_be_left_out():
    world = World()
    world.met = np.array([[1.0, 3.0], [1.05, 3.0]])
    assert build_costmap(World(), SPEC).free(1.5, 3.0)
    met = build_costmap(world, SPEC)
    assert not met.free(1.5, 3.0)
    assert met.distance_at([2.0, 3.0]) == pytest.approx(0.95 - 0.35, abs=0.06)
    assert build_costmap(world, SPEC, newcomers=False).free(1.5, 3.0)
    assert met.free(4.0, 3.0)


def test_a_keep_out_zone_is_driven_around_like_a_wall():
    world = World()
    corners = ((1.2, 1.3), (1.8, 1.3), (1.5, 1.8))
    world.static_map = replace(world.static_map, keep_out=(corners,))
    assert build_costmap(World(), SPEC).free(1.5, 1.5)
    zoned = build_costmap(world, SPEC)
    assert not zoned.free(1.5, 1.5)
    assert zoned.distance_at([1.5, 0.9]) == pytest.approx(0.4, abs=0.04)


def test_nothing_outside_the_map_is_free():
    assert not build_costmap(World(), SPEC).free(-1.0, 1.0)


def test_a_thing_on_the_floor_is_an_obstacle_and_one_on_a_table_is_not():
    floor, up = thing("a_1", 1.5, 1.5, 0.05), thing("a_1", 1.5, 1.5, 0.9)
    assert not build_costmap(World(objects=[floor]), SPEC).free(1.5, 1.5)
    assert build_costmap(World(objects=[floor]), SPEC, ignore={"a_1"}).free(1.5, 1.5)
    assert build_costmap(World(objects=[up]), SPEC).free(1.5, 1.5)


def test_nothing_is_believed_to_lie_where_the_base_stands():
    under = thing("a_1", START.x + 0.1, START.y, 0.05)
    assert build_costmap(World(objects=[under]), SPEC).free(START.x, START.y)
    driven_off = World(objects=[under], base=Pose2(START.x + 1.0, START.y, 0.0))
    assert not build_costmap(driven_off, SPEC).free(START.x, START.y)


def test_people_are_given_more_room_than_things():
    near = [1.5, 2.3]
    person, box_ = thing("p", 1.5, 1.5, 0.2, 0.4, kind="person"), thing("b", 1.5, 1.5, 0.2, 0.4)
    assert build_costmap(World(objects=[box_]), SPEC).free(*near)
    assert not build_costmap(World(people=[person]), SPEC).free(*near)


def test_what_sticks_out_keeps_away_from_things_where_it_can_and_still_gets_through():
    bare, laden = (build_costmap(World(), SPEC, overhang=far) for far in (0.0, 0.25))
    beside = tuple(bare.grid.cells([3.05, 1.0]))
    assert laden.cost[beside] > 1.5 * bare.cost[beside]
    assert np.array_equal(np.isinf(laden.cost), np.isinf(bare.cost))


@pytest.mark.parametrize("run_in", [False, True])
def test_a_line_ends_at_its_goal_and_with_a_run_in_along_its_heading(run_in):
    goal = Pose2(1.6, 1.6, np.pi / 2)
    costmap = build_costmap(World(), SPEC, escape_from=(START.x, START.y))
    line = plan_line(costmap, START, goal, PACE, run_in=run_in)
    assert np.allclose(line[0], [START.x, START.y])
    assert np.allclose(line[-1], [goal.x, goal.y])
    if run_in:
        assert np.allclose(line[-2], [1.6, 1.2], atol=0.01)


def test_turns_and_stops_count_for_how_long_a_line_takes():
    straight = np.array([[0.0, 0.0], [2.0, 0.0]])
    bent = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert path_length(straight) == path_length(bent)
    ahead = seconds(straight, 0.0, 0.0, PACE)
    assert ahead < seconds(straight, 1.0, 0.0, PACE) < seconds(bent, 0.0, 0.0, PACE)


def test_without_room_at_the_goal_there_is_no_line():
    with pytest.raises(MotionFailedError, match="no room"):
        plan_line(build_costmap(World(), SPEC), START, Pose2(4.0, 1.0, 0.0), PACE, run_in=False)


def test_an_open_door_stands_in_the_way():
    in_front = [1.25, 3.2]
    assert build_costmap(World(door=0.0), SPEC).distance_at(in_front) > 0.4
    assert build_costmap(World(door=1.4), SPEC).distance_at(in_front) < 0.15


def test_a_path_goes_around_the_wall_and_stays_free():
    costmap = build_costmap(World(), SPEC)
    line = TravelField.build(costmap, (1.0, 1.0)).path(3.2, 0.5)
    assert line is not None
    assert line[0] == pytest.approx([1.0, 1.0])
    assert line[-1] == pytest.approx([3.2, 0.5])
    dense = np.concatenate([np.linspace(a, b, 40) for a, b in pairwise(line)])
    assert np.all(costmap.distance_at(dense) > costmap.lethal - 0.05)
    assert path_length(line) > 3.5


def test_there_is_no_path_through_a_closed_wall():
    closing = box(2.5, 3.3, 1.0, 0.1, 2.3, 2.0)
    costmap = build_costmap(World(walls=[closing]), SPEC)
    field = TravelField.build(costmap, (1.0, 1.0))
    assert field.path(3.2, 0.5) is None
    assert field.cost(3.2, 0.5) == float("inf")


def test_a_base_that_stands_too_near_may_leave():
    start = (2.2, 1.0)
    world = World(Pose2(*start, 0.0))
    assert TravelField.build(build_costmap(world, SPEC), start).path(1.0, 1.0) is None
    field = TravelField.build(build_costmap(world, SPEC, escape_from=start), start)
    assert field.path(1.0, 1.0) is not None


# --- laws ----------------------------------------------------------------------------------------


def simulate(law, state, ticks=8000):
    speeds = []
    for _ in range(ticks):
        command = law.command(state, PACE)
        if command is None:
            return np.array(speeds).reshape(-1, 2)
        state.drive(*command, PACE, DT)
        speeds.append((state.v, state.w))
    raise AssertionError("the law never ended")


def _inside_limits(speeds):
    base = BaseSpec()
    assert np.all(np.abs(speeds) <= [base.linear_velocity, base.angular_velocity])
    before = np.vstack([[0, 0], speeds[:-1]])
    rates = np.abs(speeds - before) / DT
    slows = (np.abs(speeds) < np.abs(before)) & (speeds * before >= 0.0)
    rises = np.array([base.linear_acceleration, base.angular_acceleration])
    # It plans with half of what the base can brake, and keeps the rest for the guard.
    falls = np.maximum(rises, 0.5 * np.array([base.linear_braking, base.angular_braking]))
    assert np.all(rates <= np.where(slows, falls, rises) + 1e-6)


@given(st.floats(-3.1, 3.1), st.floats(-3.1, 3.1))
@settings(max_examples=40, deadline=None)
def test_turning_ends_at_the_heading_inside_the_limits(start, goal):
    state = Unicycle(0.0, 0.0, start, 0.0, 0.0)
    speeds = simulate(TurnTo(goal), state)
    assert abs(wrap_angle(goal - state.yaw)) < 0.0175
    if len(speeds):
        _inside_limits(speeds)


@given(st.floats(-0.5, 0.5))
@settings(max_examples=30, deadline=None)
def test_creeping_ends_level_with_the_point(metres):
    state = Unicycle(0.0, 0.0, 0.0, 0.0, 0.0)
    speeds = simulate(Creep(metres, 0.0, 0.0), state)
    assert abs(state.x - metres) < 0.01
    if len(speeds):
        _inside_limits(speeds)


@given(
    st.floats(-3.1, 3.1),
    st.lists(st.tuples(st.floats(0.6, 1.5), st.floats(-0.9, 0.9)), min_size=1, max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_following_ends_at_the_end_of_the_line_inside_the_limits(yaw, stretches):
    points, heading = [np.zeros(2)], 0.0
    for length, bend in stretches:
        heading += bend
        points.append(points[-1] + length * np.array([np.cos(heading), np.sin(heading)]))
    state = Unicycle(0.0, 0.0, yaw, 0.0, 0.0)
    speeds = simulate(Follow(np.array(points)), state)
    assert np.linalg.norm(points[-1] - [state.x, state.y]) < 0.08
    _inside_limits(speeds)


def test_a_gentle_pace_brakes_no_harder_than_it_speeds_up():
    gentle, state = PACE.gentle(), Unicycle(0.0, 0.0, 0.0, 0.5, 0.0)
    state.drive(0.0, 0.0, gentle, DT)
    assert 0.5 - state.v == pytest.approx(gentle.linear_rate * DT)
    state = Unicycle(0.0, 0.0, 0.0, 0.5, 0.0)
    state.drive(0.0, 0.0, PACE, DT)
    assert 0.5 - state.v > gentle.linear_rate * DT


# --- standpoints ---------------------------------------------------------------------------------


def test_standpoints_are_free_in_reach_and_face_the_work():
    world = World(objects=[thing("cup_1", 3.75, 1.2, 0.85)])
    places = standpoints(world, SPEC, "cup_1")
    costmap = build_costmap(world, SPEC)
    assert places
    for pose in places:
        offset = np.array([3.75, 1.2]) - [pose.x, pose.y]
        assert 0.5 < np.hypot(*offset) < 0.95
        assert abs(wrap_angle(float(np.arctan2(*offset[::-1])) - pose.yaw)) < 1e-6
        assert costmap.free(pose.x, pose.y)
    best = places[0]
    assert best.x < 3.6, "it stands on the side that the thing is near to"


def test_a_closed_door_is_worked_on_from_straight_before_it():
    best = standpoints(World(), SPEC, "fridge_1", "open")[0]
    assert best.x == pytest.approx(1.0, abs=0.06)
    assert best.y == pytest.approx(3.64 - DOOR_DISTANCE, abs=0.06)
    assert best.yaw == pytest.approx(np.pi / 2)


def test_a_shut_drawer_is_worked_on_from_straight_before_its_face():
    best = standpoints(World(drawer=0.0), SPEC, "drawer_1", "open")[0]
    assert best.x == pytest.approx(3.0, abs=0.06)
    assert best.y == pytest.approx(4.03 - DRAWER_DISTANCE, abs=0.06)
    assert best.yaw == pytest.approx(np.pi / 2)


def test_a_drawer_that_is_out_is_in_the_way_of_the_base_and_reached_into_where_it_is():
    shut, out = World(drawer=0.0), World(drawer=0.29)
    assert build_costmap(shut, SPEC).free(3.0, 3.6)
    assert not build_costmap(out, SPEC).free(3.0, 3.6)
    assert standpoints(out, SPEC, "drawer_1")[0].y < standpoints(shut, SPEC, "drawer_1")[0].y - 0.1


def test_one_reaches_into_a_container_from_its_front_and_beside_its_open_door():
    for pose in standpoints(World(door=1.4), SPEC, "fridge_1"):
        assert pose.y < 3.6
        assert pose.x < 1.3, "not behind the door that stands open"


def test_a_wide_open_door_is_closed_from_nearer_its_middle_where_something_stands_beside_its_hinge():
    free = standpoints(World(door=1.85), SPEC, "fridge_1", "close")
    middle = World().static_map.fixtures["fridge_1"].hinge.panel.pose.translation[0]
    farther = free[0].x + 0.2 * np.sign(free[0].x - middle)
    beside = [replace_position(thing("b_1", 0, 0, 0.1, 0.1), farther, free[0].y)]
    crowded = standpoints(World(door=1.85, objects=beside), SPEC, "fridge_1", "close")
    assert crowded, "it is not given up"
    assert abs(crowded[0].x - middle) < abs(free[0].x - middle)


def test_a_wide_open_door_can_also_be_drawn_in_by_its_edge_from_farther_back():
    near, wide = (standpoints(World(door=d), SPEC, "fridge_1", "close") for d in (0.8, 1.85))
    assert max(abs(p.y - near[0].y) for p in near) < 0.11
    back = max(wide, key=lambda p: abs(p.y - wide[0].y))
    assert abs(back.y - wide[0].y) == pytest.approx(0.18, abs=0.01)
    assert wide[0].y > back.y, "the first choice stays as it was"


def test_there_is_no_standpoint_where_there_is_no_room():
    crowd = [replace_position(thing(f"b_{i}", 0, 0, 0.1, 0.3), x, y) for i, (x, y) in enumerate(
        [(x, y) for x in (2.9, 3.2, 3.5, 4.0, 4.5, 5.0) for y in (0.2, 1.0, 1.9, 2.2)]
    )]  # fmt: skip
    assert standpoints(World(objects=crowd), SPEC, "table_1") == []


def replace_position(entity, x, y):
    return entity.model_copy(update={"position": (x, y, entity.position[2])})


def test_standpoints_are_the_same_every_time():
    world = World()
    assert standpoints(world, SPEC, "table_1") == standpoints(world, SPEC, "table_1")


def test_a_spec_with_a_wider_base_keeps_farther_away():
    wide = replace(SPEC, base=replace(SPEC.base, radius=0.5))
    assert build_costmap(World(), SPEC).free(3.2, 1.0)
    assert not build_costmap(World(), wide).free(3.2, 1.0)


def test_a_place_to_avoid_is_driven_around_where_there_is_room() -> None:
    costmap = build_costmap(World(), SPEC, escape_from=(START.x, START.y))
    goal = Pose2(1.6, 1.6, np.pi / 2)
    line = plan_line(costmap, START, goal, PACE, run_in=False)
    middle = (line[0] + line[1]) / 2.0
    around = plan_line(costmap.avoiding(middle), START, goal, PACE, run_in=False)

    def nearest(points: np.ndarray) -> float:
        dense = [a + k * (b - a) for a, b in pairwise(points) for k in np.linspace(0.0, 1.0, 60)]
        return min(float(np.linalg.norm(p - middle)) for p in dense)

    assert nearest(line) < 0.05
    assert nearest(around) > 0.10
    assert costmap.avoiding(middle).free(*goal.se3().translation[:2])
