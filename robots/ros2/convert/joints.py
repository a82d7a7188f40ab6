"""Joint states, joint trajectories, and the goals of arm and gripper controllers."""

from __future__ import annotations

import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import FloatArray
from diarchy.robots.ros2.convert import Factory
from diarchy.robots.ros2.convert.geometry import seconds, set_header, set_stamp


@dataclass(frozen=True)
class JointReading:
    """One joint in one JointState: rad or m, their rates, N m or N; what was not told is 0."""

    position: float
    velocity: float
    effort: float


def joint_readings(message: Any) -> dict[str, JointReading]:
    """Read a JointState by names; velocities and efforts may be empty, as drivers leave them.

    Raises:
        BadInputError: fewer positions than names, or one that is not finite.
    """
    names = list(message.name)
    if len(message.position) != len(names):
        raise BadInputError(
            f"a joint state names {len(names)} joints, {len(message.position)} positions"
        )
    velocity = _or_zeros(message.velocity, len(names))
    effort = _or_zeros(message.effort, len(names))
    found = {}
    for i, name in enumerate(names):
        position = float(message.position[i])
        if position - position != 0.0:  # NaN and infinities
            raise BadInputError(f"the position of joint {name} is {position}")
        found[str(name)] = JointReading(position, float(velocity[i]), float(effort[i]))
    return found


def _or_zeros(values: Any, count: int) -> Any:
    return values if len(values) == count else [0.0] * count


def joint_state(
    make: Factory,
    names: Sequence[str],
    position: npt.ArrayLike,
    velocity: npt.ArrayLike,
    effort: npt.ArrayLike,
    stamp: float,
) -> Any:
    """Make a JointState."""
    message = make("sensor_msgs/msg/JointState")
    message.name = list(names)
    tell_joint_state(message, position, velocity, effort, stamp)
    return message


def tell_joint_state(
    message: Any,
    position: npt.ArrayLike,
    velocity: npt.ArrayLike,
    effort: npt.ArrayLike,
    stamp: float,
) -> None:
    """Write readings ``[J]`` into a JointState that has its names already."""
    set_stamp(message.header.stamp, stamp)
    message.position, message.velocity, message.effort = map(_doubles, (position, velocity, effort))


def _doubles(values: npt.ArrayLike) -> array.array[float]:
    return array.array("d", np.asarray(values, dtype=np.float64).tobytes())


@dataclass(frozen=True)
class Trajectory:
    """Joint names, times ``[N]`` s from the start, positions ``[N, J]``, velocities ``[N, J]`` or None."""

    names: tuple[str, ...]
    times: FloatArray
    positions: FloatArray
    velocities: FloatArray | None = None
    start: float = 0.0
    """Stamp of the header, s; 0: at once."""


def trajectory_message(make: Factory, value: Trajectory) -> Any:
    """Make a JointTrajectory."""
    message = make("trajectory_msgs/msg/JointTrajectory")
    if value.start:
        set_header(message.header, value.start, "")
    message.joint_names = list(value.names)
    points = []
    for i, moment in enumerate(value.times):
        point = make("trajectory_msgs/msg/JointTrajectoryPoint")
        point.positions = _doubles(value.positions[i])
        if value.velocities is not None:
            point.velocities = _doubles(value.velocities[i])
        set_stamp(point.time_from_start, float(moment))
        points.append(point)
    message.points = points
    return message


def tell_positions(message: Any, positions: FloatArray, within: float) -> None:
    """Write positions ``[J]`` to be reached in so many s into a JointTrajectory of one point that was made before."""
    point = message.points[0]
    point.positions = _doubles(positions)
    set_stamp(point.time_from_start, within)


def read_trajectory(message: Any) -> Trajectory:
    """Read a JointTrajectory.

    Raises:
        BadInputError: no points, points of another length than the names, values that are not
            finite, or times that do not increase.
    """
    names = tuple(str(n) for n in message.joint_names)
    points = list(message.points)
    if not names or not points:
        raise BadInputError("a joint trajectory needs joint names and at least one point")
    for point in points:
        if len(point.positions) != len(names):
            raise BadInputError(
                f"a trajectory point has {len(point.positions)} positions for {len(names)} joints"
            )
    moments = [seconds(p.time_from_start) for p in points]
    positions = np.array([p.positions for p in points], dtype=np.float64)
    velocities = None
    if all(len(p.velocities) == len(names) for p in points):
        velocities = np.array([p.velocities for p in points], dtype=np.float64)
    if not np.isfinite(positions).all() or (
        velocities is not None and not np.isfinite(velocities).all()
    ):
        raise BadInputError("a joint trajectory has values that are not finite")
    if moments[0] < 0.0 or any(b <= a for a, b in pairwise(moments)):
        raise BadInputError("the times of a joint trajectory do not increase")
    times = np.array(moments)
    return Trajectory(names, times, positions, velocities, seconds(message.header.stamp))


def follow_goal(make: Factory, value: Trajectory, *, time_tolerance: float = 1.0) -> Any:
    """Make a FollowJointTrajectory goal."""
    goal = make("control_msgs/action/FollowJointTrajectory_Goal")
    goal.trajectory = trajectory_message(make, value)
    set_stamp(goal.goal_time_tolerance, time_tolerance)
    return goal


def gripper_goal(make: Factory, position: float, max_effort: float) -> Any:
    """Make a GripperCommand goal: position in the controller's own unit, effort in N (0: no limit)."""
    goal = make("control_msgs/action/GripperCommand_Goal")
    goal.command.position, goal.command.max_effort = float(position), float(max_effort)
    return goal
