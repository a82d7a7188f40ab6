"""What goes out: base velocities, joint targets, the gripper. One stop for all of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action, RobotSpec
from diarchy.robots.ros2.chunks import ChunkOutput
from diarchy.robots.ros2.config.schema import ControllerPart, Ros2Config
from diarchy.robots.ros2.controllers import ControllerOutput
from diarchy.robots.ros2.convert import geometry, joints
from diarchy.robots.ros2.goals import Goal, GoalTimes
from diarchy.robots.ros2.limits import BaseLimiter, JointLimiter
from diarchy.robots.ros2.port import Port

_WIDTH = 5e-4
"""m below which a change of the gripper's target is no new goal."""


class BaseOutput:
    """Publishes velocities as Twist or TwistStamped, inside the base's limits."""

    def __init__(self, port: Port, config: Ros2Config, spec: RobotSpec) -> None:
        part = config.base.command
        self._port = port
        # Used again for every velocity: to make one costs more than to send it.
        if part.type == "Twist":
            self._message = geometry.twist(port.make, 0.0, 0.0)
        else:
            frame = config.frames.base
            self._message = geometry.twist_stamped(port.make, 0.0, 0.0, frame, 0.0)
        self._publish = port.publisher(part.topic, f"geometry_msgs/msg/{part.type}", "command")
        self._limiter = BaseLimiter(spec.base)
        self._every = 1.0 / part.hz if part.hz else 0.0
        self._sent: float | None = None
        self.moving = False

    def send(self, forward: float, turning: float, now: float, period: float) -> None:
        """Send a velocity if it is time for one; zero is repeated too, so that drivers see a live sender."""
        if self._sent is not None and 0.0 <= now - self._sent < self._every - 0.5 * period:
            return
        dt = period if self._sent is None else max(now - self._sent, period)
        self._emit(*self._limiter.limit(forward, turning, min(dt, max(4 * period, self._every))))
        self._sent = now

    def stop(self) -> None:
        """Send zero at once."""
        self._limiter.stopped()
        self._emit(0.0, 0.0)

    def _emit(self, forward: float, turning: float) -> None:
        self.moving = bool(forward or turning)
        geometry.tell_velocity(self._message, forward, turning, self._port.now())
        self._publish(self._message)


class GripperOutput:
    """Sends GripperCommand goals when the wanted opening changes; the newest replaces what runs."""

    def __init__(self, port: Port, config: Ros2Config) -> None:
        self._port, self._part = port, config.gripper
        self._wanted: float | None = None
        self._sent = -np.inf
        self.goal: Goal | None = None

    def send(self, width: float, now: float) -> None:
        """Ask for an opening in m."""
        part = self._part
        if self._wanted is not None and abs(width - self._wanted) < _WIDTH:
            return
        if 0.0 <= now - self._sent < 1.0 / part.hz - 1e-6:
            return
        self._wanted, self._sent = width, now
        position = (width - part.command_offset) / part.command_scale
        message = joints.gripper_goal(self._port.make, position, part.max_force)
        self.goal = Goal(
            self._port,
            part.action,
            "control_msgs/action/GripperCommand",
            message,
            GoalTimes(result=20.0),
            feedback_expected=False,
        )
        if self.goal.state.final and self.goal.state.value in ("lost", "rejected"):
            self._wanted = None  # try again at the next tick: it may be starting up


class Outputs:
    """Everything that moves the robot."""

    def __init__(self, port: Port, config: Ros2Config, spec: RobotSpec) -> None:
        self._port, self._spec = port, spec
        self._period = 1.0 / spec.control_hz
        self.base = BaseOutput(port, config, spec)
        self.controllers = [_controller(port, c, config, spec) for c in config.controllers]
        self.chunked = [c for c in self.controllers if isinstance(c, ChunkOutput)]
        self.gripper = GripperOutput(port, config)
        self._limiter = JointLimiter(spec)
        self._targets: FloatArray | None = None
        self.drives_base = True
        """False while another stack drives the base through the guard."""

    def send(self, action: Action, q: FloatArray, now: float, tick: int) -> None:
        """Send the command of one control tick; ``q`` is where the joints are."""
        before = q if self._targets is None else self._targets
        away = [i for c in self.controllers if c.suspended for i in c.index]
        if away:  # a whole trajectory moves these: streaming goes on from where they are
            before = before.copy()
            before[away] = q[away]
        targets = self._limiter.limit(action.joints, before, self._period)
        for chunked in self.chunked:
            if chunked.held:
                targets[chunked.index] = before[chunked.index]
        self._targets = targets
        if self.drives_base:
            self.base.send(float(action.base[0]), float(action.base[1]), now, self._period)
        for controller in self.controllers:
            controller.send(targets, now, self._period, tick)
        self.gripper.send(float(action.gripper), now)

    def announce(self, rows: FloatArray, tick: int, q: FloatArray, now: float) -> None:
        """Promise the joint rows ``[N, J]`` of the ticks from ``tick`` on to whoever takes whole chunks."""
        before = q if self._targets is None else self._targets
        for controller in self.chunked:
            controller.announce(rows, tick, q, before, now)

    def faults(self, q: FloatArray, now: float) -> list[str]:
        """Watch what whole chunks run; say what keeps them from running."""
        for controller in self.chunked:
            controller.poll(q, now)
        return [why for c in self.chunked if (why := c.fault(now))]

    def figures(self) -> dict[str, int]:
        """What became of chunks, for reports."""
        total: Counter[str] = Counter()
        for controller in self.chunked:
            total.update(vars(controller.counts))
        return dict(total)

    def stop(self, hold: FloatArray, within: FloatArray) -> None:
        """Zero the base and brake the joints to ``hold`` ``[J]``, each within so many seconds ``[J]``."""
        self.base.stop()
        for controller in self.controllers:
            mine = controller.index
            controller.stop(hold[mine], float(max(within[mine].max(), self._period)))
        self._targets = hold.copy()


def _controller(
    port: Port, part: ControllerPart, config: Ros2Config, spec: RobotSpec
) -> ControllerOutput:
    """Whole chunks go to what moves the arm, if the file says so; everything else is streamed to."""
    arm = set(part.joints) & set(config.groups["arm"])
    kind = ChunkOutput if config.arm.mode == "chunks" and arm else ControllerOutput
    return kind(port, part, config, spec)


def seconds_to_rest(dq: FloatArray, acceleration: FloatArray) -> Any:
    """Return how long each joint takes to brake, s."""
    return np.abs(dq) / acceleration
