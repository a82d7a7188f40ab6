from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.motion.hand_over import HandOver
from diarchy.skills.motion.navigate import NavigateTo
from diarchy.skills.motion.pick import Pick
from diarchy.skills.motion.place import PlaceIn, PlaceOn
from diarchy.skills.motion.push import PushAside
from diarchy.skills.motion.receptacle import receptacle_of
from diarchy.skills.motion.show import Show

TABLE = {"class": "DiningTable", "x": 4.0, "y": 2.5, "yaw_deg": 180.0}
BEFORE_TABLE = Pose2(3.0, 2.5, 0.0)


@contextmanager
def room(objects: list[dict[str, Any]], *fixtures: dict[str, Any], **more: Any) -> Iterator[Rig]:
    scene = parse_scene(
        {
            "name": "test",
            "rooms": {"room": {"bounds": [0.0, 0.0, 5.2, 5.0]}},
            "fixtures": [TABLE, *fixtures],
            "objects": objects,
            "robot": {"x": BEFORE_TABLE.x, "y": BEFORE_TABLE.y},
            **more,
        }
    )
    with Rig(scene, seed=1) as rig:
        rig.look()
        yield rig


def on_table(cls: str, x: float = 3.8, y: float = 2.5) -> dict[str, Any]:
    return {"class": cls, "where": [x, y, 0.742], "yaw_deg": 20.0}


def go(rig: Rig, x: float, y: float, yaw: float) -> None:
    """Put the robot elsewhere, with what it holds."""
    before = rig.robot.truth.base().se3()
    rig.teleport(Pose2(x, y, yaw))
    held = rig.world.held()
    if held is not None:
        moved = Pose2(x, y, yaw).se3() @ before.inverse() @ rig.robot.truth.pose(held)
        rig.robot.truth.place(held, moved)
    rig.look()


def picked(rig: Rig, thing: str) -> None:
    result = rig.run(Pick(rig.spec), object=thing)
    assert result.outcome.success, result.outcome


@pytest.mark.parametrize("cls", ["Bowl", "Mug", "Apple"])
def test_things_are_put_into_a_microwave(cls: str) -> None:
    oven = {"class": "Microwave", "x": 0.4, "y": 2.5, "open": 0.9}
    name = f"{cls.lower()}_1"
    with room([on_table(cls)], oven) as rig:
        rig.destination = "microwave_1"
        picked(rig, name)
        assert rig.run(NavigateTo(rig.spec), target="microwave_1").outcome.success
        result = rig.run(PlaceIn(rig.spec), object=name, receptacle="microwave_1")
        assert result.outcome.success, result.outcome
        assert rig.robot.truth.holds("in", name, "microwave_1")
        assert rig.robot.truth.opening("microwave_1") > 1.4


@pytest.mark.parametrize(("long", "vessel", "y"), [("Spoon", "Mug", 2.6), ("Fork", "Cup", 2.62)])
def test_cutlery_is_stood_in_a_vessel_which_stays_upright(long: str, vessel: str, y: float) -> None:
    thing, place = f"{long.lower()}_1", f"{vessel.lower()}_1"
    with room([on_table(long, y=y), on_table(vessel, y=2.3)]) as rig:
        picked(rig, thing)
        result = rig.run(PlaceIn(rig.spec), object=thing, receptacle=place)
        assert result.outcome.success, result.outcome
        assert rig.robot.truth.holds("in", thing, place)
        assert rig.robot.truth.pose(place).rotation[2, 2] > 0.95


@pytest.mark.parametrize("yaw", [0.0, 35.0])
def test_a_phone_is_laid_along_the_sides_of_a_box(yaw: float) -> None:
    box = {**on_table("Box", y=2.28), "yaw_deg": yaw}
    with room([on_table("CellPhone", y=2.65), box]) as rig:
        picked(rig, "cell_phone_1")
        result = rig.run(PlaceIn(rig.spec), object="cell_phone_1", receptacle="box_1")
        assert result.outcome.success, result.outcome
        assert rig.robot.truth.holds("in", "cell_phone_1", "box_1")


def test_an_apple_is_let_go_in_a_bowl_which_stays_where_it_is() -> None:
    with room([on_table("Apple", y=2.65), on_table("Bowl", y=2.3)]) as rig:
        picked(rig, "apple_1")
        before = rig.robot.truth.centre("bowl_1")
        result = rig.run(PlaceIn(rig.spec), object="apple_1", receptacle="bowl_1")
        assert result.outcome.success, result.outcome
        assert rig.robot.truth.holds("in", "apple_1", "bowl_1")
        assert np.linalg.norm(rig.robot.truth.centre("bowl_1") - before) < 0.03


def test_what_is_too_high_to_stand_in_a_drawer_is_laid_into_it_below_its_rim() -> None:
    dresser = {"class": "Dresser", "x": 0.4, "y": 2.5}
    with room([on_table("Vase")], dresser) as rig:
        rig.robot.set_door("drawer_1", 0.27)
        picked(rig, "vase_1")
        go(rig, 1.35, 2.5, np.pi)
        inside = receptacle_of(rig.world, "drawer_1", "in")
        assert (
            OBJECT_CLASSES["Vase"].extent[2] > inside.rim - inside.surfaces[0].pose.translation[2]
        )
        result = rig.run(PlaceIn(rig.spec), object="vase_1", receptacle="drawer_1")
        assert result.outcome.success, result.outcome
        turned = rig.robot.truth.pose("vase_1").rotation[2]
        half = float(np.abs(turned) @ OBJECT_CLASSES["Vase"].extent) / 2.0
        assert abs(turned[2]) < 0.3, "it lies"
        assert rig.robot.truth.centre("vase_1")[2] + half < inside.rim, "the drawer can be shut"


