"""What is carried follows the hand: the lag of friction on a curved way is undone.

Friction in MuJoCo brakes a slip, but its constraints leave out the acceleration that a curve alone asks
for, ``J'v`` ("Computation: Constraint model" in its documentation). What is held by friction
therefore trails behind a hand that swings, however hard it grips, by ``J'v (1/b - h/2)`` in every second,
with ``b`` the damping of the contact and ``h`` the time step: 2 mm/s at 1.5 rad/s, and a fork is out of the
fingers within half a minute. No damping that the time step allows is high enough to end it.

What slips is left to slip: only this lag, which follows from the motion of the hand alone, is taken back.
"""

from __future__ import annotations

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
        self._rate = np.zeros((2, 3, model.nv))
        self._lag = period * _lag(model, self._fingers[0])

    def after_tick(self, data: Any) -> None:
        """Move what was carried through one tick to where the hand took it."""
        if data.ncon == 0:
            return
        for body in self._carried(data):
            linear, angular = self._rate
            self._jacobian_rate(self._model, data, linear, angular, data.xpos[body], self._hand)
            at = self._model.jnt_qposadr[self._free[body]]
            data.qpos[at : at + 3] += self._lag * (linear @ data.qvel)
            turn = data.xmat[body].reshape(3, 3).T @ (angular @ data.qvel)
            self._turn(data.qpos[at + 3 : at + 7], turn, self._lag)

    def _carried(self, data: Any) -> set[int]:
        """Free bodies between both fingers, and those that rest on them and move along."""
        # Plain Python on a handful of contacts: several times faster than arrays, at every tick.
        bodies = self._model.geom_bodyid[data.contact.geom].tolist()
        pairs = [(a, b) for a, b in bodies if a in self._free or b in self._free]

        def touching(body: int) -> set[int]:
            others = [b if a == body else a for a, b in pairs if body in (a, b)]
            return {other for other in others if other in self._free}

        carried = set.intersection(*(touching(finger) for finger in self._fingers))
        todo = list(carried)
        while todo:
            found = touching(todo.pop()) - carried
            along = {body for body in found if self._moves_along(data, body)}
            carried |= along
            todo += along
        return carried

    def _moves_along(self, data: Any, body: int) -> bool:
        hand = data.cvel[self._hand]
        # MuJoCo gives the velocity of the point of the hand that is at the robot's centre of mass.
        away = data.xpos[body] - data.subtree_com[self._model.body_rootid[self._hand]]
        expected = hand[3:] + np.cross(hand[:3], away)
        joint = self._model.jnt_dofadr[self._free[body]]
        return float(np.linalg.norm(data.qvel[joint : joint + 3] - expected)) < _ALONG


def _lag(model: Any, finger: int) -> float:
    """Time (s) by which what a finger holds by friction trails behind it."""
    geoms = np.flatnonzero((model.geom_bodyid == finger) & (model.geom_contype != 0))
    constant, stiffest = model.geom_solref[geoms[0], 0], model.geom_solimp[geoms[0], 1]
    return float(constant * stiffest / 2.0 - model.opt.timestep / 2.0)
