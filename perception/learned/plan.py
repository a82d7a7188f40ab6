"""What a batch of training pictures is to show: tiles, which pictures they show and how, drawn in small numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from diarchy.perception.learned.store import Store

TILES = 3
"""Tiles of a mosaic at most, along either side."""
NOISE_SLACK = 64
"""Px by which the bank of noise is larger than a picture."""


@dataclass(frozen=True)
class AugmentSettings:
    """How strongly pictures are changed.

    Attributes:
        mosaic: shares put together from four and from nine; the rest shows one picture.
        scale: how much a picture grows that is shown as a whole; ``part`` the same of a part of it.
        focus: share of single pictures cut out around one thing, which grows by ``closeup``.
        focus_tiles: the same of the tiles of mosaics.
        turn_deg, color: how far it is turned and how strongly recoloured.
        mirror: half of them are mirrored.
        blank: share that shows nothing.
    """

    mosaic: tuple[float, float] = (0.45, 0.2)
    scale: tuple[float, float] = (0.9, 1.4)
    part: tuple[float, float] = (0.5, 1.2)
    focus: float = 0.4
    focus_tiles: float = 0.85
    closeup: tuple[float, float] = (0.55, 2.0)
    turn_deg: float = 5.0
    color: float = 1.0
    mirror: bool = True
    blank: float = 0.01


NONE = AugmentSettings(
    mosaic=(0.0, 0.0), scale=(1.0, 1.0), focus=0.0, turn_deg=0.0, color=0.0, mirror=False, blank=0.0
)


class Plan(NamedTuple):
    """What B pictures are to show; T tiles each, rows first.

    Attributes:
        edges: ``[B, 2, TILES + 1]`` px of the tiles, along x and y; tiles may be empty.
        source: ``[B, T]`` int64 pictures.
        motion: ``[B, T, 6]``: affine, from a place here to where in the source to look.
        zoom: ``[B, T]``.
        light: ``[B, 12]`` factors of the colours, see `_recolored`.
        shift: ``[B, 2]`` int64: where in the bank of noise to begin.
    """

    edges: Tensor
    source: Tensor
    motion: Tensor
    zoom: Tensor
    light: Tensor
    shift: Tensor


def draw(store: Store, index: Tensor, settings: AugmentSettings, rng: torch.Generator) -> Plan:
    """Draw what a batch of the pictures ``[B]`` shows; others come in beside them."""
    count, device, tiles = len(index), store.device, TILES * TILES
    height, width = store.packed.shape[1:]
    size = torch.tensor([width, height], device=device, dtype=torch.float32)

    def lot(*shape: int) -> Tensor:
        return torch.rand((count, *shape), generator=rng, device=device)

    four, nine = settings.mosaic
    lots = lot()
    several = lots < four + nine
    edges = _edges(several.long() + (lots < nine), lot(2, TILES - 1), size)
    low = torch.stack(_rows_first(edges[:, 0, :-1], edges[:, 1, :-1]), -1)
    high = torch.stack(_rows_first(edges[:, 0, 1:], edges[:, 1, 1:]), -1)

    near = lot(tiles) < torch.where(several, settings.focus_tiles, settings.focus)[:, None]
    subject, slot = _subjects(store, lot(tiles), count, rng)
    other = (lot(tiles) * len(store)).long().clamp(max=len(store) - 1)
    other = torch.where(several[:, None], other, index[:, None])
    source = torch.where(near, subject, other)
    box = store.boxes[source, slot]

    place = lot(tiles)
    whole, part = _between(place, settings.scale), _between(place, settings.part)
    zoom = torch.where(several[:, None], part, whole)
    # What a close-up is about fits into its tile.
    fits = ((high - low) / (box[..., 2:] - box[..., :2]).clamp(min=1.0)).amin(-1)
    close = torch.minimum(_between(place, settings.closeup), 1.1 * fits).clamp(min=0.4)
    zoom = torch.where(near, close, zoom)
    middle = (low + high) / 2
    where = torch.where(near[..., None], low + (high - low) * (0.2 + 0.6 * lot(tiles, 2)), middle)
    away = lot(tiles, 2) - 0.5 if settings.scale != (1.0, 1.0) else torch.zeros_like(where)
    looked = torch.where(near[..., None], (box[..., :2] + box[..., 2:]) / 2, size * (0.5 + away))
    mirror = torch.where(lot(tiles) < 0.5 * settings.mirror, -1.0, 1.0)
    looked = _within(looked, where - low, high - where, mirror, zoom, size)
    turn = (lot(tiles) * 2.0 - 1.0) * math.radians(settings.turn_deg)
    cos, sin = turn.cos() / zoom, turn.sin() / zoom
    across, down = (mirror * cos, -mirror * sin), (sin, cos)
    offset = [
        looked[..., i] - a * where[..., 0] - b * where[..., 1]
        for i, (a, b) in enumerate((across, down))
    ]
    motion = torch.stack([*across, offset[0], *down, offset[1]], -1)
    shift = (lot(2) * NOISE_SLACK).long()
    return Plan(edges, source, motion, zoom, _light(lot(12), settings), shift)


def _light(lots: Tensor, settings: AugmentSettings) -> Tensor:
    """Factors ``[B, 12]``: of the three colours, contrast, saturation, gamma, noise, -, blank, its colour."""
    low = torch.tensor([0.94] * 3 + [0.75, 0.75, 0.85, 0.0], device=lots.device)
    high = torch.tensor([1.06] * 3 + [1.25, 1.2, 1.15, 2.0], device=lots.device)
    span = 1.0 + settings.color * (low + (high - low) * lots[:, :7] - 1.0)
    brightness = 1.0 + settings.color * (0.65 + 0.6 * lots[:, 7:8] - 1.0)
    noise = 0.03 * settings.color * (span[:, 6:] - 1.0).clamp(min=0.0)
    blank = (lots[:, 8:9] < settings.blank).float()
    tint = (lots[:, 9:10] * (0.9 + 0.2 * lots[:, 9:12])).clamp(0.0, 1.0)
    return torch.cat([span[:, :3] * brightness, span[:, 3:6], noise, blank * 0, blank, tint], 1)


def _edges(more: Tensor, lots: Tensor, size: Tensor) -> Tensor:
    """Edges ``[B, 2, TILES + 1]`` px of one, four or nine tiles, the inner ones about evenly spaced."""
    even = torch.tensor(
        [[0.0, 1.0, 1.0, 1.0], [0.0, 0.5, 1.0, 1.0], [0.0, 1 / 3, 2 / 3, 1.0]], device=size.device
    )[more]
    inner = (even[:, None, 1:3] < 1.0) * (lots - 0.5) * (0.3 / (1.0 + more))[:, None, None]
    edges = even[:, None].repeat(1, 2, 1)
    edges[:, :, 1:3] += inner
    return edges * size[:, None]


def _rows_first(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers of columns and of rows ``[B, TILES]`` as those of tiles ``[B, T]``."""
    return x.repeat(1, TILES), y.repeat_interleave(TILES, 1)


