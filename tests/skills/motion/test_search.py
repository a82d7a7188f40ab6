"""The skill `search` where things hide: in open drawers, on the floor; what is closed is named."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.plan import Reference
from diarchy.contracts.robot import Action
from diarchy.skills.motion.lookout import Log, is_shut, places_to_look
from diarchy.skills.motion.navigate import NavigateTo
from diarchy.skills.motion.pick import Pick
from diarchy.skills.motion.search import Search
from tests.skills.harness import Rig, scene_with

pytestmark = pytest.mark.slow
BEFORE_THE_COUNTER = {"x": 1.15, "y": 3.45, "yaw_deg": 90.0}


def rig(*objects: str, **changes: object) -> Rig:
    placed = [{"class": c, "where": "coffee_table_1"} for c in objects]
    scene = scene_with(objects=placed, goals=(), robot=BEFORE_THE_COUNTER, **changes)
    return Rig(scene, seed=2, world="perceived")


def open_drawer(robot_rig: Rig) -> np.ndarray:
    """Pull the counter's drawer out; returns the middle ``[3]`` of its floor."""
    info = robot_rig.world.static_map.fixtures["drawer_1"]
    robot_rig.robot.set_door("drawer_1", info.max_opening)
    return info.surfaces_at(info.max_opening)[0].pose.translation


def test_what_lies_in_an_open_drawer_is_found() -> None:
    with rig("SaltShaker") as home:
        middle = open_drawer(home)
        home.robot.move_object("salt_shaker_1", [*middle[:2], middle[2] + 0.01])
        outcome = home.run(Search(home.spec), object=Reference(cls="SaltShaker")).outcome
        assert outcome.success, outcome
        found = np.array(home.world.entity("salt_shaker_1").position)
        assert np.linalg.norm(found - home.robot.truth.centre("salt_shaker_1")) < 0.02


def test_a_closed_drawer_is_named_and_left_alone() -> None:
    with rig() as home:
        log = Log()
        assert is_shut(home.world, "drawer_1")
        assert "drawer_1" not in places_to_look(home.world, None, log)
        assert "drawer_1 (it is closed)" in log.words()
        open_drawer(home)
        home.look()
        assert not is_shut(home.world, "drawer_1")
        assert "drawer_1" in places_to_look(home.world, None, Log())


def test_an_open_drawer_is_inspected_from_above_and_the_torso_comes_down_again() -> None:
    with rig() as home:
        open_drawer(home)
        home.look()
        before = home.robot.proprio().q[0]
        anchored = Reference(cls="Apple", relation="in", anchor="drawer_1")
        outcome = home.run(Search(home.spec), object=anchored).outcome
        assert not outcome.success
        assert "looked at drawer_1" in outcome.detail
        assert home.world.inspected("drawer_1") is not None
        assert abs(home.robot.proprio().q[0] - before) < 0.02


def test_what_slipped_out_of_the_hand_is_looked_for_on_the_floor_first() -> None:
    with rig("Potato") as home:
        base = home.robot.truth.base().se3()
        ahead = base.apply([0.75, 0.2, 0.0])
        home.robot.move_object("potato_1", [*ahead[:2], 0.01])
        home.robot.set_state("potato_1", temperature=21.0)
        settle(home)
        sighted(home)
        believe_it_slipped(home, "potato_1")
        result = home.run(Search(home.spec), object="potato_1")
        assert result.outcome.success, result.outcome
        assert result.seconds < 30.0
        found = np.array(home.world.entity("potato_1").position)
        assert np.linalg.norm(found - home.robot.truth.centre("potato_1")) < 0.03


def settle(home: Rig) -> None:
    for _ in range(200):
        home.robot.apply(Action(np.zeros(2), home.robot.proprio().q.copy(), 0.1))


def sighted(home: Rig) -> None:
    """See it once, so that it has a name: with the head turned down."""
    q = home.robot.proprio().q.copy()
    q[9] = 0.9
    for _ in range(200):
        home.robot.apply(Action(np.zeros(2), q, 0.1))
    home.look()


def believe_it_slipped(home: Rig, name: str) -> None:
    """Claim it, and feel nothing between the fingers."""
    home.world.claim_held(name, home.robot.proprio())
    for _ in range(4):
        proprio = home.robot.proprio()
        home.world.track(proprio, home.world.map_from_base())
        home.robot.apply(Action(np.zeros(2), proprio.q.copy(), 0.1))


def test_what_fell_onto_the_robot_itself_is_found_there_and_taken_without_driving() -> None:
    with rig("Mug") as home:
        base = home.robot.truth.base()
        home.robot.move_object("mug_1", [*base.se3().apply([0.75, 0.2, 0.0])[:2], 0.01])
        settle(home)
        sighted(home)
        believe_it_slipped(home, "mug_1")
        home.robot.move_object("mug_1", base.se3().apply([0.17, 0.08, 0.375]))
        settle(home)

        for skill, args in (
            (Search(home.spec), {"object": "mug_1"}),
            (NavigateTo(home.spec), {"target": "mug_1"}),
            (Pick(home.spec), {"object": "mug_1"}),
        ):
            outcome = home.run(skill, **args).outcome
            assert outcome.success, (skill.spec.name, outcome)
        assert home.robot.truth.holds("holding", "mug_1")
        now = home.robot.truth.base()
        assert np.hypot(now.x - base.x, now.y - base.y) < 0.05


def test_what_is_seen_to_be_gone_from_a_table_is_looked_for_on_the_floor_before_the_robot() -> None:
    with rig("Potato") as home:
        base = home.robot.truth.base().se3()
        home.robot.move_object("potato_1", base.apply([0.75, 0.2, 0.0]) + np.array([0, 0, 0.01]))
        settle(home)
        sighted(home)
        home.robot.move_object("potato_1", base.apply([0.7, -0.25, 0.0]) + np.array([0, 0, 0.01]))
        settle(home)
        home.world._beliefs.lose("potato_1")  # as after two looks at its empty place

        result = home.run(Search(home.spec), object="potato_1")

        assert result.outcome.success, result.outcome
        assert result.seconds < 15.0
        moved = home.robot.truth.base()
        assert np.hypot(moved.x - base.translation[0], moved.y - base.translation[1]) < 0.02
