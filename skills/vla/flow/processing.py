"""What goes into and comes out of the network: frames, features and normalisation.

Everything is expressed in the *target frame*: origin at the middle of the target's upper face, z up,
x pointing horizontally from the robot's base to the target. So the network need not learn that a
pick is the same pick elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Entity
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray, rotation_from_6d, rotation_to_6d
from diarchy.contracts.robot import Proprio
from diarchy.skills.vla.flow.configuration import ACTION_DIM, PROPRIO_DIM, TARGET_DIM

FORCE_UNIT = 60.0
MIN_RANGE = 1e-4
_CLEARLY_LONGER = 0.2
CONTEXT_FLOOR, ACTION_FLOOR = 0.05, 0.10
"""Smallest ranges (m, rad or entries of a rotation) that are stretched to [-1, 1]."""


def target_frame(target: Entity, map_from_base: SE3) -> SE3:
    """Return ``base_from_target`` of the target frame of an entity in ``map``."""
    top = np.array([target.position[0], target.position[1], target.top])
    at = map_from_base.inverse().apply(top)
    return SE3.from_xyz_yaw(at[0], at[1], at[2], float(np.arctan2(at[1], at[0])))


def target_features(target: Entity, map_from_base: SE3) -> FloatArray:
    """Return ``[12]``: where the target stands before the robot, its size and its orientation.

    A box turned by 90 degrees with its sides swapped is the same box: its footprint enters as the
    tensor ``R diag(a, b) R^T``. The direction of the longer side enters once more, as the cosine and
    sine of twice its angle, at full size as soon as it is clearly longer and 0 for a round thing.
    """
    frame = target_frame(target, map_from_base)
    yaw = target.yaw - map_from_base.yaw - frame.yaw
    c, s = np.cos(yaw), np.sin(yaw)
    a, b, height = target.extent
    tensor = [a * c * c + b * s * s, a * s * s + b * c * c, (a - b) * c * s]
    distance = float(np.hypot(*frame.translation[:2]))
    bottom = frame.translation[2] - height
    place = [distance, np.sin(frame.yaw), np.cos(frame.yaw), frame.translation[2], bottom]
    sides = [min(a, b), *tensor, height]
    longer = float(np.clip((max(a, b) / max(min(a, b), 1e-6) - 1.0) / _CLEARLY_LONGER, 0.0, 1.0))
    sign = longer if a >= b else -longer
    return np.array([*place, *sides, sign * np.cos(2 * yaw), sign * np.sin(2 * yaw)])


def proprio_features(
    proprio: Proprio, arm: npt.ArrayLike, base_from_gripper: SE3, base_from_target: SE3
) -> FloatArray:
    """Return ``[28]``: gripper pose in the target frame 9, torso and arm 8, their velocities 8, hand 3.

    ``arm`` are the indices of torso and arm joints in ``proprio.q``. The hand is its width, its force
    and the opening commanded last, without which closing on a thing and waiting before it look alike.
    """
    pose = pose_row(base_from_target.inverse() @ base_from_gripper)
    commanded = proprio.gripper_width if proprio.commanded is None else proprio.commanded.gripper
    hand = [proprio.gripper_width, proprio.gripper_force / FORCE_UNIT, commanded]
    which = np.asarray(arm)
    return np.concatenate([pose, proprio.q[which], proprio.dq[which], hand])


def pose_row(pose: SE3) -> FloatArray:
    """Return a pose as ``[9]``: translation and 6D rotation."""
    return np.concatenate([pose.translation, rotation_to_6d(pose.rotation)])


def row_pose(row: npt.ArrayLike) -> SE3:
    """Project ``[9 or more]`` onto SE(3).

    Raises:
        ValueError: the 6D rotation is degenerate.
    """
    values = np.asarray(row, dtype=np.float64)
    return SE3(rotation_from_6d(values[3:9]), values[:3].copy())


def move_rows(rows: FloatArray, new_from_old: SE3) -> FloatArray:
    """Express action rows ``[H, 10]`` given in one frame in another; rotations are re-projected."""
    moved = [pose_row(new_from_old @ row_pose(row)) for row in rows]
    return np.column_stack([np.array(moved).reshape(-1, 9), rows[:, 9]])


@dataclass(frozen=True)
class Quantiles:
    """Affine map of each dimension: its 1% quantile to -1, its 99% quantile to 1.

    Attributes:
        low: 1% quantiles ``[D]``; of a constant dimension, its value.
        span: ``q99 - q01`` ``[D]``; exactly 0 marks a constant dimension: it becomes 0 and
            comes back as the constant.
    """

    low: FloatArray
    span: FloatArray

    def __post_init__(self) -> None:
        valid = np.isfinite(self.low).all() and np.isfinite(self.span).all()
        if self.low.shape != self.span.shape or not valid or np.any(self.span < 0.0):
            raise BadInputError("normalisation: quantiles must be finite, ordered and of one shape")

    @staticmethod
    def fit(
        values: npt.ArrayLike, *, min_range: float = MIN_RANGE, floor: float = 0.0
    ) -> Quantiles:
        """Estimate from samples ``[N, D]``.

        Ranges below ``min_range`` count as constant; others are widened to ``floor`` about their
        middle, so that a dimension that hardly matters is not blown up to the size of the others.
        """
        data = np.asarray(values, dtype=np.float64)
        if data.ndim != 2 or not len(data):
            raise BadInputError(f"normalisation needs samples [N, D], got shape {data.shape}")
        low, high = np.quantile(data, [0.01, 0.99], axis=0)
        constant = high - low < min_range
        span = np.maximum(high - low, floor)
        low = np.where(constant, np.median(data, axis=0), (low + high - span) / 2.0)
        return Quantiles(low, np.where(constant, 0.0, span))

    def normalise(self, values: npt.ArrayLike) -> FloatArray:
        """Map ``[..., D]``; nothing is clipped."""
        data = np.asarray(values, dtype=np.float64)
        scaled = 2.0 * (data - self.low) / np.where(self.span > 0.0, self.span, 1.0) - 1.0
        return np.where(self.span > 0.0, scaled, 0.0)

    def restore(self, values: npt.ArrayLike) -> FloatArray:
        """Inverse of `normalise`."""
        data = np.asarray(values, dtype=np.float64)
        return self.low + np.where(self.span > 0.0, (data + 1.0) / 2.0 * self.span, 0.0)


@dataclass(frozen=True)
class Processor:
    """Normalisation of the three vectors that meet the network."""

    proprio: Quantiles
    target: Quantiles
    action: Quantiles

    @staticmethod
    def fit(proprio: npt.ArrayLike, target: npt.ArrayLike, action: npt.ArrayLike) -> Processor:
        """Estimate from ``[N, 28]``, ``[N, 12]`` and ``[M, 10]`` samples."""
        return Processor(
            Quantiles.fit(proprio, floor=CONTEXT_FLOOR),
            Quantiles.fit(target, floor=CONTEXT_FLOOR),
            Quantiles.fit(action, floor=ACTION_FLOOR),
        )

    def arrays(self) -> dict[str, FloatArray]:
        """Return everything by name, for the weights file."""
        return {
            f"processor.{name}.{part}": getattr(getattr(self, name), part)
            for name in ("proprio", "target", "action")
            for part in ("low", "span")
        }

    @staticmethod
    def from_arrays(arrays: dict[str, FloatArray]) -> Processor:
        """Inverse of `arrays`.

        Raises:
            BadInputError: one is missing or of the wrong length.
        """
        lengths = {"proprio": PROPRIO_DIM, "target": TARGET_DIM, "action": ACTION_DIM}
        parts: dict[str, Quantiles] = {}
        for name, length in lengths.items():
            pair = [arrays.get(f"processor.{name}.{part}") for part in ("low", "span")]
            if any(p is None or p.shape != (length,) for p in pair):
                raise BadInputError(
                    f"policy weights: 'processor.{name}' must hold low and span of length {length}"
                )
            parts[name] = Quantiles(*(np.asarray(p, dtype=np.float64) for p in pair))
        return Processor(**parts)
