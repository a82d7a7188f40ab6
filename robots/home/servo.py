"""The body's low level: commands to actuators, and what the body feels, tick by tick."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action, Pose2, RobotSpec
from diarchy.robots.home.base import DifferentialBase, WheelOdometry
from diarchy.robots.home.fetch_data import FINGERS, JOINTS
from diarchy.robots.home.world import BASE_JOINTS, BASE_SERVOS, FINGER_JOINTS


class BodyServo:
    """Joint, gripper and base servos of the Fetch over one MuJoCo state.

    Args:
        model: compiled.
        data: its state.
        spec: the Fetch's.
        start: where the base stands at a reset.
        delay: control ticks between a command and what the motors do.
    """

    def __init__(
        self, model: Any, data: Any, spec: RobotSpec, start: Pose2, delay: int = 0
    ) -> None:
        self._model, self._data, self._spec = model, data, spec
        self._period = 1.0 / spec.control_hz
        names = (*BASE_JOINTS, *spec.joint_names, *FINGER_JOINTS)
        qpos = [int(model.joint(n).qposadr[0]) for n in names]
        dofs = [int(model.joint(n).dofadr[0]) for n in names]
        motors = [int(model.actuator(n).id) for n in names]
        joints = slice(3, 3 + len(spec.joints))
        self._base_q, self._joint_q = _run(qpos[:3]), _run(qpos[joints])
        self._base_v, self._joint_v = _run(dofs[:3]), _run(dofs[joints])
        self._base_u, self._joint_u = _run(motors[:3]), _run(motors[joints])
        self._finger_q, self._finger_u = _run(qpos[-2:]), _run(motors[-2:])
        # Views of the simulator's own memory: to ask for them anew costs more than to read them.
        self._qpos: FloatArray = data.qpos
        self._qvel: FloatArray = data.qvel
        self._ctrl: FloatArray = data.ctrl
        self._force: FloatArray = data.actuator_force
        self._lead = np.array([j.kv / j.kp for j in JOINTS])
        self._base_lead = np.array([s.kv / s.kp for s in BASE_SERVOS])
        self._lower, self._upper = spec.limits("lower"), spec.limits("upper")
        self._joint_rate = spec.limits("velocity") * self._period
        self._joint_setpoint = np.zeros(len(spec.joints))
        self._start = start
        self._delay = delay
        self._underway: deque[Action] = deque()
        self._base = DifferentialBase(spec.base, start, self._period)
        self._odometry = WheelOdometry(np.random.default_rng(0), noisy=False, start=np.zeros(3))
        self.gripper_target = spec.gripper.max_width

    def reset(self, posture: FloatArray) -> None:
        """Stand at the start in a posture, gripper closed, at rest."""
        import mujoco

        start = np.array([self._start.x, self._start.y, self._start.yaw])
        self._qpos[self._base_q] = start
        self._qpos[self._joint_q] = posture
        self._qpos[self._finger_q] = 0.0
        self.gripper_target = 0.0
        self._joint_setpoint = posture.copy()
        self._underway.clear()
        self._ctrl[self._base_u], self._ctrl[self._joint_u] = start, posture
        self._ctrl[self._finger_u] = 0.0
        mujoco.mj_forward(self._model, self._data)

    def start_odometry(
        self, rng: np.random.Generator, *, noisy: bool, scale: tuple[float, float] | None = None
    ) -> None:
        """Begin dead reckoning here: ``odom`` coincides with the base."""
        self._odometry = WheelOdometry(rng, noisy=noisy, start=self._planar(), scale=scale)

    def command(self, action: Action) -> None:
        """Write the actuators for one tick: slewed to the speed limits, with velocity feed-forward."""
        self._underway.append(action)
        if len(self._underway) <= self._delay:
            return
        action = self._underway.popleft()
        ctrl = self._ctrl
        step = _clipped(action.joints, self._lower, self._upper) - self._joint_setpoint
        step = _clipped(step, -self._joint_rate, self._joint_rate)
        self._joint_setpoint = self._joint_setpoint + step
        ctrl[self._joint_u] = self._joint_setpoint + self._lead * step / self._period
        setpoint, velocity = self._base.step(action.base, self._planar(), self.base_velocity())
        ctrl[self._base_u] = setpoint + self._base_lead * velocity
        ctrl[self._finger_u] = self._finger_command(float(action.gripper))

    def after_step(self) -> None:
        """Account for the tick that has passed."""
        self._odometry.step(self._planar())

    def braking_point(self) -> FloatArray:
        """Return joint positions ``[J]`` where each joint comes to rest at its largest deceleration."""
        velocity = self.dq()
        travel = 0.5 * velocity * np.abs(velocity) / self._spec.limits("acceleration")
        return np.asarray(np.clip(self.q() + travel, self._lower, self._upper), dtype=np.float64)

    @property
    def odometry(self) -> Pose2:
        """Dead-reckoned pose of the base."""
        return self._odometry.pose

    def base_pose(self) -> Pose2:
        """Return the true pose of the base in ``map``."""
        return Pose2(*self._planar().tolist())

    def base_velocity(self) -> FloatArray:
        """Return forward speed and turning rate ``[2]``."""
        vx, vy, w = self._qvel[self._base_v].tolist()
        yaw = float(self._qpos[self._base_q][2])
        return np.array((vx * math.cos(yaw) + vy * math.sin(yaw), w))

    def q(self) -> FloatArray:
        """Return joint positions ``[J]``."""
        return self._qpos[self._joint_q].copy()

    def dq(self) -> FloatArray:
        """Return joint velocities ``[J]``."""
        return self._qvel[self._joint_v].copy()

    def effort(self) -> FloatArray:
        """Return the motors' forces or torques ``[J]``."""
        return self._force[self._joint_u].copy()

    def gripper_width(self) -> float:
        """Return the opening between the pads, m."""
        left, right = self._qpos[self._finger_q].tolist()
        return float(left + right) + FINGERS.closed_gap

    def gripper_force(self) -> float:
        """Return the mean closing force of the fingers' motors, N, at least 0."""
        left, right = self._force[self._finger_u].tolist()
        return max(0.0, -0.5 * float(left + right))

    def _planar(self) -> FloatArray:
        return self._qpos[self._base_q].copy()

    def _finger_command(self, width: float) -> float:
        """Slew towards ``width``; never further inside the real pads than the squeeze allows.

        One command for both fingers keeps the object centred, as the real gripper's linkage does.
        """
        gripper = self._spec.gripper
        step = gripper.speed * self._period
        wanted = min(max(width, 0.0), gripper.max_width)
        self.gripper_target += min(max(wanted - self.gripper_target, -step), step)
        floor = self.gripper_width() - 2.0 * FINGERS.squeeze
        self.gripper_target = max(self.gripper_target, min(floor, gripper.max_width))
        opening = (self.gripper_target - FINGERS.closed_gap) / 2.0
        return min(max(opening, -FINGERS.squeeze), FINGERS.travel)


def _run(numbers: list[int]) -> slice | npt.NDArray[np.intp]:
    """An index of addresses: a slice, which is fastest, where they lie in a row."""
    first, end = numbers[0], numbers[0] + len(numbers)
    in_a_row = numbers == list(range(first, end))
    return slice(first, end) if in_a_row else np.asarray(numbers, dtype=np.intp)


def _clipped(values: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """``np.clip`` without its checks, which cost more than the work on eleven joints."""
    return np.asarray(np.minimum(np.maximum(values, low), high))
