from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import Action
from diarchy.perception.oracle import OracleDetector
from diarchy.robots.home import HomeRobot, Scene

Objects = list[dict[str, Any]]
HZ = 200


@pytest.fixture
def kitchen(small_scene: Callable[..., Scene]) -> Iterator[Callable[..., HomeRobot]]:
    """A kitchen with every device, the robot before the counter; arguments are the objects."""
    robots: list[HomeRobot] = []

    def make(*objects: dict[str, Any], **changes: Any) -> HomeRobot:
        fixtures = [
            {"class": "SinkBasin", "x": 0.6, "y": 4.6, "yaw_deg": -90},
            {"class": "CounterTop", "x": 2.0, "y": 4.6, "yaw_deg": -90},
            {"class": "Microwave", "x": 3.3, "y": 4.6, "yaw_deg": -90},
            {"class": "Fridge", "x": 4.2, "y": 4.6, "yaw_deg": -90},
            {"class": "Desk", "x": 4.5, "y": 2.5, "yaw_deg": 180},
            {"class": "GarbageCan", "x": 0.4, "y": 2.0},
        ]
        start = {"x": 2.0, "y": 3.45, "yaw_deg": 90}
        content = {"fixtures": fixtures, "objects": list(objects), "robot": start, **changes}
        robot = HomeRobot(small_scene(**content), camera_size=(320, 240))
        robots.append(robot)
        return robot

    yield make
    for robot in robots:
        robot.close()


def wait(robot: HomeRobot, seconds: float) -> None:
    held = Action(np.zeros(2), robot.proprio().q, 0.0)
    for _ in range(round(seconds * HZ)):
        robot.apply(held)


def into(robot: HomeRobot, thing: str, fixture: str) -> None:
    place = robot.static_map.fixtures[fixture].surfaces[0].pose.translation
    robot.move_object(thing, place + np.array([0.0, 0.0, 0.003]))


def label(robot: HomeRobot, entity_id: str) -> Any:
    return next(v for v in robot.instances.values() if v.entity_id == entity_id)


ON_COUNTER = {"class": "Potato", "where": [2.0, 4.45, 0.881]}


def test_a_potato_in_the_closed_fridge_is_cold_after_seven_seconds_but_not_after_four(
    kitchen: Callable[..., HomeRobot],
) -> None:
    robot = kitchen(ON_COUNTER)
    into(robot, "potato_1", "fridge_1")
    wait(robot, 4.0)
    assert not robot.truth.holds("cold", "potato_1")
    wait(robot, 3.0)
    assert robot.truth.holds("cold", "potato_1")
    assert label(robot, "potato_1").attributes["temperature"] == "cold"


def test_an_open_fridge_leaves_things_as_they_are(kitchen: Callable[..., HomeRobot]) -> None:
    robot = kitchen(ON_COUNTER)
    into(robot, "potato_1", "fridge_1")
    robot.set_door("fridge_1", 0.5)
    wait(robot, 7.0)
    assert robot.truth.state("potato_1")["temperature"] == pytest.approx(21.0)


def test_a_potato_in_a_bowl_gets_hot_in_the_running_microwave_which_stops_when_opened(
    kitchen: Callable[..., HomeRobot],
) -> None:
    robot = kitchen({"class": "Bowl", "where": [2.2, 4.45, 0.881]}, {**ON_COUNTER})
    into(robot, "bowl_1", "microwave_1")
    into(robot, "potato_1", "microwave_1")
    robot.move_object("potato_1", robot.truth.pose("bowl_1").apply([0.0, 0.0, 0.02]))
    wait(robot, 0.3)
    assert robot.truth.holds("in", "potato_1", "bowl_1")
    robot.set_power("microwave_1", True)
    wait(robot, 6.0)
    assert robot.truth.holds("hot", "potato_1")
    assert robot.truth.holds("running", "microwave_1")
    assert label(robot, "microwave_1").power is True
    robot.set_door("microwave_1", 0.3)
    assert not robot.truth.holds("running", "microwave_1")
    with pytest.raises(BadInputError, match="close it first"):
        robot.set_power("microwave_1", True)


def test_a_pressed_button_starts_the_microwave_once(kitchen: Callable[..., HomeRobot]) -> None:
    robot = kitchen()
    control = robot.static_map.fixtures["microwave_1"].control
    assert control is not None
    joint = robot._data.joint("microwave_1/button")
    force = robot._data.qfrc_applied
    address = int(robot._model.joint("microwave_1/button").dofadr[0])
    force[address] = 20.0
    wait(robot, 0.5)
    assert float(joint.qpos[0]) > 0.8 * control.travel
    assert robot.truth.power("microwave_1")
    force[address] = 0.0
    wait(robot, 0.5)
    assert robot.truth.power("microwave_1")
    force[address] = 20.0
    wait(robot, 0.5)
    assert not robot.truth.power("microwave_1")


