from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from diarchy.perception.learned import network
from diarchy.perception.learned.decode import boxes_of, grid, paint, select, suppress


def test_of_like_boxes_the_best_is_kept_and_other_classes_stay() -> None:
    boxes = np.array([[1, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 10], [50, 50, 60, 60]], np.float32)
    classes = np.array([0, 1, 0, 0])
    assert suppress(boxes, classes, 0.5, 10).tolist() == [0, 1, 3]
    assert suppress(boxes, classes, 0.5, 2).tolist() == [0, 1]


def test_scores_are_looked_at_best_first_and_from_the_least_one_on() -> None:
    scores = np.array([[0.1, 0.9, 0.3], [0.5, 0.2, 0.29]], np.float32)
    cells, classes = select(scores, least=0.3, most=10)
    assert cells.tolist() == [1, 0, 2]
    assert classes.tolist() == [0, 1, 0]
    assert len(select(scores, least=0.95, most=10)[0]) == 0


def test_cells_and_boxes_are_those_of_the_network() -> None:
    rng = np.random.default_rng(1)
    centres, strides = grid(80, 120)
    theirs = network.cells(80, 120)
    np.testing.assert_array_equal(centres, theirs[0].numpy())
    np.testing.assert_array_equal(strides, theirs[1].numpy())
    sides = rng.normal(size=(4 * network.BINS, len(centres))).astype(np.float32)
    logits = torch.from_numpy(sides.T.reshape(1, -1, 4, network.BINS).copy())
    expected = network.boxes_of(logits, *theirs)[0].numpy()
    np.testing.assert_allclose(boxes_of(sides, centres, strides), expected, atol=1e-3)


@given(st.integers(0, 2**31), st.integers(1, 40))
def test_kept_boxes_of_a_class_do_not_overlap_much(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 50, (count, 2)).astype(np.float32)
    boxes = np.concatenate([low, low + rng.uniform(1, 30, (count, 2)).astype(np.float32)], 1)
    kept = boxes[suppress(boxes, np.zeros(count, dtype=np.int64), 0.5, count)]
    for i, a in enumerate(kept):
        for b in kept[:i]:
            edges = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
            union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - np.prod(edges)
            assert np.prod(edges) <= 0.5 * union + 1e-3


def test_a_mask_is_the_prototype_scaled_up_and_cut_at_the_box() -> None:
    prototype = np.full((1, 12, 16), -1.0, np.float32)
    prototype[0, 3:9, 4:10] = 1.0
    box = np.array([0.0, 0.0, 64.0, 26.0], np.float32)
    mask = paint(np.ones(1, np.float32), prototype, box, (48, 64), (4.0, 4.0))
    y, x = np.nonzero(mask)
    assert (y.min(), y.max(), x.min(), x.max()) == (12, 25, 16, 39)
    assert mask[14:26, 18:38].all()  # corners are rounded


def test_a_mask_of_a_box_beside_the_image_is_empty() -> None:
    prototype = np.ones((1, 12, 16), np.float32)
    box = np.array([70.0, 0.0, 90.0, 10.0], np.float32)
    mask = paint(np.ones(1, np.float32), prototype, box, (48, 64), (4.0, 4.0))
    assert mask.shape == (48, 64)
    assert not mask.any()


def test_parts_of_a_mask_are_as_in_the_whole() -> None:
    rng = np.random.default_rng(0)
    prototypes = rng.normal(size=(6, 12, 16)).astype(np.float32)
    weights = rng.normal(size=6).astype(np.float32)
    whole = paint(weights, prototypes, np.array([0, 0, 64, 48], np.float32), (48, 64), (4.0, 4.0))
    part = paint(weights, prototypes, np.array([9, 7, 33, 41], np.float32), (48, 64), (4.0, 4.0))
    np.testing.assert_array_equal(part[7:41, 9:33], whole[7:41, 9:33])
    assert not part[:7].any()
    assert not part[:, 33:].any()
