"""Laser scans and point clouds."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import LidarScan
from diarchy.robots.ros2.convert import Factory
from diarchy.robots.ros2.convert.geometry import set_header
from diarchy.robots.ros2.convert.images import bytes_of

_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 8: "f8"}
_FLOAT32 = 7


def laser_to_scan(message: Any, base_from_lidar: SE3, stamp: float) -> LidarScan:
    """Read a LaserScan; what is outside its range limits (or NaN) is no return.

    Raises:
        BadInputError: the angles are not finite, or there are none.
    """
    start, step = float(message.angle_min), float(message.angle_increment)
    ranges = np.array(message.ranges, dtype=np.float64)
    if not (np.isfinite(start) and np.isfinite(step)) or not step or not len(ranges):
        raise BadInputError(
            f"a laser scan starts at {start} rad, steps {step} rad and has {len(ranges)} ranges"
        )
    with np.errstate(invalid="ignore"):
        good = (ranges >= float(message.range_min)) & (ranges <= float(message.range_max))
    angles = np.asarray(start + step * np.arange(len(ranges)), dtype=np.float64)
    return LidarScan(stamp, angles, np.where(good, ranges, np.inf), base_from_lidar)


def scan_to_laser(
    make: Factory,
    scan: LidarScan,
    frame: str,
    stamp: float,
    *,
    range_min: float = 0.02,
    range_max: float = 30.0,
) -> Any:
    """Make a LaserScan of evenly spaced angles; no return is written as inf (REP 117)."""
    message = make("sensor_msgs/msg/LaserScan")
    set_header(message.header, stamp, frame)
    step = float(scan.angles[1] - scan.angles[0]) if len(scan.angles) > 1 else 1.0
    message.angle_min, message.angle_max = float(scan.angles[0]), float(scan.angles[-1])
    message.angle_increment = step
    message.time_increment, message.scan_time = 0.0, 0.0
    message.range_min, message.range_max = float(range_min), float(range_max)
    message.ranges = array.array("f", scan.ranges.astype(np.float32).tobytes())
    return message


def cloud_to_points(message: Any) -> FloatArray:
    """Return the points of a PointCloud2 with finite x, y, z as ``[N, 3]`` m in its own frame.

    Raises:
        BadInputError: x, y or z is missing or of no number type, or octets are missing.
    """
    wanted = {f.name: f for f in message.fields if f.name in ("x", "y", "z")}
    if len(wanted) < 3:
        names = ", ".join(str(f.name) for f in message.fields)
        raise BadInputError(f"a point cloud needs the fields x, y, z; it has {names or 'none'}")
    order, step = (">" if message.is_bigendian else "<"), int(message.point_step)
    try:
        dtype = np.dtype(
            {
                "names": ["x", "y", "z"],
                "formats": [order + _TYPES[int(wanted[n].datatype)] for n in "xyz"],
                "offsets": [int(wanted[n].offset) for n in "xyz"],
                "itemsize": step,
            }
        )
    except (KeyError, ValueError) as error:
        raise BadInputError(f"a point cloud's fields make no sense: {error}") from error
    height, width, row = int(message.height), int(message.width), int(message.row_step)
    data = np.frombuffer(bytes_of(message.data), dtype=np.uint8)
    if row < width * step or len(data) < height * row:
        raise BadInputError(
            f"a point cloud of {width} x {height} points has {len(data)} octets only"
        )
    rows = data[: height * row].reshape(height, row)[:, : width * step]
    table = np.ascontiguousarray(rows).reshape(-1).view(dtype)
    points = np.stack([table[n].astype(np.float64) for n in "xyz"], axis=1)
    return np.asarray(points[np.isfinite(points).all(axis=1)])


def points_to_cloud(make: Factory, points: npt.ArrayLike, frame: str, stamp: float) -> Any:
    """Make an unordered PointCloud2 of ``[N, 3]`` points as float32 x, y, z."""
    values = np.asarray(points, dtype="<f4").reshape(-1, 3)
    message = make("sensor_msgs/msg/PointCloud2")
    set_header(message.header, stamp, frame)
    message.height, message.width = 1, len(values)
    entries = []
    for i, name in enumerate("xyz"):
        field = make("sensor_msgs/msg/PointField")
        field.name, field.offset, field.datatype, field.count = name, 4 * i, _FLOAT32, 1
        entries.append(field)
    message.fields = entries
    message.is_bigendian, message.is_dense = False, True
    message.point_step, message.row_step = 12, 12 * len(values)
    message.data = array.array("B", values.tobytes())
    return message


def points_to_scan(
    points: FloatArray,
    base_from_cloud: SE3,
    stamp: float,
    *,
    height: tuple[float, float],
    beams: int,
) -> LidarScan:
    """Flatten a cloud to a planar scan around the base: the nearest point of each direction.

    Args:
        points: ``[N, 3]`` m in the cloud's frame.
        base_from_cloud: where the sensor sits.
        stamp: s.
        height: lowest and highest point in ``base`` that counts, m.
        beams: directions over the full circle.
    """
    at = base_from_cloud.apply(points)
    at = at[(at[:, 2] >= height[0]) & (at[:, 2] <= height[1])]
    relative = at[:, :2] - base_from_cloud.translation[:2]
    angles = np.asarray(-np.pi + (np.arange(beams) + 0.5) * (2.0 * np.pi / beams), dtype=np.float64)
    ranges = np.full(beams, np.inf)
    index = ((np.arctan2(relative[:, 1], relative[:, 0]) + np.pi) / (2.0 * np.pi) * beams).astype(
        int
    )
    np.minimum.at(ranges, np.clip(index, 0, beams - 1), np.linalg.norm(relative, axis=1))
    middle = 0.5 * (height[0] + height[1])
    mount = SE3.from_translation([*base_from_cloud.translation[:2], middle])
    return LidarScan(stamp, angles, ranges, mount)
