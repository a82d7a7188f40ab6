"""Time stamps, poses, transforms and velocities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Pose2
from diarchy.robots.ros2.convert import Factory

NANO = 1_000_000_000
_FIRST, _LAST = float(-(2**31)), float(2**31 - 1)
_UNIT = 0.01
"""A quaternion whose length is further off 1 than this was not meant as a rotation."""


def nanoseconds(stamp: Any) -> int:
    """Return a Time or Duration as whole nanoseconds."""
    return int(stamp.sec) * NANO + int(stamp.nanosec)


def seconds(stamp: Any) -> float:
    """Return a Time or Duration in seconds."""
    return int(stamp.sec) + int(stamp.nanosec) * 1e-9


def set_stamp(stamp: Any, value: float) -> None:
    """Write seconds into a Time or Duration; negative durations borrow from ``sec`` as ROS 2 has it.

    Raises:
        BadInputError: not finite, or outside what 32 bits of seconds hold.
    """
    if not _FIRST <= value < _LAST:  # NaN and infinities too
        raise BadInputError(f"{value} s cannot be a ROS time stamp")
    stamp.sec, stamp.nanosec = divmod(round(value * NANO), NANO)


def set_header(header: Any, stamp: float, frame: str) -> None:
    """Write stamp (s) and frame into a Header."""
    set_stamp(header.stamp, stamp)
    header.frame_id = frame


def rotation_of(quaternion: Any) -> tuple[float, float, float, float]:
    """Return w, x, y, z of a Quaternion.

    Raises:
        BadInputError: it is no unit quaternion (an all-zero one is what unset fields look like).
    """
    q = (float(quaternion.w), float(quaternion.x), float(quaternion.y), float(quaternion.z))
    length = math.sqrt(sum(v * v for v in q))
    if not abs(length - 1.0) <= _UNIT:  # NaN fails too
        raise BadInputError(f"a rotation's quaternion has length {length:.3g} instead of 1")
    return q


def quaternion_of(pose: SE3) -> tuple[float, float, float, float]:
    """Return w, x, y, z of a rotation matrix (Shepperd 1978); scipy's takes a millisecond a call here."""
    (a, b, c), (d, e, f), (g, h, i) = pose.rotation.tolist()
    options = (a + e + i, a - e - i, e - a - i, i - a - e)
    largest = max(range(4), key=options.__getitem__)
    twice = math.sqrt(max(1.0 + options[largest], 1e-12))
    part = 0.5 / twice
    return (
        (0.5 * twice, (h - f) * part, (c - g) * part, (d - b) * part),
        ((h - f) * part, 0.5 * twice, (b + d) * part, (c + g) * part),
        ((c - g) * part, (b + d) * part, 0.5 * twice, (f + h) * part),
        ((d - b) * part, (c + g) * part, (f + h) * part, 0.5 * twice),
    )[largest]


def pose_to_se3(pose: Any) -> SE3:
    """Read a Pose.

    Raises:
        BadInputError: the orientation is no unit quaternion, or a value is not finite.
    """
    return _se3(pose.position, pose.orientation)


def transform_to_se3(transform: Any) -> SE3:
    """Read a Transform; raises what `pose_to_se3` raises."""
    return _se3(transform.translation, transform.rotation)


def _se3(at: Any, quaternion: Any) -> SE3:
    point = (float(at.x), float(at.y), float(at.z))
    if not all(map(math.isfinite, point)):
        raise BadInputError(f"a pose has a position that is not finite: {point}")
    return SE3.from_quat(np.array(point), rotation_of(quaternion))


def fill_pose(pose: Any, value: SE3) -> Any:
    """Write an SE3 into a Pose; returns it."""
    _fill(pose.position, pose.orientation, value)
    return pose


def fill_transform(transform: Any, value: SE3) -> Any:
    """Write an SE3 into a Transform; returns it."""
    _fill(transform.translation, transform.rotation, value)
    return transform


def _fill(at: Any, quaternion: Any, value: SE3) -> None:
    at.x, at.y, at.z = (float(v) for v in value.translation)
    w, x, y, z = quaternion_of(value)
    quaternion.w, quaternion.x, quaternion.y, quaternion.z = w, x, y, z


def fill_planar(pose: Any, value: Pose2) -> Any:
    """Write a planar pose into a Pose, without the detour over a rotation matrix; returns it."""
    pose.position.x, pose.position.y, pose.position.z = float(value.x), float(value.y), 0.0
    q = pose.orientation
    q.x, q.y = 0.0, 0.0
    q.z, q.w = math.sin(0.5 * value.yaw), math.cos(0.5 * value.yaw)
    return pose


def planar(pose: Any) -> Pose2:
    """Read a Pose as a planar one: height, roll and pitch are dropped; raises what `pose_to_se3` raises."""
    x, y = float(pose.position.x), float(pose.position.y)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadInputError(f"a pose has a position that is not finite: {(x, y)}")
    w, i, j, k = rotation_of(pose.orientation)
    return Pose2(x, y, math.atan2(2.0 * (w * k + i * j), 1.0 - 2.0 * (j * j + k * k)))


def pose_stamped(make: Factory, value: SE3, frame: str, stamp: float) -> Any:
    """Make a PoseStamped."""
    message = make("geometry_msgs/msg/PoseStamped")
    set_header(message.header, stamp, frame)
    fill_pose(message.pose, value)
    return message


def transform_stamped(make: Factory, value: SE3, parent: str, child: str, stamp: float) -> Any:
    """Make a TransformStamped: ``value`` is ``parent_from_child``."""
    message = make("geometry_msgs/msg/TransformStamped")
    set_header(message.header, stamp, parent)
    message.child_frame_id = child
    fill_transform(message.transform, value)
    return message


def transforms(make: Factory, entries: list[Any]) -> Any:
    """Make a TFMessage of TransformStamped."""
    message = make("tf2_msgs/msg/TFMessage")
    message.transforms = list(entries)
    return message


def velocity_of(twist: Any) -> tuple[float, float]:
    """Read forward m/s and turning rad/s of a Twist."""
    return float(twist.linear.x), float(twist.angular.z)


def _fill_velocity(twist: Any, forward: float, turning: float) -> None:
    """All six are written: a message may have been used before."""
    twist.linear.x, twist.linear.y, twist.linear.z = float(forward), 0.0, 0.0
    twist.angular.x, twist.angular.y, twist.angular.z = 0.0, 0.0, float(turning)


def twist(make: Factory, forward: float, turning: float) -> Any:
    """Make a Twist of forward m/s and turning rad/s."""
    message = make("geometry_msgs/msg/Twist")
    _fill_velocity(message, forward, turning)
    return message


def twist_stamped(make: Factory, forward: float, turning: float, frame: str, stamp: float) -> Any:
    """Make a TwistStamped in a frame."""
    message = make("geometry_msgs/msg/TwistStamped")
    set_header(message.header, stamp, frame)
    _fill_velocity(message.twist, forward, turning)
    return message


def tell_velocity(message: Any, forward: float, turning: float, stamp: float) -> None:
    """Write forward m/s and turning rad/s into a Twist or TwistStamped that was made by this module before."""
    twist = message
    if hasattr(message, "header"):
        set_stamp(message.header.stamp, stamp)
        twist = message.twist
    twist.linear.x, twist.angular.z = float(forward), float(turning)
