"""What is carried follows the hand: the lag of friction on a curved way is undone.

Friction in MuJoCo brakes a slip, but its constraints leave out the acceleration that a curve alone asks
for, ``J'v`` ("Computation: Constraint model" in its documentation). What is held by friction
therefore trails behind a hand that swings, however hard it grips, by ``J'v (1/b - h/2)`` in every second,
with ``b`` the damping of the contact and ``h`` the time step: 2 mm/s at 1.5 rad/s, and a fork is out of the
fingers within half a minute. No damping that the time step allows is high enough to end it.

What slips is left to slip: only this lag, which follows from the motion of the hand alone, is taken back.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_FINGERS = ("r_gripper_finger_link", "l_gripper_finger_link")
_HAND = "gripper_link"
_ALONG = 0.05
"""What moves faster (m/s) than this against the hand is not carried by it."""


class Following:
    """Takes back the lag of what lies between the fingers, and of what rests on or in that.

    Args:
        model: the compiled scene.
        period: length of a control tick, s.
    """

    def __init__(self, model: Any, period: float) -> None:
        import mujoco

        self._model = model
        self._jacobian_rate, self._turn = mujoco.mj_jacDot, mujoco.mju_quatIntegrate
        self._fingers = [model.body(name).id for name in _FINGERS]
        self._hand = model.body(_HAND).id
        free = np.flatnonzero(model.jnt_type == int(mujoco.mjtJoint.mjJNT_FREE))
        self._free = {int(model.jnt_bodyid[j]): int(j) for j in free}
        self._qpos = {b: int(model.jnt_qposadr[j]) for b, j in self._free.items()}
        self._dofs = {b: int(model.jnt_dofadr[j]) for b, j in self._free.items()}
        self._root = int(model.body_rootid[self._hand])
        self._bodies = model.geom_bodyid
        self._rate = np.zeros((2, 3, model.nv))
        self._lag = period * _lag(model, self._fingers[0])

    def after_tick(self, data: Any) -> None:
        """Move what was carried through one tick to where the hand took it."""
        if data.ncon == 0:
            return
        for body in self._carried(data):
            linear, angular = self._rate
            self._jacobian_rate(self._model, data, linear, angular, data.xpos[body], self._hand)
            at = self._qpos[body]
            data.qpos[at : at + 3] += self._lag * (linear @ data.qvel)
            turn = data.xmat[body].reshape(3, 3).T @ (angular @ data.qvel)
            self._turn(data.qpos[at + 3 : at + 7], turn, self._lag)

    def _carried(self, data: Any) -> set[int]:
        """Free bodies between both fingers, and those that rest on them and move along."""
        # Plain Python on a handful of contacts: several times faster than arrays, at every tick.
        touching: dict[int, set[int]] = {}
        for a, b in self._bodies[data.contact.geom].tolist():
            if b in self._free:
                touching.setdefault(a, set()).add(b)
            if a in self._free:
                touching.setdefault(b, set()).add(a)
        none: set[int] = set()
        left, right = (touching.get(finger, none) for finger in self._fingers)
        carried = left & right
        todo = list(carried)
        while todo:
            found = touching.get(todo.pop(), none) - carried
            along = {body for body in found if self._moves_along(data, body)}
            carried |= along
            todo += along
        return carried

    def _moves_along(self, data: Any, body: int) -> bool:
        wx, wy, wz, *hand = data.cvel[self._hand].tolist()
        # MuJoCo gives the velocity of the point of the hand that is at the robot's centre of mass.
        x, y, z = (data.xpos[body] - data.subtree_com[self._root]).tolist()
        expected = (wy * z - wz * y, wz * x - wx * z, wx * y - wy * x)
        moves = data.qvel[self._dofs[body] : self._dofs[body] + 3].tolist()
        rest = (m - h - e for m, h, e in zip(moves, hand, expected, strict=True))
        return math.hypot(*rest) < _ALONG


def _lag(model: Any, finger: int) -> float:
    """Time (s) by which what a finger holds by friction trails behind it."""
    geoms = np.flatnonzero((model.geom_bodyid == finger) & (model.geom_contype != 0))
    constant, stiffest = model.geom_solref[geoms[0], 0], model.geom_solimp[geoms[0], 1]
    return float(constant * stiffest / 2.0 - model.opt.timestep / 2.0)