def _subjects(
    store: Store, lots: Tensor, count: int, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Pictures and slots ``[B, T]`` of things, all classes about as often; of none if there is nothing."""
    places, first, every, weights = store.subjects
    if not len(places):
        nothing = torch.zeros_like(lots, dtype=torch.int64)
        return nothing, nothing
    cls = torch.multinomial(weights, lots.numel(), replacement=True, generator=rng)
    cls = cls.reshape(count, -1)
    often = every[cls]
    at = first[cls] + torch.minimum((lots * often).long(), often - 1)
    picture, slot = places[at].unbind(-1)
    return picture, slot


def _within(
    looked: Tensor, before: Tensor, behind: Tensor, mirror: Tensor, zoom: Tensor, size: Tensor
) -> Tensor:
    """Move what is looked at ``[B, T, 2]`` so that a tile shows nothing beyond its picture, where it can."""
    turned = torch.stack([mirror < 0, torch.zeros_like(mirror, dtype=torch.bool)], -1)
    low = torch.where(turned, behind, before) / zoom[..., None]
    high = size - torch.where(turned, before, behind) / zoom[..., None]
    return torch.where(
        low <= high, torch.maximum(torch.minimum(looked, high), low), (low + high) / 2
    )


def _between(lot: Tensor, limits: tuple[float, float]) -> Tensor:
    """Factors that lie evenly between two on a logarithmic scale; ``lot`` in 0 to 1."""
    low, high = (math.log(v) for v in limits)
    return (low + lot * (high - low)).exp()
