"""Goals that the simulated home serves as drivers do: a trajectory followed, a gripper moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diarchy.robots.ros2.config.schema import GripperPart
from diarchy.robots.ros2.convert import geometry, joints
from diarchy.robots.ros2.goals import STATUS_ABORTED, STATUS_CANCELED, STATUS_SUCCEEDED
from diarchy.robots.ros2.port import ServedGoal

FOLLOW = "control_msgs/action/FollowJointTrajectory"
GRIP = "control_msgs/action/GripperCommand"
_RESTS, _STALLS = 0.002, 0.3
"""m from its goal at which the gripper is there; s after which a goal that does not move has stalled."""


class ServedGripper:
    """Moves the fingers for one goal at a time; `step` ends it when they rest.

    Args:
        home: the simulated robot.
        part: how its file describes the gripper.
        make: message factory.

    Attributes:
        width: opening (m) that is commanded.
    """

    def __init__(self, home: Any, part: GripperPart, make: Callable[[str], Any]) -> None:
        self._home, self._part, self._make = home, part, make
        self.width: float = home.proprio().gripper_width
        self._goal: tuple[ServedGoal, float] | None = None

    def begin(self, served: ServedGoal) -> None:
        """Take a new goal; the one before is aborted."""
        if self._goal is not None:
            self._finish(STATUS_ABORTED, reached=False)
        part = self._part
        width = float(served.goal.command.position) * part.command_scale + part.command_offset
        self.width = min(max(width, 0.0), part.max_width)
        self._goal = (served, self._home.clock.now())

    def step(self) -> None:
        """End the goal if the fingers are there, have stalled, or its client wants it ended."""
        if self._goal is None:
            return
        served, since = self._goal
        if served.cancel_requested:
            self.width = self._home.proprio().gripper_width
            self._finish(STATUS_CANCELED, reached=False)
            return
        off = abs(self._home.proprio().gripper_width - self.width)
        travel = self._part.max_width / self._part.speed
        if off < _RESTS:
            self._finish(STATUS_SUCCEEDED, reached=True)
        elif self._home.clock.now() - since > travel + _STALLS:
            self._finish(STATUS_SUCCEEDED, reached=False)

    def _finish(self, status: int, *, reached: bool) -> None:
        assert self._goal is not None
        served, self._goal = self._goal[0], None
        proprio, part = self._home.proprio(), self._part
        result = self._make(f"{GRIP}_Result")
        result.position = float((proprio.gripper_width - part.command_offset) / part.command_scale)
        result.effort = float(proprio.gripper_force)
        result.reached_goal, result.stalled = reached, not reached
        served.finish(status, result)


class FollowGoal:
    """Ends a FollowJointTrajectory goal in the words of its action."""

    def __init__(self, served: ServedGoal, make: Callable[[str], Any]) -> None:
        self._served, self._make = served, make

    @property
    def cancel_requested(self) -> bool:
        """Whether its client wants it ended."""
        return self._served.cancel_requested

    def feedback(self, names: tuple[str, ...], desired: Any, actual: Any, now: float) -> None:
        """Send where the joints should be and are."""
        message = self._make(f"{FOLLOW}_Feedback")
        geometry.set_header(message.header, now, "")
        message.joint_names = list(names)
        for field, values in (
            ("desired", desired),
            ("actual", actual),
            ("error", desired - actual),
        ):
            plan = joints.Trajectory(names, np.zeros(1), np.asarray(values)[None, :])
            setattr(message, field, joints.trajectory_message(self._make, plan).points[0])
        self._served.feedback(message)

    def end(self, status: int, code: int, words: str) -> None:
        """Send the result."""
        result = self._make(f"{FOLLOW}_Result")
        result.error_code, result.error_string = int(code), words
        self._served.finish(status, result)
