"""Whatever is commanded, a base that can brake stays inside; and it can always come back."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Pose2
from diarchy.safety import KeepIn, default_guard
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
JOINTS = SPEC.postures["tuck"]
AREA = (0.0, 0.0, 3.0, 3.0)


def drive(pose: Pose2, v: float, w: float) -> Pose2:
    heading = pose.yaw + 0.5 * w * LIMITS.dt
    x, y = pose.x + v * LIMITS.dt * math.cos(heading), pose.y + v * LIMITS.dt * math.sin(heading)
    return Pose2(x, y, pose.yaw + w * LIMITS.dt)


def run(
    pose: Pose2, commands: list[tuple[float, float]], ticks: int
) -> tuple[list[Pose2], list[float], int]:
    """Drive each command for some ticks through the whole chain: poses, speeds, violations."""
    chain = default_guard(SPEC)
    proprio = sample_proprio(SPEC)
    poses, speeds = [pose], []
    for command in commands:
        for _ in range(ticks):
            context = GuardContext(SPEC, base_pose=poses[-1], keep_in=AREA)
            told = Action(np.array(command), JOINTS, 0.1)
            action = chain.check(told, proprio, context).action
            poses.append(drive(poses[-1], float(action.base[0]), float(action.base[1])))
            speeds.append(float(action.base[0]))
            proprio = replace(proprio, tick=proprio.tick + 1, commanded=action)
    return poses, speeds, chain.stats.violations


def outside(pose: Pose2, margin: float) -> float:
    return max(margin - pose.x, pose.x - 3.0 + margin, margin - pose.y, pose.y - 3.0 + margin, 0.0)


commands = st.lists(st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0)), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.31, 2.69), st.floats(0.31, 2.69), st.floats(-math.pi, math.pi), commands)
def test_no_sequence_of_commands_drives_the_footprint_out(
    x: float, y: float, yaw: float, wild: list[tuple[float, float]]
) -> None:
    poses, _, violations = run(Pose2(x, y, yaw), wild, 250)
    assert max(outside(pose, LIMITS.radius) for pose in poses) < 2e-3
    assert violations == 0


def test_a_base_that_turns_into_the_wall_while_driving_along_it_stays_inside() -> None:
    along = [(0.8, 0.0)] * 2 + [(0.8, 1.2)] * 3
    poses, _, violations = run(Pose2(0.4, 2.60, 0.0), along, 200)
    assert max(outside(pose, LIMITS.radius) for pose in poses) < 2e-3
    assert violations == 0


def test_driving_at_the_wall_ends_close_to_it_and_at_rest() -> None:
    poses, speeds, _ = run(Pose2(0.5, 1.5, 0.0), [(0.8, 0.0)], 1600)
    assert 3.0 - LIMITS.radius - poses[-1].x == pytest.approx(0.0, abs=0.02)
    assert abs(speeds[-1]) < 0.01


def test_turning_at_the_wall_is_allowed() -> None:
    pose = Pose2(3.0 - LIMITS.radius, 1.5, 0.0)
    context = GuardContext(SPEC, base_pose=pose, keep_in=AREA)
    turn = Action(np.array([0.0, 0.005]), JOINTS, 0.1)
    assert default_guard(SPEC).check(turn, sample_proprio(SPEC), context).status == "pass"


def test_a_base_that_is_outside_may_drive_back_but_not_further_out() -> None:
    poses, _, violations = run(Pose2(3.5, 1.5, math.pi), [(0.5, 0.0)], 600)
    assert outside(poses[-1], LIMITS.radius) == 0.0
    further, _, _ = run(Pose2(3.5, 1.5, 0.0), [(0.5, 0.0)], 200)
    assert further[-1].x == pytest.approx(3.5, abs=1e-3)
    assert violations == 0


def test_a_base_that_does_not_know_where_it_is_may_only_turn() -> None:
    context = GuardContext(SPEC, base_pose=None, keep_in=AREA)
    told = Action(np.array([0.5, 0.3]), JOINTS, 0.1)
    verdict = KeepIn(LIMITS).check(told, sample_proprio(SPEC), context)
    assert verdict.status == "modified"
    assert verdict.action.base[0] == 0.0
    assert verdict.action.base[1] == 0.3
    assert "where it is" in verdict.reason


def test_without_an_area_nothing_is_changed() -> None:
    told = Action(np.array([0.5, 0.3]), JOINTS, 0.1)
    verdict = KeepIn(LIMITS).check(told, sample_proprio(SPEC), GuardContext(SPEC))
    assert verdict.action is told


def test_an_area_narrower_than_the_robot_lets_it_stand_and_turn() -> None:
    context = GuardContext(SPEC, base_pose=Pose2(0.1, 0.1, 0.0), keep_in=(0.0, 0.0, 0.2, 0.2))
    told = Action(np.array([0.5, 0.3]), JOINTS, 0.1)
    verdict = KeepIn(LIMITS).check(told, sample_proprio(SPEC), context)
    assert verdict.action.base[0] == pytest.approx(0.0, abs=1e-9)
