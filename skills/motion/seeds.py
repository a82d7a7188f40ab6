"""Where inverse kinematics starts from: the arm's redundancy makes the seed choose the elbow."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.arm_path import Arm

_TORSO_FRACTIONS = (0.5, 0.1, 0.9)


def arm_seeds(arm: Arm, target: SE3) -> list[FloatArray]:
    """Return joint seeds ``[J]`` for a gripper pose in base: ``ready`` turned towards it, at three heights."""
    ready = arm.context.spec.postures["ready"].copy()
    ready[list(arm.head)] = arm.q[list(arm.head)]
    low, high = arm.kinematics.lower, arm.kinematics.upper
    pan = arm.context.spec.groups["arm"][0]
    ready[pan] = np.clip(np.arctan2(*target.translation[1::-1]), low[pan], high[pan])
    seeds = []
    for fraction in _TORSO_FRACTIONS if arm.torso else (0.0,):
        seed = ready.copy()
        for j in arm.torso:
            seed[j] = low[j] + fraction * (high[j] - low[j])
        seeds.append(seed)
    return seeds
