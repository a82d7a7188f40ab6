"""Every class of thing: what it is made of, that it rests where it is put, that it holds what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Action
from diarchy.memory.belief import CAN_HOLD
from diarchy.robots.home import HomeRobot, Scene
from diarchy.robots.home.looks import COLOURS
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.parts import Part, part_pose

TOP = 0.74
ALFRED = (
    "AlarmClock", "Apple", "Book", "Bowl", "Box", "Bread", "Candle", "CellPhone", "Cup", "DishSponge",
    "Egg", "Fork", "KeyChain", "Mug", "Pencil", "PepperShaker", "Plate", "Pot", "Potato",
    "RemoteControl", "SaltShaker", "SoapBar", "SoapBottle", "Spoon", "Statue", "TissueBox",
    "ToiletPaper", "Tomato", "Vase", "WineBottle",
)  # fmt: skip


def _half_extent(part: Part) -> np.ndarray:
    """Half the size of the upright box around a part, in the frame of the thing."""
    if part.shape == "lathe":
        return np.array(part.size) / 2.0
    return np.asarray(np.abs(part_pose(part).rotation) @ np.array(part.size) / 2.0)


def test_the_classes_are_those_that_people_name() -> None:
    missing = set(ALFRED) - set(OBJECT_CLASSES)
    assert not missing
    assert len(OBJECT_CLASSES) >= 26


@pytest.mark.parametrize("name", sorted(OBJECT_CLASSES))
def test_a_class_fits_its_extent_its_colours_and_the_hand(name: str) -> None:
    cls = OBJECT_CLASSES[name]
    assert all(color in COLOURS for color in cls.colors)
    assert 0.01 < cls.mass < 0.7
    for color in cls.colors:
        solid = [p for p in cls.parts(color) if p.solid]
        low = np.min([np.array(p.at) - _half_extent(p) for p in solid], axis=0)
        high = np.max([np.array(p.at) + _half_extent(p) for p in solid], axis=0)
        # Boxes that approximate a round wall stick out at their corners.
        assert np.all(high - low <= np.array(cls.extent) + 0.021), color
        assert -0.001 < low[2] < 0.001, color
    graspable = min(cls.extent[:2]) <= 0.088
    assert graspable or cls.holds, "wider than the hand, and without a rim"


def test_the_belief_agrees_on_what_holds_others() -> None:
    for name, cls in OBJECT_CLASSES.items():
        assert CAN_HOLD.get(name, ()) == cls.holds, name


@pytest.fixture
def on_table(small_scene: Callable[..., Scene]) -> Iterator[Callable[..., HomeRobot]]:
    robots: list[HomeRobot] = []

    def build(*classes: str) -> HomeRobot:
        """Put things on the table, half a table apart."""
        things = [
            {"class": c, "where": [1.5, 2.5 + 0.42 * (i - 1), TOP + 0.001], "yaw_deg": 40}
            for i, c in enumerate(classes)
        ]
        robots.append(HomeRobot(small_scene(objects=things)))
        return robots[-1]

    yield build
    for robot in robots:
        robot.close()


def _rest(robot: HomeRobot, ticks: int) -> None:
    q = robot.proprio().q
    for _ in range(ticks):
        robot.apply(Action(np.zeros(2), q, 0.0))


@pytest.mark.parametrize("start", range(0, len(OBJECT_CLASSES), 3))
def test_a_thing_on_a_table_stays_where_it_was_put(
    on_table: Callable[..., HomeRobot], start: int
) -> None:
    robot = on_table(*sorted(OBJECT_CLASSES)[start : start + 3])
    truth = robot.truth
    at = {name: truth.pose(name).translation for name in truth.objects}
    _rest(robot, 200)
    for name in truth.objects:
        pose = truth.pose(name)
        assert np.linalg.norm(pose.translation - at[name]) < 0.001, name
        assert abs(pose.translation[2] - TOP) < 0.002, name
        assert pose.rotation[2, 2] > 0.999, name


@pytest.mark.parametrize(
    ("container", "content", "up"),
    [
        ("Plate", "Apple", 0.010),
        ("Bowl", "Egg", 0.012),
        ("Box", "Tomato", 0.010),
        ("Pot", "Potato", 0.012),
        ("Mug", "Egg", 0.012),
        ("Plate", "Spoon", 0.040),
    ],
)
def test_what_is_put_on_or_in_a_container_stays_there(
    on_table: Callable[..., HomeRobot], container: str, content: str, up: float
) -> None:
    robot = on_table(container, content)
    truth = robot.truth
    holder, thing = truth.objects
    at = truth.pose(holder).translation + np.array([0.0, 0.0, up])
    truth.place(thing, SE3.from_xyz_yaw(*(float(v) for v in at), 0.4))
    _rest(robot, 260)
    local = truth.pose(holder).inverse().apply(truth.centre(thing))
    cls = OBJECT_CLASSES[container]
    assert np.all(np.abs(local[:2]) < np.array(cls.extent[:2]) / 2.0)
    assert 0.0 < local[2] < cls.extent[2] + 0.05
    before = truth.centre(thing)
    _rest(robot, 100)
    assert np.linalg.norm(truth.centre(thing) - before) < 0.002


def test_spoon_fork_and_pencil_fit_into_mug_and_cup() -> None:
    for vessel, wall in (("Mug", 0.005), ("Cup", 0.004)):
        inner = OBJECT_CLASSES[vessel].extent[1] - 2 * wall
        assert inner > 0.06
        for name in ("Spoon", "Fork", "Pencil"):
            assert OBJECT_CLASSES[name].extent[1] < inner - 0.02
