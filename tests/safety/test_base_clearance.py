"""Whatever is commanded, a base that sees stops before what it sees; and it can always leave it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Pose2
from diarchy.safety import default_guard
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
JOINTS = SPEC.postures["tuck"]


@dataclass
class Posts:
    """A field of round posts of 10 cm."""

    at: FloatArray
    stamp: float = 0.0

    def distance(self, points: npt.ArrayLike) -> FloatArray:
        flat = np.asarray(points, dtype=np.float64)[:, :2]
        gaps = np.linalg.norm(flat[:, None] - self.at[None], axis=2) - 0.05
        return np.asarray(np.maximum(gaps.min(axis=1), 0.0))


POSTS = Posts(np.array([[1.5, 0.0], [0.0, 1.4], [-1.3, -0.4], [0.9, 1.2], [0.3, -1.5]]))


def run(
    pose: Pose2, wild: list[tuple[float, float]], ticks: int = 250, field: Posts | None = POSTS
) -> tuple[list[Pose2], float]:
    """Drive each command for some ticks through the whole chain: poses, and the speed at the end."""
    chain, proprio, poses, v = (
        default_guard(SPEC, clearance=0.0),
        sample_proprio(SPEC),
        [pose],
        0.0,
    )
    for command in wild:
        for _ in range(ticks):
            context = GuardContext(SPEC, base_pose=poses[-1], distance_field=field)
            action = chain.check(Action(np.array(command), JOINTS, 0.1), proprio, context).action
            v, w = (float(u) for u in action.base)
            last, heading = poses[-1], poses[-1].yaw + 0.5 * w * LIMITS.dt
            step = v * LIMITS.dt
            poses.append(
                Pose2(
                    last.x + step * math.cos(heading),
                    last.y + step * math.sin(heading),
                    last.yaw + w * LIMITS.dt,
                )
            )
            proprio = replace(proprio, tick=proprio.tick + 1, commanded=action)
    return poses, v


def nearest(poses: list[Pose2]) -> float:
    return float(POSTS.distance([[p.x, p.y, 0.3] for p in poses]).min())


commands = st.lists(st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0)), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(st.floats(-math.pi, math.pi), commands)
def test_no_sequence_of_commands_drives_the_footprint_into_a_post(
    yaw: float, wild: list[tuple[float, float]]
) -> None:
    poses, _ = run(Pose2(0.0, 0.0, yaw), wild)
    assert nearest(poses) > LIMITS.radius - 2e-3


def test_driving_at_a_post_ends_close_to_it_and_at_rest() -> None:
    poses, v = run(Pose2(0.0, 0.0, 0.0), [(0.8, 0.0)], 1600)
    assert nearest(poses) == pytest.approx(LIMITS.radius, abs=0.03)
    assert abs(v) < 0.01


def test_a_base_that_stands_too_near_may_leave_and_come_no_nearer() -> None:
    close = Pose2(1.45 - LIMITS.radius + 0.10, 0.0, 0.0)
    assert nearest([close]) < LIMITS.radius
    back, _ = run(close, [(-0.5, 0.0)], 400)
    assert back[-1].x < close.x - 0.3
    on, _ = run(close, [(0.5, 0.0)], 200)
    assert on[-1].x == pytest.approx(close.x, abs=1e-3)


def test_without_a_field_nothing_is_changed() -> None:
    poses, v = run(Pose2(0.0, 0.0, 0.0), [(0.5, 0.0)], 800, field=None)
    assert poses[-1].x > 1.5
    assert v == pytest.approx(0.5)


def test_a_field_that_nobody_renews_brakes_the_base() -> None:
    chain = default_guard(SPEC, clearance=0.0)
    proprio = sample_proprio(SPEC)
    moving = replace(proprio, stamp=5.0, commanded=Action(np.array([0.5, 0.0]), JOINTS, 0.1))
    old = GuardContext(SPEC, base_pose=Pose2(0.0, 0.0, 0.0), distance_field=POSTS)
    verdict = chain.check(Action(np.array([0.5, 0.0]), JOINTS, 0.1), moving, old)
    assert verdict.action.base[0] < 0.5
    assert "around it now" in verdict.reason
    fresh = replace(old, distance_field=Posts(POSTS.at, stamp=4.9))
    assert chain.check(Action(np.array([0.5, 0.0]), JOINTS, 0.1), moving, fresh).status == "pass"
