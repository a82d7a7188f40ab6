from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause, Outcome
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.context import Context
from diarchy.skills.motion import drive
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.drive import ROUGH, Driver
from diarchy.skills.motion.turning import free_turn
from diarchy.skills.specs import LOOK_AT


@pytest.fixture
def rig() -> Iterator[Rig]:
    post = {"class": "SideTable", "x": 2.0, "y": 2.78, "yaw_deg": -90.0}
    scene = parse_scene(
        {
            "name": "test",
            "rooms": {"room": {"bounds": [0.0, 0.0, 5.0, 5.0]}},
            "fixtures": [post],
            "objects": [{"class": "Vase", "where": "side_table_1"}],
            "robot": {"x": 2.0, "y": 2.0},
        }
    )
    with Rig(scene, seed=1) as rig:
        rig.look()
        yield rig


def turn(rig: Rig, yaw: float, *, reach: float) -> float | None:
    """A turn with the hand lifted to the height of the table and held ``reach`` rad of elbow out."""
    proprio = rig.robot.proprio()
    context = Context(spec=rig.spec, clock=rig.clock, world=rig.world, epoch=1)
    q = rig.spec.postures["ready"].copy()
    q[0], q[2], q[4] = 0.05, reach, 1.2
    return free_turn(context, replace(proprio, q=q, commanded=None), Pose2(2.0, 2.0, 0.0), yaw)


def test_a_small_turn_is_just_made(rig: Rig) -> None:
    assert turn(rig, 0.15, reach=0.3) == pytest.approx(0.15)


def test_an_arm_that_is_out_of_the_way_takes_the_shorter_way(rig: Rig) -> None:
    q_up = turn(rig, np.radians(170.0), reach=-1.2)
    assert q_up == pytest.approx(np.radians(170.0))


def test_an_arm_that_would_sweep_over_a_table_goes_the_other_way_round(rig: Rig) -> None:
    assert turn(rig, np.radians(170.0), reach=0.3) == pytest.approx(np.radians(-190.0))


class Leaves:
    """Drives to where it has to turn first."""

    backend = "test"
    spec = LOOK_AT

    def __init__(self, careful: bool) -> None:
        self._careful = careful

    def start(self, call, context, proprio):
        driver = Driver(context, "test", careful=self._careful)
        try:
            yield from driver.to(proprio, Pose2(1.0, 1.2, 0.0), ROUGH)
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)
        return Outcome.done("")


@pytest.mark.parametrize("careful", [True, False])
def test_where_the_arm_has_no_room_to_turn_a_careful_base_says_so(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, careful: bool
) -> None:
    monkeypatch.setattr(drive, "free_turn", lambda *args: None)
    outcome = rig.run(Leaves(careful), target="side_table_1").outcome
    assert outcome.cause is Cause.BLOCKED, "it drew back again and again"
    assert ("no room for the arm" in outcome.detail) is careful
