"""What is at rest sleeps, and wakes when it is touched or when the world is changed from outside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.robots.home import HomeRobot, Scene
from diarchy.robots.home.sleep import wake

Drive = Callable[..., None]


def _asleep(home: HomeRobot, entity_id: str) -> bool:
    tree = home._model.body_treeid[home._model.body(entity_id).id]
    return bool(home._data.tree_asleep[tree] >= 0)


def test_things_at_rest_fall_asleep_and_the_robot_does_not(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.0, 0.0, 300)
    assert all(_asleep(home, thing) for thing in home.truth.objects)
    assert not _asleep(home, "base")


def test_a_thing_that_was_put_into_the_air_falls_whether_it_slept_or_was_about_to(
    home: HomeRobot, drive: Drive
) -> None:
    top = home.static_map.fixtures["dining_table_1"].surfaces[0].pose.translation
    at_rest = home.truth.pose("apple_1").translation
    for ticks in range(0, 60, 6):
        home.move_object("apple_1", at_rest)
        drive(home, 0.0, 0.0, ticks)
        home.move_object("apple_1", top + np.array([0.0, 0.0, 0.10]))
        drive(home, 0.0, 0.0, 100)
        assert home.truth.centre("apple_1")[2] < top[2] + 0.05, ticks


def test_what_stands_on_a_thing_that_is_taken_away_falls(
    small_scene: Callable[..., Scene], drive: Drive
) -> None:
    objects = [
        {"class": "Bread", "where": [1.32, 2.5, 0.741]},
        {"class": "SodaCan", "where": [1.32, 2.5, 0.818]},
    ]
    home = HomeRobot(small_scene(objects=objects))
    drive(home, 0.0, 0.0, 300)
    assert _asleep(home, "soda_can_1")
    assert home.truth.pose("soda_can_1").translation[2] > 0.80
    home.move_object("bread_1", [1.4, 2.0, 0.742])
    drive(home, 0.0, 0.0, 200)
    assert home.truth.pose("soda_can_1").translation[2] < 0.78
    home.close()


def test_waking_moves_nothing(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.0, 0.0, 300)
    before = home._data.qpos.copy()
    wake(home._data)
    np.testing.assert_array_equal(home._data.qpos, before)
    home._step(home._model, home._data)
    assert not any(_asleep(home, thing) for thing in home.truth.objects)
    drive(home, 0.0, 0.0, 300)
    assert all(_asleep(home, thing) for thing in home.truth.objects)
    for thing in home.truth.objects:
        adr = home._model.joint(thing).qposadr[0]
        assert np.abs(home._data.qpos[adr : adr + 3] - before[adr : adr + 3]).max() < 1e-3


def test_a_bottle_that_rolls_along_the_floor_comes_to_rest(
    small_scene: Callable[..., Scene], drive: Drive
) -> None:
    objects = [{"class": "SoapBottle", "where": [1.32, 2.5, 0.741]}]
    home = HomeRobot(small_scene(objects=objects))
    joint = home._model.joint("soap_bottle_1")
    lying = [np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0]
    start = home._data.qpos[joint.qposadr[0] : joint.qposadr[0] + 7]
    home.move_object("soap_bottle_1", [2.0, 1.2, 0.04])
    start[3:] = lying
    drive(home, 0.0, 0.0, 100)
    begin = home.truth.centre("soap_bottle_1").copy()
    wake(home._data)
    home._data.qvel[joint.dofadr[0]] = 0.4
    drive(home, 0.0, 0.0, 1200)
    far = float(np.hypot(*(home.truth.centre("soap_bottle_1") - begin)[:2]))
    assert 0.05 < far < 1.0
    assert float(np.linalg.norm(home._data.qvel[joint.dofadr[0] :][:3])) < 0.02
    home.close()
