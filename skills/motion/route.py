"""The line that the base drives along: which of those that lead to a goal takes the least time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.costmap import CostMap
from diarchy.skills.motion.path import TravelField, path_length
from diarchy.skills.motion.unicycle import Pace

RUN_IN = 0.40
"""Length (m) of the straight last stretch, along which sideways errors are driven out."""
_RUN_INS = (RUN_IN, 0.25)
_SHARP, _SHARP_AT_END = 1.0, 0.5
"""A bend (rad) of the line that is not driven around in one go."""
_STOP_S = 1.0
"""What it takes (s) to stop, turn and set off, besides the turn itself."""


def plan_line(
    costmap: CostMap, pose: Pose2, goal: Pose2, pace: Pace, *, run_in: bool
) -> FloatArray:
    """Return a line ``[n, 2]`` from a pose to a goal, around what the map says is in the way.

    With ``run_in`` it arrives along the heading of the goal where there is room for that; else only where
    that takes no longer, the turns counted.

    Raises:
        MotionFailedError: ``UNREACHABLE``: there is no room at the goal, or no way to it.
    """
    if not costmap.free(goal.x, goal.y, slack=0.05):
        raise MotionFailedError(
            Cause.UNREACHABLE, "there is no room for the base where it should stand"
        )
    end = np.array([goal.x, goal.y])
    if float(np.hypot(*(end - [pose.x, pose.y]))) < 0.04:
        return np.array([[pose.x, pose.y], end])
    field = TravelField.build(costmap, (pose.x, pose.y))
    along = _arriving(field, goal)
    if run_in and (line := next(along, None)) is not None:
        return line
    direct = field.path(goal.x, goal.y)
    lines = [*along, *([] if direct is None else [direct])]
    if not lines:
        raise MotionFailedError(Cause.UNREACHABLE, "no way leads to where the base should stand")
    return min(lines, key=lambda line: seconds(line, pose.yaw, goal.yaw, pace))


def _arriving(field: TravelField, goal: Pose2) -> Iterator[FloatArray]:
    """Lines that come in along the heading of the goal, the longest such stretch first."""
    costmap, end = field.costmap, np.array([goal.x, goal.y])
    direction = np.array([np.cos(goal.yaw), np.sin(goal.yaw)])
    for length in _RUN_INS:
        entry = end - length * direction
        inside = end - np.linspace(0.0, length, 6)[:, None] * direction
        if np.all(costmap.distance_at(inside) >= costmap.lethal - 0.05):
            line = field.path(float(entry[0]), float(entry[1]))
            if line is not None:
                yield np.concatenate([line, [end]])


def seconds(line: FloatArray, begin: float, end: float, pace: Pace) -> float:
    """Estimate how long (s) a line ``[n, 2]`` takes from a heading (rad) to another, stops to turn counted."""
    parts = legs(line)
    headings = [begin, *(h for leg in parts for h in (heading_of(leg), heading_of(leg[-2:]))), end]
    turns = [abs(wrap_angle(b - a)) for a, b in zip(headings[::2], headings[1::2], strict=True)]
    stops = sum(_STOP_S for turn in turns if turn > 0.05)
    return path_length(line) / pace.linear + sum(turns) / pace.angular + stops


def legs(line: FloatArray) -> list[FloatArray]:
    """Cut a line ``[n, 2]`` at corners too sharp to drive around, and drop stretches of no length."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    points = line[np.concatenate([[True], steps > 0.01])]
    if len(points) < 2:
        return []
    points[-1] = line[-1]
    headings = np.arctan2(*np.diff(points, axis=0).T[::-1])
    bends = np.abs(np.arctan2(np.sin(np.diff(headings)), np.cos(np.diff(headings))))
    allowed = np.full(len(bends), _SHARP)
    if np.linalg.norm(points[-1] - points[-2]) <= RUN_IN + 0.01:
        # Cutting the last corner is not driven out any more on the short stretch after it.
        allowed[-1:] = _SHARP_AT_END
    cuts = [0, *(int(i) + 1 for i in np.flatnonzero(bends > allowed)), len(points) - 1]
    return [points[a : b + 1] for a, b in itertools.pairwise(cuts)]


def heading_of(points: FloatArray) -> float:
    """Return the heading (rad) of the first stretch of a line ``[n, 2]``."""
    step = points[1] - points[0]
    return float(np.arctan2(step[1], step[0]))
