"""Where inverse kinematics starts from: the arm's redundancy makes the seed choose the elbow."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.kinematics import Kinematics

_TORSO_FRACTIONS = (0.5, 0.1, 0.9)


def kinematic_seeds(kinematics: Kinematics, target: SE3) -> list[FloatArray]:
    """Return joint seeds ``[J]`` for a gripper pose in base: ``ready`` turned towards it, at three heights."""
    spec, low, high = kinematics.spec, kinematics.lower, kinematics.upper
    ready = spec.postures["ready"].copy()
    pan = spec.groups["arm"][0]
    ready[pan] = np.clip(np.arctan2(*target.translation[1::-1]), low[pan], high[pan])
    torso = spec.groups.get("torso", ())
    seeds = []
    for fraction in _TORSO_FRACTIONS if torso else (0.0,):
        seed = ready.copy()
        for j in torso:
            seed[j] = low[j] + fraction * (high[j] - low[j])
        seeds.append(seed)
    return seeds


def arm_seeds(arm: Arm | Kinematics, target: SE3) -> list[FloatArray]:
    """Return `kinematic_seeds` of an arm in use."""
    return kinematic_seeds(arm if isinstance(arm, Kinematics) else arm.kinematics, target)
