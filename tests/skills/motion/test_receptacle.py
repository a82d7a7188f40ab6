from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from harness import Rig

from diarchy.contracts.skill import Cause
from diarchy.robots.home.scene import parse_scene
from diarchy.skills.motion.arm_path import MotionFailedError
from diarchy.skills.motion.receptacle import Receptacle, receptacle_of, standing_on

FIXTURES = ("CounterTop", "SinkBasin", "GarbageCan", "Dresser", "DiningTable")


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A room with a counter, a sink, a bin, a dresser and a table with a bowl on it."""
    scene = parse_scene(
        {
            "name": "test",
            "rooms": {"kitchen": {"bounds": [0.0, 0.0, 8.0, 5.0]}},
            "fixtures": [
                {"class": cls, "x": 1.0 + 1.5 * i, "y": 1.0, "yaw_deg": 90.0}
                for i, cls in enumerate(FIXTURES)
            ],
            "objects": [{"class": "Bowl", "where": [7.0, 1.1, 0.742]}],
            "people": [{"x": 1.0, "y": 4.0}],
            "robot": {"x": 4.0, "y": 3.5},
        }
    )
    with Rig(scene) as rig:
        rig.robot.set_door("drawer_2", 0.27)
        rig.look()
        yield rig


def of(rig: Rig, name: str, relation: str) -> Receptacle:
    return receptacle_of(rig.world, name, relation)


def test_a_drawer_is_where_it_was_pulled_to_and_asks_for_room_below_its_rim(rig: Rig) -> None:
    drawer = of(rig, "drawer_2", "in")
    shut = rig.robot.static_map.fixtures["drawer_2"].surfaces[0]
    out = drawer.surfaces[0].pose.translation - shut.pose.translation
    assert np.linalg.norm(out) == pytest.approx(0.27, abs=0.01)
    assert drawer.lid
    assert 0.09 < drawer.depth(drawer.surfaces[0]) < 0.16
    assert "dresser_1" in drawer.touch


def test_the_spout_over_a_basin_is_not_its_rim(rig: Rig) -> None:
    basin = of(rig, "sink_basin_1", "in")
    assert basin.depth(basin.surfaces[0]) == pytest.approx(0.14, abs=0.02)
    assert not basin.dropped_into(basin.surfaces[0])


def test_only_a_bin_is_so_deep_that_things_are_dropped(rig: Rig) -> None:
    bin_ = of(rig, "garbage_can_1", "in")
    assert bin_.dropped_into(bin_.surfaces[0])
    table = of(rig, "dining_table_1", "on")
    assert table.depth(table.surfaces[0]) == 0.0


def test_a_bowl_is_a_receptacle_that_may_be_touched_with_what_it_stands_on(rig: Rig) -> None:
    bowl = of(rig, "bowl_1", "in")
    assert bowl.movable
    assert {"bowl_1", "dining_table_1"} <= bowl.touch
    assert standing_on(rig.world, "bowl_1") == ["dining_table_1"]


def test_open_palms_take_things_on_them(rig: Rig) -> None:
    hands = of(rig, "person_1", "on")
    assert 0.9 < hands.surfaces[0].pose.translation[2] < 1.0


def test_nothing_goes_into_a_table(rig: Rig) -> None:
    with pytest.raises(MotionFailedError) as error:
        of(rig, "dining_table_1", "in")
    assert error.value.cause is Cause.UNSUPPORTED
