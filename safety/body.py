"""Where the arm is and how hard it presses, from the robot's own model."""

from __future__ import annotations

import copy

import mujoco
import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.skills.motion.kinematics import Kinematics

_DAMPING = 1e-2
"""Keeps the force finite where the arm is stretched and cannot press in some direction."""

_END = 0.003
"""A joint so near (rad or m) to the end of its range presses against its own stop."""


class Body:
    """The robot's own kinematics for guards, in the base frame. Not safe to share by threads.

    Attributes:
        lever: how far ``[J]`` (m per rad, or 1 of a slide) a joint moves any of `points` at most, in any posture.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self._kinematics = Kinematics(spec)
        # Without constraints: the model's hulls may overlap where the robot's do not, and would push.
        self._model = model = copy.copy(self._kinematics.model)
        model.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONSTRAINT)
        self._data = data = mujoco.MjData(model)
        self._low_end, self._high_end = spec.limits("lower") + _END, spec.limits("upper") - _END
        self._arm = np.asarray(self._kinematics.arm, dtype=np.intp)
        bodies = {int(model.joint(spec.joint_names[i]).bodyid[0]) for i in spec.groups["arm"]}
        self._bodies = sorted(bodies)
        self._jacobian = np.zeros((3, model.nv))
        # Views of the solver's own memory: to ask for them anew takes time.
        self._qpos, self._qvel, self._qacc = data.qpos, data.qvel, data.qacc
        self._needed = data.qfrc_inverse
        self._damping = _DAMPING * np.eye(3)
        self.lever = self._levers(spec)

    def points(self, q: FloatArray) -> FloatArray:
        """Return the joints of the arm and the gripper ``[N, 3]`` m at joints ``[J]``; the gripper comes last."""
        self._place(q)
        data, site = self._data, self._kinematics.site
        return np.concatenate([data.xpos[self._bodies], data.site_xpos[site][None]])

    def gripper_rotation(self, q: FloatArray) -> FloatArray:
        """Return the rotation ``[3, 3]`` from the gripper's frame to the base's at joints ``[J]``."""
        self._place(q)
        return np.array(self._data.site_xmat[self._kinematics.site].reshape(3, 3))

    def pressing(self, proprio: Proprio, acceleration: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the force ``[3]`` N with which the gripper presses, and its Jacobian ``[3, J]``.

        What the motors exert beyond what the model needs to move so (De Luca's residual, without its filter),
        as one force at the gripper. A load counts as a force, and so does what the elbow meets.

        Args:
            proprio: what is felt.
            acceleration: of the joints ``[J]``.
        """
        kin, data, model = self._kinematics, self._data, self._model
        self._qpos[kin.qpos_index] = proprio.q
        self._qvel[kin.dof_index] = proprio.dq
        self._qacc[kin.dof_index] = acceleration
        mujoco.mj_inverse(model, data)
        beyond = proprio.effort - self._needed[kin.dof_index]
        at_end = (proprio.q < self._low_end) & (beyond < 0.0)
        at_end |= (proprio.q > self._high_end) & (beyond > 0.0)
        beyond = np.where(at_end, 0.0, beyond)[self._arm]
        mujoco.mj_jacSite(model, data, self._jacobian, None, kin.site)
        rows = self._jacobian[:, kin.dof_index]
        arm = rows[:, self._arm]
        force = np.linalg.solve(arm @ arm.T + self._damping, arm @ beyond)
        return force, rows

    def _place(self, q: FloatArray) -> None:
        self._data.qpos[self._kinematics.qpos_index] = q
        mujoco.mj_kinematics(self._model, self._data)

    def _levers(self, spec: RobotSpec) -> FloatArray:
        """Lengths of the links from each joint to the gripper, end to end; 0 of joints that do not move it."""
        model = self._model
        owner = {int(model.joint(n).bodyid[0]): i for i, n in enumerate(spec.joint_names)}
        lever = np.zeros(len(spec.joints))
        site = self._kinematics.site
        body, length = int(model.site_bodyid[site]), float(np.linalg.norm(model.site_pos[site]))
        while body > 0:
            if body in owner:
                joint = model.joint(spec.joint_names[owner[body]])
                slide = int(joint.type[0]) == int(mujoco.mjtJoint.mjJNT_SLIDE)
                lever[owner[body]] = 1.0 if slide else length + float(np.linalg.norm(joint.pos))
            length += float(np.linalg.norm(model.body_pos[body]))
            body = int(model.body_parentid[body])
        return lever
