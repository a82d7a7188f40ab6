from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause
from diarchy.skills.affordances.reach import Reach
from diarchy.skills.motion import carry, pick
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.pick import Pick
from diarchy.skills.motion.place import PlaceIn, PlaceOn

TABLE = "dining_table_1"
BEFORE_TABLE = Pose2(2.6, 1.4, -np.pi / 2)


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A robot before the dining table with a can and a bowl on it."""
    with Rig("home", seed=1) as rig:
        rig.robot.move_object("soda_can_1", [2.55, 0.80, 0.742])
        rig.robot.move_object("bowl_1", [2.80, 0.62, 0.742])
        rig.teleport(BEFORE_TABLE)
        for _ in range(20):
            rig.robot.apply(rig.robot.proprio().commanded or _still(rig))
        rig.look()
        yield rig


def _still(rig: Rig):  # type: ignore[no-untyped-def]
    from diarchy.contracts.robot import Action

    return Action(np.zeros(2), rig.robot.proprio().q, 0.1)


def test_a_can_is_picked_and_put_back_upright(rig: Rig) -> None:
    picked = rig.run(Pick(rig.spec), object="soda_can_1")
    assert picked.outcome.success, picked.outcome
    assert rig.robot.truth.holds("holding", "soda_can_1")
    assert rig.robot.truth.pose("soda_can_1").rotation[2, 2] > 0.95
    bowl = rig.robot.truth.pose("bowl_1").translation
    placed = rig.run(PlaceOn(rig.spec), object="soda_can_1", receptacle=TABLE)
    assert placed.outcome.success, placed.outcome
    assert rig.robot.truth.holds("on", "soda_can_1", TABLE)
    assert rig.robot.truth.pose("soda_can_1").rotation[2, 2] > 0.95
    moved = np.linalg.norm(rig.robot.truth.pose("bowl_1").translation - bowl)
    assert moved < 0.005
    assert rig.world.held() is None


@pytest.mark.parametrize("times", [1, 9])
def test_an_arm_that_is_stopped_while_it_folds_does_not_let_go(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    stopped = []

    def fold(arm: Arm, held: str | None) -> Motion:
        if len(stopped) < times:
            stopped.append(held)
            raise MotionFailedError(Cause.BLOCKED, "a person stands in the way")
        yield from carry.fold(arm, held)

    monkeypatch.setattr(pick, "fold", fold)
    result = rig.run(Pick(rig.spec), object="soda_can_1")
    assert result.outcome.success, result.outcome
    assert stopped
    assert rig.robot.truth.holds("holding", "soda_can_1")


def test_a_thing_that_was_taken_away_in_the_meantime_is_not_held_at_the_end(rig: Rig) -> None:
    rig.begin(Pick(rig.spec), object="soda_can_1")
    for _ in range(700):
        rig.tick()
    rig.robot.move_object("soda_can_1", [8.0, 1.0, 0.1])
    result = rig.finish()
    assert not result.outcome.success
    assert result.outcome.cause in (Cause.GRASP_MISSED, Cause.UNREACHABLE, Cause.NOT_VISIBLE)
    assert rig.world.held() is None


def test_nothing_is_placed_with_an_empty_hand(rig: Rig) -> None:
    result = rig.run(PlaceOn(rig.spec), object="soda_can_1", receptacle=TABLE)
    assert result.outcome.cause is Cause.PRECONDITION


def test_a_table_has_no_inside(rig: Rig) -> None:
    result = rig.run(PlaceIn(rig.spec), object="soda_can_1", receptacle=TABLE)
    assert result.outcome.cause is Cause.UNSUPPORTED


def test_reach_falls_off_with_distance(rig: Rig) -> None:
    reach = Reach(rig.spec)
    near = reach.score(rig.world, "soda_can_1", BEFORE_TABLE)
    far = reach.score(rig.world, "soda_can_1", Pose2(2.6, 3.0, -np.pi / 2))
    turned = reach.score(rig.world, "soda_can_1", Pose2(2.6, 1.4, np.pi / 2))
    assert near > 0.5
    assert far == 0.0
    assert turned < near
    assert reach.score(rig.world, TABLE, BEFORE_TABLE) > 0.5
