from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import GripperSpec
from diarchy.skills.motion.grasps import grasp_candidates
from diarchy.skills.motion.headroom import for_destination

CUP = Entity(
    id="cup_1", cls="Cup", kind="object", position=(0.6, 0.0, 0.80), yaw=0.0, extent=(0.07, 0.07, 0.11)
)  # fmt: skip


def arm_towards(destination: str | None, clearance: float, approach: str = "front") -> Any:
    pose = SE3.from_translation(np.array([2.0, 0.0, 0.86]))
    inside = Surface(pose, (0.4, 0.4), clearance, "in", approach)  # type: ignore[arg-type]
    world = SimpleNamespace(surfaces=lambda name: (inside,))
    context = SimpleNamespace(world=world, destination=destination)
    return SimpleNamespace(context=context, kinematics=SimpleNamespace(wrist=0.325))


def steepness(arm: Any) -> float:
    grasps = grasp_candidates(CUP, np.zeros(2), GripperSpec(), 0.0185)
    best = for_destination(arm, CUP, grasps)[0]
    return float(np.degrees(np.arcsin(-best.pose.rotation[2, 0])))


def test_a_cup_is_taken_from_above_when_nobody_knows_where_it_goes() -> None:
    assert steepness(arm_towards(None, 0.42)) == pytest.approx(90.0)


def test_a_cup_for_a_low_compartment_is_taken_at_a_slant() -> None:
    assert 20.0 < steepness(arm_towards("microwave_1", 0.42)) < 60.0


def test_a_cup_for_a_basin_is_taken_from_above() -> None:
    assert steepness(arm_towards("sink_basin_1", 0.30, approach="top")) == pytest.approx(90.0)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.15, 0.9))
def test_grasps_only_become_dearer_and_none_is_lost(clearance: float) -> None:
    grasps = grasp_candidates(CUP, np.zeros(2), GripperSpec(), 0.0185)
    priced = for_destination(arm_towards("microwave_1", clearance), CUP, grasps)
    assert len(priced) == len(grasps)
    assert [g.cost for g in priced] == sorted(g.cost for g in priced)
    assert sum(g.cost for g in priced) >= sum(g.cost for g in grasps) - 1e-9
