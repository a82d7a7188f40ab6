"""`Nav2Navigator`: NavigateToPose with recovery by error code, ComputePathToPose as what can be reached."""

from __future__ import annotations

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.motion import MotionStatus
from diarchy.contracts.robot import Pose2
from diarchy.robots.ros2.convert.navigation import (
    NavFailure,
    nav_failure,
    navigate_goal,
    path_goal,
    path_length,
    path_points,
)
from diarchy.robots.ros2.goals import Goal, GoalState, GoalTimes
from diarchy.robots.ros2.robot import Ros2Robot

RETRIES = 2
WAIT = 3.0
"""s that what is in the way gets to go away."""
_NAVIGATE, _PATH = "nav2_msgs/action/NavigateToPose", "nav2_msgs/action/ComputePathToPose"
_CLEAR = "nav2_msgs/srv/ClearEntireCostmap"


class Nav2Navigator:
    """Implements `Navigator` over Nav2; its velocities pass the robot's guard.

    Raises:
        BadInputError: the robot's file has no navigation, or its velocities would pass no guard.
    """

    def __init__(self, robot: Ros2Robot) -> None:
        part = robot.config.navigation
        if part is None:
            raise BadInputError(
                f"the file of {robot.spec.name} has no navigation: add the actions that Nav2 serves"
            )
        if robot.foreign is not None and not robot.foreign.guarded:
            raise BadInputError(
                f"nobody guards {part.cmd_vel_in}: attach a guard before Nav2 may drive"
            )
        self._robot, self._port, self._part = robot, robot.port, part
        self._goal: Goal | None = None
        self._target = Pose2(0.0, 0.0, 0.0)
        self._tries = 0
        self._again_at: float | None = None
        self._status = MotionStatus("idle")
        robot.on_cancel(self.cancel)

    def go(self, goal: Pose2) -> None:
        """Begin to drive there."""
        self.cancel()
        self._target, self._tries = goal, 0
        self._drive(True)
        self._send()

    def poll(self) -> MotionStatus:
        """Let time pass; failures that time or a cleared costmap may mend are tried again."""
        if self._again_at is not None and self._port.now() >= self._again_at:
            self._send()
        goal = self._goal
        if goal is None or self._status.state != "running":
            return self._status
        state = goal.poll()
        if not state.final:
            return self._status
        self._goal = None
        if state is GoalState.SUCCEEDED:
            self._end(MotionStatus("succeeded"))
        elif state is GoalState.CANCELED:
            self._end(MotionStatus("cancelled", goal.machine.reason))
        elif state is GoalState.REJECTED:
            self._end(MotionStatus("refused", goal.machine.reason, other_goal=True))
        elif state is GoalState.ABORTED:
            self._recover(nav_failure(goal.machine.result))
        else:
            self._end(MotionStatus("failed", f"navigation: {goal.machine.reason}"))
        return self._status

    def cancel(self) -> None:
        """Stop driving."""
        self._again_at = None
        if self._goal is not None:
            self._goal.cancel()
            self._goal = None
        if self._status.state == "running":
            self._end(MotionStatus("cancelled", "cancelled by us"))

    def path_length(self, goal: Pose2) -> float | None:
        """Return the length in m of Nav2's path from here; None: there is none, or nobody answers."""
        frame, now = self._robot.config.frames.map, self._port.now()
        message = path_goal(self._port.make, goal, frame, now)
        times = GoalTimes(result=5.0)
        asked = Goal(self._port, self._part.path, _PATH, message, times, feedback_expected=False)
        while not asked.poll().final:
            self._port.wait_until(self._port.now() + 0.01)
        if asked.state is not GoalState.SUCCEEDED:
            return None
        points = path_points(asked.machine.result.path)
        return path_length(points) if points else None

    def _send(self) -> None:
        self._again_at = None
        frame, now = self._robot.config.frames.map, self._port.now()
        message = navigate_goal(self._port.make, self._target, frame, now)
        times = GoalTimes(result=self._part.timeout)
        self._status = MotionStatus("running")
        self._goal = Goal(self._port, self._part.navigate, _NAVIGATE, message, times)

    def _recover(self, failure: NavFailure) -> None:
        self._tries += 1
        hopeless = failure.recovery in ("other_goal", "give_up", "localize")
        if hopeless or self._tries > RETRIES:
            other = failure.recovery == "other_goal"
            self._end(MotionStatus("failed", f"navigation: {failure.words}", other_goal=other))
            return
        if failure.recovery == "clear":
            for service in self._part.clear:
                self._port.call(service, _CLEAR, self._port.make(f"{_CLEAR}_Request"), 1.0)
        wait = WAIT if failure.recovery == "wait" else 0.0
        self._status = MotionStatus("running", failure.words)
        self._again_at = self._port.now() + wait

    def _end(self, status: MotionStatus) -> None:
        self._status = status
        self._drive(False)

    def _drive(self, on: bool) -> None:
        """Hand the base over to Nav2, or take it back."""
        foreign = self._robot.foreign
        if foreign is None:  # unguarded, on purpose: it drives the base itself
            self._robot.outputs.drives_base = not on
            return
        if on:
            foreign.begin()
        else:
            foreign.end()
