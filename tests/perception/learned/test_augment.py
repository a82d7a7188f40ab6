from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from squares import store_of

from diarchy.perception.learned import augment
from diarchy.perception.learned.augment import THINGS, Batch, blank_batch, compose, noise_bank
from diarchy.perception.learned.plan import NONE, AugmentSettings, draw
from diarchy.perception.learned.store import SLOTS, Store

SEVERAL = AugmentSettings(mosaic=(1.0, 0.0), color=0.0, blank=0.0)


def batch_of(store: Store, settings: AugmentSettings, seed: int = 0) -> Batch:
    rng = torch.Generator().manual_seed(seed)
    plan = draw(store, torch.arange(len(store)), settings, rng)
    return compose(store.packed, store.table, store.movable, noise_bank(store.packed, rng), plan)


def test_unchanged_pictures_keep_their_colours_and_boxes() -> None:
    store = store_of(2)
    batch = batch_of(store, NONE)
    for i in range(2):
        ids = store.packed[i] >> 24
        assert torch.equal(batch.ids[i], ids)
        colours = torch.stack([(store.packed[i] >> s) & 255 for s in (0, 8, 16)]) / 255.0
        torch.testing.assert_close(batch.images[i], colours, atol=1e-3, rtol=0.0)
        assert int(batch.valid[i].sum()) > 0
        for k in torch.nonzero(batch.valid[i])[:, 0]:
            y, x = torch.nonzero(ids == batch.values[i, k], as_tuple=True)
            expected = torch.stack([x.min(), y.min(), x.max() + 1, y.max() + 1]).float()
            torch.testing.assert_close(batch.boxes[i, k], expected)


@pytest.mark.parametrize("mosaic", [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
def test_boxes_bound_what_the_warped_picture_shows(mosaic: tuple[float, float]) -> None:
    batch = batch_of(store_of(4), AugmentSettings(mosaic=mosaic, blank=0.0))
    assert int(batch.valid.sum()) > 0
    for i, k in torch.nonzero(batch.valid):
        y, x = torch.nonzero(batch.ids[i] == batch.values[i, k], as_tuple=True)
        left, top, right, bottom = batch.boxes[i, k].tolist()
        assert (left, right) == (int(x.min()), int(x.max()) + 1)
        assert (top, bottom) == (int(y.min()), int(y.max()) + 1)


def test_a_mosaic_shows_things_of_other_pictures_with_their_own_labels() -> None:
    batch = batch_of(store_of(4), SEVERAL)
    assert int((batch.values // SLOTS).max()) > 0
    apples = batch.valid & (batch.classes == 0)
    colours = batch.attributes[..., 0][apples]
    for (i, k), colour in zip(torch.nonzero(apples), colours, strict=True):
        mine = batch.images[i][:, batch.ids[i] == batch.values[i, k]].median(1).values
        assert (mine[0] > mine[1]) == (colour == 0)


def test_the_same_seed_gives_the_same_batch() -> None:
    store = store_of(4)
    made = [batch_of(store, AugmentSettings(), seed=3) for _ in range(2)]
    assert torch.equal(made[0].images, made[1].images)
    assert torch.equal(made[0].boxes, made[1].boxes)


def test_what_is_cut_to_a_sliver_is_ignored_and_so_are_the_cells_over_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(augment, "LARGE", 1e9)
    store = store_of(1)
    store.table[0, :, 7] *= 50.0  # as if only a fiftieth of everything were left
    batch = batch_of(store, NONE)
    assert not bool(batch.valid[batch.classes == 0].any())
    assert bool(batch.ignored.any())


def test_a_covered_lens_shows_nothing() -> None:
    batch = batch_of(store_of(3), AugmentSettings(blank=1.1))
    assert not bool(batch.valid.any())
    assert float(batch.images.std((2, 3)).max()) < 1e-6


def test_a_rehearsal_is_given_just_such_tensors() -> None:
    store = store_of(2)
    made = batch_of(store, replace(NONE, mosaic=(1.0, 0.0)))
    blank = blank_batch(2, *store.packed.shape[1:], store.device)
    assert made.valid.shape[1] == THINGS
    for name, one, other in zip(Batch._fields, made, blank, strict=True):
        assert (one.shape, one.dtype, one.stride()) == (other.shape, other.dtype, other.stride()), (
            name
        )
