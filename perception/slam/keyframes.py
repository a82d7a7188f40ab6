"""Places that a map is drawn from: where the robot was, what its lidar saw there, and what its camera."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.perception.slam.outline import Outline

STEP_M, STEP_RAD = 0.4, float(np.radians(20.0))
"""The robot has gone so far since the last keyframe, or turned so far, when it takes the next."""


@dataclass(frozen=True)
class Keyframe:
    """One look around.

    Attributes:
        stamp: s on the robot's clock.
        pose: of the base, in ``map`` ``[3]``.
        outline: what the lidar saw, in ``base``.
        eye: where the lidar is, in ``base`` ``[2]``.
        travelled: m that the robot had come until then, a radian of turning counted as 0.3 m.
        footprint: radius (m) of the base: where it stands, nothing else does.
        obstacles: points ``[N, 2]`` of what the camera saw above or below the lidar, in ``base``.
    """

    stamp: float
    pose: FloatArray
    outline: Outline
    eye: FloatArray
    travelled: float
    footprint: float = 0.0
    obstacles: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))

    def moved_to(self, pose: FloatArray) -> Keyframe:
        """Return the same look from where it is now known to have been."""
        return replace(self, pose=pose)


def is_new(last: FloatArray, pose: FloatArray) -> bool:
    """Tell whether a pose ``[3]`` is far enough from the last keyframe's to be one."""
    turned = abs(wrap_angle(float(pose[2] - last[2])))
    return bool(np.hypot(*(pose[:2] - last[:2])) > STEP_M or turned > STEP_RAD)
