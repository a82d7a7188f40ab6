"""Where the gripper is, and which joint angles bring it somewhere.

Inverse kinematics is the quadratic programme that mink poses for a frame task with a posture task
and joint limits, written out for one frame and solved by daqp::

    min  |W (J dq - e)|^2 + damping |dq|^2 + posture |q + dq - q0|^2   s.t.  lower <= q + dq <= upper

For one frame that is ten times cheaper than building mink's tasks each step, and an iterated solve
with several seeds fits into a few milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import daqp
import mujoco
import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import RobotSpec

_STEP_LIMIT = 0.25
_MIDDLE, _RAYS = 0.2, 5
"""Half the middle of a picture, as a slope, and how many rays are cast across it."""


@lru_cache(maxsize=4)
def robot_model(model_xml: str) -> mujoco.MjModel:
    """Compile an MJCF once; the model is shared and must not be written to."""
    return mujoco.MjModel.from_xml_string(model_xml)


def rotation_error(target: FloatArray, actual: FloatArray) -> FloatArray:
    """Return the rotation vector ``[3]`` (rad, in the common frame) that turns ``actual`` into ``target``."""
    relative = target @ actual.T
    (a, b, c), (d, e, f), (g, h, i) = relative.tolist()
    axis = np.array([h - f, c - g, d - b])
    sine = math.sqrt(float(axis @ axis)) / 2.0
    cosine = (a + e + i - 1.0) / 2.0
    if sine > 1e-9:
        return np.asarray(axis * (math.atan2(sine, cosine) / (2.0 * sine)))
    if cosine > 0.0:
        return np.zeros(3)
    # Half a turn: the axis is the column of the largest diagonal entry of (R + 1) / 2.
    half = (relative + np.eye(3)) / 2.0
    column = half[:, int(np.argmax(np.diag(half)))]
    return np.asarray(column / np.linalg.norm(column) * np.pi)


@dataclass(frozen=True)
class _Task:
    """Where the gripper shall go and by which joints; arrays are of those that may move ``[N]``.

    ``dofs`` are their columns in the Jacobian, ``home`` is where the posture pulls to, ``weights`` ``[6]`` are of
    the errors; there are no constraints but bounds: ``no_rows`` ``[0, N]``.
    """

    target: SE3
    moving: npt.NDArray[np.intp]
    dofs: npt.NDArray[np.intp]
    home: FloatArray
    lower: FloatArray
    upper: FloatArray
    weights: FloatArray
    max_step: float
    no_rows: FloatArray


class Kinematics:
    """Forward and inverse kinematics of the gripper in the base frame. Not safe to share by threads.

    Raises:
        BadInputError: the model has no site or joint of the names in the spec.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self.spec = spec
        self.model = robot_model(spec.model_xml)
        self.data = mujoco.MjData(self.model)
        self.lower, self.upper = spec.limits("lower"), spec.limits("upper")
        self.site = self._id(mujoco.mjtObj.mjOBJ_SITE, spec.gripper_site)
        ids = [self._id(mujoco.mjtObj.mjOBJ_JOINT, name) for name in spec.joint_names]
        self._joint_ids = np.asarray(ids)
        self.qpos_index = self.model.jnt_qposadr[ids].astype(np.intp)
        self.dof_index = self.model.jnt_dofadr[ids].astype(np.intp)
        # Views of the solver's own memory, and memory of our own: both are written anew before they are read.
        self._full = np.zeros((6, self.model.nv))
        self._site_views: tuple[FloatArray, FloatArray] = (
            self.data.site_xpos[self.site],
            self.data.site_xmat[self.site].reshape(3, 3),
        )
        self.fingertip = self._fingertip()
        self.wrist = self._wrist()
        self.arm = tuple(spec.groups.get("torso", ())) + tuple(spec.groups["arm"])

    def _id(self, kind: mujoco.mjtObj, name: str) -> int:
        found = int(mujoco.mj_name2id(self.model, kind, name))
        if found < 0:
            count = self.model.nsite if kind == mujoco.mjtObj.mjOBJ_SITE else self.model.njnt
            names = [mujoco.mj_id2name(self.model, kind, i) or "" for i in range(count)]
            raise BadInputError(f"the robot's model has no '{name}'; {did_you_mean(name, names)}")
        return found

    def _fingertip(self) -> float:
        """Distance in m from the gripper site to the end of the fingers, along the approach."""
        model, data = self.model, self.data
        mujoco.mj_kinematics(model, data)
        x = data.site_xmat[self.site].reshape(3, 3)[:, 0]
        others = np.setdiff1d(np.arange(model.njnt), self._joint_ids)
        bodies = {int(model.jnt_bodyid[j]) for j in others}
        ends = [0.0]
        for geom in range(model.ngeom):
            if int(model.geom_bodyid[geom]) in bodies and model.geom_contype[geom]:
                turned = data.geom_xmat[geom].reshape(3, 3).T @ x
                half = float(np.abs(turned) @ model.geom_size[geom])
                ends.append(float((data.geom_xpos[geom] - data.site_xpos[self.site]) @ x) + half)
        return max(ends)

    def _wrist(self) -> float:
        """Distance in m from the gripper site back to the last joint that bends the hand; after `_fingertip`."""
        data, away = self.data, 0.0
        x = data.site_xmat[self.site].reshape(3, 3)[:, 0]
        for joint in self._joint_ids[list(self.spec.groups["arm"])]:
            if abs(float(data.xaxis[joint] @ x)) < 0.5:
                away = float(np.linalg.norm(data.xanchor[joint] - data.site_xpos[self.site]))
        return away

    def clip(self, q: FloatArray) -> FloatArray:
        """Return joints ``[J]`` clipped into their limits."""
        return np.asarray(np.clip(q, self.lower, self.upper))

    def gripper_pose(self, q: FloatArray) -> SE3:
        """Return ``base_from_gripper`` for joints ``[J]``."""
        self._place(q)
        return self._pose()

    def camera_pose(self, q: FloatArray, camera: str) -> SE3:
        """Return ``base_from_camera`` (optical frame) for joints ``[J]``."""
        index = self._id(mujoco.mjtObj.mjOBJ_CAMERA, camera)
        self._place(q)
        mujoco.mj_camlight(self.model, self.data)
        rotation = self.data.cam_xmat[index].reshape(3, 3) * np.array([1.0, -1.0, -1.0])
        return SE3(rotation, self.data.cam_xpos[index].copy())

    def gaze(self, point: FloatArray, q: FloatArray) -> FloatArray:
        """Return joints ``[J]`` with the head, if it turns, turned to a point ``[3]`` in base."""
        found, head = q.copy(), tuple(self.spec.groups.get("head", ()))
        if len(head) < 2:
            return found
        for _ in range(6):
            x, y, z = self.camera_pose(found, self.spec.head_camera).inverse().apply(point)
            found[head[0]] -= np.arctan2(x, max(z, 1e-3))
            found[head[1]] += np.arctan2(y, max(z, 1e-3))
            found = self.clip(found)
        return found

    def hidden(self, q: FloatArray, camera: str, *, within: float = _MIDDLE) -> float:
        """Return the share of a camera's middle field of view, so many m a metre ahead to all sides, that the robot itself hides."""
        pose = self.camera_pose(q, camera)
        body = int(self.model.cam_bodyid[self._id(mujoco.mjtObj.mjOBJ_CAMERA, camera)])
        slopes = np.linspace(-within, within, _RAYS)
        rays = [pose.rotation @ np.array([x, y, 1.0]) for x in slopes for y in slopes]
        geom = np.zeros(1, dtype=np.int32)
        hits = [
            mujoco.mj_ray(self.model, self.data, pose.translation, ray, None, 1, body, geom) >= 0.0
            for ray in rays
        ]
        return float(np.mean(hits))

    def jacobian(self, q: FloatArray) -> FloatArray:
        """Return the ``[6, J]`` Jacobian of the gripper in ``base``: three rows linear, three angular."""
        self._place(q)
        return self._jacobian(self.dof_index)

    def step(
        self,
        q: FloatArray,
        target: SE3,
        *,
        joints: Sequence[int] | None = None,
        posture: FloatArray | None = None,
        weights: tuple[float, float] = (1.0, 0.5),
        iterations: int = 3,
        max_step: float = _STEP_LIMIT,
        damping: float = 2e-3,
        near_enough: tuple[float, float] | None = None,
    ) -> FloatArray:
        """Move joints ``[J]`` towards a target pose; call at 50 Hz on the COMMANDED joints to servo.

        Args:
            q: present commanded joints.
            target: ``base_from_gripper`` wanted.
            joints: indices that may move; default arm and torso.
            posture: joints to stay near where the target leaves a choice; default ``q``.
            weights: of position (per m) and rotation (per rad).
            iterations: quadratic programmes to solve, at most.
            max_step: largest change of a joint in one iteration, rad or m.
            damping: what staying costs against reaching the target (m per rad): where the arm is nearly
                stretched, joints turn slowly rather than to and fro (Nakamura and Hanafusa 1986).
            near_enough: errors (m and rad) after one of them below which no other is solved.
        """
        home = q if posture is None else posture
        task = self._task(target, self.arm if joints is None else joints, home, weights, max_step)
        q = self.clip(q)
        for k in range(iterations):
            self._place(q)
            if k > 0 and near_enough is not None and self._is_near(task, near_enough):
                break
            q, _, _ = self._iterate(q, task, damping)
        return q

    def solve(
        self,
        target: SE3,
        q0: FloatArray,
        *,
        joints: Sequence[int] | None = None,
        position_tol: float = 2e-3,
        rotation_tol: float = 0.03,
        weights: tuple[float, float] = (1.0, 0.5),
        seeds: Sequence[FloatArray] = (),
        iterations: int = 60,
    ) -> FloatArray | None:
        """Find joints ``[J]`` for a gripper pose, from ``q0`` and then each of ``seeds``.

        Returns:
            The first solution within ``position_tol`` (m) and ``rotation_tol`` (rad), or None.
        """
        moving = np.asarray(self.arm if joints is None else joints, dtype=np.intp)
        for seed in (q0, *seeds):
            start = q0.copy()
            start[moving] = seed[moving]
            task = self._task(target, moving, start, weights, 0.4)
            found = self._descend(task, start, (position_tol, rotation_tol), iterations)
            if found is not None:
                return found
        return None

    def _task(
        self,
        target: SE3,
        joints: Sequence[int] | npt.NDArray[np.intp],
        home: FloatArray,
        weights: tuple[float, float],
        max_step: float,
    ) -> _Task:
        moving = np.asarray(joints, dtype=np.intp)
        return _Task(
            target,
            moving,
            self.dof_index[moving],
            home[moving],
            self.lower[moving],
            self.upper[moving],
            np.repeat(weights, 3),
            max_step,
            np.zeros((0, len(moving))),
        )

    def _descend(
        self, task: _Task, start: FloatArray, tolerance: tuple[float, float], iterations: int
    ) -> FloatArray | None:
        q, best = self.clip(start), np.inf
        stale = 0
        for k in range(iterations):
            self._place(q)
            # The pull to the seed fades out, so that it chooses the branch but not the accuracy.
            posture = 1e-2 * 0.6**k
            proposal, position, rotation = self._iterate(q, task, posture)
            if position < tolerance[0] and rotation < tolerance[1]:
                return q
            q, total = proposal, position + 0.3 * rotation
            stale = 0 if total < 0.98 * best else stale + 1
            best = min(best, total)
            if stale > 12:
                return None
        return None

    def _is_near(self, task: _Task, near_enough: tuple[float, float]) -> bool:
        """Tell whether the joints that are placed reach the target to within m and rad."""
        position, rotation = self._site_views
        linear = task.target.translation - position
        if float(linear @ linear) > near_enough[0] ** 2:
            return False
        angular = rotation_error(task.target.rotation, rotation)
        return float(angular @ angular) <= near_enough[1] ** 2

    def _iterate(
        self, q: FloatArray, task: _Task, posture: float
    ) -> tuple[FloatArray, float, float]:
        """One quadratic programme from joints ``[J]`` that are placed: what follows, and the errors (m, rad) of ``q``."""
        position, rotation = self._site_views
        linear = task.target.translation - position
        angular = rotation_error(task.target.rotation, rotation)
        here, count = q[task.moving], len(task.moving)
        jacobian = self._jacobian(task.dofs)
        jacobian *= task.weights[:, None]
        error = task.weights * np.concatenate((linear, angular))
        hessian = jacobian.T @ jacobian
        hessian.reshape(-1)[:: count + 1] += posture**2 + 1e-5
        gradient = posture**2 * (here - task.home) - error @ jacobian
        low = np.maximum(task.lower - here, -task.max_step)
        high = np.minimum(task.upper - here, task.max_step)
        change, _, flag, _ = daqp.solve(hessian, gradient, task.no_rows, high, low)
        following = q.copy()
        if flag > 0:
            following[task.moving] += change
        return (
            np.minimum(np.maximum(following, self.lower), self.upper),
            math.sqrt(float(linear @ linear)),
            math.sqrt(float(angular @ angular)),
        )

    def _place(self, q: FloatArray) -> None:
        self.data.qpos[self.qpos_index] = q
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)

    def _pose(self) -> SE3:
        rotation = self.data.site_xmat[self.site].reshape(3, 3).copy()
        return SE3(rotation, self.data.site_xpos[self.site].copy())

    def _jacobian(self, dofs: npt.NDArray[np.intp]) -> FloatArray:
        """Columns ``[6, N]`` of the gripper's Jacobian."""
        mujoco.mj_jacSite(self.model, self.data, self._full[:3], self._full[3:], self.site)
        return self._full[:, dofs]
