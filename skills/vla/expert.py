"""The teacher of the policy: a feedback law that takes the hand from anywhere near to a lifted object.

It has no memory and no clock: where the hand is, how far it is opened and whether it feels
something decide what comes next. So it can say what to do from ANY state, also one that noise or an
imperfect policy led to, and a network that sees the same can learn it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.vla.flow.processing import pose_row

ROW_S = 0.04
"""Seconds between rows (25 Hz)."""
_SPEED, _ACCELERATION, _GAIN, _CREEP = 0.20, 1.0, 4.0, 0.03
_TURN = 1.2
_OPEN_STEP, _FINGER_STEP = 0.006, 0.004
_THERE, _ALIGNED = 0.005, 0.08
_NEAR = 0.025
_CLOSED, _FELT_FORCE, _EMPTY_WIDTH = 0.002, 5.0, 0.003
_FUNNEL_HEIGHT = 0.12
LIFT = 0.13
"""How far (m) it lifts."""


@dataclass(frozen=True)
class Hand:
    """State of the hand between two rows.

    Attributes:
        pose: ``base_from_gripper`` as commanded.
        velocity: of it, ``[3]`` m/s.
        opening: as commanded, m.
        width: as measured, m.
        force: as measured, N.
    """

    pose: SE3
    velocity: FloatArray
    opening: float
    width: float
    force: float

    @property
    def grips(self) -> bool:
        """Whether something is felt between fully closed fingers."""
        felt = self.width > _EMPTY_WIDTH and self.force > _FELT_FORCE
        return felt and self.opening <= _CLOSED


@dataclass(frozen=True)
class PickExpert:
    """Picks with one chosen grasp.

    Attributes:
        grasp: ``base_from_gripper`` when the fingers close, coming from above.
        opening: of the fingers on the way there, m.
        width: expected between the fingers after closing, m; predicts when they stop.
    """

    grasp: SE3
    opening: float
    width: float

    def step(self, hand: Hand) -> Hand:
        """Return the hand one row later, as it would be if everything went as expected."""
        if hand.grips:
            return self._lift(hand)
        if self._closing(hand):
            return self._close(hand)
        return self._approach(hand)

    def chunk(self, hand: Hand, rows: int) -> FloatArray:
        """Return ``[rows, 10]`` poses in ``base`` and openings; row 0 is the present command."""
        out = []
        for _ in range(rows):
            out.append(np.append(pose_row(hand.pose), hand.opening))
            hand = self.step(hand)
        return np.array(out)

    def _closing(self, hand: Hand) -> bool:
        offset, turn = self._error(hand.pose)
        distance = float(np.linalg.norm(offset))
        arrived = distance < _THERE and turn < _ALIGNED
        begun = distance < _NEAR and hand.opening < self.opening - 0.01
        return begun or (arrived and abs(hand.opening - self.opening) <= 0.01)

    def _close(self, hand: Hand) -> Hand:
        opening = max(0.0, hand.opening - _OPEN_STEP)
        width = max(self.width, opening, hand.width - _FINGER_STEP)
        felt = opening <= _CLOSED and width <= self.width
        force = 2 * _FELT_FORCE if felt and hand.opening <= _CLOSED else 0.0
        moved = self._towards(hand, self.grasp.translation)
        return replace(moved, opening=opening, width=width, force=force)

    def _lift(self, hand: Hand) -> Hand:
        above = hand.pose.translation.copy()
        above[2] = self.grasp.translation[2] + LIFT
        return replace(self._towards(hand, above), opening=0.0)

    def _approach(self, hand: Hand) -> Hand:
        """Come down inside a funnel: low only where the hand is over the grasp and aligned."""
        offset, turn = self._error(hand.pose)
        aside = float(np.hypot(offset[0], offset[1]))
        height = 2.0 * (aside - 0.006) + 0.25 * (turn - _ALIGNED)
        if abs(hand.opening - self.opening) > 0.01:
            height = max(height, 0.05)
        goal = self.grasp.translation.copy()
        goal[2] += np.clip(height, 0.0, _FUNNEL_HEIGHT)
        change = np.clip(self.opening - hand.opening, -_OPEN_STEP, _OPEN_STEP)
        width = hand.width + float(np.clip(hand.opening - hand.width, -_FINGER_STEP, _FINGER_STEP))
        moved = self._towards(hand, goal)
        return replace(moved, opening=hand.opening + float(change), width=width, force=0.0)

    def _error(self, pose: SE3) -> tuple[FloatArray, float]:
        turn = Rotation.from_matrix(pose.rotation.T @ self.grasp.rotation).magnitude()
        return self.grasp.translation - pose.translation, float(turn)

    def _towards(self, hand: Hand, goal: FloatArray) -> Hand:
        """Move towards a point, inside speed and acceleration, and turn into the grasp's rotation."""
        offset = goal - hand.pose.translation
        distance = float(np.linalg.norm(offset))
        speed = min(_SPEED, max(_GAIN * distance, _CREEP), distance / ROW_S)
        wanted = offset / max(distance, 1e-9) * speed
        change = wanted - hand.velocity
        limit = _ACCELERATION * ROW_S / max(float(np.linalg.norm(change)), 1e-9)
        velocity = hand.velocity + change * min(1.0, limit)
        turn = Rotation.from_matrix(hand.pose.rotation.T @ self.grasp.rotation).as_rotvec()
        angle = float(np.linalg.norm(turn))
        rate = min(_TURN, max(_GAIN * angle, 0.1), angle / ROW_S)
        rotation = (
            hand.pose.rotation
            @ Rotation.from_rotvec(turn / max(angle, 1e-9) * rate * ROW_S).as_matrix()
        )
        pose = SE3(np.asarray(rotation), hand.pose.translation + velocity * ROW_S)
        return replace(hand, pose=pose, velocity=velocity)
