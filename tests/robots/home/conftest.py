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


def _drive(robot: HomeRobot, v: float, w: float, ticks: int, gripper: float = 0.0) -> None:
    commanded = robot.proprio().commanded
    q = robot.proprio().q if commanded is None else commanded.joints
    for _ in range(ticks):
        robot.apply(Action(np.array([v, w]), q, gripper))
