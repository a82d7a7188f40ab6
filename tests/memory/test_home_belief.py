"""Predicates believed from renders of the home agree with what is true there."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Action
from diarchy.memory import WorldModel
from diarchy.memory.grip import gripper_from_model
from diarchy.perception import OracleDetector, Perception, ScanLocalizer
from diarchy.robots.home.robot import HomeRobot
from diarchy.robots.home.scene import Scene, load_scene

pytestmark = pytest.mark.slow


def robot_at(x: float, y: float, yaw_deg: float, **changes: object) -> HomeRobot:
    home = load_scene("home").model_dump(by_alias=True)
    home |= {"robot": {"x": x, "y": y, "yaw_deg": yaw_deg}, "goals": (), **changes}
    return HomeRobot(Scene.model_validate(home), seed=1)


def look(robot: HomeRobot, tilts: tuple[float, ...]) -> WorldModel:
    localizer = ScanLocalizer(robot.static_map, robot.start)
    perception = Perception(robot.spec, OracleDetector(lambda: robot.instances), localizer)
    world = WorldModel(robot.static_map, robot.spec)
    for tilt in tilts:
        q = robot.proprio().q.copy()
        q[9] = tilt
        for _ in range(300):
            robot.apply(Action(np.zeros(2), q, 0.1))
        percept = perception.digest(robot.sense(("head_camera",)))
        world.track(robot.proprio(), percept.map_from_base)
        world.integrate(percept)
    return world


def agree(robot: HomeRobot, world: WorldModel) -> int:
    """Check on and in of every believed thing against every fixture; returns how many were true."""
    count = 0
    for thing in (e.id for e in world.entities() if e.movable):
        for fixture in robot.static_map.fixtures:
            for relation in ("on", "in"):
                believed = world.truth(Condition.parse(f"{relation}({thing}, {fixture})"))
                assert believed is Truth.of(robot.truth.holds(relation, thing, fixture))
                count += believed is Truth.TRUE
    return count


@pytest.mark.parametrize(
    ("pose", "fixture", "least"),
    [((7.2, 2.0, 90.0), "coffee_table_1", 3), ((2.6, 1.9, -90.0), "dining_table_1", 2)],
)
def test_tables_before_the_robot_are_inspected_and_read_right(pose, fixture, least) -> None:
    robot = robot_at(*pose)
    world = look(robot, (0.6,))
    assert world.inspected(fixture) == robot.clock.now()
    assert world.truth(Condition.parse(f"near({fixture})")) is Truth.TRUE
    assert agree(robot, world) >= least
    robot.close()


@pytest.mark.parametrize(("angle", "seen"), [(0.0, False), (1.9, True)])
def test_the_fridge_shows_its_inside_only_when_open(angle: float, seen: bool) -> None:
    robot = robot_at(2.65, 3.5, 90.0, objects=[{"class": "Apple", "where": "fridge_1"}])
    robot.set_door("fridge_1", angle)
    world = look(robot, (0.1, 0.45))
    assert (world.inspected("fridge_1") is not None) is seen
    assert world.truth(Condition.parse("open(fridge_1)")) is Truth.of(seen)
    expected = Truth.TRUE if seen else Truth.UNKNOWN
    assert world.truth(Condition.parse("in(*, fridge_1)")) is expected
    assert agree(robot, world) == int(seen)
    robot.close()


def test_the_gripper_is_where_the_robots_own_model_says() -> None:
    robot = robot_at(3.3, 2.5, 30.0)
    proprio = robot.proprio()
    believed = robot.truth.base().se3() @ gripper_from_model(robot.spec)(proprio)
    assert np.allclose(believed.translation, robot.truth.gripper().translation, atol=0.005)
    robot.close()
