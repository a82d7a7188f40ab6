"""Where inverse kinematics starts from: the arm's redundancy makes the seed choose the elbow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.kinematics import Kinematics

_TORSO_FRACTIONS = (0.5, 0.1, 0.9)
_ELBOW_OUT = np.array([1.26, -0.07, -1.48, -2.16, -1.33, 1.21, -3.01])
_SIDEWAYS = np.array([True, False, True, False, True, False, True])
"""Joints of a shoulder-pan, lift, roll, flex, roll, flex, roll arm that change sign in the mirror."""
_DIFFERENT = 0.3


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


def elbow_out_seeds(kinematics: Kinematics) -> list[FloatArray]:
    """Return two joint seeds ``[J]`` with the elbow out to either side.

    An arm that comes from above folds its elbow up into the head when it reaches near or level. Of 60
    random poses 0.5 to 0.8 m ahead, leaning 0.3 to 1.2 rad, `kinematic_seeds` find a pose of the arm
    that does not touch the robot for 24, with these two for all.
    """
    spec = kinematics.spec
    if len(spec.groups["arm"]) != len(_ELBOW_OUT):
        return []
    seeds = []
    for mirror in (1.0, -1.0):
        seed = spec.postures["ready"].copy()
        seed[list(spec.groups["arm"])] = np.where(_SIDEWAYS, mirror, 1.0) * _ELBOW_OUT
        seeds.append(kinematics.clip(seed))
    return seeds


def solutions(kinematics: Kinematics, target: SE3, start: FloatArray) -> Iterator[FloatArray]:
    """Yield different joints ``[J]`` for a gripper pose in base: near ``start``, from above, elbow out."""
    found: list[FloatArray] = []
    for seed in (start, *kinematic_seeds(kinematics, target), *elbow_out_seeds(kinematics)):
        begin = start.copy()
        begin[list(kinematics.arm)] = seed[list(kinematics.arm)]
        q = kinematics.solve(target, begin)
        if q is not None and all(float(np.abs(q - f).max()) > _DIFFERENT for f in found):
            found.append(q)
            yield q
