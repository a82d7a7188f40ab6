from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot, Scene
from diarchy.robots.home.scene import parse_scene


@pytest.fixture
def home() -> Iterator[HomeRobot]:
    robot = HomeRobot("home", seed=0)
    yield robot
    robot.close()


@pytest.fixture
def small_scene() -> Callable[..., Scene]:
    """One room with one table and one can on it, the robot before it; arguments replace keys."""
    return _small_scene


@pytest.fixture(scope="session")
def showroom() -> Callable[..., Scene]:
    """A hall with every class of fixture once; arguments replace keys."""
    return _showroom


@pytest.fixture
def drive() -> Callable[..., None]:
    """Keep the present joint targets and command the base for some ticks."""
    return _drive


def _small_scene(**changes: object) -> Scene:
    content: dict[str, object] = {
        "name": "small",
        "rooms": {"kitchen": {"bounds": [0, 0, 5, 5], "floor": "tiles"}},
        "fixtures": [{"class": "DiningTable", "x": 1.5, "y": 2.5, "yaw_deg": 180}],
        "objects": [{"class": "SodaCan", "where": [1.32, 2.5, 0.741]}],
        "robot": {"x": 0.72, "y": 2.5, "posture": "carry"},
    }
    return parse_scene({**content, **changes})


def _showroom(**changes: object) -> Scene:
    row = {
        "CounterTop": 1.2, "SinkBasin": 2.56, "Stove": 3.32, "CoffeeMachine": 3.88, "Microwave": 4.5,
        "Fridge": 5.25, "Cabinet": 6.1, "Dresser": 7.2, "SideTable": 8.1,
    }  # fmt: skip
    fixtures: list[dict[str, object]] = [
        {"class": cls, "x": x, "y": 5.6, "yaw_deg": -90} for cls, x in row.items()
    ]
    fixtures += [
        {"class": "Desk", "x": 9.1, "y": 3.6, "yaw_deg": 180},
        {"class": "Bed", "x": 8.4, "y": 1.2, "yaw_deg": 180},
        {"class": "DiningTable", "x": 0.8, "y": 2.6},
        {"class": "CoffeeTable", "x": 0.8, "y": 1.0},
        {"class": "Shelf", "x": 2.4, "y": 0.3, "yaw_deg": 90},
        {"class": "Sofa", "x": 4.4, "y": 0.6, "yaw_deg": 90},
        {"class": "GarbageCan", "x": 5.8, "y": 0.4, "yaw_deg": 90},
        {"class": "HousePlant", "x": 6.5, "y": 0.4, "yaw_deg": 90},
    ]
    content: dict[str, object] = {
        "name": "showroom",
        "rooms": {"hall": {"bounds": [0, 0, 9.5, 6]}},
        "fixtures": fixtures,
        "robot": {"x": 4.5, "y": 3.0},
    }
    return parse_scene({**content, **changes})


def _drive(robot: HomeRobot, v: float, w: float, ticks: int, gripper: float = 0.0) -> None:
    commanded = robot.proprio().commanded
    q = robot.proprio().q if commanded is None else commanded.joints
    for _ in range(ticks):
        robot.apply(Action(np.array([v, w]), q, gripper))
