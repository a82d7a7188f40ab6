"""The agent's own interface in standard types, so that no message package has to be built.

Commands and what the robot says are std_msgs/String, health is diagnostic_msgs/DiagnosticArray, plan,
things and guard are visualization_msgs/MarkerArray, stop and reset are std_srvs/Trigger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.ros2.convert import Factory
from diarchy.robots.ros2.convert.geometry import fill_pose, set_header

_CUBE, _LINE_STRIP, _TEXT, _ADD, _DELETE_ALL = 1, 4, 9, 0, 3


class Level(IntEnum):
    """Levels of a DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Health:
    """One line of health: who, how bad, in words, and figures."""

    name: str
    level: Level
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


def text(make: Factory, words: str) -> Any:
    """Make a std_msgs/String."""
    message = make("std_msgs/msg/String")
    message.data = str(words)
    return message


def diagnostics(make: Factory, lines: Sequence[Health], robot: str, stamp: float) -> Any:
    """Make a DiagnosticArray."""
    message = make("diagnostic_msgs/msg/DiagnosticArray")
    set_header(message.header, stamp, "")
    entries = []
    for line in lines:
        status = make("diagnostic_msgs/msg/DiagnosticStatus")
        status.level = bytes([int(line.level)])
        status.name, status.message, status.hardware_id = line.name, line.message, robot
        values = []
        for key, value in line.values.items():
            pair = make("diagnostic_msgs/msg/KeyValue")
            pair.key, pair.value = str(key), str(value)
            values.append(pair)
        status.values = values
        entries.append(status)
    message.status = entries
    return message


def read_diagnostics(message: Any) -> list[Health]:
    """Read a DiagnosticArray."""
    return [
        Health(
            str(s.name),
            Level(s.level[0] if isinstance(s.level, (bytes, bytearray)) else int(s.level)),
            str(s.message),
            {str(v.key): str(v.value) for v in s.values},
        )
        for s in message.status
    ]


@dataclass(frozen=True)
class Shown:
    """One thing to draw in ``frame``: a box, a line through points, or words at a place.

    ``color`` is red, green, blue, opacity in 0..1; ``size`` full extents ``[3]`` m of a box, and of a line
    its width, of words their height, in the first entry.
    """

    namespace: str
    pose: SE3
    size: tuple[float, float, float]
    color: tuple[float, float, float, float]
    words: str = ""
    points: FloatArray | None = None


def markers(make: Factory, things: Sequence[Shown], frame: str, stamp: float) -> Any:
    """Make a MarkerArray that replaces what was shown before."""
    message = make("visualization_msgs/msg/MarkerArray")
    clear = make("visualization_msgs/msg/Marker")
    set_header(clear.header, stamp, frame)
    clear.action = _DELETE_ALL
    message.markers = [clear, *(_marker(make, t, i, frame, stamp) for i, t in enumerate(things))]
    return message


def _marker(make: Factory, thing: Shown, number: int, frame: str, stamp: float) -> Any:
    marker = make("visualization_msgs/msg/Marker")
    set_header(marker.header, stamp, frame)
    marker.ns, marker.id, marker.action = thing.namespace, number, _ADD
    fill_pose(marker.pose, thing.pose)
    marker.type = _LINE_STRIP if thing.points is not None else (_TEXT if thing.words else _CUBE)
    marker.scale.x, marker.scale.y, marker.scale.z = (float(v) for v in thing.size)
    if marker.type == _TEXT:
        marker.scale.x, marker.scale.y, marker.scale.z = 0.0, 0.0, float(thing.size[0])
    color = marker.color
    color.r, color.g, color.b, color.a = (float(v) for v in thing.color)
    marker.text = thing.words
    if thing.points is not None:
        points = []
        for row in thing.points:
            point = make("geometry_msgs/msg/Point")
            point.x, point.y, point.z = (float(v) for v in row)
            points.append(point)
        marker.points = points
    return marker


def trigger_response(make: Factory, success: bool, message: str) -> Any:
    """Make the answer of a std_srvs/Trigger."""
    response = make("std_srvs/srv/Trigger_Response")
    response.success, response.message = bool(success), str(message)
    return response
