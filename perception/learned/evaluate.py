"""How good a network is on held-out pictures: average precision of boxes and masks, attributes of what it found."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from diarchy.perception.learned.augment import Batch, compose, noise_bank
from diarchy.perception.learned.average_precision import Scorer, box_overlaps
from diarchy.perception.learned.decode import select, suppress
from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.network import OPENING_BINS, NetConfig, Segmenter, boxes_of, cells
from diarchy.perception.learned.plan import NONE, draw
from diarchy.perception.learned.store import Store, extents

LEAST_SCORE, OVERLAP, MOST = 0.01, 0.6, 100
"""Detections that are scored: from which confidence, overlap of two of a class, how many a picture."""
SURE = 0.3
"""Confidence from which a detection's attributes are judged."""
SIDES = (0, 13, 20, 27, 40, 53, 80, 160, 640)
"""Px of the network's picture (root of the area of the box) between which sizes are told apart."""


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
def evaluate(
    net: Segmenter, store: Store, labels: Labels, *, batch: int = 32, pictures: int = 0
) -> dict[str, Any]:
    """Score a network on all pictures of a store, or on so many evenly taken from it."""
    net.eval()
    book = _Book(labels)
    rng = torch.Generator(device=store.device)
    noise = noise_bank(store.packed, rng)
    step = -(-len(store) // pictures) if pictures else 1
    chosen = torch.arange(0, len(store), step, device=store.device)
    for begin in range(0, len(chosen), batch):
        index = chosen[begin : begin + batch]
        plan = draw(store, index, NONE, rng)
        shown = compose(store.packed, store.table, store.movable, noise, plan)
        _score(net, store, index, shown, book)
    return _summary(labels, book)


class _Book:
    """All that is written down about the pictures scored so far."""

    def __init__(self, labels: Labels) -> None:
        count = len(labels.classes)
        self.boxes, self.masks, self.tally = Scorer(count), Scorer(count), Tally()
        self.sizes = [Scorer(count) for _ in SIDES[1:]]

    def add_sizes(
        self,
        overlaps: npt.NDArray[np.float64],
        cls: npt.NDArray[np.int64],
        score: npt.NDArray[Any],
        chosen: npt.NDArray[Any],
        truth: _Truth,
    ) -> None:
        """Score each size by itself: what is smaller or larger is not asked for, nor held against anyone."""
        mine, true = _sides(chosen), _sides(truth.boxes)
        for scorer, low, high in zip(self.sizes, SIDES, SIDES[1:], strict=False):
            other = (true < low) | (true >= high)
            near = (mine >= 0.7 * low) & (mine < 1.4 * high)
            scorer.add(overlaps[near], cls[near], score[near], truth.classes, truth.ignored | other)


def _sides(boxes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    width, height = (np.clip(boxes[:, i + 2] - boxes[:, i], 0.0, None) for i in (0, 1))
    return np.asarray(np.sqrt(width * height), dtype=np.float64)


def _score(net: Segmenter, store: Store, index: Tensor, batch: Batch, book: _Book) -> None:
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
        overlaps = box_overlaps(chosen, truth.boxes)
        matched = book.boxes.add(overlaps, cls, score, truth.classes, truth.ignored)
        book.add_sizes(overlaps, cls, score, chosen, truth)
        for d in np.flatnonzero((matched >= 0) & (score >= SURE)):
            book.tally.add(extras[i, cell[d]], truth.attributes[matched[d]])
        drawn = _masks(out.weights[i, torch.from_numpy(cell)], out.prototypes[i], chosen, batch)
        shared = _mask_overlaps(drawn, batch.ids[i], truth.values)
        book.masks.add(shared, cls, score, truth.classes, truth.ignored)


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


def _summary(labels: Labels, book: _Book) -> dict[str, Any]:
    box, mask = book.boxes.average_precision(), book.masks.average_precision()
    by_class = {
        name: {
            "truth": int(book.boxes.truth[i]), "box": _rounded(box[i]), "mask": _rounded(mask[i]),
        }
        for i, name in enumerate(labels.classes)
    }  # fmt: skip
    movable = np.array([name in labels.movable for name in labels.classes])
    return {
        "box_map50": _mean(box),
        "mask_map50": _mean(mask),
        "box_map50_movable": _mean(box[movable]),
        "box_map50_fixtures": _mean(box[~movable]),
        "attributes": book.tally.summary(),
        "sizes": {
            f"{low}-{high} px": _by_size(scorer, movable)
            for scorer, low, high in zip(book.sizes, SIDES, SIDES[1:], strict=False)
        },
        "classes": by_class,
    }


def _by_size(scorer: Scorer, movable: npt.NDArray[np.bool_]) -> dict[str, Any]:
    box = scorer.average_precision()
    return {
        name: {"truth": int(scorer.truth[group].sum()), "box_map50": _mean(box[group])}
        for name, group in (("movable", movable), ("fixtures", ~movable))
    }


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 4) if len(known) else None


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
