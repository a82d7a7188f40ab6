from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mujoco")
sys.path.append(str(Path(__file__).parent))

from simple import SimplePeer

from diarchy.contracts.robot import Action
from diarchy.robots.ros2.config import Ros2Config, load_config
from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.robot import Ros2Robot


@pytest.fixture(scope="session")
def config() -> Ros2Config:
    return load_config("home")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(0.005)


@pytest.fixture
def peer(network: FakeNetwork, config: Ros2Config) -> SimplePeer:
    return SimplePeer(network, config)


@pytest.fixture
def robot(network: FakeNetwork, peer: SimplePeer, config: Ros2Config) -> Iterator[Ros2Robot]:
    made = Ros2Robot(config, FakePort(network))
    yield made
    made.close()


@pytest.fixture
def hold(robot: Ros2Robot) -> Callable[..., Action]:
    """An action that keeps the joints where they are; arguments are the base's velocity."""
    q = robot.proprio().q

    def make(forward: float = 0.0, turning: float = 0.0) -> Action:
        return Action(np.array([forward, turning]), q.copy(), 0.05)

    return make
