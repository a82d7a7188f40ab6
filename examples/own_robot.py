"""A robot of your own without ROS: the whole `Robot` contract in under a hundred lines.

This one is made up (a base, a mast, an arm of two joints, a camera that sees a wall). Put your driver's calls where it says DRIVER; `check_robot` tells you what is not right yet.

    python examples/own_robot.py
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from diarchy import Action, BadInputError, Observation, Proprio, RobotSpec
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import BaseSpec, CameraFrame, GripperSpec, JointSpec, Pose2
from diarchy.testing import check_robot

JOINTS = (
    JointSpec("mast", 0.0, 0.8, velocity=0.2, acceleration=0.5),
    JointSpec("shoulder", -1.5, 1.5, velocity=1.0, acceleration=2.0),
    JointSpec("elbow", -2.0, 2.0, velocity=1.0, acceleration=2.0),
)
MODEL = """<mujoco><compiler angle="radian" autolimits="true"/><worldbody><body name="base"><geom size="0.2"/>
<body pos="0 0 0.4"><joint name="mast" type="slide" axis="0 0 1" range="0 0.8"/><geom size="0.03"/>
<body pos="0.1 0 0"><joint name="shoulder" axis="0 1 0" range="-1.5 1.5"/><geom size="0.03"/>
<body pos="0.3 0 0"><joint name="elbow" axis="0 1 0" range="-2 2"/><geom size="0.03"/>
<site name="hand" pos="0.2 0 0"/></body></body></body></body></worldbody></mujoco>"""
MOUNT = SE3(
    np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]), np.array([0.1, 0.0, 1.2])
)


class OwnRobot:
    """Obeys perfectly; lockstep: one `apply` is one tick."""

    def __init__(self) -> None:
        self.spec = RobotSpec(
            name="own",
            joints=JOINTS,
            groups={"arm": (1, 2), "torso": (0,), "head": ()},
            postures={"tuck": np.zeros(3), "ready": np.array([0.3, 0.5, -0.5])},
            base=BaseSpec(radius=0.2),
            gripper=GripperSpec(max_width=0.08),
            model_xml=MODEL,
            gripper_site="hand",
            cameras=("eye",),
            head_camera="eye",
            control_hz=100,
        )
        self.clock = LockstepClock(period=0.01)
        self._q, self._dq, self._width = np.zeros(3), np.zeros(3), 0.08
        self._pose, self._speed = Pose2(0.0, 0.0, 0.0), np.zeros(2)
        self._commanded: Action | None = None

    def proprio(self) -> Proprio:
        # DRIVER: read the encoders, the wheels' odometry, the gripper.
        return Proprio(
            self.clock.now(), self.clock.tick, self._q.copy(), self._dq.copy(), np.zeros(3),
            self._width, 0.0, self._pose, self._speed.copy(), self._commanded,
        )  # fmt: skip

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        if unknown := [c for c in cameras if c != "eye"]:
            raise BadInputError(f"the robot has no camera '{unknown[0]}'; known: eye")
        # DRIVER: take a picture; depth is in m, registered to colour, 0 where there is none.
        rgb, depth = np.full((48, 64, 3), 200, np.uint8), np.full((48, 64), 2.0, np.float32)
        eye = Intrinsics.from_fovy(64, 48, 50.0)
        frames = {c: CameraFrame(c, self.clock.now(), rgb, depth, eye, MOUNT) for c in cameras}
        return Observation(self.proprio(), frames, None)

    def apply(self, action: Action) -> None:
        # DRIVER: send the command, then wait for the next tick; the guard has seen it before.
        period = self.clock.period
        step = np.clip(action.joints - self._q, -1.0 * period, 1.0 * period)
        self._q, self._dq = self._q + step, step / period
        self._speed, self._width = action.base.copy(), action.gripper
        (v, w), at = self._speed, self._pose
        yaw = at.yaw + w * period
        x, y = at.x + v * period * np.cos(yaw), at.y + v * period * np.sin(yaw)
        self._pose, self._commanded = Pose2(float(x), float(y), float(yaw)), action
        self.clock.advance()

    def stop(self) -> None:
        # DRIVER: the quickest stop there is, from any thread.
        self._speed, self._dq = np.zeros(2), np.zeros(3)

    def close(self) -> None:
        self.stop()


def main() -> int:
    check_robot(OwnRobot)  # raises with what is wrong, and how to mend it
    return 0


if __name__ == "__main__":
    sys.exit(main())
