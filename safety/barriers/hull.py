"""The robot's own solid parts among boxes: which pairs may come near, and exactly how near they are."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2, RobotSpec

POOL = 96
"""So many boxes can be near at once; those that are farther are left out."""
_NUDGES = np.array([[7e-5, 9e-5, -8e-5], [-2e-4, 1e-4, 3e-4], [5e-4, -6e-4, 4e-4]])

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
        self.model = model = copy.copy(_with_pool(spec.model_xml))
        self.data = mujoco.MjData(model)
        joints = [int(model.joint(n).id) for n in spec.joint_names]
        self._qpos: Index = model.jnt_qposadr[joints].astype(np.intp)
        self.dof: Index = model.jnt_dofadr[joints].astype(np.intp)
        self._fingers = np.setdiff1d(model.jnt_qposadr, self._qpos)
        self._first = int(model.geom("pool_0").id)
        self._pool: Index = self._first + np.arange(POOL, dtype=np.intp)
        self.geoms: Index = np.array(
            [g for g in range(model.ngeom) if model.geom_contype[g] or model.geom_conaffinity[g]],
            dtype=np.intp,
        )
        self.radius: FloatArray = model.geom_rbound[self.geoms].copy()
        shoulder = min(int(model.joint(spec.joint_names[i]).bodyid[0]) for i in spec.groups["arm"])
        self.arm = np.array([self._under(int(g), shoulder) for g in self.geoms])
        self.hand = self._hand(spec.gripper_site)
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
        reach = max(upto, 1e-3)
        distance = mujoco.mj_geomDistance(self.model, self.data, first, second, reach, self._line)
        if distance == 0.0:
            # MuJoCo's solver stalls now and then and answers exactly zero for things that are well apart.
            where = self.data.geom_xpos[second].copy()
            for nudge in _NUDGES:
                self.data.geom_xpos[second] = where + nudge
                distance = mujoco.mj_geomDistance(
                    self.model, self.data, first, second, reach, self._line
                )
                if distance != 0.0:
                    break
            self.data.geom_xpos[second] = where
        return float(distance)

    def _under(self, geom: int, ancestor: int) -> bool:
        body = int(self.model.geom_bodyid[geom])
        while body > ancestor:
            body = int(self.model.body_parentid[body])
        return body == ancestor

    def _hand(self, site: str) -> npt.NDArray[np.bool_]:
        """Geoms welded to the gripper, and of the fingers that hang on it."""
        model = self.model
        weld = model.body_weldid
        palm = weld[model.site_bodyid[model.site(site).id]]
        bodies = model.geom_bodyid[self.geoms]
        return np.asarray(
            (weld[bodies] == palm) | (weld[model.body_parentid[weld[bodies]]] == palm)
        )

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
        """Pairs of the robot's own geoms that MuJoCo would let collide and a joint can move."""
        model = self.model
        weld, body = model.body_weldid, model.geom_bodyid
        excluded = {(int(s) >> 16, int(s) & 0xFFFF) for s in model.exclude_signature}
        pairs = []
        for i, first in enumerate(self.geoms):
            for j in range(i + 1, len(self.geoms)):
                a, b = int(body[first]), int(body[self.geoms[j]])
                above = [int(weld[model.body_parentid[weld[x]]]) for x in (a, b)]
                joined = weld[a] == weld[b] or above[0] == weld[b] or above[1] == weld[a]
                still = np.array_equal(self.lever[i] > 0.0, self.lever[j] > 0.0)
                if not (joined or still or (a, b) in excluded or (b, a) in excluded):
                    pairs.append((i, j))
        return np.array(pairs, dtype=np.intp).reshape(-1, 2)


@lru_cache(maxsize=4)
def _with_pool(model_xml: str) -> mujoco.MjModel:
    """Add a pool of boxes to the world of the robot's model."""
    spec = mujoco.MjSpec.from_string(model_xml)
    # A size and a pose of no symmetry keep the compiler from storing shortcuts for them.
    shape: dict[str, Any] = {
        "type": mujoco.mjtGeom.mjGEOM_BOX,
        "size": [0.01, 0.011, 0.012],
        "pos": [9.0, 1.0, 2.0],
        "quat": [0.9, 0.1, 0.2, 0.3],
        "contype": 0,
        "conaffinity": 0,
        "mass": 0.0,
    }
    for i in range(POOL):
        spec.worldbody.add_geom(name=f"pool_{i}", **shape)
    return spec.compile()
