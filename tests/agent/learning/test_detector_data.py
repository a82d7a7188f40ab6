from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from diarchy.agent.learning.detector_data import photograph
from diarchy.agent.learning.labelling import OBJECT_RULE, describe, home_labels, outline_area
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.learned.shards import HEIGHT, WIDTH, Picture


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    labels = home_labels()
    counts = np.zeros(len(labels.classes), dtype=np.int64)
    return list(photograph(7, labels, counts, views=4))


def test_every_value_of_an_id_map_has_one_row(pictures: list[Picture]) -> None:
    assert len(pictures) == 4
    for picture in pictures:
        assert picture.rgb.shape == (HEIGHT, WIDTH, 3)
        assert set(np.unique(picture.ids)) - {0} == set(picture.rows[:, 0].astype(int))


def test_ground_truth_shows_enough_of_itself(pictures: list[Picture]) -> None:
    labels = home_labels()
    for row in np.concatenate([p.rows for p in pictures]):
        if row[2] > 0 and labels.classes[int(row[1])] in labels.movable:
            assert row[8] >= OBJECT_RULE[0]


def test_rows_have_what_their_class_can_have(pictures: list[Picture]) -> None:
    labels = home_labels()
    for row in np.concatenate([p.rows for p in pictures]):
        name = labels.classes[int(row[1])]
        assert (row[3] >= 0) == (name in labels.movable)
        assert (row[6] >= 0) == (name in labels.switched)
        assert (row[7] >= 0) == (name in labels.max_opening)


def test_labels_know_doors_drawers_and_switches() -> None:
    labels = home_labels()
    assert {"Fridge", "Drawer", "Microwave", "Cabinet"} == set(labels.max_opening)
    assert {"Microwave", "SinkBasin", "DeskLamp"} == set(labels.switched)
    assert labels.classes[-1] == "Person"


def test_a_row_in_words() -> None:
    labels = home_labels()
    row = np.array(
        [1.0, labels.classes.index("Mug"), 1, labels.colors.index("red"), 1, 1, -1, -1, 90]
    )
    assert describe(row, labels) == "hot dirty red mug"


def test_the_outline_of_a_box_seen_from_the_front_is_its_face(tmp_path: Path) -> None:
    intrinsics = Intrinsics.from_fovy(640, 480, 50.0)
    nothing = np.zeros((480, 640, 3), dtype=np.uint8)
    frame = CameraFrame(
        "c", 0.0, nothing, np.zeros((480, 640), dtype=np.float32), intrinsics, SE3.identity()
    )
    pose = SE3.from_translation([0.0, 0.0, 2.0])
    flat = np.array([0.2, 0.1, 1e-6])
    expected = 0.2 * 0.1 * (intrinsics.fx / 2.0) ** 2
    assert outline_area(pose, flat, SE3.identity(), frame) == pytest.approx(expected, rel=1e-3)
    behind = SE3.from_translation([0.0, 0.0, -2.0])
    assert outline_area(behind, flat, SE3.identity(), frame) == 0.0
