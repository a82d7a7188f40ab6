"""However targets jump, the commanded path bends gently, ends where it is told to, and stays in range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action
from diarchy.safety import (
    GuardChain,
    JointAcceleration,
    JointPosition,
    JointVelocity,
    default_guard,
)
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
CONTEXT = GuardContext(SPEC)
COUNT = len(SPEC.joints)
GAP = LIMITS.upper - LIMITS.lower

targets = st.builds(
    lambda u: LIMITS.lower + u * GAP, hnp.arrays(np.float64, COUNT, elements=st.floats(-0.2, 1.2))
)


def follow(chain: GuardChain, told: list[FloatArray], start: FloatArray) -> FloatArray:
    """Return what the chain lets through, ``[N + 2, J]``, from rest at ``start``."""
    path = [start, start]
    for tick, joints in enumerate(told, start=2):
        commanded = Action(np.zeros(2), path[-1], 0.05)
        before = Action(np.zeros(2), path[-2], 0.05)
        proprio = sample_proprio(SPEC, tick=tick, commanded=commanded)
        context = GuardContext(SPEC, before=before)
        path.append(chain.check(Action(np.zeros(2), joints, 0.05), proprio, context).action.joints)
    return np.array(path)


def joints_only() -> GuardChain:
    guards = (JointPosition(LIMITS), JointAcceleration(LIMITS), JointVelocity(LIMITS))
    return GuardChain(guards, SPEC)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(targets, st.integers(1, 30)), min_size=1, max_size=5))
def test_however_targets_jump_no_joint_changes_speed_faster_than_it_may_or_leaves_its_range(
    jumps: list[tuple[FloatArray, int]],
) -> None:
    chain = joints_only()
    told = [q for q, n in jumps for _ in range(n)]
    path = follow(chain, told, LIMITS.lower + 0.5 * GAP)
    bend = np.abs(np.diff(path, n=2, axis=0)) / LIMITS.dt**2
    assert (bend <= LIMITS.hard_acceleration * (1 + 1e-6)).all()
    assert (path >= LIMITS.lower - 1e-9).all()
    assert (path <= LIMITS.upper + 1e-9).all()
    assert chain.stats.violations == 0


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(targets, st.integers(1, 30)), min_size=1, max_size=4), st.floats(1.0, 4.0)
)
def test_no_command_asks_for_more_than_the_motor_of_a_joint_can_do(
    jumps: list[tuple[FloatArray, int]], times: float
) -> None:
    weak = [replace(j, motor_acceleration=times * j.acceleration) for j in SPEC.joints]
    spec = replace(SPEC, joints=tuple(weak))
    limits = Limits.of(spec)
    guards = (JointPosition(limits), JointAcceleration(limits), JointVelocity(limits))
    chain = GuardChain(guards, spec)
    path = follow(chain, [q for q, n in jumps for _ in range(n)], LIMITS.lower + 0.5 * GAP)
    bend = np.abs(np.diff(path, n=2, axis=0)) / limits.dt**2
    assert (bend <= times * limits.acceleration * (1 + 1e-6)).all()
    assert chain.stats.violations == 0


@settings(max_examples=6, deadline=None)
@given(targets)
def test_a_joint_comes_to_rest_at_a_far_target_and_does_not_run_past_it(target: FloatArray) -> None:
    start = LIMITS.lower + 0.5 * GAP
    target = np.clip(target, LIMITS.lower, LIMITS.upper)
    path = follow(joints_only(), [target] * 900, start)
    np.testing.assert_allclose(path[-1], target, atol=1e-9)
    low, high = np.minimum(start, target), np.maximum(start, target)
    assert (path >= low - 1e-9).all()
    assert (path <= high + 1e-9).all()


def test_after_a_sudden_hold_the_joint_comes_back_once_and_does_not_swing() -> None:
    step = 0.9 * LIMITS.step
    start = LIMITS.lower + 0.4 * GAP
    moving = [start + k * step for k in range(1, 12)]
    path = follow(joints_only(), [*moving, *([moving[-1]] * 200)], start)
    past = path - moving[-1]
    np.testing.assert_allclose(path[-1], moving[-1], atol=1e-9)
    assert past.max() <= (LIMITS.velocity**2 / LIMITS.hard_acceleration).max()
    assert past.min() >= (path[0] - moving[-1]).min() - 1e-9
    assert (past[40:] >= -1e-9).all()


def test_a_planned_motion_at_the_limits_of_the_body_passes_untouched() -> None:
    chain = joints_only()
    speed = np.minimum(np.arange(1, 60)[:, None] * LIMITS.acceleration * LIMITS.dt, LIMITS.velocity)
    start = LIMITS.lower + 0.3 * GAP
    told = list(start + np.cumsum(speed, axis=0) * LIMITS.dt * 0.2)
    follow(chain, told, start)
    assert chain.stats.modified == 0


def test_without_two_commands_in_a_row_there_is_nothing_to_compare_with() -> None:
    told = Action(np.zeros(2), LIMITS.lower + 0.5 * GAP, 0.05)
    proprio = sample_proprio(SPEC, tick=3, commanded=Action(np.zeros(2), LIMITS.lower, 0.05))
    assert JointAcceleration(LIMITS).check(told, proprio, CONTEXT).action is told


def test_the_chain_finds_the_earlier_command_itself_when_ticks_follow_each_other() -> None:
    chain = default_guard(SPEC)
    start = LIMITS.lower + 0.5 * GAP
    for tick in (4, 5):
        still = Action(np.zeros(2), start, 0.05)
        chain.check(still, sample_proprio(SPEC, tick=tick, commanded=still), CONTEXT)
    jump = Action(np.zeros(2), start + LIMITS.step, 0.05)
    bent = chain.check(jump, sample_proprio(SPEC, tick=6, commanded=still), CONTEXT)
    assert set(bent.changes) == {"joint_acceleration"}
    # After a gap nothing is known of the velocity.
    late = chain.check(jump, sample_proprio(SPEC, tick=9, commanded=still), CONTEXT)
    assert late.status == "pass"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(targets, st.integers(1, 30)), min_size=1, max_size=5))
def test_the_short_way_out_passes_only_what_the_long_way_would_pass(
    jumps: list[tuple[FloatArray, int]],
) -> None:
    told = [q for q, n in jumps for _ in range(n)]
    start = LIMITS.lower + 0.5 * GAP
    long_way = JointAcceleration(LIMITS)
    long_way._calm = lambda *_: False  # type: ignore[method-assign]
    guards = (JointPosition(LIMITS), long_way, JointVelocity(LIMITS))
    # Alternate with gentle targets, at which the short way is taken.
    told = [q for t in told for q in (t, start, start)]
    assert np.array_equal(
        follow(joints_only(), told, start), follow(GuardChain(guards, SPEC), told, start)
    )
