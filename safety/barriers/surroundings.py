"""What is around the robot, as arrays of boxes, and which of it may come near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Solid
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2

_THICK = 0.2
FLOOR = "floor"


class Surroundings:
    """Boxes in ``map``: poses ``[M, 3, 3]``, ``[M, 3]``, half sizes ``[M, 3]`` and whose they are; a floor comes last."""

    def __init__(self, obstacles: Sequence[Solid]) -> None:
        self.obstacles = obstacles
        boxes = [o.box for o in obstacles]
        floor = np.array([0.0, 0.0, -_THICK])
        self.owners = [*(o.owner for o in obstacles), FLOOR]
        self.rotation = np.array([*(b.pose.rotation for b in boxes), np.eye(3)])
        self.middle = np.array([*(b.pose.translation for b in boxes), floor])
        sizes = [np.asarray(b.size, dtype=np.float64) / 2.0 for b in boxes]
        self.half = np.array([*sizes, np.array([100.0, 100.0, _THICK])])
        # All points in the frames of all boxes by one product.
        self._turned = self.rotation.transpose(1, 0, 2).reshape(3, -1)
        self._offset = np.einsum("mi,mij->mj", self.middle, self.rotation)

    def gaps(self, centres: FloatArray, radius: FloatArray, base: Pose2) -> FloatArray:
        """Return lower bounds ``[G, M]`` m of the distances from spheres, in the frame of a base, to all boxes."""
        at = in_map(centres, base)
        local = (at @ self._turned).reshape(len(at), -1, 3) - self._offset
        outside = np.maximum(np.abs(local) - self.half, 0.0)
        return np.asarray(np.sqrt(np.einsum("gmj,gmj->gm", outside, outside)) - radius[:, None])


def in_map(points: FloatArray, base: Pose2) -> FloatArray:
    """Return points ``[N, 3]`` of the base's frame in ``map``."""
    cos, sin = np.cos(base.yaw), np.sin(base.yaw)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(points @ turn + (base.x, base.y, 0.0))


def touchable(
    owners: Sequence[str], allowed: frozenset[str], arm: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return which pairs ``[G, M]`` may touch: the arm and what the skill works on; the wheels and the floor."""
    worked_on = np.array([owner in allowed for owner in owners])
    floor = np.array([owner == FLOOR for owner in owners])
    return np.asarray((arm[:, None] & worked_on[None]) | (~arm[:, None] & floor[None]))
