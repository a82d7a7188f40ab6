"""Only what something awake may soon meet is looked at for contacts.

A flat has some seventy bodies that can be touched, and MuJoCo's broad phase sorts all of them at every
step, though the robot is near ten. What is left out here could not have touched anything before it is
looked at again, so the motion is the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray

EVERY = 20
"""Ticks until it is looked again who is near; sooner when something wakes or falls asleep."""
REACH = 0.8
"""How near (m) a body must be to something awake: as far as it gets at 8 m/s in so many ticks of 5 ms."""


class Culling:
    """Takes bodies out of the search for contacts, and back into it.

    Args:
        model: the `mujoco.MjModel`, whose ``body_contype`` and ``body_conaffinity`` it changes.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        touchable = (model.body_contype != 0) | (model.body_conaffinity != 0)
        touchable[0] = False  # the floor is everywhere
        self._bodies = np.flatnonzero(touchable)
        self._contype = model.body_contype[self._bodies].copy()
        self._conaffinity = model.body_conaffinity[self._bodies].copy()
        box = model.bvh_aabb[model.body_bvhadr[self._bodies]]
        self._middle, self._half = box[:, :3].copy(), box[:, 3:].copy()
        trees = model.body_treeid[self._bodies]
        self._members = [np.flatnonzero(trees == t) for t in range(model.ntree)]
        self._awake, self._left = -1, 0

    def before_tick(self, data: Any) -> None:
        """Look who is near, if it is time; to be called before the steps of a control tick."""
        self._left -= 1
        if self._left > 0 and data.ntree_awake == self._awake:
            return
        self._left, self._awake = EVERY, data.ntree_awake
        near = self._near(data)
        self._model.body_contype[self._bodies] = np.where(near, self._contype, 0)
        self._model.body_conaffinity[self._bodies] = np.where(near, self._conaffinity, 0)

    def _near(self, data: Any) -> npt.NDArray[np.bool_]:
        """Which of the bodies ``[B]`` come within reach of a tree that is awake."""
        # When all are awake somebody may just have moved things from outside (`sleep.wake`).
        if self._awake == self._model.ntree:
            return np.ones(len(self._bodies), dtype=bool)
        low, high = self._bounds(data)
        near = np.zeros(len(self._bodies), dtype=bool)
        for tree in np.flatnonzero(data.tree_asleep < 0).tolist():
            members = self._members[tree]
            if not len(members):
                continue
            least, most = low[members].min(axis=0) - REACH, high[members].max(axis=0) + REACH
            near |= ((high > least) & (low < most)).all(axis=1)
        return near

    def _bounds(self, data: Any) -> tuple[FloatArray, FloatArray]:
        """Lower and upper corners ``[B, 3]`` of the boxes around the bodies, in the world (m)."""
        turned = data.ximat[self._bodies].reshape(-1, 3, 3)
        centre = data.xipos[self._bodies] + np.einsum("bij,bj->bi", turned, self._middle)
        half = np.einsum("bij,bj->bi", np.abs(turned), self._half)
        return centre - half, centre + half
