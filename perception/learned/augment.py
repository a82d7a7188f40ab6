"""Pictures on the device and what is done to them there: cut, scaled, turned, put together, recoloured.

Boxes and visibility are read off the warped id maps, so that no label can disagree with its picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.network import STRIDES
from diarchy.perception.learned.shards import Pictures

SLOTS = 64
"""Ids of one picture: 0 is background."""
GREY = 0.45
OBJECT_LEAST, FIXTURE_LEAST = 20.0, 144.0
"""Visible pixels of the network's picture below which a thing is ignored: 0.36 of the rule of the data."""
OBJECT_SHARE, FIXTURE_SHARE, LARGE = 0.30, 0.10, 2160.0
"""A thing of which less than this part was left by a cut is ignored, but for what is still large."""


class Batch(NamedTuple):
    """A batch of B pictures with at most M things each.

    Attributes:
        images: ``[B, 3, H, W]`` in 0 to 1.
        ids: ``[B, H, W]`` int64.
        boxes: ``[B, M, 4]`` px.
        classes: ``[B, M]`` int64.
        attributes: ``[B, M, 5]``, see `loss.Answers`.
        values: ``[B, M]`` int64: the thing's value in ``ids``.
        valid: ``[B, M]`` bool.
        ignored: ``[B, A]`` bool: cells over something that is not ground truth.
    """

    images: Tensor
    ids: Tensor
    boxes: Tensor
    classes: Tensor
    attributes: Tensor
    values: Tensor
    valid: Tensor
    ignored: Tensor


@dataclass(frozen=True)
class AugmentSettings:
    """How strongly pictures are changed.

    Attributes:
        mosaic: share put together from four.
        scale: how much things grow.
        focus: share that is cut out around one of its movable things, which then grows by ``closeup``.
        turn_deg, color: how far it is turned and how strongly recoloured.
        blank: share that shows nothing.
    """

    mosaic: float = 0.4
    scale: tuple[float, float] = (0.65, 1.8)
    focus: float = 0.35
    closeup: tuple[float, float] = (1.0, 2.5)
    turn_deg: float = 6.0
    color: float = 1.0
    blank: float = 0.01


NONE = AugmentSettings(mosaic=0.0, scale=(1.0, 1.0), focus=0.0, turn_deg=0.0, color=0.0, blank=0.0)


