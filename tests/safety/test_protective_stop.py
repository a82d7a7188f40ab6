"""The protective stop: latched, from any thread, braking inside the limits until at rest."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety import ProtectiveStop, default_guard
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
CONTEXT = GuardContext(SPEC)
COUNT = len(SPEC.joints)
STILL = Action(np.zeros(2), np.zeros(COUNT), 0.03)


def follow(proprio: Proprio, action: Action) -> Proprio:
    """Return what a perfect robot feels a tick after it applied an action."""
    dq = (action.joints - proprio.q) / LIMITS.dt
    return replace(
        proprio,
        tick=proprio.tick + 1,
        q=action.joints.copy(),
        dq=dq,
        base_velocity=action.base.copy(),
        commanded=action,
    )


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(np.float64, COUNT, elements=st.floats(-1.0, 1.0)),
    st.floats(-0.8, 0.8),
    st.floats(-1.2, 1.2),
)
def test_braking_stays_within_limits_and_reaches_rest(
    speeds: np.ndarray, v: float, w: float
) -> None:
    stop = ProtectiveStop(SPEC)
    chain = default_guard(SPEC, stop=stop)
    start = np.full(COUNT, 0.2)
    first = Action(np.array([v, w]), start, 0.03)
    second = Action(np.array([v, w]), start + speeds * LIMITS.velocity * LIMITS.dt, 0.03)
    proprio = follow(replace(sample_proprio(SPEC), q=start), first)
    assert chain.check(second, proprio, CONTEXT).status == "pass"
    proprio = follow(proprio, second)
    stop.trip("a person stepped in")
    previous_velocity = speeds * LIMITS.velocity
    for _ in range(400):
        verdict = chain.check(second, proprio, CONTEXT)
        assert verdict.status == "stopped"
        assert verdict.guard == "protective_stop"
        velocity = (verdict.action.joints - proprio.q) / LIMITS.dt
        slowing = np.abs(velocity - previous_velocity)
        assert (slowing <= LIMITS.acceleration * LIMITS.dt + 1e-6).all()
        proprio, previous_velocity = follow(proprio, verdict.action), velocity
    assert proprio.at_rest()
    assert np.abs(velocity).max() < 1e-9
    np.testing.assert_array_equal(verdict.action.base, [0.0, 0.0])
    assert verdict.action.gripper == 0.03
    assert chain.stats.violations == 0


def test_it_is_latched_until_someone_releases_it() -> None:
    stop = ProtectiveStop(SPEC)
    proprio = sample_proprio(SPEC, commanded=STILL)
    stop.trip("the button")
    stop.trip("another reason")
    assert stop.tripped
    assert stop.reason == "the button"
    assert stop.check(STILL, proprio, CONTEXT).reason == "the button"
    stop.release("operator")
    assert not stop.tripped
    assert stop.released_by == "operator"
    assert stop.check(STILL, proprio, CONTEXT).status == "pass"


def test_a_release_needs_a_name() -> None:
    stop = ProtectiveStop(SPEC)
    stop.trip("the button")
    with pytest.raises(BadInputError, match="who releases"):
        stop.release("  ")
    assert stop.tripped


def test_many_threads_may_trip_at_once_and_one_reason_is_kept() -> None:
    stop = ProtectiveStop(SPEC)
    reasons = [f"thread {i}" for i in range(16)]
    threads = [threading.Thread(target=stop.trip, args=(reason,)) for reason in reasons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stop.reason in reasons


def test_asking_twice_in_one_tick_gives_the_same_answer() -> None:
    stop = ProtectiveStop(SPEC)
    proprio = follow(sample_proprio(SPEC), STILL)
    stop.check(STILL, proprio, CONTEXT)
    moving = Action(np.array([0.1, 0.0]), STILL.joints + 0.0004, 0.03)
    proprio = follow(proprio, moving)
    stop.trip("the button")
    first = stop.check(moving, proprio, CONTEXT).action.vector()
    second = stop.check(moving, proprio, CONTEXT).action.vector()
    np.testing.assert_array_equal(first, second)


def test_a_broken_action_while_tripped_still_brakes() -> None:
    stop = ProtectiveStop(SPEC)
    chain = default_guard(SPEC, stop=stop)
    stop.trip("the button")
    broken = Action(np.zeros(2), np.full(COUNT, np.nan), 0.0)
    verdict = chain.check(broken, sample_proprio(SPEC, commanded=STILL), CONTEXT)
    assert verdict.status == "stopped"
    np.testing.assert_array_equal(verdict.action.vector(), STILL.vector())
