"""With the barrier whatever is told ends before a wall; what is free passes, and what is near may part."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from diarchy.contracts.entity import Box, Solid
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Pose2
from diarchy.robots.home.fetch import fetch_spec
from diarchy.safety import Collision, GuardChain, default_guard
from diarchy.safety.barriers.braking_way import moments
from diarchy.safety.barriers.hull import Hull
from diarchy.safety.barriers.near import Near
from diarchy.safety.barriers.programme import least_change
from diarchy.safety.limits import Limits
from diarchy.testing.samples import sample_proprio

SPEC = fetch_spec()
LIMITS = Limits.of(SPEC)
TUCK = SPEC.postures["tuck"]
HULL = Hull(SPEC)


def block(x: float, y: float, z: float, size: tuple[float, float, float], owner: str = "") -> Solid:
    return Solid(owner, Box(SE3.from_xyz_yaw(x, y, z, 0.0), np.array(size)))


WALL = (block(1.2, 0.0, 1.0, (0.2, 6.0, 2.0)),)
TABLE = (block(0.9, 0.0, 0.35, (0.7, 1.4, 0.7), "table_1"),)


def gap(q: FloatArray, pose: Pose2, obstacles: tuple[Solid, ...]) -> float:
    """Return the distance (m) of the nearest part of the robot to what is around."""
    HULL.place(q, 0.05)
    HULL.put_boxes(np.array([o.box.size for o in obstacles]) / 2.0)
    rotation = np.array([o.box.pose.rotation for o in obstacles])
    HULL.move_boxes(rotation, np.array([o.box.pose.translation for o in obstacles]), pose)
    every = [
        HULL.gap_to_box(g, b, 0.5) for g in range(len(HULL.geoms)) for b in range(len(obstacles))
    ]
    return min(every)


def own_gap(q: FloatArray) -> float:
    HULL.place(q, 0.05)
    return min(HULL.gap_to_own(int(a), int(b), 0.5) for a, b in HULL.own_pairs)


class Body:
    """A robot that does exactly what the chain lets through."""

    def __init__(self, obstacles: tuple[Solid, ...], q: FloatArray = TUCK) -> None:
        self.chain = default_guard(SPEC, collision=True)
        self.context = GuardContext(SPEC, obstacles=obstacles)
        self.pose, self.tick = Pose2(0.0, 0.0, 0.0), 0
        self.last = Action(np.zeros(2), np.array(q), 0.05)

    def tell(self, base: tuple[float, float], joints: FloatArray) -> None:
        proprio = replace(
            sample_proprio(SPEC, tick=self.tick, commanded=self.last),
            gripper_width=0.05,
            q=self.last.joints,
        )
        context = replace(self.context, base_pose=self.pose)
        self.last = self.chain.check(Action(np.array(base), joints, 0.05), proprio, context).action
        v, w = self.last.base
        dt, heading = LIMITS.dt, self.pose.yaw + 0.5 * w * LIMITS.dt
        self.pose = Pose2(
            self.pose.x + v * dt * math.cos(heading),
            self.pose.y + v * dt * math.sin(heading),
            self.pose.yaw + w * dt,
        )
        self.tick += 1


@pytest.mark.parametrize("turn", [0.0, 0.5, -0.8])
def test_a_base_that_is_told_to_drive_at_a_wall_stops_before_it(turn: float) -> None:
    body = Body(WALL)
    for _ in range(600):
        body.tell((1.0, turn), TUCK)
        assert gap(body.last.joints, body.pose, WALL) > -1e-3
    assert body.chain.stats.modified_by["collision"] > 0
    assert body.chain.stats.violations == 0


@pytest.mark.parametrize("seed", range(3))
def test_an_arm_that_is_flung_about_touches_neither_the_table_nor_the_robot(seed: int) -> None:
    rng = np.random.default_rng(seed)
    body = Body(TABLE, SPEC.postures["ready"])
    assert gap(body.last.joints, body.pose, TABLE) > 0.0
    at_first = min(own_gap(body.last.joints), 0.004)
    for _ in range(6):
        target = rng.uniform(LIMITS.lower, LIMITS.upper)
        for k in range(100):
            body.tell((0.0, 0.0), target)
            if k % 10 == 9:
                assert gap(body.last.joints, body.pose, TABLE) > -1e-3
                assert own_gap(body.last.joints) > at_first - 4e-3
    assert body.chain.stats.violations == 0


def test_what_is_free_passes_and_costs_no_change() -> None:
    body = Body((block(6.0, 0.0, 1.0, (0.2, 6.0, 2.0)),))
    for k in range(80):
        body.tell((min(0.003 * k, 0.2), 0.0), TUCK)
    assert body.chain.stats.modified_by["collision"] == 0


def test_a_base_that_is_too_near_already_may_draw_back() -> None:
    near = (block(0.36, 0.0, 0.2, (0.2, 2.0, 0.4)),)
    assert gap(TUCK, Pose2(0.0, 0.0, 0.0), near) < 0.0
    guard, still = Collision(SPEC), Action(np.zeros(2), np.array(TUCK), 0.05)
    context = GuardContext(SPEC, base_pose=Pose2(0.0, 0.0, 0.0), obstacles=near)
    proprio = replace(sample_proprio(SPEC, commanded=still), gripper_width=0.05)
    back, on = (Action(np.array([v, 0.0]), np.array(TUCK), 0.05) for v in (-0.1, 0.1))
    assert guard.check(back, proprio, context).status == "pass"
    assert guard.check(on, proprio, context).action.base[0] < 0.01


def test_braking_is_foreseen_to_its_end() -> None:
    rate = 0.5 * LIMITS.velocity
    way = moments(TUCK, rate, (0.8, 0.4), Pose2(0.0, 0.0, 0.0), LIMITS)
    run_out = TUCK + rate**2 / (2.0 * LIMITS.acceleration)
    np.testing.assert_allclose(way[-1].q, np.minimum(run_out, LIMITS.upper))
    least = 0.8**2 / (2.0 * LIMITS.linear_braking)
    assert least < math.hypot(way[-1].base.x, way[-1].base.y) < 1.6 * least


def test_the_least_change_slides_along_what_blocks_and_braking_is_never_forbidden() -> None:
    box = np.full(2, 2.0)
    wall = np.array([[-1.0, 0.0]])  # the gap closes with the first speed
    told, brake = np.array([1.0, 0.7]), np.array([0.3, 0.0])
    slid = least_change(told, brake, -box, box, wall, np.array([-0.5]), np.ones(2))
    assert slid is not None
    np.testing.assert_allclose(slid, [0.5, 0.7], atol=1e-6)
    shut = least_change(told, brake, -box, box, wall, np.array([0.0]), np.ones(2))
    assert shut is not None
    np.testing.assert_allclose(shut, [0.3, 0.7], atol=1e-6)


def test_the_barrier_is_in_the_chain_only_when_asked_for() -> None:
    assert not any(isinstance(g, Collision) for g in default_guard(SPEC).guards)
    full: GuardChain = default_guard(SPEC, collision=True)
    assert isinstance(full.guards[-1], Collision)


def test_gaps_are_measured_anew_when_the_fingers_have_moved() -> None:
    still, here = np.zeros(len(SPEC.joints)), Pose2(0.0, 0.0, 0.0)

    def measured(*openings: float) -> FloatArray:
        near = Near(Hull(SPEC), LIMITS)
        for opening in openings:
            near.pairs(TUCK, still, (0.0, 0.0), here, GuardContext(SPEC), opening)
        return near._own

    assert np.array_equal(measured(0.0, 0.1), measured(0.1))
    assert not np.array_equal(measured(0.0), measured(0.1))
