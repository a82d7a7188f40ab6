"""What is done to pictures on the device: cut, scaled, turned, put together, recoloured.

A plan (`plan.draw`) says for every tile of every picture what it shows; one pass over the pixels makes the
pictures (`compose`, which may be compiled). Boxes and visibility are read off the warped id maps, so that
no label can disagree with its picture.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from diarchy.perception.learned.network import STEM, STRIDES
from diarchy.perception.learned.plan import NOISE_SLACK, TILES, Plan
from diarchy.perception.learned.store import SLOTS, extents

GREY = 0.45
THINGS = 48
"""Ground truth of a picture at most; what is movable comes first."""
OBJECT_LEAST, FIXTURE_LEAST = 56.0, 380.0
"""Visible pixels below which a thing is ignored: a little below the rule of the data."""
OBJECT_SHARE, FIXTURE_SHARE, LARGE = 0.30, 0.10, 5700.0
"""A thing of which less than this part was left by a cut is ignored, but for what is still large."""


class Batch(NamedTuple):
    """A batch of B pictures with at most M things each.

    Attributes:
        images: ``[B, 3, H, W]`` in 0 to 1.
        ids: ``[B, H, W]`` int32.
        boxes: ``[B, M, 4]`` px.
        classes: ``[B, M]`` int64.
        attributes: ``[B, M, 5]`` colour, temperature, cleanliness, power, opening; -1: none.
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


def noise_bank(packed: Tensor, rng: torch.Generator) -> Tensor:
    """Noise ``[3, H + 64, W + 64]`` of which pictures ``[N, H, W]`` take a part each."""
    height, width = packed.shape[1:]
    shape = (3, height + NOISE_SLACK, width + NOISE_SLACK)
    return torch.randn(shape, generator=rng, device=packed.device)


def compose(packed: Tensor, table: Tensor, movable: Tensor, noise: Tensor, plan: Plan) -> Batch:
    """Make the pictures of a plan; ``packed``, ``table``, ``movable`` as `Store` has them."""
    images, ids = _warped(packed, plan)
    images = _recolored(images, noise, plan)
    blank = plan.light[:, 8] > 0.5
    images = torch.where(blank[:, None, None, None], plan.light[:, None, None, 9:12], images)
    ids = torch.where(blank[:, None, None], 0, ids)
    rows = table[plan.source].flatten(1, 2)
    zoom = plan.zoom.repeat_interleave(SLOTS, 1)
    return labelled(images.permute(0, 3, 1, 2), ids, rows, zoom, movable)


