"""The simulated home behind a ROS 2 network without ROS: the whole stack, one process, lockstep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diarchy.robots.home import HomeRobot, Scene
from diarchy.robots.ros2.config import Ros2Config, load_config
from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.peer import HomePeer
from diarchy.robots.ros2.robot import Ros2Robot


class HomeOverRos(Ros2Robot):
    """A `Ros2Robot` whose peer is in the same process, so that a judge can ask the simulator.

    Args:
        scene: as `HomeRobot` takes it.
        seed: likewise.
        config: the robot's file; the shipped ``home`` by default.
        camera_size: width and height of pictures.
    """

    def __init__(
        self,
        scene: Scene | str | Path = "home",
        seed: int = 0,
        *,
        config: Ros2Config | None = None,
        camera_size: tuple[int, int] = (640, 480),
    ) -> None:
        config = config or load_config("home")
        self.home = HomeRobot(scene, seed=seed, camera_size=camera_size)
        self.network = FakeNetwork(self.home.clock.period)
        # A robot that is told where it is needs a peer that tells it, from the start.
        told = config.home.localization == "tf"
        self.peer = HomePeer(self.home, FakePort(self.network), config, localize=told)
        self.network.step = self.peer.step
        super().__init__(config, FakePort(self.network))
        self.static_map, self.start = self.home.static_map, self.home.start
        self.truth: Any = self.home.truth
        self.scene, self.seed = self.home.scene, seed
        self.render = self.home.render

    def close(self) -> None:
        """Close both ends; idempotent."""
        super().close()
        self.home.close()
