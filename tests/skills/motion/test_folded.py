"""When an arm counts as folded: its hand near the body and, if it is empty, out of the head's sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from harness import Rig

from diarchy.skills.context import Context
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.head import AHEAD
from diarchy.skills.motion.navigate import is_folded


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig(seed=1) as rig:
        rig.look()
        yield rig


def arm_at(rig: Rig, q: np.ndarray) -> Arm:
    now = replace(rig.robot.proprio(), q=q, commanded=None)
    context = Context(spec=rig.spec, clock=rig.clock, world=rig.world, epoch=1)
    return Arm(context, now, "test")


def before_the_head(rig: Rig) -> np.ndarray:
    """Joints with the hand near the body and the arm in the picture, by trying many."""
    rng, spec = np.random.default_rng(4), rig.spec
    kinematics = arm_at(rig, spec.postures["tuck"]).kinematics
    for _ in range(4000):
        q = spec.postures["tuck"].copy()
        joints = list(spec.groups["arm"])
        q[joints] = rng.uniform(spec.limits("lower")[joints], spec.limits("upper")[joints])
        q = kinematics.clip(np.nan_to_num(q, posinf=3.0, neginf=-3.0))
        q[list(spec.groups["head"])] = AHEAD
        hand = kinematics.gripper_pose(q).translation
        if np.hypot(hand[0], hand[1]) < 0.4 and kinematics.hidden(q, spec.head_camera) > 0.6:
            return q
    raise AssertionError("no such joints were found")


def test_a_tucked_arm_is_folded(rig: Rig) -> None:
    assert is_folded(arm_at(rig, rig.spec.postures["tuck"]))


def test_an_arm_stretched_out_is_not(rig: Rig) -> None:
    assert not is_folded(arm_at(rig, rig.spec.postures["ready"]))


def test_an_empty_arm_before_the_head_is_not_folded_and_a_laden_one_is(rig: Rig) -> None:
    q = before_the_head(rig)
    assert not is_folded(arm_at(rig, q))
    rig.world.claim("mug_1")
    assert is_folded(arm_at(rig, q))