class Store:
    """All pictures on one device.

    Attributes:
        images: ``[N, 3, H, W]`` uint8.
        ids: ``[N, 1, H, W]`` uint8.
        table: ``[N, SLOTS, 8]``: class, keep, the five attributes, pixels; keep is -1 where nothing is.
    """

    def __init__(self, pictures: Pictures, labels: Labels, device: torch.device) -> None:
        table = np.full((len(pictures), SLOTS, 8), -1.0, dtype=np.float32)
        rows = pictures.rows[pictures.rows[:, 1] < SLOTS]
        table[rows[:, 0].astype(int), rows[:, 1].astype(int)] = rows[:, 2:10]
        ids = np.where(pictures.ids < SLOTS, pictures.ids, 0)
        # What counts from here on are pixels of the stored picture.
        for i, one in enumerate(ids):
            table[i, :, 7] = np.bincount(one.ravel(), minlength=SLOTS)
        self.table = torch.from_numpy(table).to(device)
        self.images = torch.from_numpy(pictures.rgb).to(device).permute(0, 3, 1, 2).contiguous()
        self.ids = torch.from_numpy(ids)[:, None].to(device)
        self.movable = torch.tensor([c in labels.movable for c in labels.classes], device=device)
        self.device = device

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.images)

    def batch(self, index: Tensor, settings: AugmentSettings, rng: torch.Generator) -> Batch:
        """Make a batch of the pictures ``[B]``; others may come in beside them."""
        images, ids, table, zoom = self._composed(index, settings, rng)
        if settings.color:
            images = recolored(images, settings.color, rng)
        if settings.blank:
            images, ids = _blanked(images, ids, settings.blank, rng)
        return labelled(images, ids, table, zoom, self.movable)

    def _composed(
        self, index: Tensor, settings: AugmentSettings, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Images, ids ``[B, H, W]``, tables ``[B, 4 * SLOTS, 8]`` and zooms ``[B, 4 * SLOTS]``."""
        count = len(index)
        several = torch.rand(count, generator=rng, device=self.device) < settings.mosaic
        others = torch.randint(len(self), (count, 3), generator=rng, device=self.device)
        sources = torch.cat([index[:, None], others], 1)
        middle = _uniform(rng, (count, 2), 0.3, 0.7, self.device)
        middle = torch.where(several[:, None], middle, torch.ones_like(middle))
        height, width = self.images.shape[-2:]
        x = (torch.arange(width, device=self.device) + 0.5) / width
        y = (torch.arange(height, device=self.device) + 0.5) / height
        right = (x >= middle[:, :1]).long()
        low = (y >= middle[:, 1:]).long()
        part = low[:, :, None] * 2 + right[:, None, :]
        images, ids, zooms = self._warped(sources[:, 0], settings, rng)
        zoom = [zooms]
        shift = torch.zeros_like(ids)
        here = several.nonzero()[:, 0]
        for q in (1, 2, 3):
            if not len(here):
                zoom.append(torch.ones(count, device=self.device))
                continue
            more, more_ids, zooms = self._warped(sources[here, q], settings, rng)
            mine = part[here] == q
            images[here] = torch.where(mine[:, None], more, images[here])
            ids[here] = torch.where(mine, more_ids, ids[here])
            shift[here] = torch.where(mine, q * SLOTS, shift[here])
            zoom.append(torch.ones(count, device=self.device).index_copy(0, here, zooms))
        ids = torch.where(ids > 0, ids + shift, ids)
        table = self.table[sources].reshape(count, 4 * SLOTS, 8)
        return images, ids, table, torch.stack(zoom, 1).repeat_interleave(SLOTS, 1)

    def _warped(
        self, index: Tensor, settings: AugmentSettings, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Zoomed, turned, mirrored, moved: images, ids ``[B, H, W]`` and zooms ``[B]``."""
        images = self.images[index].float() / 255.0
        ids = self.ids[index]
        if settings.scale == (1.0, 1.0):
            ones = torch.ones(len(index), device=self.device)
            return images, ids[:, 0].long(), ones
        theta, zoom = self._motions(index, settings, rng)
        height, width = images.shape[-2:]
        grid = functional.affine_grid(theta, [len(index), 1, height, width], align_corners=False)
        warped = functional.grid_sample(images - GREY, grid, align_corners=False) + GREY
        found = functional.grid_sample(ids.float(), grid, mode="nearest", align_corners=False)
        return warped, found[:, 0].round().long(), zoom

    def _motions(
        self, index: Tensor, settings: AugmentSettings, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Affine maps ``[B, 2, 3]`` from where to look from, and by how much things grow ``[B]``."""
        count = len(index)
        near, target = self._targets(index, settings.focus, rng)
        lot = _uniform(rng, (count,), 0.0, 1.0, self.device)
        zoom = torch.where(near, _between(lot, settings.closeup), _between(lot, settings.scale))
        height, width = self.images.shape[-2:]
        mirror = torch.randint(2, (count,), generator=rng, device=self.device) * 2.0 - 1.0
        turn = _uniform(rng, (count,), -1.0, 1.0, self.device) * math.radians(settings.turn_deg)
        cos, sin = turn.cos() / zoom, turn.sin() / zoom
        aspect = width / height
        slack = (1.0 - 1.0 / zoom).abs()[:, None]
        move = _uniform(rng, (count, 2), -1.0, 1.0, self.device)
        first = torch.stack([mirror * cos, -mirror * sin / aspect], -1)
        turned = torch.stack([first, torch.stack([sin * aspect, cos], -1)], 1)
        # The middle of a thing comes to lie anywhere but at the rim.
        towards = target - (turned @ (0.7 * move)[..., None])[..., 0]
        move = torch.where(near[:, None], towards, move * slack)
        return torch.cat([turned, move[..., None]], -1), zoom

    def _targets(self, index: Tensor, share: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Which pictures ``[B]`` are cut out around a movable thing, and its middle ``[B, 2]`` in -1 to 1."""
        boxes, pixels = extents(self.ids[index][:, 0].long(), SLOTS)
        table = self.table[index]
        movable = self.movable[table[..., 0].clamp(min=0).long()]
        wanted = (table[..., 1] > 0) & movable & (pixels > 0)
        lot = _uniform(rng, (len(index), SLOTS), 0.1, 1.0, self.device) * wanted
        chosen = torch.rand(len(index), generator=rng, device=self.device) < share
        best, slot = lot.max(1)
        box = boxes[torch.arange(len(index), device=self.device), slot]
        size = torch.tensor([self.images.shape[-1], self.images.shape[-2]], device=self.device)
        return chosen & (best > 0), (box[:, :2] + box[:, 2:]) / size - 1.0


def labelled(images: Tensor, ids: Tensor, table: Tensor, zoom: Tensor, movable: Tensor) -> Batch:
    """Read boxes and visibility off the id maps ``[B, H, W]`` and pad to the most things there are."""
    count, slots = table.shape[:2]
    boxes, pixels = extents(ids, slots)
    cls = table[..., 0].clamp(min=0).long()
    small = movable[cls]
    least = torch.where(small, OBJECT_LEAST, FIXTURE_LEAST)
    share = torch.where(small, OBJECT_SHARE, FIXTURE_SHARE)
    whole = table[..., 7] * zoom.square()
    shown = (pixels >= least) & ((pixels >= share * whole) | (pixels >= LARGE))
    there = (pixels > 0) & (table[..., 1] >= 0)
    kept = there & shown & (table[..., 1] > 0)
    most = max(1, int(kept.sum(1).max()))
    order = kept.to(torch.uint8).sort(dim=1, descending=True, stable=True).indices[:, :most]
    rows = torch.arange(count, device=ids.device)[:, None]
    return Batch(
        images,
        ids,
        boxes[rows, order],
        cls[rows, order],
        table[rows, order, 2:7],
        order,
        kept[rows, order],
        _ignored_cells(ids, there & ~kept),
    )


def extents(ids: Tensor, slots: int) -> tuple[Tensor, Tensor]:
    """Boxes ``[B, slots, 4]`` px and pixel counts ``[B, slots]`` of the values of id maps ``[B, H, W]``."""
    count, height, width = ids.shape
    device = ids.device
    image = torch.arange(count, device=device)[:, None, None].expand_as(ids)
    y = torch.arange(height, device=device)[None, :, None].expand_as(ids)
    x = torch.arange(width, device=device)[None, None, :].expand_as(ids)
    in_row = torch.zeros(count, slots, height, dtype=torch.bool, device=device)
    in_column = torch.zeros(count, slots, width, dtype=torch.bool, device=device)
    in_row[image, ids, y] = True
    in_column[image, ids, x] = True
    left, right = _first_last(in_column)
    top, bottom = _first_last(in_row)
    every = ids[:, ::2, ::2] + torch.arange(count, device=device)[:, None, None] * slots
    pixels = 4.0 * torch.bincount(every.flatten(), minlength=count * slots).reshape(count, slots)
    return torch.stack([left, top, right, bottom], -1).float(), pixels


def _first_last(present: Tensor) -> tuple[Tensor, Tensor]:
    length = present.shape[-1]
    flags = present.to(torch.uint8)
    return flags.argmax(-1), length - flags.flip(-1).argmax(-1)


def _ignored_cells(ids: Tensor, ignored: Tensor) -> Tensor:
    """Cells ``[B, A]`` with a pixel of something that is ignored ``[B, slots]``."""
    ignored = ignored.clone()
    ignored[:, 0] = False
    over = ignored.gather(1, ids.flatten(1)).reshape(ids.shape).float()[:, None]
    return torch.cat([functional.max_pool2d(over, s).flatten(1) for s in STRIDES], 1) > 0


def recolored(images: Tensor, strength: float, rng: torch.Generator) -> Tensor:
    """Other light, other camera: brightness, contrast, saturation, white balance, blur and noise."""
    count, device = len(images), images.device

    def each(low: float, high: float, channels: int = 1) -> Tensor:
        span = _uniform(rng, (count, channels, 1, 1), low, high, device)
        return 1.0 + strength * (span - 1.0)

    images = images * each(0.65, 1.25) * each(0.94, 1.06, 3)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * each(0.75, 1.25) + mean
    grey = images.mean(1, keepdim=True)
    images = (images - grey) * each(0.75, 1.2) + grey
    blurred = functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    blend = (each(-0.8, 1.8) - 1.0).clamp(0.0, 1.0)
    images = images * (1.0 - blend) + blurred * blend
    noise = torch.randn(images.shape, generator=rng, device=device)
    images = images + noise * 0.03 * strength * (each(0.0, 2.0) - 1.0).clamp(min=0.0)
    return images.clamp(0.0, 1.0)


def _blanked(
    images: Tensor, ids: Tensor, share: float, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Some pictures show nothing at all, in any colour: a covered lens, a blank wall."""
    count, device = len(images), images.device
    blank = torch.rand(count, generator=rng, device=device) < share
    plain = torch.rand((count, 1, 1, 1), generator=rng, device=device)
    tint = _uniform(rng, (count, 3, 1, 1), 0.9, 1.1, device)
    images = torch.where(blank[:, None, None, None], (plain * tint).clamp(0.0, 1.0), images)
    return images, torch.where(blank[:, None, None], torch.zeros_like(ids), ids)


def _between(lot: Tensor, limits: tuple[float, float]) -> Tensor:
    """Factors that lie evenly between two on a logarithmic scale; ``lot`` in 0 to 1."""
    low, high = (math.log(v) for v in limits)
    return (low + lot * (high - low)).exp()


def _uniform(
    rng: torch.Generator, shape: tuple[int, ...], low: float, high: float, device: torch.device
) -> Tensor:
    return torch.rand(shape, generator=rng, device=device) * (high - low) + low
