"""Goals, paths and results of Nav2."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal

from diarchy.contracts.robot import Pose2
from diarchy.robots.ros2.convert import Factory
from diarchy.robots.ros2.convert.geometry import fill_planar, planar, set_header

Recovery = Literal["none", "retry", "wait", "clear", "other_goal", "localize", "give_up"]


@dataclass(frozen=True)
class NavFailure:
    """A failure of Nav2 in words, and what is worth trying.

    ``recovery``: ``retry`` the same goal, ``wait`` and retry (something is in the way), ``clear`` the
    costmaps and retry, ``other_goal`` (this one cannot be reached), ``localize`` first, ``give_up``.
    """

    code: int
    words: str
    recovery: Recovery


_OTHER = "other_goal"
_CODES: dict[int, tuple[str, Recovery]] = {
    1: ("the goal was rejected by a server", "give_up"),
    2: ("a goal could not be sent to a server", "retry"),
    100: ("the controller failed", "retry"),
    101: ("there is no such controller", "give_up"),
    102: ("a transform was missing while driving", "localize"),
    103: ("the path could not be followed", "clear"),
    104: ("no valid velocity was found for too long", "wait"),
    105: ("the robot makes no progress", "wait"),
    106: ("no valid velocity was found", "clear"),
    107: ("the controller timed out", "retry"),
    200: ("the path planner failed", "retry"),
    201: ("there is no such path planner", "give_up"),
    202: ("a transform was missing while planning", "localize"),
    203: ("the robot is outside the map", "localize"),
    204: ("the goal is outside the map", "other_goal"),
    205: ("the robot's place is occupied in the map", "clear"),
    206: ("the goal is occupied", "other_goal"),
    207: ("the path planner timed out", "retry"),
    208: ("there is no path", "other_goal"),
    9000: ("the navigator failed", "retry"),
    9001: ("its behaviour tree could not be loaded", "give_up"),
    9002: ("a transform was missing", "localize"),
    9003: ("it timed out", "retry"),
}
"""Nav2's codes (Jazzy and later): 100 the controller's, 200 the planner's, 9000 the navigator's own."""


def nav_failure(result: Any) -> NavFailure:
    """Read why a goal was aborted; Humble's empty result gives an unknown code, worth one more try."""
    code = int(getattr(result, "error_code", -1))
    told = str(getattr(result, "error_msg", "") or "")
    words, recovery = _CODES.get(code, (f"Nav2 failed with code {code}", "retry"))
    return NavFailure(code, f"{words}: {told}" if told else words, recovery)


def navigate_goal(make: Factory, goal: Pose2, frame: str, stamp: float, tree: str = "") -> Any:
    """Make a NavigateToPose goal."""
    message = make("nav2_msgs/action/NavigateToPose_Goal")
    set_header(message.pose.header, stamp, frame)
    fill_planar(message.pose.pose, goal)
    message.behavior_tree = tree
    return message


def path_goal(
    make: Factory, goal: Pose2, frame: str, stamp: float, start: Pose2 | None = None
) -> Any:
    """Make a ComputePathToPose goal, from a start or from where the robot is."""
    message = make("nav2_msgs/action/ComputePathToPose_Goal")
    set_header(message.goal.header, stamp, frame)
    fill_planar(message.goal.pose, goal)
    message.use_start = start is not None
    if start is not None:
        set_header(message.start.header, stamp, frame)
        fill_planar(message.start.pose, start)
    return message


def path_points(path: Any) -> list[Pose2]:
    """Read a Path."""
    return [planar(stamped.pose) for stamped in path.poses]


def path_message(make: Factory, points: list[Pose2], frame: str, stamp: float) -> Any:
    """Make a Path."""
    message = make("nav_msgs/msg/Path")
    set_header(message.header, stamp, frame)
    entries = []
    for point in points:
        entry = make("geometry_msgs/msg/PoseStamped")
        set_header(entry.header, stamp, frame)
        fill_planar(entry.pose, point)
        entries.append(entry)
    message.poses = entries
    return message


def path_length(points: list[Pose2]) -> float:
    """Return the length in m."""
    pairs = itertools.pairwise(points)
    return sum(math.hypot(b.x - a.x, b.y - a.y) for a, b in pairs)
