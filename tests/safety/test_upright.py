"""What is held upright never leans further than it may, whatever is told, and may always be righted."""

from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action
from diarchy.safety import HeldUpright, default_guard
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
COUNT = len(SPEC.joints)
UP = np.array([0.0, 0.0, 1.0])
GUARD = HeldUpright(SPEC)
CONTEXT = GuardContext(SPEC, upright=UP)


def lean(q: FloatArray) -> float:
    return float(np.arccos(np.clip((GUARD._body.gripper_rotation(q) @ UP)[2], -1.0, 1.0)))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_told_the_load_stays_upright(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chain = default_guard(SPEC)
    last = Action(np.zeros(2), np.zeros(COUNT), 0.05)
    for tick in range(300):
        if tick % 100 == 0:
            told = Action(
                np.zeros(2), rng.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0], COUNT), 0.05
            )
        proprio = sample_proprio(SPEC, tick=tick, commanded=last)
        last = chain.check(told, proprio, CONTEXT).action
        assert lean(last.joints) < GUARD.most + 0.02
    assert chain.stats.violations == 0
    assert chain.stats.modified_by["held_upright"] > 0


def leaning(angle: float) -> Action:
    joints = np.zeros(COUNT)
    joints[7] = angle
    return Action(np.zeros(2), joints, 0.05)


@pytest.mark.parametrize(
    ("now", "then", "free"), [(0.2, 0.205, True), (1.0, 1.005, False), (1.0, 0.995, True)]
)
def test_leaning_beyond_the_limit_ends_and_righting_is_free(
    now: float, then: float, free: bool
) -> None:
    told = leaning(then)
    verdict = GUARD.check(told, sample_proprio(SPEC, commanded=leaning(now)), CONTEXT)
    assert (verdict.action is told) is free
    if not free:
        assert verdict.action.joints[7] == pytest.approx(now)
        assert "lean" in verdict.reason


def test_what_need_not_stay_upright_may_lean_as_it_likes() -> None:
    told = leaning(1.005)
    proprio = sample_proprio(SPEC, commanded=leaning(1.0))
    assert GUARD.check(told, proprio, GuardContext(SPEC)).action is told
