"""Which cell is to answer for which thing: task-aligned assignment (TOOD), fully vectorised."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from diarchy.perception.learned.network import STRIDES

ALPHA, BETA, TOP = 0.5, 6.0, 10
"""Exponents of score and overlap in the alignment, and how many cells answer for one thing at most."""
LEAST = 1.5
"""Sides shorter than so many of the finest strides are taken to be as long when candidates are looked for."""
FLOOR = 0.2
"""What the best cell of a thing should score at least, however bad its box still is. Without it, and with boxes
weighted by how good they are, small things never begin to be learned."""


class Assignment(NamedTuple):
    """For each of A cells: whether it answers, for which of M things, what it should score, how much it counts.

    All ``[B, A]``: bool, int64, and floats in 0 to 1; the best cell of every thing counts 1.
    """

    positive: Tensor
    thing: Tensor
    score: Tensor
    weight: Tensor


@torch.no_grad()
def assign(
    scores: Tensor,
    boxes: Tensor,
    centres: Tensor,
    strides: Tensor,
    classes: Tensor,
    truth: Tensor,
    valid: Tensor,
) -> Assignment:
    """Assign cells to things.

    Args:
        scores: ``[B, A, C]`` probabilities.
        boxes: ``[B, A, 4]`` predicted corners, px.
        centres: ``[A, 2]`` px of the cells.
        strides: ``[A]`` px.
        classes: ``[B, M]`` int64 of the things.
        truth: ``[B, M, 4]`` corners, px.
        valid: ``[B, M]`` bool: the others are padding.
    """
    near = candidates(centres, strides, truth) & valid[..., None]
    overlap = box_iou(truth, boxes).clamp(min=0.0) * near
    at = classes[..., None].expand(-1, -1, scores.shape[1])
    score = scores.transpose(1, 2).gather(1, at)
    align = score**ALPHA * overlap**BETA * near
    # Ties at zero are broken by nearness to the middle, so that a new network has somewhere to begin.
    middle = (truth[..., :2] + truth[..., 2:]) / 2
    away = (middle[:, :, None] - centres).square().sum(-1).sqrt() / strides
    align = (align + 1e-9 / (1.0 + away)) * near
    best = align.topk(min(TOP, align.shape[-1]), -1)
    chosen = torch.zeros_like(near).scatter_(-1, best.indices, best.values > 0.0) & near
    # A cell that several want answers for the one it overlaps most.
    wanted = torch.where(chosen, overlap, torch.full_like(overlap, -1.0))
    value, thing = wanted.max(1)
    positive = value >= 0.0
    mine = chosen & (torch.arange(truth.shape[1], device=truth.device)[:, None] == thing[:, None])
    align = align * mine
    share = align / align.amax(-1, keepdim=True).clamp(min=1e-12)
    most = (overlap * mine).amax(-1, keepdim=True).clamp(min=FLOOR)
    weight = share.gather(1, thing[:, None]).squeeze(1) * positive
    score = (share * most).gather(1, thing[:, None]).squeeze(1) * positive
    return Assignment(positive, thing, score, weight)


def candidates(centres: Tensor, strides: Tensor, truth: Tensor) -> Tensor:
    """Cells ``[B, M, A]`` whose centre is in a box, small boxes grown to a cell and a half of the finest."""
    middle = (truth[..., :2] + truth[..., 2:]) / 2
    half = (truth[..., 2:] - truth[..., :2]) / 2
    reach = half.clamp(min=LEAST / 2 * STRIDES[0])[:, :, None]
    return ((middle[:, :, None] - centres).abs() < reach).all(-1)


def box_iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union ``[B, M, A]`` of boxes ``[B, M, 4]`` and ``[B, A, 4]``."""
    a, b = first[:, :, None], second[:, None]
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0.0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).clamp(min=0.0).prod(-1)
    area_b = (b[..., 2:] - b[..., :2]).clamp(min=0.0).prod(-1)
    return shared / (area_a + area_b - shared + 1e-7)
