"""What presses beyond the skill's limit presses no harder; what does not is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety import ContactForce
from diarchy.safety.body import Body, solved
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
BODY = Body(SPEC)
BENT = np.array([0.1, 0.6, -0.9, 0.7, 0.4, -0.6, 0.5, 0.3, 0.0, 0.0])
CONTEXT = GuardContext(SPEC, force_limit=80.0)


def pressing_with(force: FloatArray, tick: int = 0, commanded: Action | None = None) -> Proprio:
    """What is felt by an arm at rest whose gripper presses with a force ``[3]`` N."""
    still = replace(sample_proprio(SPEC, tick=tick, commanded=commanded), q=BENT)
    _, rows = BODY.pressing(still, np.zeros(len(BENT)))
    # Motors at zero: what is felt is the weight alone, so that the weight's efforts follow from it.
    weight = _holding_efforts(still)
    return replace(still, effort=weight + rows.T @ force)


def _holding_efforts(still: Proprio) -> FloatArray:
    import mujoco

    model = mujoco.MjModel.from_xml_string(SPEC.model_xml)
    data = mujoco.MjData(model)
    ids = [model.joint(n).id for n in SPEC.joint_names]
    data.qpos[model.jnt_qposadr[ids]] = still.q
    mujoco.mj_inverse(model, data)
    return np.array(data.qfrc_inverse[model.jnt_dofadr[ids]])


def pushed(guard: ContactForce, force: FloatArray, told: FloatArray, ticks: int = 260) -> Verdict:
    """Return the last of so many verdicts on an arm that is told to go on to ``told`` ``[J]``."""
    commanded = Action(np.zeros(2), told, 0.05)
    for tick in range(ticks):
        proprio = pressing_with(force, tick, commanded)
        verdict = guard.check(Action(np.array([0.2, 0.0]), told, 0.05), proprio, CONTEXT)
        commanded = replace(verdict.action, base=np.zeros(2))
    return verdict


def step_along(force: FloatArray, size: float) -> FloatArray:
    """Return joints a little way along a force: what a pushing controller commands."""
    _, rows = BODY.pressing(pressing_with(force), np.zeros(len(BENT)))
    way = rows.T @ force
    return np.asarray(BENT + size * way / np.abs(way).max())


@settings(max_examples=25, deadline=None)
@given(st.floats(-120.0, 120.0), st.floats(-120.0, 120.0))
def test_the_force_is_felt_through_the_motors(x: float, z: float) -> None:
    force = np.array([x, 0.0, z])  # the sample's arm moves in this plane
    felt, _ = BODY.pressing(pressing_with(force), np.zeros(len(BENT)))
    np.testing.assert_allclose(felt, force, atol=0.25 * np.linalg.norm(force) + 0.1)


@pytest.mark.parametrize("force", [np.array([150.0, 0.0, 0.0]), np.array([0.0, 0.0, -150.0])])
def test_a_command_that_pushes_on_is_taken_back_to_where_the_arm_is(force: FloatArray) -> None:
    told = step_along(force, 0.05)
    verdict = pushed(ContactForce(SPEC), force, told)
    assert verdict.status == "modified"
    assert "presses with" in verdict.reason
    np.testing.assert_allclose(verdict.action.joints, BENT, atol=1e-9)


def test_motion_away_from_a_push_is_free_and_so_is_the_base_that_draws_back() -> None:
    force = np.array([150.0, 0.0, 0.0])
    guard, away = ContactForce(SPEC), step_along(force, -0.02)
    commanded = Action(np.array([-0.2, 0.0]), away, 0.05)
    for tick in range(40):
        verdict = guard.check(commanded, pressing_with(force, tick, commanded), CONTEXT)
    assert verdict.action is commanded


def test_the_head_goes_on_looking_where_it_is_told_to_while_the_arm_is_taken_back() -> None:
    force = np.array([150.0, 0.0, 0.0])
    told = step_along(force, 0.05)
    head = list(SPEC.groups["head"])
    told[head] = BENT[head] + 0.1
    verdict = pushed(ContactForce(SPEC), force, told)
    assert verdict.status == "modified"
    np.testing.assert_array_equal(verdict.action.joints[head], told[head])


def test_a_base_that_drives_into_the_push_brakes() -> None:
    force = np.array([150.0, 0.0, 0.0])
    assert pushed(ContactForce(SPEC), force, BENT).action.base[0] == 0.0


@settings(max_examples=15, deadline=None)
@given(st.floats(0.0, 79.0), st.floats(-3.2, 3.2))
def test_a_push_within_the_limit_is_left_alone(size: float, angle: float) -> None:
    force = size * np.array([np.cos(angle), 0.0, np.sin(angle)])
    told = step_along(force, 0.05) if size > 1.0 else BENT
    assert pushed(ContactForce(SPEC), force, told, 30).status == "pass"


def test_fingers_that_squeeze_too_hard_close_no_further_and_do_not_open() -> None:
    commanded = Action(np.zeros(2), BENT, 0.030)
    hard = replace(pressing_with(np.zeros(3), 1, commanded), gripper_force=95.0, gripper_width=0.04)
    verdict = ContactForce(SPEC).check(Action(np.zeros(2), BENT, 0.0), hard, CONTEXT)
    assert verdict.action.gripper == 0.030
    wider = Action(np.zeros(2), BENT, 0.06)
    assert ContactForce(SPEC).check(wider, hard, CONTEXT).action is wider


def test_a_robot_that_measures_no_effort_is_left_alone() -> None:
    told = Action(np.zeros(2), BENT, 0.05)
    assert ContactForce(SPEC).check(told, sample_proprio(SPEC), CONTEXT).action is told


@given(
    arrays(np.float64, (3, 8), elements=st.floats(-1.0, 1.0)),
    arrays(np.float64, (8,), elements=st.floats(-50.0, 50.0)),
)
def test_the_force_is_the_damped_least_squares_one(pull: FloatArray, beyond: FloatArray) -> None:
    matrix, right = pull @ pull.T + 1e-2 * np.eye(3), pull @ beyond
    force = solved(matrix, right)
    np.testing.assert_allclose(matrix @ force, right, atol=1e-6 * (1.0 + np.abs(force).max()))
