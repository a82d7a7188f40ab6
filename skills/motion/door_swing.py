"""Leading the hand along the circle of a door: pulling it by the bar, or pushing the panel.

All of it happens in the ``base`` frame with the base at rest. An angle is that of the door, 0 when
closed, growing as it opens.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from diarchy.contracts.entity import Hinge
from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.robot import Proprio
from diarchy.skills.motion.arm_path import Arm, Motion
from diarchy.skills.motion.hinge_fit import Circle, fit_circle
from diarchy.skills.motion.leading import lead, rehearse

_WEIGHTS = (1.0, 0.1)
_FIT_EVERY = 15


@dataclass(frozen=True)
class LocalHinge:
    """A door in ``base``: circle of the hand around the hinge, the phase at angle 0, height, sense.

    Attributes:
        circle: centre ``[2]`` and radius of the hand's path, m.
        phase: direction (rad) from the centre to the hand when the door is closed.
        height: of the hand, m.
        sign: +1 if the door opens counter-clockwise.
        facing: direction (rad) of the hand's approach when the door is closed.
    """

    circle: Circle
    phase: float
    height: float
    sign: int
    facing: float

    @staticmethod
    def of(hinge: Hinge, base_from_map: SE3, point: FloatArray) -> LocalHinge:
        """Build for the hand at ``point`` ``[3]`` (``map``, door closed)."""
        centre = base_from_map.apply(hinge.origin)[:2]
        hand = base_from_map.apply(point)
        offset = hand[:2] - centre
        inward = -(base_from_map.rotation @ hinge.handle_normal)
        return LocalHinge(
            Circle(centre, float(np.linalg.norm(offset))),
            float(np.arctan2(offset[1], offset[0])),
            float(hand[2]),
            hinge.sign,
            float(np.arctan2(inward[1], inward[0])),
        )

    def moved(self, transform: SE3) -> LocalHinge:
        """Return the same seen from another level frame; ``transform`` is ``new_from_old``."""
        centre = transform.apply([*self.circle.centre, self.height])
        return replace(
            self,
            circle=Circle(centre[:2], self.circle.radius),
            phase=self.phase + transform.yaw,
            height=float(centre[2]),
            facing=self.facing + transform.yaw,
        )

    def at_height(self, height: float) -> LocalHinge:
        """Return the same with the hand at another height, m."""
        return replace(self, height=height)

    def hand(self, angle: float, *, turn: float = 1.0) -> SE3:
        """Return ``base_from_gripper`` on the circle; ``turn``: how much of the angle the hand follows."""
        direction = self.phase + self.sign * angle
        at = self.circle.centre + self.circle.radius * np.array(
            [np.cos(direction), np.sin(direction)]
        )
        yaw = self.facing + self.sign * turn * angle
        return SE3.from_xyz_yaw(float(at[0]), float(at[1]), self.height, yaw)

    def angle_of(self, point: FloatArray) -> float:
        """Angle of the door whose hand is at ``point`` ``[2+]`` in ``base``."""
        offset = point[:2] - self.circle.centre
        return self.sign * wrap_angle(float(np.arctan2(offset[1], offset[0])) - self.phase)

    def fitted(self, path: FloatArray) -> LocalHinge:
        """Return the same with its circle fitted to where the hand was ``[n, 2]``, angle 0 at the first."""
        circle = fit_circle(path, self.circle)
        first = path[0] - circle.centre
        return replace(self, circle=circle, phase=float(np.arctan2(first[1], first[0])))


def can_swing(
    arm: Arm,
    hinge: LocalHinge,
    q: FloatArray,
    start: float,
    end: float,
    *,
    turn: float = 1.0,
    allow: Collection[str] = (),
) -> bool:
    """Tell whether the arm can `swing` from joints ``[J]`` with its hand at ``start``."""

    def pose_at(fraction: float) -> SE3:
        return hinge.hand(start + (end - start) * fraction, turn=turn)

    return rehearse(arm, pose_at, q, weights=_WEIGHTS, allow=allow)


def swing(
    arm: Arm,
    hinge: LocalHinge,
    start: float,
    end: float,
    *,
    seconds: float,
    fit: bool,
    turn: float = 1.0,
    lost: Callable[[Proprio], bool] = lambda now: False,
    learn: Callable[[LocalHinge], None] = lambda hinge: None,
) -> Motion:
    """Lead the hand along the circle from angle ``start`` to ``end``.

    Args:
        arm: what moves; its hand is at ``start`` already.
        hinge: as believed.
        start, end: rad.
        seconds: for the whole swing.
        fit: fit the circle to the path (the hand must hold the door from angle 0 on).
        turn: how much of the angle the hand follows.
        lost: tells that the door is not in the hand any more.
        learn: is told the hinge each time it was fitted.

    Raises:
        MotionFailedError: ``SLIPPED`` when lost, ``BLOCKED`` when the hand stays behind.
    """
    path = [arm.gripper_pose().translation[:2]]
    fitted = hinge

    def pose_at(fraction: float) -> SE3:
        return fitted.hand(start + (end - start) * fraction, turn=turn)

    def watch(step: int) -> None:
        nonlocal fitted
        path.append(arm.gripper_pose().translation[:2])
        if fit and step % _FIT_EVERY == 0:
            fitted = fitted.fitted(np.asarray(path))
            learn(fitted)

    yield from lead(
        arm, pose_at, seconds=seconds, weights=_WEIGHTS, lost=lost, watch=watch, what="the door"
    )
