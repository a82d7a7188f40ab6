"""Lines that are driven with an arm that sticks out, and looking at things from another side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.geometry import wrap_angle
from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.context import Context
from diarchy.skills.motion.change_view import ChangeView, other_views
from diarchy.skills.motion.costmap import CostMap, build_costmap
from diarchy.skills.motion.sweep import Sweep

START = Pose2(2.0, 1.6, 0.0)
TABLE = np.array([2.0, 2.78])


@pytest.fixture
def rig() -> Iterator[Rig]:
    table = {"class": "SideTable", "x": float(TABLE[0]), "y": float(TABLE[1]), "yaw_deg": -90.0}
    scene = parse_scene(
        {
            "name": "test",
            "rooms": {"room": {"bounds": [0.0, 0.0, 5.0, 5.0]}},
            "fixtures": [table],
            "objects": [{"class": "Vase", "where": "side_table_1"}],
            "robot": {"x": START.x, "y": START.y, "yaw_deg": 90.0},
        }
    )
    with Rig(scene, seed=1) as rig:
        rig.look()
        yield rig


def context(rig: Rig) -> Context:
    return Context(spec=rig.spec, clock=rig.clock, world=rig.world, epoch=1)


def swept(rig: Rig) -> tuple[Sweep, CostMap]:
    """The hand at the height of the table, held out before the robot."""
    q = rig.spec.postures["ready"].copy()
    q[0], q[2], q[4] = 0.05, 0.3, 1.2
    now = replace(rig.robot.proprio(), q=q, commanded=None)
    return Sweep(context(rig), now, START), build_costmap(rig.world, rig.spec)


def test_a_line_towards_a_table_is_told_where_the_arm_meets_it(rig: Rig) -> None:
    sweep, costmap = swept(rig)
    touch = sweep.first_touch(np.array([[2.0, 1.2], [2.0, 2.2]]), costmap)
    assert touch is not None
    assert touch[0] == pytest.approx(2.0)
    assert 1.4 < touch[1] < 2.2


def test_a_line_away_from_it_is_free(rig: Rig) -> None:
    sweep, costmap = swept(rig)
    assert sweep.first_touch(np.array([[2.0, 1.6], [2.0, 1.2], [3.2, 1.2]]), costmap) is None


def test_the_turn_at_the_end_of_a_line_is_looked_at_too(rig: Rig) -> None:
    sweep, costmap = swept(rig)
    along = np.array([[1.0, 2.1], [2.0, 2.1]])
    assert not sweep.turns(along, Pose2(2.0, 2.1, np.pi / 2), costmap)
    assert sweep.turns(along, Pose2(2.0, 2.1, -np.pi / 2), costmap)


def test_other_views_show_other_sides_and_are_unlike_each_other(rig: Rig) -> None:
    views = list(other_views(context(rig), "vase_1"))
    base = rig.robot.truth.base()
    places = [base, *views]
    assert len(views) >= 2
    bearings = [np.arctan2(p.y - TABLE[1], p.x - TABLE[0]) for p in places]
    assert abs(wrap_angle(bearings[1] - bearings[0])) > 0.5
    for i, first in enumerate(places):
        assert all(np.hypot(first.x - o.x, first.y - o.y) > 0.35 for o in places[:i])


def test_a_thing_is_looked_at_from_another_side(rig: Rig) -> None:
    before = rig.robot.truth.base()
    result = rig.run(ChangeView(rig.spec), target="vase_1")
    assert result.outcome.success, result.outcome
    after = rig.robot.truth.base()
    turned = np.arctan2(after.y - TABLE[1], after.x - TABLE[0]) - np.arctan2(
        before.y - TABLE[1], before.x - TABLE[0]
    )
    assert abs(wrap_angle(turned)) > 0.5


def test_what_is_gone_is_owned_up_to(rig: Rig) -> None:
    rig.robot.move_object("vase_1", [4.5, 4.5, 0.01])
    outcome = rig.run(ChangeView(rig.spec), target="nothing_1").outcome
    assert (outcome.success, outcome.cause) == (False, Cause.PRECONDITION)
