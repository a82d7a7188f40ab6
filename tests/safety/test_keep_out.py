"""Whatever is commanded, a base that can brake stays out of the zones; and it can always get away."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.geometry import polygon_distance
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Pose2
from diarchy.safety import KeepOut, audit, default_guard
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
JOINTS = SPEC.postures["tuck"]
BOX = ((2.0, -1.0), (3.0, -1.0), (3.0, 1.0), (2.0, 1.0))
CORNER = ((-2.0, 1.0), (0.0, 1.5), (-1.0, 3.0))
ZONES = (BOX, CORNER)

commands = st.lists(
    st.tuples(st.floats(-1.0, 1.0), st.floats(-1.2, 1.2), st.integers(1, 120)),
    min_size=1,
    max_size=8,
)


def drive(pose: Pose2, v: float, w: float) -> Pose2:
    heading = pose.yaw + 0.5 * w * LIMITS.dt
    x, y = pose.x + v * LIMITS.dt * math.cos(heading), pose.y + v * LIMITS.dt * math.sin(heading)
    return Pose2(x, y, pose.yaw + w * LIMITS.dt)


def gap(pose: Pose2) -> float:
    here = np.array([[pose.x, pose.y]])
    return min(float(polygon_distance(here, zone)[0]) for zone in ZONES)


@settings(max_examples=40, deadline=None)
@given(commands, st.floats(-math.pi, math.pi))
def test_no_command_drives_the_footprint_into_a_zone(
    told: list[tuple[float, float, int]], yaw: float
) -> None:
    chain = default_guard(SPEC)
    pose, last = Pose2(1.0, 0.0, yaw), Action(np.zeros(2), JOINTS, 0.05)
    for tick, (v, w) in enumerate((v, w) for v, w, n in told for _ in range(n)):
        context = GuardContext(SPEC, base_pose=pose, keep_out=ZONES)
        proprio = sample_proprio(SPEC, tick=tick, commanded=last)
        last = chain.check(Action(np.array([v, w]), JOINTS, 0.05), proprio, context).action
        pose = drive(pose, *last.base)
        assert gap(pose) > SPEC.base.radius - 0.01
    assert chain.stats.violations == 0


def test_a_base_far_from_all_zones_is_left_alone() -> None:
    told = Action(np.array([0.5, 0.1]), JOINTS, 0.05)
    context = GuardContext(SPEC, base_pose=Pose2(-3.0, -3.0, 0.0), keep_out=ZONES)
    assert KeepOut(LIMITS).check(told, sample_proprio(SPEC, commanded=told), context).action is told


@pytest.mark.parametrize(("yaw", "goes"), [(0.0, False), (math.pi, True)])
def test_a_base_inside_a_zone_may_leave_it_and_not_go_deeper(yaw: float, goes: bool) -> None:
    told = Action(np.array([0.003, 0.0]), JOINTS, 0.05)
    context = GuardContext(SPEC, base_pose=Pose2(2.2, 0.0, yaw), keep_out=ZONES)
    still = Action(np.zeros(2), JOINTS, 0.05)
    verdict = KeepOut(LIMITS).check(told, sample_proprio(SPEC, commanded=still), context)
    assert bool(verdict.action.base[0] > 0.0) is goes


def test_the_audit_finds_a_base_that_enters_a_zone() -> None:
    fast = Action(np.array([0.8, 0.0]), JOINTS, 0.05)
    context = GuardContext(SPEC, base_pose=Pose2(1.999, 0.0, 0.0), keep_out=ZONES)
    found = audit(fast, sample_proprio(SPEC, commanded=fast), context, LIMITS)
    assert found == ["the base enters a keep-out zone"]


def test_the_distance_to_a_polygon_is_signed_and_exact() -> None:
    points = np.array([[1.5, 0.0], [2.5, 0.0], [2.0, 0.0], [4.0, 2.0]])
    expected = [0.5, -0.5, 0.0, math.sqrt(2.0)]
    np.testing.assert_allclose(polygon_distance(points, BOX), expected, atol=1e-12)
