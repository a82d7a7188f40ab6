from __future__ import annotations

import numpy as np
import pytest
import torch
from squares import LABELS, picture

from diarchy.perception.learned import augment
from diarchy.perception.learned.augment import NONE, SLOTS, AugmentSettings, Store, extents
from diarchy.perception.learned.shards import Pictures


def _store(count: int = 4) -> Store:
    rng = np.random.default_rng(5)
    made = [picture(rng) for _ in range(count)]
    rows = np.concatenate([np.insert(p.rows, 0, i, 1) for i, p in enumerate(made)])
    pictures = Pictures(
        np.stack([p.rgb for p in made]), np.stack([p.ids for p in made]), rows.astype(np.float32)
    )
    return Store(pictures, LABELS, torch.device("cpu"))


def _sides(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(-1).sqrt()


def test_unchanged_pictures_keep_their_boxes() -> None:
    store = _store(2)
    batch = store.batch(torch.arange(2), NONE, torch.Generator())
    for i in range(2):
        for k in torch.nonzero(batch.valid[i])[:, 0]:
            y, x = torch.nonzero(store.ids[i, 0] == batch.values[i, k], as_tuple=True)
            expected = torch.stack([x.min(), y.min(), x.max() + 1, y.max() + 1]).float()
            torch.testing.assert_close(batch.boxes[i, k], expected)


def test_boxes_bound_what_the_warped_picture_shows() -> None:
    store = _store()
    batch = store.batch(torch.arange(4), AugmentSettings(blank=0.0), torch.Generator())
    assert int(batch.valid.sum()) > 0
    for i, k in torch.nonzero(batch.valid):
        y, x = torch.nonzero(batch.ids[i] == batch.values[i, k], as_tuple=True)
        left, top, right, bottom = batch.boxes[i, k].tolist()
        assert (left, right) == (int(x.min()), int(x.max()) + 1)
        assert (top, bottom) == (int(y.min()), int(y.max()) + 1)


def test_a_mosaic_shows_things_of_other_pictures_with_their_own_labels() -> None:
    store = _store()
    settings = AugmentSettings(mosaic=1.0, color=0.0, blank=0.0)
    batch = store.batch(torch.zeros(4, dtype=torch.int64), settings, torch.Generator())
    assert int((batch.values // SLOTS).max()) > 0
    apples = batch.valid & (batch.classes == 0)
    colours = batch.attributes[..., 0][apples]
    for (i, k), colour in zip(torch.nonzero(apples), colours, strict=True):
        mine = batch.images[i][:, batch.ids[i] == batch.values[i, k]].median(1).values
        assert (mine[0] > mine[1]) == (colour == 0)


def test_a_close_up_shows_a_movable_thing_and_lets_it_grow() -> None:
    store = _store()
    index, rng = torch.arange(4), torch.Generator().manual_seed(2)
    settings = AugmentSettings(
        mosaic=0.0, focus=1.0, closeup=(2.0, 2.0), turn_deg=0.0, color=0.0, blank=0.0
    )
    before = store.batch(index, NONE, rng)
    for _ in range(5):
        batch = store.batch(index, settings, rng)
        for i in range(4):
            apples = batch.valid[i] & (batch.classes[i] == 0)
            assert bool(apples.any())
            least = float(_sides(before.boxes[i][before.valid[i]]).min())
            assert float(_sides(batch.boxes[i][apples]).max()) > least


def test_close_ups_put_the_middle_of_the_thing_into_the_picture() -> None:
    store = _store()
    settings = AugmentSettings(focus=1.0, turn_deg=30.0)
    for seed in range(5):
        # The same seed draws the same things.
        near, target = store._targets(torch.arange(4), 1.0, torch.Generator().manual_seed(seed))
        assert bool(near.all())
        theta, zoom = store._motions(torch.arange(4), settings, torch.Generator().manual_seed(seed))
        assert bool(((zoom >= 1.0) & (zoom <= 2.5)).all())
        turned, move = theta[..., :2], theta[..., 2]
        shown = torch.linalg.solve(turned, (target - move)[..., None])[..., 0]
        assert float(shown.abs().max()) <= 0.7 + 1e-4


def test_the_same_seed_gives_the_same_batch() -> None:
    store = _store()
    made = [
        store.batch(torch.arange(4), AugmentSettings(), torch.Generator().manual_seed(3))
        for _ in range(2)
    ]
    assert torch.equal(made[0].images, made[1].images)
    assert torch.equal(made[0].boxes, made[1].boxes)


def test_what_is_cut_to_a_sliver_is_ignored_and_so_are_the_cells_over_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(augment, "LARGE", 1e9)
    store = _store(1)
    store.table[0, :, 7] *= 50.0  # as if only a fiftieth of everything were left
    batch = store.batch(torch.arange(1), NONE, torch.Generator())
    assert not bool(batch.valid[batch.classes == 0].any())
    assert bool(batch.ignored.any())


def test_a_covered_lens_shows_nothing() -> None:
    store = _store()
    batch = store.batch(torch.arange(4), AugmentSettings(blank=1.1), torch.Generator())
    assert not bool(batch.valid.any())
    assert float(batch.images.std((2, 3)).max()) < 1e-6


def test_extents_of_an_absent_value_count_no_pixels() -> None:
    ids = torch.zeros(1, 8, 8, dtype=torch.int64)
    ids[0, 2:4, 4:8] = 3
    boxes, pixels = extents(ids, 5)
    assert boxes[0, 3].tolist() == [4.0, 2.0, 8.0, 4.0]
    assert pixels[0].tolist() == [56.0, 0.0, 0.0, 8.0, 0.0]
