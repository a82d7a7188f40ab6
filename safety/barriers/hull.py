"""The robot's own solid parts among boxes: which pairs may come near, and exactly how near they are."""

from __future__ import annotations

import copy

import mujoco
import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2, RobotSpec
from diarchy.skills.motion.hulls import (
    descends,
    distance,
    hand_bodies,
    self_pairs,
    solid_geoms,
    with_boxes,
)

POOL = 96
"""So many boxes can be near at once; those that are farther are left out."""

Index = npt.NDArray[np.intp]


class Hull:
    """Geometry of one robot in its base frame, with a pool of boxes to measure distances to. Not for threads.

    Attributes:
        geoms: ids of its solid geoms ``[G]``.
        arm, hand: whether a geom belongs to the arm, to the hand ``[G]``.
        lever: how far (m per rad, or 1 of a slide) a joint can move any point of a geom ``[G, J]``.
        own_pairs: pairs of rows of ``geoms`` that may touch each other ``[S, 2]``.
        own_lever: how far a joint can move any points of such a pair against each other ``[S, J]``.
        radius: of the geoms' bounding spheres ``[G]`` m.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self.model = model = copy.copy(with_boxes(spec.model_xml, POOL))
        self.data = mujoco.MjData(model)
        joints = [int(model.joint(n).id) for n in spec.joint_names]
        self._qpos: Index = model.jnt_qposadr[joints].astype(np.intp)
        self.dof: Index = model.jnt_dofadr[joints].astype(np.intp)
        self._fingers = np.setdiff1d(model.jnt_qposadr, self._qpos)
        self._first = int(model.geom("pool_0").id)
        self._pool: Index = self._first + np.arange(POOL, dtype=np.intp)
        self.geoms: Index = np.array(solid_geoms(model), dtype=np.intp)
        self.radius: FloatArray = model.geom_rbound[self.geoms].copy()
        shoulder = min(int(model.joint(spec.joint_names[i]).bodyid[0]) for i in spec.groups["arm"])
        self.arm = np.array([descends(model, int(g), shoulder) for g in self.geoms])
        hand = hand_bodies(model, spec.gripper_site)
        self.hand = np.array([int(model.geom_bodyid[g]) in hand for g in self.geoms])
        self.lever = self._levers(joints)
        self.own_pairs = self._own_pairs()
        first, second = self.lever[self.own_pairs[:, 0]], self.lever[self.own_pairs[:, 1]]
        # A joint that moves both moves them as one.
        self.own_lever = np.where((first > 0.0) != (second > 0.0), first + second, 0.0)
        self._line = np.zeros(6)
        self._jacobians = np.zeros((3, model.nv)), np.zeros((3, model.nv))

    def place(self, q: FloatArray, opening: float) -> None:
        """Put the joints at ``[J]`` and the fingers at an opening (m); the base is the origin."""
        self.data.qpos[self._qpos] = q
        self.data.qpos[self._fingers] = opening / 2.0
        mujoco.mj_kinematics(self.model, self.data)

    def centres(self) -> FloatArray:
        """Return the middles ``[G, 3]`` of the geoms as placed, in the base frame."""
        return np.asarray(self.data.geom_xpos[self.geoms])

    def put_boxes(self, sizes: FloatArray) -> None:
        """Give the first boxes of the pool their half sizes ``[B, 3]``."""
        rows = self._pool[: len(sizes)]
        self.model.geom_size[rows] = sizes
        self.model.geom_rbound[rows] = np.linalg.norm(sizes, axis=1)

    def move_boxes(self, rotation: FloatArray, middle: FloatArray, base: Pose2) -> None:
        """Put the first boxes of the pool to poses ``[B, 3, 3]``, ``[B, 3]`` in ``map``, as seen from a base; after `place`."""
        cos, sin = np.cos(base.yaw), np.sin(base.yaw)
        inverse = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
        rows = self._pool[: len(middle)]
        self.data.geom_xpos[rows] = (middle - (base.x, base.y, 0.0)) @ inverse.T
        self.data.geom_xmat[rows] = (inverse @ rotation).reshape(-1, 9)

    def gap_to_box(self, geom: int, box: int, upto: float) -> float:
        """Return the distance (m) of a row of ``geoms`` to a box of the pool, ``upto`` if it is farther."""
        return self._distance(int(self.geoms[geom]), self._first + box, upto)

    def gap_to_own(self, first: int, second: int, upto: float) -> float:
        """Return the distance (m) between two rows of ``geoms``."""
        return self._distance(int(self.geoms[first]), int(self.geoms[second]), upto)

    def slope_to_box(self, geom: int, box: int, upto: float) -> tuple[float, FloatArray] | None:
        """Return a gap and how it changes with base and joint speeds ``[2 + J]``; None where that is not known.

        After `place` and `mujoco.mj_comPos`.
        """
        gap = self._distance(int(self.geoms[geom]), self._first + box, upto)
        normal = self._normal(gap, upto)
        if normal is None:
            return None
        at, rows = self._line[:3].copy(), self._jacobians[0]
        mujoco.mj_jac(
            self.model, self.data, rows, None, at, int(self.model.geom_bodyid[self.geoms[geom]])
        )
        turning = normal[1] * at[0] - normal[0] * at[1]
        return gap, np.concatenate([[normal[0], turning], normal @ rows[:, self.dof]])

    def slope_to_own(self, first: int, second: int, upto: float) -> tuple[float, FloatArray] | None:
        """The same for two parts of the robot; the base moves neither to the other."""
        gap = self._distance(int(self.geoms[first]), int(self.geoms[second]), upto)
        normal = self._normal(gap, upto)
        if normal is None:
            return None
        rows, others = self._jacobians
        body = self.model.geom_bodyid
        mujoco.mj_jac(
            self.model, self.data, rows, None, self._line[:3].copy(), int(body[self.geoms[first]])
        )
        mujoco.mj_jac(
            self.model,
            self.data,
            others,
            None,
            self._line[3:].copy(),
            int(body[self.geoms[second]]),
        )
        return gap, np.concatenate([np.zeros(2), normal @ (rows - others)[:, self.dof]])

    def _normal(self, gap: float, upto: float) -> FloatArray | None:
        """Unit vector ``[3]`` from the second to the first geom of the last distance, along which the gap opens."""
        away = self._line[:3] - self._line[3:]
        length = float(np.linalg.norm(away))
        if gap >= upto or length < 1e-7:
            return None
        return np.asarray(away / (length if gap > 0.0 else -length))

    def _distance(self, first: int, second: int, upto: float) -> float:
        return distance(self.model, self.data, first, second, max(upto, 1e-3), self._line)

    def _levers(self, joints: list[int]) -> FloatArray:
        """Bounds that hold in every posture: the lengths of the links between joint and geom, end to end."""
        model = self.model
        lever = np.zeros((len(self.geoms), len(joints)))
        for row, geom in enumerate(self.geoms):
            length = float(np.linalg.norm(model.geom_pos[geom]) + model.geom_rbound[geom])
            body = int(model.geom_bodyid[geom])
            while body > 0:
                for column, joint in enumerate(joints):
                    if int(model.jnt_bodyid[joint]) == body:
                        slide = model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_SLIDE
                        away = length + float(np.linalg.norm(model.jnt_pos[joint]))
                        lever[row, column] = 1.0 if slide else away
                length += float(np.linalg.norm(model.body_pos[body]))
                body = int(model.body_parentid[body])
        return lever

    def _own_pairs(self) -> Index:
        """Rows of pairs of the robot's own geoms that may touch and that a joint moves against each other."""
        row = {int(geom): i for i, geom in enumerate(self.geoms)}
        pairs = [(row[int(a)], row[int(b)]) for a, b in self_pairs(self.model)]
        moved = self.lever > 0.0
        kept = [(a, b) for a, b in pairs if not np.array_equal(moved[a], moved[b])]
        return np.array(kept, dtype=np.intp).reshape(-1, 2)
