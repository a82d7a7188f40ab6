"""Pictures on one device, packed so that a pixel is read at once, and where in them things are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.shards import Pictures

SLOTS = 48
"""Ids of one picture: 0 is background."""
FIXTURE_SHARE = 0.25
"""How often a piece of furniture or a person is what a close-up is about."""


class Subjects(NamedTuple):
    """What a close-up may be about.

    Attributes:
        places: ``[P, 2]`` int64 picture and slot of all that is ground truth, by class.
        first, often: ``[C]`` where a class begins, and how often it is there.
        weights: ``[C]`` how often a close-up is to be about a class.
    """

    places: Tensor
    first: Tensor
    often: Tensor
    weights: Tensor


class Store:
    """Pictures on one device; more may come in while others are read.

    Attributes:
        packed: ``[capacity, H, W]`` int32: red, green, blue and the id, a byte each.
        table: ``[capacity, SLOTS, 8]``: class, keep, the five attributes, pixels; class is -1 where nothing is.
        boxes: ``[capacity, SLOTS, 4]`` px.
        movable: ``[C]`` bool, by class.
        subjects: what there is to be looked at.
    """

    def __init__(
        self, pictures: Pictures, labels: Labels, device: torch.device, *, capacity: int = 0
    ) -> None:
        height, width = pictures.ids.shape[1:]
        room = max(capacity, len(pictures))
        self.packed = torch.zeros((room, height, width), dtype=torch.int32, device=device)
        self.table = torch.full((room, SLOTS, 8), -1.0, device=device)
        self.boxes = torch.zeros((room, SLOTS, 4), device=device)
        self.movable = torch.tensor([c in labels.movable for c in labels.classes], device=device)
        self.device = device
        self._count = 0
        self.append(pictures)
        self.index()

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return self._count

    @property
    def full(self) -> bool:
        """No more pictures are taken in."""
        return self._count == len(self.packed)

    def append(self, pictures: Pictures) -> None:
        """Take in more pictures, as many as there is room for; `index` finds their things."""
        begin, end = self._count, min(self._count + len(pictures), len(self.packed))
        taken = end - begin
        rows = pictures.rows[(pictures.rows[:, 1] < SLOTS) & (pictures.rows[:, 0] < taken)]
        table = np.full((taken, SLOTS, 8), -1.0, dtype=np.float32)
        table[rows[:, 0].astype(int), rows[:, 1].astype(int)] = rows[:, 2:10]
        for at in range(0, taken, 256):
            part = slice(at, min(at + 256, taken))
            rgb = torch.from_numpy(pictures.rgb[part]).to(self.device).to(torch.int32)
            ids = torch.from_numpy(pictures.ids[part]).to(self.device).to(torch.int32)
            ids = torch.where(ids < SLOTS, ids, 0)
            here = slice(begin + part.start, begin + part.stop)
            shifted = [rgb[..., c] << (8 * c) for c in range(3)]
            self.packed[here] = shifted[0] | shifted[1] | shifted[2] | (ids << 24)
            self.boxes[here], pixels = extents(ids, SLOTS)
            self.table[here] = torch.from_numpy(table[part]).to(self.device)
            # What counts from here on are pixels of the stored picture.
            self.table[here, :, 7] = pixels
        self._count = end

    def index(self) -> None:
        """Find what there is to look at, class by class."""
        there = (self.table[: self._count, :, 1] > 0) & (self.table[: self._count, :, 7] > 0)
        found = there.nonzero()
        cls = self.table[found[:, 0], found[:, 1], 0].long()
        often = torch.bincount(cls, minlength=len(self.movable))
        share = torch.where(self.movable, 1.0 - FIXTURE_SHARE, FIXTURE_SHARE)
        kinds = torch.where(self.movable, self.movable.sum(), (~self.movable).sum())
        weights = share / kinds * (often > 0)
        # At once, for others may be reading.
        self.subjects = Subjects(
            found[cls.argsort(stable=True)], often.cumsum(0) - often, often, weights
        )


def extents(ids: Tensor, slots: int) -> tuple[Tensor, Tensor]:
    """Boxes ``[B, slots, 4]`` px and pixel counts ``[B, slots]`` of the values of id maps ``[B, H, W]``.

    Pixels are counted by every fourth of them.
    """
    count, height, width = ids.shape
    device = ids.device
    at = ids.long()
    image = torch.arange(count, device=device)[:, None, None]
    y = torch.arange(height, device=device)[None, :, None]
    x = torch.arange(width, device=device)[None, None, :]
    true = torch.ones((), dtype=torch.bool, device=device)
    rows = torch.zeros((count, slots, height), dtype=torch.bool, device=device)
    columns = torch.zeros((count, slots, width), dtype=torch.bool, device=device)
    left, right = _first_last(columns.index_put((image, at, x), true))
    top, bottom = _first_last(rows.index_put((image, at, y), true))
    every = at[:, ::2, ::2].flatten(1)
    pixels = torch.zeros((count, slots), device=device)
    pixels = pixels.scatter_add(1, every, torch.full_like(every, 4.0, dtype=torch.float32))
    return torch.stack([left, top, right, bottom], -1).float(), pixels


def _first_last(present: Tensor) -> tuple[Tensor, Tensor]:
    """First index and one after the last that is set; 0 and 0 if none is."""
    length = present.shape[-1]
    step = torch.arange(length, device=present.device)
    last = torch.where(present, step + 1, 0).amax(-1)
    first = torch.where(present, step, length).amin(-1)
    return torch.where(last > 0, first, 0), last
