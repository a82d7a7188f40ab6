from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.robots.home import HomeRobot
from diarchy.robots.home.resting import over

Drive = Callable[..., None]


def test_on_is_true_of_where_things_stand_and_of_nothing_else(home: HomeRobot) -> None:
    assert home.truth.holds("on", "apple_1", "counter_top_1")
    assert not home.truth.holds("on", "apple_1", "dining_table_1")
    assert not home.truth.holds("in", "apple_1", "fridge_1")
    assert not home.truth.holds("holding", "apple_1")


def test_an_apple_moved_into_the_fridge_is_in_it(home: HomeRobot, drive: Drive) -> None:
    surface = home.static_map.fixtures["fridge_1"].surfaces[0]
    home.move_object("apple_1", surface.pose.translation + np.array([0, 0, 0.002]))
    drive(home, 0.0, 0.0, 100)
    assert home.truth.holds("in", "apple_1", "fridge_1")
    assert not home.truth.holds("on", "apple_1", "counter_top_1")


def test_a_can_dropped_into_the_bin_stays_in_it(home: HomeRobot, drive: Drive) -> None:
    middle = home.static_map.fixtures["garbage_can_1"].surfaces[0].pose.translation
    home.move_object("soda_can_1", middle + np.array([0.04, 0.0, 0.5]))
    drive(home, 0.0, 0.0, 300)
    assert home.truth.holds("in", "soda_can_1", "garbage_can_1")


def test_all_of_the_round_bin_is_in_it_and_nothing_beside_it(home: HomeRobot) -> None:
    space = home.static_map.fixtures["garbage_can_1"].surfaces[0]
    for turn in np.linspace(0.0, 2.0 * np.pi, 17):
        way = np.array([np.cos(turn), np.sin(turn), 0.0])
        for away, inside in ((0.165, True), (0.20, False)):
            centre = space.pose.apply(away * way + np.array([0.0, 0.0, 0.08]))
            assert over(space, centre, 0.06) is inside, (turn, away)


def test_a_thing_over_the_bin_but_in_the_air_is_not_in_it(home: HomeRobot) -> None:
    middle = home.static_map.fixtures["garbage_can_1"].surfaces[0].pose.translation
    home.move_object("soda_can_1", middle + np.array([0.0, 0.0, 0.7]))
    assert not home.truth.holds("in", "soda_can_1", "garbage_can_1")


def test_a_door_stays_where_it_is_left(home: HomeRobot, drive: Drive) -> None:
    for angle in (0.0, 0.4, 1.2):
        home.set_door("fridge_1", angle)
        drive(home, 0.0, 0.0, 200)
        assert home.truth.opening("fridge_1") == pytest.approx(angle, abs=0.01)
    assert home.truth.holds("open", "fridge_1")
    home.set_door("fridge_1", 0.0)
    assert not home.truth.holds("open", "fridge_1")
    assert home.truth.holds("closed", "fridge_1")


def test_near_is_planar_distance_from_a_fixtures_edge(home: HomeRobot) -> None:
    assert home.truth.holds("near", "person_1", "coffee_table_1")
    assert not home.truth.holds("near", "person_1", "shelf_1")
    assert not home.truth.holds("near", "robot", "shelf_1")


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        (("onn", "apple_1", "shelf_1"), "no predicate 'onn'"),
        (("on", "aple_1", "shelf_1"), "did you mean 'apple_1'"),
        (("on", "apple_1", "shelf_9"), "nothing can be on or in 'shelf_9'"),
        (("on", "apple_1"), "takes 2"),
        (("open", "shelf_1"), "known: .*fridge_1"),
    ],
)
def test_a_wrong_question_names_what_exists(
    home: HomeRobot, call: tuple[str, ...], fragment: str
) -> None:
    with pytest.raises(BadInputError, match=fragment):
        home.truth.holds(*call)