def test_water_runs_when_the_lever_is_turned_and_cleans_what_is_in_the_basin(
    kitchen: Callable[..., HomeRobot],
) -> None:
    mug = {"class": "Mug", "where": [0.6, 4.5, 0.742], "dirty": True}
    robot = kitchen(mug, {**ON_COUNTER, "dirty": True})
    assert label(robot, "mug_1").attributes["cleanliness"] == "dirty"
    robot.set_power("sink_basin_1", True)
    wait(robot, 3.3)
    assert robot.truth.holds("running", "sink_basin_1")
    assert robot.truth.holds("clean", "mug_1")
    assert robot.truth.state("potato_1")["dirty"]
    robot.set_power("sink_basin_1", False)
    assert not robot.truth.power("sink_basin_1")
    into(robot, "mug_1", "garbage_can_1")
    wait(robot, 0.6)
    assert not robot.truth.holds("clean", "mug_1")


def test_a_book_on_the_desk_is_lit_only_while_the_lamp_is_on(
    kitchen: Callable[..., HomeRobot],
) -> None:
    robot = kitchen({"class": "Book", "where": [4.4, 2.6, 0.742]}, ON_COUNTER)
    assert not robot.truth.holds("lit", "book_1")
    robot.set_power("desk_lamp_1", True)
    wait(robot, 0.2)
    assert robot.truth.holds("lit", "book_1")
    assert not robot.truth.holds("lit", "potato_1")


def test_the_scene_says_what_is_hot_cold_or_dirty_at_the_start(
    kitchen: Callable[..., HomeRobot],
) -> None:
    robot = kitchen(
        {**ON_COUNTER, "temperature": "hot"},
        {"class": "Apple", "where": [2.3, 4.45, 0.881], "temperature": "cold", "dirty": True},
    )
    assert robot.truth.holds("hot", "potato_1")
    assert robot.truth.holds("cold", "apple_1")
    assert label(robot, "apple_1").attributes == {
        "color": "red",
        "temperature": "cold",
        "cleanliness": "dirty",
    }


def test_the_oracle_reports_states_and_power(kitchen: Callable[..., HomeRobot]) -> None:
    robot = kitchen({**ON_COUNTER, "temperature": "hot"}, robot={"x": 2.6, "y": 3.3, "yaw_deg": 90})
    frame = robot.sense(["head_camera"]).frames["head_camera"]
    seen = {d.instance: d for d in OracleDetector(lambda: robot.instances).detect(frame)}
    assert seen["potato_1"].attributes["temperature"] == "hot"
    assert seen["microwave_1"].power is False
    assert seen["microwave_1"].opening == pytest.approx(0.0, abs=1e-3)
    assert seen["counter_top_1"].power is None


@pytest.mark.parametrize(
    ("state", "least"),
    [({"temperature": "cold"}, 20.0), ({"dirty": True}, 3.0), ({"temperature": "hot"}, 3.0)],
)
def test_a_state_changes_the_colours_and_neither_depth_nor_instances(
    kitchen: Callable[..., HomeRobot], state: dict[str, Any], least: float
) -> None:
    robot = kitchen(ON_COUNTER)
    before = robot.sense(["head_camera"]).frames["head_camera"]
    robot.set_state("potato_1", **state)
    after = robot.sense(["head_camera"]).frames["head_camera"]
    ids = next(i for i, v in robot.instances.items() if v.entity_id == "potato_1")
    assert before.instance_ids is not None
    rows, columns = np.nonzero(before.instance_ids == ids)
    around = (slice(max(0, rows.min() - 30), rows.max() + 1), slice(columns.min(), columns.max()))
    change = np.abs(after.rgb[around].astype(float) - before.rgb[around].astype(float))
    assert change.max() > 40.0
    assert change.mean() > least
    np.testing.assert_array_equal(before.depth, after.depth)
    np.testing.assert_array_equal(before.instance_ids, after.instance_ids)


def test_wrong_names_in_events_say_what_exists(kitchen: Callable[..., HomeRobot]) -> None:
    robot = kitchen(ON_COUNTER)
    for call, fragment in (
        (lambda: robot.set_power("microwve_1", True), "microwave_1"),
        (lambda: robot.set_power("fridge_1", True), "cannot be switched"),
        (lambda: robot.set_state("potatoe_1", dirty=True), "potato_1"),
        (lambda: robot.set_state("potato_1", temperature="tepid"), "hot, cold, ambient"),
        (lambda: robot.set_state("potato_1", temperature=400.0), "between 5 and 85"),
        (lambda: robot.move_person("person_1", 1.0, 1.0, 0.0), "no person"),
        (lambda: robot.knock_from_hand(), "nothing is in the gripper"),
    ):
        with pytest.raises(BadInputError, match=fragment):
            call()
