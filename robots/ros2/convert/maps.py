"""Odometry and occupancy grids."""

from __future__ import annotations

import array
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Pose2
from diarchy.robots.ros2.convert import Factory
from diarchy.robots.ros2.convert.geometry import (
    _fill_velocity,
    fill_planar,
    fill_pose,
    planar,
    pose_to_se3,
    set_header,
    set_stamp,
    velocity_of,
)


@dataclass(frozen=True)
class BaseReading:
    """What an Odometry says: the pose in the odometry frame, forward m/s, turning rad/s."""

    pose: Pose2
    forward: float
    turning: float


def odometry_reading(message: Any) -> BaseReading:
    """Read an Odometry.

    Raises:
        BadInputError: the pose is malformed or a velocity is not finite.
    """
    forward, turning = velocity_of(message.twist.twist)
    if not (math.isfinite(forward) and math.isfinite(turning)):
        raise BadInputError(f"an odometry has velocities {forward}, {turning}")
    return BaseReading(planar(message.pose.pose), forward, turning)


def odometry(make: Factory, value: BaseReading, frame: str, child: str, stamp: float) -> Any:
    """Make an Odometry of ``child`` in ``frame``."""
    message = make("nav_msgs/msg/Odometry")
    message.header.frame_id, message.child_frame_id = frame, child
    tell_odometry(message, value, stamp)
    return message


def tell_odometry(message: Any, value: BaseReading, stamp: float) -> None:
    """Write a reading into an Odometry that has its frames already."""
    set_stamp(message.header.stamp, stamp)
    fill_planar(message.pose.pose, value.pose)
    _fill_velocity(message.twist.twist, value.forward, value.turning)


@dataclass(frozen=True)
class Grid:
    """An occupancy grid: ``cells`` ``[H, W]`` int8 (0 free to 100 solid, -1 unknown), row 0 at the origin.

    ``resolution`` is m a cell; ``origin`` the pose in the grid's frame of the corner of cell (0, 0).
    """

    cells: npt.NDArray[np.int8]
    resolution: float
    origin: SE3

    def value_at(self, x: float, y: float) -> int:
        """Return the cell that a point of the grid's frame lies in; -1 outside."""
        local = self.origin.inverse().apply([x, y, 0.0])
        column, row = (math.floor(v / self.resolution) for v in local[:2].tolist())
        height, width = self.cells.shape
        inside = 0 <= row < height and 0 <= column < width
        return int(self.cells[row, column]) if inside else -1


def read_grid(message: Any) -> Grid:
    """Read an OccupancyGrid.

    Raises:
        BadInputError: the size does not fit the data, or there is no resolution.
    """
    width, height = int(message.info.width), int(message.info.height)
    cells = np.array(message.data, dtype=np.int8)
    resolution = float(message.info.resolution)
    if cells.size != width * height or not resolution > 0.0:
        raise BadInputError(
            f"an occupancy grid of {width} x {height} cells of {resolution} m has {cells.size} values"
        )
    return Grid(cells.reshape(height, width), resolution, pose_to_se3(message.info.origin))


def grid_message(make: Factory, value: Grid, frame: str, stamp: float) -> Any:
    """Make an OccupancyGrid."""
    message = make("nav_msgs/msg/OccupancyGrid")
    set_header(message.header, stamp, frame)
    info = message.info
    info.resolution = float(value.resolution)
    info.height, info.width = (int(n) for n in value.cells.shape)
    fill_pose(info.origin, value.origin)
    message.data = array.array("b", np.ascontiguousarray(value.cells, dtype=np.int8).tobytes())
    return message
