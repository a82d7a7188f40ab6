from __future__ import annotations

import numpy as np
import torch
from squares import LABELS, picture

from diarchy.perception.learned.augment import Batch, compose, noise_bank
from diarchy.perception.learned.loss import Loss, complete_iou, coverage
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.perception.learned.plan import NONE, draw
from diarchy.perception.learned.shards import Pictures
from diarchy.perception.learned.store import Store


def _store(*things: int) -> Store:
    rng = np.random.default_rng(0)
    made = [picture(rng, n) for n in things]
    rows = np.concatenate([np.insert(p.rows.reshape(-1, 9), 0, i, 1) for i, p in enumerate(made)])
    pictures = Pictures(
        np.stack([p.rgb for p in made]), np.stack([p.ids for p in made]), rows.astype(np.float32)
    )
    return Store(pictures, LABELS, torch.device("cpu"))


def _unchanged(store: Store, count: int) -> Batch:
    rng = torch.Generator().manual_seed(0)
    plan = draw(store, torch.arange(count), NONE, rng)
    return compose(store.packed, store.table, store.movable, noise_bank(store.packed, rng), plan)


def test_every_part_is_finite_and_teaches() -> None:
    store = _store(3, 2)
    config = NetConfig(3, 2, widths=(8, 16, 16, 16), class_width=16, box_width=16)
    net = Segmenter(config)
    batch = _unchanged(store, 2)
    loss, parts = Loss(config)(net(batch.images), batch)
    loss.backward()  # type: ignore[no-untyped-call]
    assert all(bool(torch.isfinite(v)) for v in parts.values())
    assert all(p.grad is not None and bool(torch.isfinite(p.grad).all()) for p in net.parameters())


def test_a_picture_of_nothing_has_a_loss_too() -> None:
    store = _store(2)
    config = NetConfig(3, 2, widths=(8, 16, 16, 16), class_width=16, box_width=16)
    batch = _unchanged(store, 1)
    nothing = batch._replace(valid=torch.zeros_like(batch.valid))
    loss, parts = Loss(config)(Segmenter(config)(batch.images), nothing)
    assert bool(torch.isfinite(loss))
    assert float(parts["box"].detach()) == 0.0
    assert float(parts["class"].detach()) > 0.0


def test_complete_iou_is_one_for_the_same_box_and_lower_the_farther_it_is() -> None:
    box = torch.tensor([[10.0, 10.0, 30.0, 20.0]])
    shifted = [complete_iou(box + dx, box).item() for dx in (0.0, 5.0, 40.0, 80.0)]
    assert shifted[0] > 0.999
    assert shifted == sorted(shifted, reverse=True)
    assert shifted[-1] < 0.0


def test_coverage_is_the_part_of_a_cell_that_a_thing_fills() -> None:
    ids = torch.zeros(1, 10, 10, dtype=torch.int64)
    ids[0, :5, :7] = 7
    covered = coverage(ids, torch.tensor([[7]]))
    torch.testing.assert_close(covered[0, 0], torch.tensor([[1.0, 0.5], [0.0, 0.0]]))
