"""What the lidar met lately, and who is not where they stood any more."""

from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Entity, StaticMap
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import LidarScan
from diarchy.contracts.world import FAR, Newcomers
from diarchy.memory.newcomers import KEPT_S, Met, walked_off
from diarchy.perception.percept import LocalizationQuality, Percept

EMPTY = StaticMap(bounds=(0.0, 0.0, 8.0, 8.0), rooms={}, walls=(), fixtures={})
ANGLES = np.linspace(-1.9, 1.9, 361)
MOUNT = SE3.from_xyz_yaw(0.2, 0.0, 0.3, 0.0)
HERE = SE3.from_xyz_yaw(2.0, 2.0, 0.0, 0.0)


def percept(
    stamp: float,
    points: list[list[float]] | None,
    *,
    ranges: np.ndarray | None = None,
    fitted: bool = True,
) -> Percept:
    met = None if points is None else np.array(points, dtype=np.float64).reshape(-1, 2)
    scan = None if ranges is None else LidarScan(stamp, ANGLES, ranges, MOUNT)
    quality = LocalizationQuality(fitted, 1.0, 0.0, 0.0, 0.0)
    return Percept(stamp, HERE, (), (), (), quality, True, "test", scan, met)


def person(x: float, y: float) -> Entity:
    return Entity(
        id="person_1", cls="Person", kind="person", position=(x, y, 0.85), extent=(0.5, 0.5, 1.7)
    )


def test_a_point_counts_for_a_while_after_it_was_met_last() -> None:
    met = Met(EMPTY)
    met.add(percept(1.0, [[3.0, 2.0]]))
    met.add(percept(1.2, []))
    assert met.unknown(1.2, (), {}).points.tolist() == [[3.0, 2.0]]
    assert met.unknown(1.2, (), {}).stamp == 1.2
    assert len(met.unknown(1.0 + KEPT_S + 0.01, (), {}).points) == 0


def test_what_is_known_is_no_newcomer() -> None:
    met = Met(EMPTY)
    met.add(percept(1.0, [[3.0, 2.0], [5.0, 5.0]]))
    assert met.unknown(1.0, [person(3.2, 2.1)], {}).points.tolist() == [[5.0, 5.0]]


def test_a_look_without_a_scan_says_nothing() -> None:
    met = Met(EMPTY)
    met.add(percept(1.0, None))
    assert met.unknown(1.0, (), {}).stamp == -np.inf


def test_the_distance_to_newcomers_is_that_to_the_nearest() -> None:
    field = Newcomers(np.array([[1.0, 0.0], [4.0, 0.0]]), 2.0)
    np.testing.assert_allclose(field.distance([[0.0, 0.0, 0.7], [3.0, 0.0, 0.0]]), [1.0, 1.0])
    assert Newcomers.none().distance([[0.0, 0.0]]).tolist() == [FAR]


def beams(legs: tuple[float, ...]) -> np.ndarray:
    """Ranges with nothing nearer than 4 m but thin legs 1.5 m ahead, at these places aside (m)."""
    ranges = np.full(len(ANGLES), 4.0)
    for aside in legs:
        off = 1.5 * np.tan(np.clip(ANGLES, -1.2, 1.2)) - aside
        ranges[np.abs(off) < 0.05] = 1.5
    return ranges


BELIEVED = np.array([3.7, 2.0])
"""1.5 m before the lidar."""


def test_who_stands_there_has_not_walked_off_though_beams_pass_between_the_legs() -> None:
    legs = [[3.7, 1.9], [3.7, 2.1]]
    assert not walked_off(percept(1.0, legs, ranges=beams((-0.1, 0.1))), BELIEVED)


def test_who_is_not_there_has() -> None:
    assert walked_off(percept(1.0, [], ranges=beams(())), BELIEVED)
    assert walked_off(percept(1.0, [[3.7, 3.0]], ranges=beams(())), BELIEVED)


def wall_at(metres: float) -> np.ndarray:
    """Ranges with a wall square to the robot's course so many m before the lidar."""
    return np.minimum(beams(()), metres / np.maximum(np.cos(ANGLES), 0.2))


def test_a_wall_behind_the_place_does_not_hide_that_nobody_is_there() -> None:
    assert walked_off(percept(1.0, [], ranges=wall_at(1.8)), BELIEVED)


def test_who_leans_against_something_is_in_doubt_still_there() -> None:
    """Legs that close to furniture are taken for it: that no point is left says nothing."""
    assert not walked_off(percept(1.0, [], ranges=wall_at(1.6)), BELIEVED)
    legs = np.minimum(beams((-0.1, 0.1)), wall_at(1.6))
    assert not walked_off(percept(1.0, [], ranges=legs), BELIEVED)


@pytest.mark.parametrize(
    "reading",
    [
        percept(1.0, []),
        percept(1.0, [], ranges=beams(()), fitted=False),
        percept(1.0, [], ranges=np.where(np.abs(ANGLES) < 0.1, 0.8, 4.0)),
    ],
    ids=["no scan", "a scan that did not fit", "something stands before the place"],
)
def test_what_the_lidar_cannot_tell_says_nothing(reading: Percept) -> None:
    assert not walked_off(reading, BELIEVED)


def test_a_place_behind_the_robot_is_not_seen() -> None:
    assert not walked_off(percept(1.0, [], ranges=beams(())), np.array([0.0, 2.0]))
