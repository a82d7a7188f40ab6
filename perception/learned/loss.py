"""What the network is trained on: classes, boxes, masks, and the attributes of what a cell answers for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from diarchy.perception.learned.assign import Assignment, assign
from diarchy.perception.learned.augment import Batch
from diarchy.perception.learned.network import (
    BINS,
    NEAREST,
    STEM,
    NetConfig,
    Output,
    boxes_of,
    cells,
)

WEIGHTS = {
    "class": 1.0, "box": 7.5, "sides": 1.5, "mask": 5.0, "dice": 1.5, "color": 0.4,
    "temperature": 0.4, "cleanliness": 0.4, "power": 0.4, "opening": 0.4,
}  # fmt: skip
ANSWERS, MASKS = 224, 32
"""Cells of a picture at most that are taught where and how things are, and whose masks are compared."""


@dataclass(frozen=True)
class Answers:
    """The cells that answer for something, N of every picture; some count nothing.

    Attributes:
        cell, thing: ``[B, N]`` indices.
        weight: ``[B, N]`` how much each counts.
        boxes: ``[B, N, 4]`` px, of the things.
        attributes: ``[B, N, 5]`` colour, temperature, cleanliness, power, opening; -1: none.
    """

    cell: Tensor
    thing: Tensor
    weight: Tensor
    boxes: Tensor
    attributes: Tensor


class Loss:
    """Computes the loss of a batch."""

    def __init__(self, config: NetConfig) -> None:
        self._config = config

    def __call__(self, out: Output, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the sum, and its parts without their weights."""
        height, width = batch.ids.shape[1:]
        centres, strides = cells(height, width, batch.ids.device)
        sides, logits = out.sides.float(), out.classes.float()
        boxes = boxes_of(sides, centres, strides)
        found = assign(
            logits.sigmoid(), boxes, centres, strides, batch.classes, batch.boxes, batch.valid
        )
        total = found.score.sum().clamp(min=1.0)
        named = batch.classes.gather(1, found.thing)[..., None]
        right = named == torch.arange(logits.shape[-1], device=named.device)
        counted = (found.positive | ~batch.ignored)[..., None]
        # Cross entropy with the score of the right class, nothing for the others.
        raw = functional.softplus(logits) - logits * right * found.score[..., None]
        parts = {"class": (raw * counted).sum() / total}
        answers = _answers(batch, found)
        parts |= _box_parts(sides, boxes, centres, strides, answers)
        parts |= _mask_parts(out, batch, found)
        at = answers.cell[..., None].expand(-1, -1, out.extras.shape[-1])
        parts |= self._attribute_parts(out.extras.gather(1, at).float(), answers)
        loss = torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()
        return loss, parts

    def _attribute_parts(self, extras: Tensor, answers: Answers) -> dict[str, Tensor]:
        color, heat, dirt, power, opening = self._config.parts(extras)
        wanted = answers.attributes
        return {
            "color": _choice(color, wanted[..., 0], answers.weight),
            "temperature": _choice(heat, wanted[..., 1], answers.weight),
            "cleanliness": _choice(dirt, wanted[..., 2], answers.weight),
            "power": _weighted(
                functional.binary_cross_entropy_with_logits(
                    power[..., 0], wanted[..., 3].clamp(min=0.0), reduction="none"
                ),
                wanted[..., 3] >= 0,
                answers.weight,
            ),
            "opening": _weighted(
                _between(opening, wanted[..., 4].clamp(min=0.0) * (opening.shape[-1] - 1)),
                wanted[..., 4] >= 0,
                answers.weight,
            ),
        }


def _answers(batch: Batch, found: Assignment) -> Answers:
    weight, cell = found.weight.topk(min(ANSWERS, found.weight.shape[1]), 1, sorted=False)
    thing = found.thing.gather(1, cell)
    return Answers(
        cell,
        thing,
        weight / weight.sum().clamp(min=1.0),
        _of_things(batch.boxes, thing),
        _of_things(batch.attributes, thing),
    )


def _of_things(values: Tensor, thing: Tensor) -> Tensor:
    return values.gather(1, thing[..., None].expand(-1, -1, values.shape[-1]))


def _box_parts(
    sides: Tensor, boxes: Tensor, centres: Tensor, strides: Tensor, answers: Answers
) -> dict[str, Tensor]:
    at = answers.cell[..., None]
    mine = boxes.gather(1, at.expand(-1, -1, 4))
    overlap = complete_iou(mine.flatten(0, 1), answers.boxes.flatten(0, 1))
    centre, stride = centres[answers.cell], strides[answers.cell][..., None]
    reach = torch.cat([centre - answers.boxes[..., :2], answers.boxes[..., 2:] - centre], -1)
    wanted = (reach / stride - NEAREST).clamp(0.0, BINS - 1.001)
    logits = sides.gather(1, at[..., None].expand(-1, -1, 4, BINS))
    spread = _between(logits, wanted).mean(-1)
    return {
        "box": ((1.0 - overlap) * answers.weight.flatten()).sum(),
        "sides": (spread * answers.weight).sum(),
    }