def blank_batch(count: int, height: int, width: int, device: torch.device) -> Batch:
    """Pictures that show nothing, in tensors just like those of `compose`."""
    cells = sum((height // s) * (width // s) for s in STRIDES)
    zeros = torch.zeros((count, THINGS), device=device)
    return Batch(
        torch.zeros((count, height, width, 3), device=device).permute(0, 3, 1, 2),
        torch.zeros((count, height, width), dtype=torch.int32, device=device),
        zeros[..., None].repeat(1, 1, 4),
        zeros.long(),
        zeros[..., None].repeat(1, 1, 5),
        zeros.long(),
        zeros.bool(),
        torch.zeros((count, cells), dtype=torch.bool, device=device),
    )


def _warped(packed: Tensor, plan: Plan) -> tuple[Tensor, Tensor]:
    """Colours ``[B, H, W, 3]`` and ids ``[B, H, W]`` int32, counted on from tile to tile."""
    height, width = packed.shape[1:]
    count, device = len(plan.source), packed.device
    x = torch.arange(width, device=device) + 0.5
    y = torch.arange(height, device=device) + 0.5
    column = (x >= plan.edges[:, 0, 1:2]).long() + (x >= plan.edges[:, 0, 2:3])
    row = (y >= plan.edges[:, 1, 1:2]).long() + (y >= plan.edges[:, 1, 2:3])
    tile = row[:, :, None] * TILES + column[:, None, :]
    key = tile + torch.arange(count, device=device)[:, None, None] * TILES**2
    a, b, c, d, e, f = (plan.motion[..., i].reshape(-1)[key] for i in range(6))
    across = a * x + b * y[:, None] + c
    down = d * x + e * y[:, None] + f
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    left, top = (across - 0.5).floor(), (down - 0.5).floor()
    u, v = across - 0.5 - left, down - 0.5 - top
    base = plan.source.reshape(-1)[key] * (height * width)
    flat = packed.reshape(-1)

    def read(dx: int, dy: int) -> Tensor:
        column = (left + dx).clamp(0, width - 1).long()
        return flat[base + (top + dy).clamp(0, height - 1).long() * width + column]

    corners = [read(dx, dy) for dy in (0, 1) for dx in (0, 1)]
    upper = torch.where(u < 0.5, corners[0], corners[1])
    lower = torch.where(u < 0.5, corners[2], corners[3])
    ids = torch.where(v < 0.5, upper, lower) >> 24
    ids = torch.where(inside & (ids > 0), ids + (tile * SLOTS).int(), 0)
    shares = ((1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v)
    byte = torch.tensor([0, 8, 16], device=device, dtype=torch.int32)
    colours = sum(
        (((p[..., None] >> byte) & 255).float() * s[..., None])
        for p, s in zip(corners, shares, strict=True)
    )
    return torch.where(inside[..., None], colours / 255.0, GREY), ids


def _recolored(images: Tensor, noise: Tensor, plan: Plan) -> Tensor:
    """Other light, other camera: brightness, white balance, contrast, saturation, gamma and noise."""
    height, width = images.shape[1:3]
    part = plan.light[:, None, None, :]
    images = images * part[..., :3]
    images = (images - GREY) * part[..., 3:4] + GREY
    grey = images.mean(-1, keepdim=True)
    images = (images - grey) * part[..., 4:5] + grey
    images = images.clamp(1e-4, 1.0) ** part[..., 5:6]
    y = torch.arange(height, device=images.device)[None, :, None] + plan.shift[:, 0, None, None]
    x = torch.arange(width, device=images.device)[None, None, :] + plan.shift[:, 1, None, None]
    grain = torch.stack([noise[c][y, x] for c in range(3)], -1)
    return (images + grain * part[..., 6:7]).clamp(0.0, 1.0)


def labelled(images: Tensor, ids: Tensor, table: Tensor, zoom: Tensor, movable: Tensor) -> Batch:
    """Read boxes and visibility off the id maps ``[B, H, W]``."""
    slots = table.shape[1]
    boxes, pixels = extents(ids, slots)
    cls = table[..., 0].clamp(min=0).long()
    small = movable[cls]
    least = torch.where(small, OBJECT_LEAST, FIXTURE_LEAST)
    share = torch.where(small, OBJECT_SHARE, FIXTURE_SHARE)
    whole = table[..., 7] * zoom.square()
    shown = (pixels >= least) & ((pixels >= share * whole) | (pixels >= LARGE))
    there = (pixels > 0) & (table[..., 1] >= 0)
    kept = there & shown & (table[..., 1] > 0)
    order = (kept * (1.0 + small)).topk(min(THINGS, slots), 1).indices
    return Batch(
        images,
        ids,
        boxes.gather(1, order[..., None].expand(-1, -1, 4)),
        cls.gather(1, order),
        table[..., 2:7].gather(1, order[..., None].expand(-1, -1, 5)),
        order,
        kept.gather(1, order),
        _ignored_cells(ids, there & ~kept),
    )


def _ignored_cells(ids: Tensor, ignored: Tensor) -> Tensor:
    """Cells ``[B, A]`` with a pixel, of every sixth, of something that is ignored ``[B, slots]``."""
    nothing = torch.arange(ignored.shape[1], device=ids.device) == 0
    flags = (ignored & ~nothing).float()
    parts = [ids[:, y::STEM, x::STEM].long() for y in (1, 3) for x in (1, 3)]
    over = torch.stack([flags.gather(1, p.flatten(1)).reshape(p.shape) for p in parts], 1)
    over = over.amax(1)[:, None]
    maps = [functional.max_pool2d(over, s // STEM).flatten(1) for s in STRIDES]
    return torch.cat(maps, 1) > 0
