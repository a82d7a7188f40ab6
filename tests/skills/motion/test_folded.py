"""When an arm counts as folded: its hand near the body and, if it is empty or something is looked at, out of the head's sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.geometry import SE3
from diarchy.contracts.skill import Cause, Outcome
from diarchy.skills.context import Context
from diarchy.skills.motion import carry, navigate
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.carry import look_past_arm
from diarchy.skills.motion.head import AHEAD
from diarchy.skills.motion.navigate import fold_arm, fold_tighter, is_folded
from diarchy.skills.motion.seeds import solutions
from diarchy.skills.specs import LOOK_AT, NAVIGATE_TO


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
    arm = arm_at(rig, spec.postures["tuck"])
    kinematics = arm.kinematics
    for _ in range(4000):
        q = spec.postures["tuck"].copy()
        joints = list(spec.groups["arm"])
        q[joints] = rng.uniform(spec.limits("lower")[joints], spec.limits("upper")[joints])
        q = kinematics.clip(np.nan_to_num(q, posinf=3.0, neginf=-3.0))
        q[list(spec.groups["head"])] = AHEAD
        hand = kinematics.gripper_pose(q).translation
        if np.hypot(hand[0], hand[1]) >= 0.4 or not arm.free(q):
            continue
        if kinematics.hidden(q, spec.head_camera) > 0.6:
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


class FoldsWhatHangsLow:
    """Lowers the hand near the body, has something in it, and folds."""

    backend = "test"
    spec = LOOK_AT

    def start(self, call, context, proprio):
        arm = Arm(context, proprio, "test")
        down = SE3(np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0.0]]), np.array([0.38, 0.0, 0.78]))
        q = next(q for q in solutions(arm.kinematics, down, arm.q) if arm.free(q))
        yield from arm.move_joints(q)
        context.world.claim("mug_1")
        before = context.world.map_from_base().translation.copy()
        now = yield from fold_arm(context, arm.proprio, "test")
        self.height = arm.kinematics.gripper_pose(now.q).translation[2]
        self.backed = float(np.linalg.norm(context.world.map_from_base().translation - before))
        return Outcome.done("")


def test_a_load_that_hangs_low_is_folded_again_with_more_room(rig: Rig) -> None:
    skill = FoldsWhatHangsLow()
    assert rig.run(skill, target="mug_1").outcome.success
    assert skill.height > 0.85
    assert 0.1 < skill.backed < 0.5


class FoldsBesideSomebody:
    """Stretches the arm out and folds it; the first ``times`` it is held up, as by a guard near a person."""

    backend = "test"
    spec = LOOK_AT

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self._left = times
        monkeypatch.setattr(navigate, "fold", self._fold)

    def _fold(self, arm, held):
        self._left -= 1
        if self._left >= 0:
            raise MotionFailedError(Cause.BLOCKED, "an elbow did not follow its command")
        yield from carry.fold(arm, held)

    def start(self, call, context, proprio):
        arm = Arm(context, proprio, "test")
        yield from arm.move_joints(context.spec.postures["ready"])
        before = context.world.map_from_base().translation.copy()
        try:
            now = yield from fold_arm(context, arm.proprio, "test")
        except MotionFailedError as failure:
            return Outcome.failed(failure.cause, failure.detail)
        self.folded = is_folded(Arm(context, now, "test"))
        self.backed = float(np.linalg.norm(context.world.map_from_base().translation - before))
        return Outcome.done("")


def test_an_arm_that_is_held_up_folds_after_the_base_has_backed_off(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    skill = FoldsBesideSomebody(monkeypatch, times=1)
    assert rig.run(skill, target="mug_1").outcome.success
    assert skill.folded
    assert 0.1 < skill.backed < 0.5


def test_an_arm_that_is_held_up_again_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = rig.run(FoldsBesideSomebody(monkeypatch, times=2), target="mug_1").outcome
    assert outcome.cause is Cause.BLOCKED


class FoldsTighter:
    """Folds the arm far out with something in its hand, and then nearer."""

    backend = "test"
    spec = NAVIGATE_TO

    def start(self, call, context, proprio):
        arm = Arm(context, proprio, "test")
        out = SE3(np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0.0]]), np.array([0.5, -0.2, 0.9]))
        q = next(q for q in solutions(arm.kinematics, out, arm.q) if arm.free(q))
        yield from arm.move_joints(q)
        context.world.claim("mug_1")
        before = arm.scene.reach(arm.q, arm.base)
        now = yield from fold_tighter(context, arm.proprio, "test")
        self.nearer = before - arm.scene.reach(arm.kinematics.clip(now.q), arm.base)
        return Outcome.done("")


def test_a_load_too_far_out_to_turn_comes_nearer_to_the_body(rig: Rig) -> None:
    skill = FoldsTighter()
    assert rig.run(skill, target="mug_1").outcome.success
    assert skill.nearer > 0.03


class LooksPastItsArm:
    """Takes something, holds it before the head, and looks where it may be put."""

    backend = "test"
    spec = LOOK_AT

    def __init__(self, before_the_head: np.ndarray) -> None:
        self._q = before_the_head

    def start(self, call, context, proprio):
        arm = Arm(context, proprio, "test")
        yield from arm.move_joints(self._q)
        context.world.claim("mug_1")
        base = context.world.map_from_base()
        yield from look_past_arm(arm, "mug_1", base.apply([2.0, 0.0, 0.4]))
        self.hidden = arm.kinematics.hidden(arm.q, context.spec.head_camera)
        return Outcome.done("")


def test_an_arm_that_hides_where_something_is_put_is_folded_another_way(rig: Rig) -> None:
    skill = LooksPastItsArm(before_the_head(rig))
    result = rig.run(skill, target="mug_1")
    assert result.outcome.success, result.outcome
    assert skill.hidden < 0.4
