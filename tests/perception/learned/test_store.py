from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from squares import LABELS, data_set, picture, store_of

from diarchy.perception.learned.feed import Feed
from diarchy.perception.learned.shards import write
from diarchy.perception.learned.store import extents


def test_extents_of_an_absent_value_count_no_pixels() -> None:
    ids = torch.zeros(1, 8, 8, dtype=torch.int64)
    ids[0, 2:4, 4:8] = 3
    boxes, pixels = extents(ids, 5)
    assert boxes[0, 3].tolist() == [4.0, 2.0, 8.0, 4.0]
    assert boxes[0, 1].tolist() == [0.0] * 4
    assert pixels[0].tolist() == [56.0, 0.0, 0.0, 8.0, 0.0]


def test_what_can_be_looked_at_is_listed_by_class() -> None:
    store = store_of(3)
    places, first, often, _ = store.subjects
    assert int(often.sum()) == len(places)
    for cls in range(3):
        mine = places[first[cls] : first[cls] + often[cls]]
        assert bool((store.table[mine[:, 0], mine[:, 1], 0] == cls).all())


def test_new_shards_come_in_until_the_store_is_full(tmp_path: Path) -> None:
    folder = data_set(tmp_path, count=2) / "train"
    feed = Feed(folder, LABELS, torch.device("cpu"), capacity=5)
    assert len(feed.store) == 2
    assert feed.take() == 0
    rng = np.random.default_rng(7)
    for name in ("b", "c"):
        write(folder / f"{name}.npz", [picture(rng), picture(rng)], quick=True)
    assert feed.take() == 2
    assert len(feed.store) == 5
    assert feed.store.full
    before = len(feed.store.subjects.places)
    feed.store.index()
    assert len(feed.store.subjects.places) > before


def test_a_watched_folder_is_let_go_of(tmp_path: Path) -> None:
    folder = data_set(tmp_path, count=1) / "train"
    with Feed(folder, LABELS, torch.device("cpu"), capacity=3) as feed:
        assert len(feed.store) == 1
    assert not feed._thread.is_alive()  # type: ignore[union-attr]