def test_keys_far_back_in_a_drawer_are_taken_off_their_middle() -> None:
    dresser = {"class": "Dresser", "x": 0.4, "y": 2.5}
    with room([{**on_table("KeyChain"), "yaw_deg": 90.0}], dresser) as rig:
        rig.robot.set_door("drawer_1", 0.27)
        go(rig, 1.35, 2.5, np.pi)
        middle = receptacle_of(rig.world, "drawer_1", "in").surfaces[0].pose.translation
        # The dresser's top leaves no room for the palm over their middle.
        rig.robot.move_object("key_chain_1", np.add(middle, [-0.04, 0.0, 0.003]), np.pi / 2)
        rig.look()
        picked(rig, "key_chain_1")
        assert rig.robot.truth.holds("holding", "key_chain_1")


def test_an_occupied_burner_is_refused_with_the_name_of_what_stands_there() -> None:
    stove = {"class": "Stove", "x": 0.4, "y": 2.5}
    burner = np.array([0.4 + 0.09, 2.5 - 0.145])
    pot = {"class": "Pot", "where": [*burner.tolist(), 0.91]}
    with room([on_table("Mug"), pot], stove) as rig:
        picked(rig, "mug_1")
        go(rig, 1.15, 2.4, np.pi)
        result = rig.run(PlaceOn(rig.spec), object="mug_1", receptacle="stove_burner_1")
        assert result.outcome.cause is Cause.NO_SPACE, result.outcome
        assert result.outcome.obstacle == "pot_1"
        assert rig.robot.truth.holds("holding", "mug_1")


def test_things_are_handed_over_slowly_onto_the_palms() -> None:
    with room([on_table("Apple")], people=[{"x": 0.8, "y": 2.5}]) as rig:
        picked(rig, "apple_1")
        go(rig, 1.95, 2.5, np.pi)
        fastest, last = 0.0, None
        rig.begin(HandOver(rig.spec), object="apple_1", person="person_1")
        for _ in range(60_000):
            rig.tick()
            hand = rig.robot.truth.gripper().translation
            if last is not None:
                fastest = max(fastest, float(np.linalg.norm(hand - last)) * rig.spec.control_hz)
            last = hand
            if rig.executor.outcome is not None and rig.buffer.end_tick <= rig.clock.tick:
                break
            if rig.world.held() is None:
                break
        result = rig.finish()
        assert result.outcome.success, result.outcome
        assert rig.robot.truth.holds("given", "apple_1", "person_1")
        assert fastest < 0.26


def test_an_apple_is_held_into_the_light() -> None:
    desk = {"class": "Desk", "x": 0.5, "y": 2.5}
    with room([on_table("Apple")], desk) as rig:
        rig.robot.set_power("desk_lamp_1", True)
        picked(rig, "apple_1")
        go(rig, 1.35, 2.7, np.pi)
        result = rig.run(Show(rig.spec), object="apple_1", lamp="desk_lamp_1")
        assert result.outcome.success, result.outcome
        assert rig.robot.truth.holds("lit", "apple_1")
        assert rig.robot.truth.holds("holding", "apple_1")


@pytest.mark.parametrize("cls", ["Mug", "Cup"])
def test_a_vessel_is_pushed_aside_without_falling_over(cls: str) -> None:
    with room([on_table(cls), on_table("SodaCan", y=2.75)]) as rig:
        name = f"{cls.lower()}_1"
        at, other = rig.robot.truth.centre(name), rig.robot.truth.centre("soda_can_1")
        result = rig.run(PushAside(rig.spec), object=name)
        assert result.outcome.success, result.outcome
        assert 0.05 < np.linalg.norm(rig.robot.truth.centre(name) - at) < 0.2
        assert rig.robot.truth.pose(name).rotation[2, 2] > 0.95
        assert np.linalg.norm(rig.robot.truth.centre("soda_can_1") - other) < 0.005


def test_a_tall_bottle_is_not_pushed() -> None:
    with room([on_table("WineBottle")]) as rig:
        result = rig.run(PushAside(rig.spec), object="wine_bottle_1")
        assert result.outcome.cause is Cause.UNSUPPORTED


def test_with_an_empty_hand_nothing_is_put_given_or_shown() -> None:
    desk = {"class": "Desk", "x": 0.5, "y": 2.5}
    with room([on_table("Apple")], desk, people=[{"x": 0.8, "y": 4.2}]) as rig:
        for skill, key, where in (
            (PlaceOn(rig.spec), "receptacle", "dining_table_1"),
            (HandOver(rig.spec), "person", "person_1"),
            (Show(rig.spec), "lamp", "desk_lamp_1"),
        ):
            result = rig.run(skill, object="apple_1", **{key: where})
            assert result.outcome.cause is Cause.PRECONDITION, result.outcome
