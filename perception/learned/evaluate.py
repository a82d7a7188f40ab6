"""How good a network is on held-out pictures: average precision of boxes and masks, attributes of what it found."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from diarchy.perception.learned.augment import NONE, Batch, Store, extents
from diarchy.perception.learned.average_precision import Scorer, box_overlaps
from diarchy.perception.learned.decode import select, suppress
from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.network import OPENING_BINS, NetConfig, Segmenter, boxes_of, cells

LEAST_SCORE, OVERLAP, MOST = 0.01, 0.6, 100
"""Detections that are scored: from which confidence, overlap of two of a class, how many a picture."""
SURE = 0.3
"""Confidence from which a detection's attributes are judged."""


class Tally:
    """Attributes of matched detections: right, or how far off."""

    def __init__(self) -> None:
        self._right: dict[str, list[bool]] = {}
        self._off: list[float] = []

    def add(self, said: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> None:
        """Add one detection: ``[5]`` said and true, -1: there is nothing to say."""
        for i, name in enumerate(("color", "temperature", "cleanliness", "power")):
            if true[i] >= 0:
                self._right.setdefault(name, []).append(bool(said[i] == true[i]))
        if true[4] >= 0:
            self._off.append(abs(float(said[4] - true[4])))

    def summary(self) -> dict[str, Any]:
        """Return shares that were right, and the mean and 90% error of openings (1: as far as it goes)."""
        found: dict[str, Any] = {
            name: {"right": round(float(np.mean(v)), 4), "of": len(v)}
            for name, v in sorted(self._right.items())
        }
        if self._off:
            off = np.array(self._off)
            found["opening"] = {
                "mean_error": round(float(off.mean()), 4),
                "p90_error": round(float(np.quantile(off, 0.9)), 4),
                "of": len(off),
            }
        return found


@torch.no_grad()
def evaluate(net: Segmenter, store: Store, labels: Labels, *, batch: int = 32) -> dict[str, Any]:
    """Score a network on all pictures of a store."""
    net.eval()
    boxes, masks, tally = Scorer(len(labels.classes)), Scorer(len(labels.classes)), Tally()
    rng = torch.Generator(device=store.device)
    for begin in range(0, len(store), batch):
        index = torch.arange(begin, min(len(store), begin + batch), device=store.device)
        _score(net, store, index, store.batch(index, NONE, rng), (boxes, masks, tally))
    return _summary(labels, boxes, masks, tally)


def _score(
    net: Segmenter, store: Store, index: Tensor, batch: Batch, into: tuple[Scorer, Scorer, Tally]
) -> None:
    device = store.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        out = net(batch.images.to(memory_format=torch.channels_last))
    height, width = batch.ids.shape[1:]
    centres, strides = cells(height, width, store.device)
    found = boxes_of(out.sides, centres, strides).cpu().numpy()
    scores = out.classes.float().sigmoid().cpu().numpy()
    extras = attributes_of(out.extras.float(), net.config).cpu().numpy()
    for i in range(len(index)):
        cell, cls = select(scores[i].T, least=LEAST_SCORE, most=MOST)
        kept = suppress(found[i, cell], cls, OVERLAP, MOST)
        cell, cls = cell[kept], cls[kept]
        chosen, score = found[i, cell], scores[i, cell, cls]
        truth = _truth(store, batch, int(index[i]), i)
        boxes, masks, tally = into
        overlaps = box_overlaps(chosen, truth.boxes)
        matched = boxes.add(overlaps, cls, score, truth.classes, truth.ignored)
        for d in np.flatnonzero((matched >= 0) & (score >= SURE)):
            tally.add(extras[i, cell[d]], truth.attributes[matched[d]])
        drawn = _masks(out.weights[i, torch.from_numpy(cell)], out.prototypes[i], chosen, batch)
        shared = _mask_overlaps(drawn, batch.ids[i], truth.values)
        masks.add(shared, cls, score, truth.classes, truth.ignored)


class _Truth:
    """What one picture shows: ground truth and what is to be ignored."""

    def __init__(self, rows: npt.NDArray[np.float64], boxes: npt.NDArray[np.float64]) -> None:
        there = np.flatnonzero(rows[:, 1] >= 0)
        self.values = there
        self.boxes = boxes[there]
        self.classes = rows[there, 0].astype(np.int64)
        self.ignored = rows[there, 1] <= 0
        self.attributes = rows[there, 2:7]


def _truth(store: Store, batch: Batch, picture: int, i: int) -> _Truth:
    boxes, pixels = extents(batch.ids[i : i + 1], store.table.shape[1])
    rows = store.table[picture].cpu().numpy().astype(np.float64)
    rows[pixels[0].cpu().numpy() == 0, 1] = -1.0
    return _Truth(rows, boxes[0].cpu().numpy().astype(np.float64))


def attributes_of(extras: Tensor, config: NetConfig) -> Tensor:
    """Most likely attributes ``[..., 5]`` of logits ``[..., E]``; the opening is the expected one."""
    color, heat, dirt, power, opening = config.parts(extras)
    steps = torch.linspace(0.0, 1.0, OPENING_BINS, device=extras.device)
    parts = [v.argmax(-1).float() for v in (color, heat, dirt)]
    parts += [(power[..., 0] > 0).float(), (opening.softmax(-1) * steps).sum(-1)]
    return torch.stack(parts, -1)


def _masks(weights: Tensor, prototypes: Tensor, boxes: npt.NDArray[Any], batch: Batch) -> Tensor:
    """Masks ``[D, H, W]`` at the size of the picture, cut at their boxes."""
    height, width = batch.ids.shape[1:]
    if not len(boxes):
        return torch.zeros((0, height, width), dtype=torch.bool, device=prototypes.device)
    logits = torch.einsum("dp,phw->dhw", weights.float(), prototypes.float())
    full = functional.interpolate(logits[:, None], (height, width), mode="bilinear")[:, 0]
    y = torch.arange(height, device=full.device)[None, :, None] + 0.5
    x = torch.arange(width, device=full.device)[None, None, :] + 0.5
    at = torch.from_numpy(boxes).to(full.device)
    left, top, right, bottom = (v[:, None, None] for v in at.unbind(-1))
    inside = (x > left) & (x < right) & (y > top) & (y < bottom)
    return (full > 0.0) & inside


def _mask_overlaps(drawn: Tensor, ids: Tensor, values: npt.NDArray[np.int64]) -> Any:
    true = ids[None] == torch.from_numpy(values).to(ids.device)[:, None, None]
    a, b = drawn.flatten(1).float(), true.flatten(1).float()
    shared = a @ b.T
    total = a.sum(1)[:, None] + b.sum(1)[None] - shared
    return (shared / total.clamp(min=1.0)).cpu().numpy().astype(np.float64)


def _summary(labels: Labels, boxes: Scorer, masks: Scorer, tally: Tally) -> dict[str, Any]:
    box, mask = boxes.average_precision(), masks.average_precision()
    by_class = {
        name: {"truth": int(boxes.truth[i]), "box": _rounded(box[i]), "mask": _rounded(mask[i])}
        for i, name in enumerate(labels.classes)
    }
    movable = np.array([name in labels.movable for name in labels.classes])
    return {
        "box_map50": _mean(box),
        "mask_map50": _mean(mask),
        "box_map50_movable": _mean(box[movable]),
        "box_map50_fixtures": _mean(box[~movable]),
        "attributes": tally.summary(),
        "classes": by_class,
    }


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 4) if len(known) else None


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
