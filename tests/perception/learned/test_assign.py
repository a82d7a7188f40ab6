from __future__ import annotations

import torch

from diarchy.perception.learned.assign import TOP, assign, box_iou, candidates
from diarchy.perception.learned.network import cells

SIZE = 160


def _assign(truth: torch.Tensor, boxes: torch.Tensor | None = None) -> tuple[torch.Tensor, ...]:
    centres, strides = cells(SIZE, SIZE)
    if boxes is None:
        half = strides[:, None] * 1.5
        boxes = torch.cat([centres - half, centres + half], 1)[None]
    scores = torch.full((1, len(centres), 2), 0.1)
    classes = torch.zeros(1, truth.shape[1], dtype=torch.int64)
    valid = truth[..., 2] > truth[..., 0]
    return assign(scores, boxes, centres, strides, classes, truth, valid)


def test_cells_in_a_box_answer_for_it_and_no_more_than_a_few() -> None:
    truth = torch.tensor([[[20.0, 30.0, 80.0, 90.0]]])
    positive, _, score, _ = _assign(truth)
    centres, _ = cells(SIZE, SIZE)
    chosen = centres[positive[0]]
    assert 0 < len(chosen) <= TOP
    assert bool(((chosen > truth[0, 0, :2]) & (chosen < truth[0, 0, 2:])).all())
    assert float(score.max()) <= 1.0


def test_something_smaller_than_a_cell_still_finds_one() -> None:
    positive, _, _, _ = _assign(torch.tensor([[[78.5, 78.5, 81.5, 81.5]]]))
    assert int(positive.sum()) > 0


def test_the_best_cell_of_a_thing_counts_fully_however_bad_its_box_is() -> None:
    centres, _ = cells(SIZE, SIZE)
    nowhere = torch.zeros(1, len(centres), 4)
    positive, _, score, weight = _assign(torch.tensor([[[78.0, 78.0, 87.0, 87.0]]]), nowhere)
    assert float(weight.max()) == 1.0
    assert float(score.max()) >= 0.1
    assert not bool(weight[~positive].any())


def test_padding_gets_no_cell() -> None:
    positive, thing, _, _ = _assign(
        torch.tensor([[[10.0, 10.0, 60.0, 60.0], [0.0, 0.0, 0.0, 0.0]]])
    )
    assert bool((thing[positive] == 0).all())


def test_a_cell_wanted_twice_answers_for_what_it_overlaps_most() -> None:
    centres, strides = cells(SIZE, SIZE)
    truth = torch.tensor([[[20.0, 20.0, 140.0, 140.0], [50.0, 50.0, 90.0, 90.0]]])
    boxes = truth[:, 1:2].expand(1, len(centres), 4)
    positive, thing, _, _ = _assign(truth, boxes)
    # Both want cells in the small box; whatever the small one has chosen stays with it.
    assert int(candidates(centres, strides, truth)[0, 1].sum()) > TOP
    assert int((thing[0][positive[0]] == 1).sum()) == TOP


def test_overlap_of_a_box_with_itself_is_one_and_with_a_far_one_zero() -> None:
    box = torch.tensor([[[0.0, 0.0, 10.0, 10.0]]])
    far = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [50.0, 50.0, 60.0, 60.0]]])
    torch.testing.assert_close(box_iou(box, far), torch.tensor([[[1.0, 0.0]]]))
