from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from squares import picture

from diarchy.perception.learned.shards import count_classes, read, read_shards, shards, write


def test_pictures_come_back_with_the_very_ids_and_nearly_the_colours(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    made = [picture(rng) for _ in range(3)]
    write(tmp_path / "a.npz", made[:2])
    write(tmp_path / "b.npz", made[2:])
    found = read(tmp_path, threads=1)
    assert len(found) == 3
    for i, one in enumerate(made):
        np.testing.assert_array_equal(found.ids[i], one.ids)
        assert np.abs(found.rgb[i].astype(int) - one.rgb).mean() < 4.0
        np.testing.assert_array_equal(found.rows[found.rows[:, 0] == i, 1:], one.rows)
    assert found.sources == ["squares"] * 3


def test_a_quick_shard_is_read_like_another(tmp_path: Path) -> None:
    made = [picture(np.random.default_rng(1))]
    write(tmp_path / "a.npz", made, quick=True)
    found = read_shards(shards(tmp_path), threads=1)
    np.testing.assert_array_equal(found.ids[0], made[0].ids)
    assert np.abs(found.rgb[0].astype(int) - made[0].rgb).mean() < 2.0


def test_only_ground_truth_is_counted(tmp_path: Path) -> None:
    one = picture(np.random.default_rng(2), things=2)
    one.rows[0, 2] = 0.0
    write(tmp_path / "a.npz", [one])
    assert count_classes(tmp_path, 3).sum() == len(one.rows) - 1


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    one = picture(np.random.default_rng(2))
    write(tmp_path / "a.npz", [replace(one, rgb=one.rgb[::2, ::2], ids=one.ids[::2, ::2])])
    with pytest.raises(ValueError, match="320 by 240 px"):
        read(tmp_path, threads=1)


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="collect detector"):
        read(tmp_path)


def test_the_head_keeps_the_rows_of_its_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    write(tmp_path / "a.npz", [picture(rng) for _ in range(3)])
    two = read(tmp_path, threads=1).head(2)
    assert len(two) == 2
    assert two.rows[:, 0].max() == 1
