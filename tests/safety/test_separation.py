"""Near people the robot is slow, at the protective distance it does not come nearer, and away it always may."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Pose2
from diarchy.safety import Separation, default_guard
from diarchy.safety.body import Body
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
JOINTS = SPEC.postures["tuck"]
GUARD = Separation(SPEC)
BODY = 0.25 + SPEC.base.radius


def context_of(
    *people: tuple[float, float], receiver: tuple[float, float] | None = None
) -> GuardContext:
    return GuardContext(SPEC, base_pose=Pose2(0.0, 0.0, 0.0), people=people, receiver=receiver)


def speed_let_through(told: float, context: GuardContext) -> float:
    action = Action(np.array([told, 0.0]), JOINTS, 0.05)
    resting = Action(np.zeros(2), JOINTS, 0.05)
    verdict = GUARD.check(action, sample_proprio(SPEC, commanded=resting), context)
    return float(verdict.action.base[0])


@given(st.floats(0.0, 2.5))
def test_the_speed_at_a_gap_is_the_one_whose_protective_distance_it_is(speed: float) -> None:
    assert GUARD.speed_at(np.array([GUARD.gap_for(speed)]))[0] == pytest.approx(speed, abs=1e-9)


@given(st.floats(0.0, 4.0), st.floats(0.0, 4.0))
def test_nearer_is_never_faster(first: float, second: float) -> None:
    near, far = sorted((first, second))
    slow, fast = GUARD.speed_at(np.array([near, far]))
    assert 0.0 <= slow <= fast


def test_far_from_everybody_nothing_is_changed() -> None:
    told = Action(np.array([0.8, 0.0]), JOINTS + 0.001, 0.05)
    verdict = GUARD.check(told, sample_proprio(SPEC, commanded=told), context_of((8.0, 0.0)))
    assert verdict.action is told


@pytest.mark.parametrize(
    ("person", "told", "allowed"),
    [
        ((0.9, 0.0), 0.5, False),
        ((0.9, 0.0), -0.5, True),
        ((-0.9, 0.0), -0.5, False),
        ((0.0, 0.9), 0.5, True),
    ],
)
def test_only_coming_nearer_is_limited(
    person: tuple[float, float], told: float, allowed: bool
) -> None:
    let = speed_let_through(told, context_of(person))
    assert (let == told) is allowed
    assert abs(let) <= abs(told)


def test_at_the_protective_distance_the_base_comes_no_nearer_but_to_whom_it_hands_something() -> (
    None
):
    person = (BODY + GUARD.gap_for(0.0) - 0.05, 0.0)
    assert speed_let_through(0.5, context_of(person)) == pytest.approx(0.0)
    assert speed_let_through(0.5, context_of(person, receiver=person)) == pytest.approx(0.25)
    other = (person[0], 0.1)
    assert speed_let_through(0.5, context_of(person, other, receiver=person)) < 0.01


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 1.0), st.floats(1.5, 4.0), st.floats(-0.4, 0.4))
def test_a_driving_base_comes_to_rest_at_the_protective_distance(
    told: float, ahead: float, beside: float
) -> None:
    chain = default_guard(SPEC)
    pose, last = Pose2(0.0, 0.0, 0.0), Action(np.zeros(2), JOINTS, 0.05)
    for tick in range(1200):
        context = GuardContext(SPEC, base_pose=pose, people=((ahead, beside),))
        action = Action(np.array([told, 0.0]), JOINTS, 0.05)
        last = chain.check(action, sample_proprio(SPEC, tick=tick, commanded=last), context).action
        before = math.hypot(ahead - pose.x, beside)
        pose = Pose2(pose.x + float(last.base[0]) * LIMITS.dt, 0.0, 0.0)
        approach = (before - math.hypot(ahead - pose.x, beside)) / LIMITS.dt
        allowed = float(GUARD.speed_at(np.array([before - BODY]))[0])
        assert approach <= allowed + 0.02
        if pose.x > ahead:
            break
    assert chain.stats.violations == 0


def test_an_arm_that_swings_at_a_person_is_slowed_and_one_that_draws_back_is_not() -> None:
    person = (float(GUARD._body.points(JOINTS)[-1, 0]) + 0.25 + 0.35, 0.0)
    commanded = Action(np.zeros(2), JOINTS, 0.05)
    proprio = sample_proprio(SPEC, commanded=commanded)
    gaps = []
    for sign in (1.0, -1.0):
        step = np.zeros(len(JOINTS))
        step[1] = sign * LIMITS.step[1]
        told = Action(np.zeros(2), JOINTS + step, 0.05)
        let = GUARD.check(told, proprio, context_of(person)).action.joints
        there = [GUARD._body.points(q)[-1, 0] for q in (JOINTS, told.joints, let)]
        gaps.append((there[1] - there[0], float(np.abs(let - JOINTS).max())))
    towards = max(gaps)
    back = min(gaps)
    assert towards[0] > 0.0 > back[0]
    assert towards[1] < 0.5 * LIMITS.step[1]
    assert back[1] == pytest.approx(LIMITS.step[1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 6.0), st.floats(-1.0, 1.0), st.floats(0.0, 1.0))
def test_the_short_way_out_passes_only_what_the_long_way_would_pass(
    seed: int, away: float, speed: float, share: float
) -> None:
    rng = np.random.default_rng(seed)
    joints = rng.uniform(LIMITS.lower, LIMITS.upper)
    step = share * rng.uniform(-1.0, 1.0, len(joints)) * LIMITS.step
    told = Action(np.array([speed, 0.0]), joints + step, 0.05)
    proprio = sample_proprio(SPEC, commanded=Action(np.zeros(2), joints, 0.05))
    angle = rng.uniform(-math.pi, math.pi)
    context = context_of((away * math.cos(angle), away * math.sin(angle)))
    long_way = Separation(SPEC)
    object.__setattr__(long_way, "_surely_slow", lambda *_: False)
    assert GUARD.check(told, proprio, context).action.base == pytest.approx(
        long_way.check(told, proprio, context).action.base
    )
    assert GUARD.check(told, proprio, context).action.joints == pytest.approx(
        long_way.check(told, proprio, context).action.joints
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_joint_moves_a_part_of_the_arm_farther_than_its_lever(seed: int) -> None:
    rng = np.random.default_rng(seed)
    body = Body(SPEC)
    joints = rng.uniform(LIMITS.lower, LIMITS.upper)
    turn = rng.uniform(-0.01, 0.01, len(joints))
    moved = np.linalg.norm(body.points(joints + turn) - body.points(joints), axis=1)
    assert moved.max() <= np.abs(turn) @ body.lever + 1e-9
