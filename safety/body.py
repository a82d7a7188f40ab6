"""Where the arm is and how hard it presses, from the robot's own model."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import mujoco
import numpy as np
import numpy.typing as npt

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
        kin = self._kinematics
        self._q_at, self._v_at = _places(kin.qpos_index), _places(kin.dof_index)
        self._arm = _places(kin.arm)
        self._low_end = (spec.limits("lower") + _END)[self._arm]
        self._high_end = (spec.limits("upper") - _END)[self._arm]
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
        arm, data, model = self._arm, self._data, self._model
        self._qpos[self._q_at] = proprio.q
        self._qvel[self._v_at] = proprio.dq
        self._qacc[self._v_at] = acceleration
        mujoco.mj_inverse(model, data)
        beyond, q = (proprio.effort - self._needed[self._v_at])[arm], proprio.q[arm]
        low, high = q < self._low_end, q > self._high_end
        if low.any() or high.any():
            beyond = np.where((low & (beyond < 0.0)) | (high & (beyond > 0.0)), 0.0, beyond)
        mujoco.mj_jacSite(model, data, self._jacobian, None, self._kinematics.site)
        rows = self._jacobian[:, self._v_at].copy()
        pull = rows[:, arm]
        return solved(pull @ pull.T + self._damping, pull @ beyond), rows

    def _place(self, q: FloatArray) -> None:
        self._qpos[self._q_at] = q
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


def _places(indices: Sequence[int] | npt.NDArray[np.intp]) -> slice | npt.NDArray[np.intp]:
    """Indices as NumPy takes them fastest: a slice, where they follow each other."""
    first, count = int(indices[0]), len(indices)
    if np.array_equal(indices, np.arange(first, first + count)):
        return slice(first, first + count)
    return np.asarray(indices, dtype=np.intp)


def solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve a symmetric, positive definite system ``[3, 3]`` by Cramer's rule: a tenth of `numpy.linalg.solve`'s time."""
    (a, b, c), (_, d, e), (_, _, f) = matrix.tolist()
    x, y, z = right.tolist()
    aa, ab, ac = d * f - e * e, c * e - b * f, b * e - c * d
    bb, bc, cc = a * f - c * c, b * c - a * e, a * d - b * b
    scale = 1.0 / (a * aa + b * ab + c * ac)
    return np.array(
        [
            scale * (aa * x + ab * y + ac * z),
            scale * (ab * x + bb * y + bc * z),
            scale * (ac * x + bc * y + cc * z),
        ]
    )
