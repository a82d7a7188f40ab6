"""What is old brings the robot to rest inside its limits; what is fresh again lets it go on."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action
from diarchy.safety import Freshness, default_guard
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
COUNT = len(SPEC.joints)
FAST = Action(np.array([0.8, 1.0]), np.full(COUNT, 0.1), 0.05)
EARLIER = Action(np.array([0.8, 1.0]), 0.1 - 0.5 * LIMITS.step, 0.05)


@pytest.mark.parametrize(
    "stale", [{"feeling_age": 0.3}, {"chunk_age": 2.0}, {"chunk_age": math.nan}]
)
def test_stale_input_brakes_the_robot_to_rest_within_its_limits(stale: dict[str, float]) -> None:
    chain = default_guard(SPEC)
    last, before = FAST, EARLIER
    for tick in range(1, 200):
        proprio = sample_proprio(SPEC, tick=tick, commanded=last)
        told = Action(FAST.base, FAST.joints + tick * 0.5 * LIMITS.step, 0.05)
        verdict = chain.check(told, proprio, replace(GuardContext(SPEC, before=before), **stale))
        assert verdict.status == "stopped"
        assert verdict.guard == "freshness"
        before, last = last, verdict.action
    np.testing.assert_array_equal(last.base, [0.0, 0.0])
    np.testing.assert_array_equal(last.joints, before.joints)
    assert chain.stats.violations == 0
    stopping = LIMITS.step**2 / LIMITS.dt**2 / LIMITS.acceleration
    assert (np.abs(last.joints - FAST.joints) <= stopping).all()


@given(st.floats(0.0, 0.25), st.floats(0.0, 1.5))
def test_what_is_fresh_passes_untouched(feeling: float, chunk: float) -> None:
    context = GuardContext(SPEC, feeling_age=feeling, chunk_age=chunk)
    verdict = Freshness(LIMITS).check(FAST, sample_proprio(SPEC, commanded=FAST), context)
    assert verdict.action is FAST


def test_it_is_not_latched_and_says_what_was_old() -> None:
    guard = Freshness(LIMITS)
    proprio = sample_proprio(SPEC, commanded=FAST)
    old = guard.check(FAST, proprio, GuardContext(SPEC, feeling_age=1.0))
    assert "what the robot feels is 1.00 s old" in old.reason
    assert "chunk" in guard.check(FAST, proprio, GuardContext(SPEC, chunk_age=9.0)).reason
    assert guard.check(FAST, proprio, GuardContext(SPEC)).status == "pass"
