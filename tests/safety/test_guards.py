"""Each guard by itself: any action at all comes out finite and within limits, a clean one untouched."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diarchy.contracts.guard import ActionGuard, GuardContext
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety import (
    BaseLimits,
    FiniteAction,
    GripperRange,
    JointPosition,
    JointVelocity,
    ProtectiveStop,
    audit,
    default_guard,
)
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
CONTEXT = GuardContext(SPEC)
COUNT = len(SPEC.joints)

numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
inside_joints = st.builds(
    lambda u: LIMITS.lower + u * (LIMITS.upper - LIMITS.lower),
    hnp.arrays(np.float64, COUNT, elements=st.floats(0.0, 1.0)),
)
inside_actions = st.builds(
    lambda v, w, q, g: Action(np.array([v, w]), q, g),
    st.floats(-LIMITS.linear, LIMITS.linear),
    st.floats(-LIMITS.angular, LIMITS.angular),
    inside_joints,
    st.floats(0.0, LIMITS.max_width),
)
finite_actions = st.builds(
    Action,
    hnp.arrays(np.float64, 2, elements=finite),
    hnp.arrays(np.float64, COUNT, elements=finite),
    finite,
)
any_array = st.one_of(
    hnp.arrays(np.float64, st.sampled_from([(0,), (2,), (COUNT,), (3, 4), ()]), elements=numbers),
    hnp.arrays(np.int64, st.sampled_from([(2,), (COUNT,)])),
    st.sampled_from(
        [None, "joints", [0.0] * COUNT, np.array(["a"] * COUNT), np.zeros(COUNT, bool)]
    ),
    st.just(np.zeros(COUNT, dtype=np.complex128)),
    st.just(np.array([None] * COUNT, dtype=object)),
)
any_actions = st.builds(Action, any_array, any_array, st.one_of(numbers, st.none(), st.text()))


def after(previous: Action | None, tick: int = 7) -> Proprio:
    return sample_proprio(SPEC, tick=tick, commanded=previous)


def a_limit_speed_action(previous: Action) -> Action:
    """Return the fastest clean successor of a command."""
    joints = np.minimum(previous.joints + LIMITS.velocity * LIMITS.dt, LIMITS.upper)
    v = min(previous.base[0] + LIMITS.linear_acceleration * LIMITS.dt, LIMITS.linear)
    w = max(previous.base[1] - LIMITS.angular_acceleration * LIMITS.dt, -LIMITS.angular)
    return Action(np.array([v, w]), joints, previous.gripper)


@given(any_actions, st.one_of(st.none(), inside_actions))
def test_the_chain_turns_any_action_at_all_into_one_within_limits(
    action: Action, previous: Action | None
) -> None:
    chain, proprio = default_guard(SPEC), after(previous)
    verdict = chain.check(action, proprio, CONTEXT)
    assert audit(verdict.action, proprio, CONTEXT, LIMITS) == []
    assert math.isfinite(verdict.magnitude)


@given(finite_actions, inside_actions)
def test_the_chain_is_idempotent(action: Action, previous: Action) -> None:
    chain, proprio = default_guard(SPEC), after(previous)
    once = chain.check(action, proprio, CONTEXT).action
    twice = chain.check(once, proprio, CONTEXT)
    assert twice.status == "pass"
    np.testing.assert_allclose(twice.action.vector(), once.vector(), rtol=0, atol=1e-9)


@given(inside_actions)
def test_a_clean_action_at_the_speed_limit_passes_untouched(previous: Action) -> None:
    action = a_limit_speed_action(previous)
    verdict = default_guard(SPEC).check(action, after(previous), CONTEXT)
    assert verdict.status == "pass"
    assert verdict.action is action
    assert verdict.magnitude == 0.0
    assert verdict.changes == {}


@given(any_actions)
def test_finite_stops_on_what_is_not_numbers_of_the_right_shape_and_passes_the_rest(
    action: Action,
) -> None:
    verdict = FiniteAction(LIMITS).check(action, after(None), CONTEXT)
    assert np.isfinite(verdict.action.vector()).all()
    assert verdict.action.joints.shape == (COUNT,)
    assert verdict.status in ("pass", "stopped")
    assert (verdict.reason == "") == (verdict.status == "pass")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action(np.array([np.nan, 0.0]), np.zeros(COUNT), 0.0), "base are not finite"),
        (Action(np.zeros(2), np.full(COUNT, np.inf), 0.0), "joints are not finite"),
        (Action(np.zeros(2), np.zeros(COUNT - 1), 0.0), "expected [10]"),
        (Action(np.zeros(3), np.zeros(COUNT), 0.0), "expected [2]"),
        (Action(np.zeros(2), np.zeros(COUNT), float("nan")), "gripper"),
    ],
)
def test_finite_says_what_was_wrong_and_holds_pose_and_grip(action: Action, words: str) -> None:
    previous = Action(np.array([0.3, 0.1]), np.full(COUNT, 0.1), 0.04)
    verdict = FiniteAction(LIMITS).check(action, after(previous), CONTEXT)
    assert verdict.status == "stopped"
    assert words in verdict.reason
    np.testing.assert_array_equal(verdict.action.joints, previous.joints)
    np.testing.assert_array_equal(verdict.action.base, [0.0, 0.0])
    assert verdict.action.gripper == previous.gripper


def test_a_robot_that_cannot_feel_its_joints_is_stopped() -> None:
    blind = replace(after(None), q=np.full(COUNT, np.nan))
    clean = Action(np.zeros(2), np.zeros(COUNT), 0.0)
    verdict = default_guard(SPEC).check(clean, blind, CONTEXT)
    assert verdict.status == "stopped"
    assert verdict.guard == "finite"
    assert np.isfinite(verdict.action.vector()).all()


@given(finite_actions)
def test_joint_position_clamps_into_the_range_and_no_further(action: Action) -> None:
    verdict = JointPosition(LIMITS).check(action, after(None), CONTEXT)
    joints = verdict.action.joints
    assert (joints >= LIMITS.lower).all()
    assert (joints <= LIMITS.upper).all()
    was_inside = (action.joints >= LIMITS.lower) & (action.joints <= LIMITS.upper)
    np.testing.assert_array_equal(joints[was_inside], action.joints[was_inside])


def test_joint_position_names_the_worst_joint_and_how_far_it_was_off() -> None:
    joints = np.zeros(COUNT)
    joints[3] = LIMITS.upper[3] + 0.4
    verdict = JointPosition(LIMITS).check(Action(np.zeros(2), joints, 0.0), after(None), CONTEXT)
    assert verdict.magnitude == pytest.approx(0.1)
    assert "arm_3" in verdict.reason


@given(finite_actions, inside_actions)
def test_joint_velocity_bounds_every_step_from_the_commanded_target(
    action: Action, previous: Action
) -> None:
    verdict = JointVelocity(LIMITS).check(action, after(previous), CONTEXT)
    step = verdict.action.joints - previous.joints
    assert (np.abs(step) <= LIMITS.velocity * LIMITS.dt + 1e-9).all()
    assert (step * (action.joints - previous.joints) >= -1e-12).all()


def test_joint_velocity_measures_from_the_command_and_not_from_the_lagging_joints() -> None:
    previous = Action(np.zeros(2), np.full(COUNT, 0.2), 0.0)
    action = a_limit_speed_action(previous)
    lagging = replace(after(previous), q=np.full(COUNT, 0.15))
    assert JointVelocity(LIMITS).check(action, lagging, CONTEXT).status == "pass"


def test_a_joint_outside_its_range_comes_back_at_limited_speed() -> None:
    proprio = replace(after(None), q=np.full(COUNT, 3.0))
    chain = default_guard(SPEC)
    verdict = chain.check(Action(np.zeros(2), np.zeros(COUNT), 0.0), proprio, CONTEXT)
    assert (verdict.action.joints < 3.0).all()
    assert (verdict.action.joints > 2.9).all()
    assert chain.stats.violations == 0


@given(finite)
def test_gripper_stays_in_its_range(width: float) -> None:
    action = Action(np.zeros(2), np.zeros(COUNT), width)
    verdict = GripperRange(LIMITS).check(action, after(None), CONTEXT)
    assert 0.0 <= verdict.action.gripper <= LIMITS.max_width


@given(finite_actions, inside_actions)
def test_base_speed_and_acceleration_are_bounded(action: Action, previous: Action) -> None:
    verdict = BaseLimits(LIMITS).check(action, after(previous), CONTEXT)
    v, w = verdict.action.base
    assert abs(v) <= LIMITS.linear + 1e-9
    assert abs(w) <= LIMITS.angular + 1e-9
    for now, last, up, down in (
        (v, previous.base[0], LIMITS.linear_acceleration, LIMITS.linear_braking),
        (w, previous.base[1], LIMITS.angular_acceleration, LIMITS.angular_braking),
    ):
        slower = now * last >= 0.0 and abs(now) < abs(last)
        assert abs(now - last) <= (down if slower else up) * LIMITS.dt + 1e-9


def test_too_fast_a_curve_keeps_its_radius() -> None:
    fast = Action(np.array([0.79, 0.79]), np.zeros(COUNT), 0.0)
    told = Action(np.array([1.6, 1.6]), np.zeros(COUNT), 0.0)
    v, w = BaseLimits(LIMITS).check(told, after(fast), CONTEXT).action.base
    assert v == pytest.approx(w, abs=5e-3)


def test_a_change_below_the_tolerance_is_a_pass_and_still_cleaned() -> None:
    joints = np.zeros(COUNT)
    joints[1] = LIMITS.upper[1] + 1e-7
    verdict = JointPosition(LIMITS).check(Action(np.zeros(2), joints, 0.0), after(None), CONTEXT)
    assert verdict.status == "pass"
    assert verdict.action.joints[1] <= LIMITS.upper[1]


def test_every_guard_honours_the_protocol_and_has_a_name_of_its_own() -> None:
    guards = default_guard(SPEC).guards
    assert all(isinstance(guard, ActionGuard) for guard in guards)
    assert len({guard.name for guard in guards}) == len(guards)
    assert any(isinstance(guard, ProtectiveStop) for guard in guards)
