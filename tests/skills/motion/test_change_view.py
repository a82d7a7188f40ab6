"""To see a thing from another side is to drive round it, or nearer to what is deep."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.geometry import wrap_angle
from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.context import Context
from diarchy.skills.motion.change_view import ChangeView, other_views
from diarchy.skills.motion.head import LookAt

START = Pose2(2.0, 1.6, 0.0)
TABLE = np.array([2.0, 2.78])
BIN = np.array([2.0, 4.75])


@pytest.fixture
def rig() -> Iterator[Rig]:
    table = {"class": "SideTable", "x": float(TABLE[0]), "y": float(TABLE[1]), "yaw_deg": -90.0}
    with Rig(scene(table, {"class": "Vase", "where": "side_table_1"}, START), seed=1) as rig:
        rig.look()
        yield rig


@pytest.fixture
def bin_rig() -> Iterator[Rig]:
    """A robot before a bin at a wall, with an apple behind the near side of it."""
    can = {"class": "GarbageCan", "x": float(BIN[0]), "y": float(BIN[1]), "yaw_deg": -90.0}
    apple = {"class": "Apple", "where": "garbage_can_1"}
    start = Pose2(2.0, float(BIN[1]) - 0.9, 0.0)
    with Rig(scene(can, apple, start), seed=1, world="perceived") as rig:
        rig.robot.move_object("apple_1", [float(BIN[0]), float(BIN[1]) - 0.08, 0.09])
        rig.look()
        yield rig


def scene(fixture, thing, robot: Pose2):
    return parse_scene(
        {
            "name": "test",
            "rooms": {"room": {"bounds": [0.0, 0.0, 5.0, 5.0]}},
            "fixtures": [fixture],
            "objects": [thing],
            "robot": {"x": robot.x, "y": robot.y, "yaw_deg": 90.0},
        }
    )


def context(rig: Rig) -> Context:
    return Context(spec=rig.spec, clock=rig.clock, world=rig.world, epoch=1)


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


def test_before_a_deep_thing_another_view_is_a_nearer_one(bin_rig: Rig) -> None:
    views = list(other_views(context(bin_rig), "garbage_can_1"))
    distances = [float(np.hypot(v.x - BIN[0], v.y - BIN[1])) for v in views]
    assert distances
    assert distances[0] < 0.66


def test_what_the_near_wall_of_a_bin_hides_is_seen_from_nearer_and_higher(bin_rig: Rig) -> None:
    assert bin_rig.run(LookAt(bin_rig.spec), target="garbage_can_1").outcome.success
    assert not [e for e in bin_rig.world.entities() if e.cls == "Apple"]
    result = bin_rig.run(ChangeView(bin_rig.spec), target="garbage_can_1")
    assert result.outcome.success, result.outcome
    assert [e for e in bin_rig.world.entities() if e.cls == "Apple"]
