"""Lines that are driven with an arm that sticks out, and looking at things from another side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.robot import Pose2
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.context import Context
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.costmap import CostMap, build_costmap
from diarchy.skills.motion.sweep import Sweep, free_way_back, least_touching

START = Pose2(2.0, 1.6, 0.0)
TABLE = np.array([2.0, 2.78])


def beside_a_table(x: float, y: float, yaw_deg: float) -> Rig:
    table = {"class": "SideTable", "x": float(TABLE[0]), "y": float(TABLE[1]), "yaw_deg": -90.0}
    scene = parse_scene(
        {
            "name": "test",
            "rooms": {"room": {"bounds": [0.0, 0.0, 5.0, 5.0]}},
            "fixtures": [table],
            "objects": [{"class": "Vase", "where": "side_table_1"}],
            "robot": {"x": x, "y": y, "yaw_deg": yaw_deg},
        }
    )
    return Rig(scene, seed=1)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with beside_a_table(START.x, START.y, 90.0) as rig:
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


def test_poses_at_which_the_arm_meets_a_table_are_told_from_those_where_it_does_not(
    rig: Rig,
) -> None:
    sweep, _ = swept(rig)
    assert sweep.meets([Pose2(2.0, y, np.pi / 2) for y in (1.2, 1.7, 2.2)])
    assert not sweep.meets([Pose2(2.0, y, -np.pi / 2) for y in (1.2, 1.0, 0.8)])


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


class Recorded(Sweep):
    """Meets something at set points of the lines, one after the other; None: nowhere."""

    def __init__(self, *touches: tuple[float, float] | None, turning: bool = True) -> None:
        self._touches, self._turning = list(touches), turning

    def first_touch(self, line, costmap):
        touch = self._touches.pop(0)
        return None if touch is None else np.array(touch)

    def turns(self, line, goal, costmap):
        return self._turning


def proposed(rig: Rig, sweep: Sweep) -> tuple[float, list[bool]]:
    """Which of the lines proposed, that are numbered, is taken; and which were to run in."""
    run_ins: list[bool] = []

    def propose(costmap, *, run_in):
        run_ins.append(run_in)
        return np.full((2, 2), float(len(run_ins)))

    costmap = build_costmap(rig.world, rig.spec)
    line = least_touching(sweep, costmap, Pose2(1.0, 1.0, 0.0), propose, run_in=False)
    return float(line[0, 0]), run_ins


def test_the_first_line_on_which_the_arm_meets_nothing_is_taken(rig: Rig) -> None:
    assert proposed(rig, Recorded((2.0, 1.0), None)) == (2.0, [False, False])


def test_if_it_cannot_turn_at_the_end_the_next_line_runs_in(rig: Rig) -> None:
    assert proposed(rig, Recorded(None, None, turning=False)) == (2.0, [False, True])


def test_if_all_lines_meet_something_that_counts_which_does_so_last(rig: Rig) -> None:
    touches = [(2.5, 1.0), (1.2, 1.0), (2.0, 1.0), (1.2, 1.0)]
    assert proposed(rig, Recorded(*touches))[0] == 2.0


def room_behind_an_arm_to_the_left(x: float) -> float:
    """Of a robot that faces along x from ``x`` m, its arm stretched out beside the table."""
    with beside_a_table(x, 2.0, 0.0) as rig:
        rig.look()
        q = rig.spec.postures["ready"].copy()
        q[:8] = 0.05, 1.4, 0.35, 0.0, 0.0, 0.0, 0.0, 0.0
        arm = Arm(context(rig), replace(rig.robot.proprio(), q=q, commanded=None), "test")
        arm.scene.update(rig.world, without=set())
        return free_way_back(arm, 0.3)


def test_a_base_backs_off_only_as_far_as_its_arm_meets_nothing() -> None:
    assert 0.0 < room_behind_an_arm_to_the_left(2.3) < 0.25


def test_a_base_with_nothing_behind_its_arm_backs_off_all_the_way() -> None:
    assert room_behind_an_arm_to_the_left(3.5) == pytest.approx(0.3)
