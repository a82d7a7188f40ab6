"""`GuardedTrajectories`: whole joint trajectories, checked before they are sent, watched while they run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.motion import MotionStatus
from diarchy.contracts.robot import RobotSpec
from diarchy.robots.ros2.controllers import ControllerOutput
from diarchy.robots.ros2.convert.joints import Trajectory, follow_goal
from diarchy.robots.ros2.goals import Goal, GoalState, GoalTimes
from diarchy.robots.ros2.objections import Clear, objections
from diarchy.robots.ros2.robot import Ros2Robot

__all__ = ["GuardedTrajectories", "objections"]
_FOLLOW = "control_msgs/action/FollowJointTrajectory"


class GuardedTrajectories:
    """Implements `TrajectoryController` over FollowJointTrajectory actions.

    `poll` must be called every control tick (`Ros2Robot.apply` does): it cancels what leaves its path,
    what the robot was stopped in, and what would now hit something.

    Args:
        robot: the robot.
        clear: tells whether joint positions are free; None: only limits are checked.
    """

    def __init__(self, robot: Ros2Robot, clear: Clear | None = None) -> None:
        self._robot, self._clear = robot, clear
        self._goal: Goal | None = None
        self._plan: Trajectory | None = None
        self._index: list[int] = []
        self._began: float | None = None
        self._tolerance = 0.0
        self._output: ControllerOutput | None = None
        self._status = MotionStatus("idle")
        robot.on_cancel(self.cancel)
        robot.watchers.append(lambda: void(self.poll()))

    def follow(
        self, names: Sequence[str], times: npt.ArrayLike, positions: npt.ArrayLike
    ) -> MotionStatus:
        """Check and send a trajectory.

        Raises:
            BadInputError: shapes that do not fit, joints of two controllers, or one without an action.
        """
        self.cancel()
        robot = self._robot
        plan = _plan(names, times, positions, robot.spec)
        number = self._controller(plan)
        part = robot.config.controllers[number]
        q = robot.senses.joints.position[: len(robot.spec.joints)].copy()
        told = objections(plan, q, robot.spec, self._clear)
        if told:
            self._status = MotionStatus("refused", "; ".join(told))
            return self._status
        sent = Trajectory(
            tuple(robot.config.joints[n].ros or n for n in plan.names), plan.times, plan.positions
        )
        self._plan, self._began, self._tolerance = plan, None, part.tolerance
        self._index = [robot.spec.joint_names.index(n) for n in plan.names]
        self._output = robot.outputs.controllers[number]
        self._output.suspended = True
        self._status = MotionStatus("running")
        limit = GoalTimes(result=float(plan.times[-1]) + 5.0, silence=2.0)
        assert part.action is not None
        self._goal = Goal(
            robot.port, part.action, _FOLLOW, follow_goal(robot.port.make, sent), limit
        )
        return self._status

    def poll(self) -> MotionStatus:
        """Let time pass and watch the path."""
        goal = self._goal
        if goal is None:
            return self._status
        state = goal.poll()
        if state is GoalState.ACTIVE:
            self._watch(goal)
        elif state.final:
            self._finish(goal, state)
        return self._status

    def cancel(self) -> None:
        """Stop where the joints are."""
        if self._goal is not None and not self._goal.state.final:
            self._goal.cancel()
            self._release(MotionStatus("cancelled", "cancelled by us"))

    def _watch(self, goal: Goal) -> None:
        robot, plan = self._robot, self._plan
        assert plan is not None
        now = robot.port.now()
        if self._began is None:
            self._began = now
        q = robot.senses.joints.position[: len(robot.spec.joints)]
        feedback = goal.machine.feedback
        off = 0.0
        if feedback is not None and len(feedback.error.positions):
            off = float(np.abs(np.asarray(feedback.error.positions)).max())
        if off > self._tolerance:
            reason = f"{off:.3f} off its path"
        elif self._clear is not None and not self._clear(self._ahead(q, now)):
            reason = "something came into its way"
        else:
            return
        goal.cancel()
        self._release(MotionStatus("failed", f"cancelled: {reason}"))

    def _ahead(self, q: FloatArray, now: float) -> FloatArray:
        """Where the plan will be in 0.3 s."""
        plan, at = self._plan, q.copy()
        assert plan is not None
        when = now - (self._began or now) + 0.3
        for k, joint in enumerate(self._index):
            at[joint] = np.interp(when, plan.times, plan.positions[:, k])
        return at

    def _finish(self, goal: Goal, state: GoalState) -> None:
        if state is GoalState.SUCCEEDED:
            self._release(MotionStatus("succeeded"))
            return
        words = str(getattr(goal.machine.result, "error_string", "") or "")
        reason = f"{goal.machine.reason}{': ' + words if words else ''}"
        kinds = {GoalState.CANCELED: "cancelled", GoalState.REJECTED: "refused"}
        self._release(MotionStatus(kinds.get(state, "failed"), reason))  # type: ignore[arg-type]

    def _release(self, status: MotionStatus) -> None:
        """Take the joints back to streaming, from where they are."""
        self._goal, self._status = None, status
        if self._output is not None:
            self._output.suspended = False
            self._output.forget()
            self._output = None

    def _controller(self, plan: Trajectory) -> int:
        for number, part in enumerate(self._robot.config.controllers):
            if set(plan.names) <= set(part.joints):
                if part.action is None:
                    raise BadInputError(
                        f"the controller of {part.joints[0]} has no action in the robot's file"
                    )
                return number
        raise BadInputError(f"no one controller moves {', '.join(plan.names)}")


def _plan(
    names: Sequence[str], times: npt.ArrayLike, positions: npt.ArrayLike, spec: RobotSpec
) -> Trajectory:
    t, p = np.asarray(times, dtype=np.float64), np.asarray(positions, dtype=np.float64)
    for name in names:
        if name not in spec.joint_names:
            raise BadInputError(f"no joint '{name}'; {did_you_mean(name, spec.joint_names)}")
    if t.ndim != 1 or p.shape != (len(t), len(names)) or not len(t):
        raise BadInputError(
            f"expected times [N] and positions [N, {len(names)}], got {list(t.shape)} and {list(p.shape)}"
        )
    if not (np.isfinite(t).all() and np.isfinite(p).all()) or t[0] < 0 or np.any(np.diff(t) <= 0):
        raise BadInputError("a trajectory has finite positions and times that increase from 0 on")
    return Trajectory(tuple(names), t, p)


def void(_: object) -> None:
    """Drop a value."""