def _mask_parts(out: Output, batch: Batch, found: Assignment) -> dict[str, Tensor]:
    """Cross entropy and Dice inside the box, both averaged over things of every size alike.

    Of each picture some answering cells are drawn, so that prototypes need not be copied for each.
    """
    height, width = out.prototypes.shape[2:]
    lot = torch.rand(found.positive.shape, device=batch.ids.device) * found.positive
    value, cell = lot.topk(min(MASKS, lot.shape[1]), 1)
    thing = found.thing.gather(1, cell)
    weight = (found.weight.gather(1, cell) * (value > 0)).flatten()
    weight = weight / weight.sum().clamp(min=1.0)
    at = cell[..., None].expand(-1, -1, out.weights.shape[-1])
    weights, prototypes = out.weights.float().gather(1, at), out.prototypes.float()
    logits = torch.bmm(weights, prototypes.flatten(2)).reshape(-1, height, width)
    target = coverage(batch.ids, batch.values.gather(1, thing)).flatten(0, 1)
    boxes = _of_things(batch.boxes, thing).flatten(0, 1)
    inside = _inside(boxes / STEM, height, width)
    raw = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    area = inside.sum((1, 2)).clamp(min=1.0)
    cross = (raw * inside).sum((1, 2)) / area
    said = logits.sigmoid() * inside
    shared = 2.0 * (said * target).sum((1, 2)) + 1.0
    dice = 1.0 - shared / (said.sum((1, 2)) + (target * inside).sum((1, 2)) + 1.0)
    return {"mask": (cross * weight).sum(), "dice": (dice * weight).sum()}


def coverage(ids: Tensor, values: Tensor) -> Tensor:
    """How much of each 5 by 5 px things ``[B, K]`` cover ``[B, K, H/5, W/5]``, by four of its pixels."""
    wanted = values[..., None, None]
    parts = [(ids[:, None, y::STEM, x::STEM] == wanted).float() for y in (1, 3) for x in (1, 3)]
    return (parts[0] + parts[1] + parts[2] + parts[3]) / 4.0


def complete_iou(first: Tensor, second: Tensor) -> Tensor:
    """CIoU ``[N]`` of boxes ``[N, 4]``: overlap less distance of middles and difference of shape."""
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clamp(min=0.0).prod(-1)
    size_a, size_b = first[:, 2:] - first[:, :2], second[:, 2:] - second[:, :2]
    iou = shared / (size_a.prod(-1) + size_b.prod(-1) - shared + 1e-7)
    hull = torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    apart = (first[:, :2] + first[:, 2:] - second[:, :2] - second[:, 2:]) / 2
    distance = apart.square().sum(-1) / (hull.square().sum(-1) + 1e-7)
    angle_a = torch.atan2(size_a[:, 0], size_a[:, 1].clamp(min=1e-4))
    angle_b = torch.atan2(size_b[:, 0], size_b[:, 1].clamp(min=1e-4))
    shape = (4.0 / math.pi**2) * (angle_a - angle_b).square()
    with torch.no_grad():
        trade = shape / (1.0 - iou + shape + 1e-7)
    return iou - distance - trade * shape


def _between(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy ``[...]`` of ``[..., K]`` with the two bins on either side of a real index ``[...]``."""
    bins = torch.arange(logits.shape[-1], device=logits.device)
    share = (1.0 - (wanted[..., None] - bins).abs()).clamp(min=0.0)
    return -(share * logits.log_softmax(-1)).sum(-1)


def _choice(logits: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    log = logits.log_softmax(-1)
    raw = -log.gather(-1, wanted.clamp(min=0.0).long()[..., None]).squeeze(-1)
    return _weighted(raw, wanted >= 0, weight)


def _weighted(raw: Tensor, counts: Tensor, weight: Tensor) -> Tensor:
    share = weight * counts
    return (raw * share).sum() / share.sum().clamp(min=1e-6)


def _inside(boxes: Tensor, height: int, width: int) -> Tensor:
    """Cells ``[N, height, width]`` in boxes ``[N, 4]`` and one around them, as 0 or 1."""
    y = torch.arange(height, device=boxes.device)[None, :, None] + 0.5
    x = torch.arange(width, device=boxes.device)[None, None, :] + 0.5
    left, top, right, bottom = (v[:, None, None] for v in boxes.unbind(-1))
    inside = (x > left - 1) & (x < right + 1) & (y > top - 1) & (y < bottom + 1)
    return inside.float()
