"""`ControllerOutput`: targets of some joints, streamed to one joint trajectory controller."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import RobotSpec
from diarchy.robots.ros2.config.schema import ControllerPart, Ros2Config
from diarchy.robots.ros2.convert import joints
from diarchy.robots.ros2.port import Port

STILL = 1e-7
"""rad or m below which a target counts as unchanged and is not sent again."""


class ControllerOutput:
    """Streams targets of some joints to one trajectory controller.

    Args:
        port: the node.
        part: the controller, as the robot's file has it.
        config: that file.
        spec: the robot's.
    """

    def __init__(
        self, port: Port, part: ControllerPart, config: Ros2Config, spec: RobotSpec
    ) -> None:
        self._port = port
        self.index = [spec.joint_names.index(j) for j in part.joints]
        self._names = tuple(config.joints[j].ros or j for j in part.joints)
        self._publish = port.publisher(part.topic, "trajectory_msgs/msg/JointTrajectory", "command")
        self._every = 1.0 / part.hz if part.hz else 0.0
        self._ahead = part.lookahead or self._every or 1.0 / spec.control_hz
        # Used again for every target: to make one costs more than to send it.
        still = joints.Trajectory(self._names, np.ones(1), np.zeros((1, len(self.index))))
        self._message = joints.trajectory_message(port.make, still)
        self._sent: float | None = None
        self._last: FloatArray | None = None
        self.suspended = False

    def send(self, targets: FloatArray, now: float, period: float, tick: int) -> None:
        """Send the targets ``[J]`` of all joints if mine have changed and it is time."""
        if self.suspended:  # a whole trajectory runs
            return
        mine = targets[self.index]
        if self._last is not None and np.abs(mine - self._last).max() < STILL:
            return
        if self._sent is not None and 0.0 <= now - self._sent < self._every - 0.5 * period:
            return
        self.move_to(mine, self._ahead)
        self._sent = now

    def forget(self) -> None:
        """Send the next targets whatever they are."""
        self._last = None

    def stop(self, hold: FloatArray, within: float) -> None:
        """Come to rest at ``hold`` (mine) within so many seconds, whatever was wanted before."""
        self.move_to(hold, within)

    def move_to(self, mine: FloatArray, within: float) -> None:
        """Send one point to be reached within so many seconds."""
        self._last = mine.copy()
        joints.tell_positions(self._message, mine, within)
        self._publish(self._message)
