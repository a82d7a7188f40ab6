"""Bringing a moving robot to rest inside its acceleration limits, one row a tick."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import RobotSpec

_AT_REST = 1e-9


class Brake:
    """Makes braking tails for one robot. Rows are `Action.vector`: base ``[2]``, joints ``[J]``, gripper."""

    def __init__(self, spec: RobotSpec) -> None:
        base = spec.base
        self.period = 1.0 / spec.control_hz
        self._base_step = self.period * np.array(
            [base.linear_acceleration, base.angular_acceleration]
        )
        self._lower, self._upper = spec.limits("lower"), spec.limits("upper")
        self._velocity = spec.limits("velocity")
        self._joint_step = self.period * spec.limits("acceleration")

    def moving(self, previous_rows: FloatArray) -> bool:
        """Tell whether the last of the rows ``[n, D]`` was commanded in motion."""
        last = previous_rows[-1]
        if np.any(np.abs(last[:2]) > _AT_REST):
            return True
        if len(previous_rows) < 2:
            return False
        return bool(np.any(np.abs(last[2:-1] - previous_rows[-2][2:-1]) > _AT_REST))

    def tail(self, previous_rows: FloatArray) -> FloatArray:
        """Return the rows ``[B, D]`` that bring what moves to rest; B = 0 if nothing moves.

        Each component slows down by its own acceleration limit, so a joint overshoots its last
        target by at most v^2 / 2a. The range of a joint comes first: one that would leave it is
        slowed harder. A step between two rows that is faster than a joint can move counts as its
        fastest speed. The gripper keeps its target.

        Args:
            previous_rows: ``[n, D]``, n >= 1, the last rows that were commanded, one a tick.
        """
        last = previous_rows[-1]
        if not self.moving(previous_rows):
            return np.zeros((0, len(last)))
        base_steps, base_count = self._base(last[:2])
        joint_steps, joint_count = self._joints(previous_rows)
        count = max(base_count, joint_count)
        rows = np.tile(last, (count, 1))
        rows[:, :2] = _padded(base_steps, count)
        moved = last[2:-1] + np.cumsum(_padded(joint_steps, count), axis=0)
        # A target that is already outside (a joint can sag) is not pulled back here: that is motion.
        low, high = np.minimum(self._lower, last[2:-1]), np.maximum(self._upper, last[2:-1])
        rows[:, 2:-1] = np.clip(moved, low, high)
        return rows

    def _base(self, velocity: FloatArray) -> tuple[FloatArray, int]:
        return _decaying(velocity, self._base_step)

    def _joints(self, rows: FloatArray) -> tuple[FloatArray, int]:
        if len(rows) < 2:
            return np.zeros((0, len(self._velocity))), 0
        velocity = (rows[-1, 2:-1] - rows[-2, 2:-1]) / self.period
        velocity = np.clip(velocity, -self._velocity, self._velocity)
        steps, count = _decaying(velocity, self._joint_step)
        return steps * self.period, count


def braking_tail(spec: RobotSpec, previous_rows: FloatArray) -> FloatArray:
    """Return the braking tail ``[B, D]`` after the rows ``[n, D]``; see `Brake.tail`."""
    return Brake(spec).tail(np.atleast_2d(np.asarray(previous_rows, dtype=np.float64)))


def _decaying(velocity: FloatArray, step: FloatArray) -> tuple[FloatArray, int]:
    """Return speeds ``[n, d]`` that fall to zero by ``step`` ``[d]`` a tick, and n."""
    count = int(np.ceil(np.max(np.abs(velocity) / step, initial=0.0) - 1e-9))
    ticks = np.arange(1, count + 1)[:, None]
    speed = np.maximum(np.abs(velocity) - ticks * step, 0.0)
    return np.sign(velocity) * speed, count


def _padded(rows: FloatArray, count: int) -> FloatArray:
    """Append zeros to ``[n, d]`` up to ``[count, d]``."""
    return np.concatenate([rows, np.zeros((count - len(rows), rows.shape[1]))])
