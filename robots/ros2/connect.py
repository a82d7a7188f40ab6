"""From a robot's file to a robot that can be driven: the node is started, its map is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.robot import Pose2
from diarchy.robots.ros2.config import Ros2Config, load_config
from diarchy.robots.ros2.port import Port
from diarchy.robots.ros2.robot import Ros2Robot


class MappedRos2Robot(Ros2Robot):
    """A `Ros2Robot` whose file says in what home it is: it brings the map and where it starts."""

    def __init__(self, config: Ros2Config, port: Port, *, description: str | None = None) -> None:
        super().__init__(config, port, description=description)
        self.static_map, at = home_map(config)
        self.start = at
        if self.locates_itself:
            base = self.proprio().odom.se3()
            self.start = Pose2.from_se3(self.map_from_odom() @ base)


def home_map(config: Ros2Config) -> tuple[StaticMap, Pose2]:
    """Return rooms and fixtures of the file's scene, and where the robot starts in it.

    Raises:
        BadInputError: the scene does not exist or is malformed.
    """
    import math

    from diarchy.robots.home.scene import load_scene
    from diarchy.robots.home.static_map import static_map

    asked = config.home.scene or "home"
    beside = config.folder / asked
    scene = load_scene(beside if beside.is_file() else asked, 0)
    at = scene.robot
    start = Pose2(at.x, at.y, math.radians(at.yaw_deg))
    if config.home.start is not None:
        start = Pose2(*config.home.start)
    return static_map(scene), start


def connect(file: str | Path) -> Ros2Robot:
    """Start a node for a robot's file.

    Raises:
        BadInputError: the file is wrong.
        NoRosError: there is no ROS 2 here; the message says how to source an installation.
        StaleDataError: the robot does not publish what it must.
    """
    config = load_config(file)
    if config.home.scene is not None:
        home_map(config)  # a mistake in it is told before anything is started
    port = open_port(config)
    try:
        return MappedRos2Robot(config, port) if config.home.scene else Ros2Robot(config, port)
    except BaseException:
        port.close()
        raise


def open_port(config: Ros2Config) -> Any:
    """Start the rclpy node of a robot's file; raises what `connect` raises."""
    from diarchy.robots.ros2.node import RclpyPort

    return RclpyPort("diarchy", use_sim_time=config.use_sim_time)
