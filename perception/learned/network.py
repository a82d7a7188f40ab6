"""The network: a small one-stage, anchor-free instance segmenter of our own, in plain torch.

Its parts are the field's: cross-stage partial blocks (CSPNet), spatial pyramid pooling, a path
aggregation neck (PANet), a decoupled head on three strides, box sides as distributions (generalised focal
loss), masks as combinations of prototypes (YOLACT). Rectifiers instead of smoother functions, because onnxruntime
fuses them into the convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

STEM = 5
"""Px of a picture per cell of the finest map: 640 by 480 px are looked at as they are, nothing is scaled."""
STRIDES = (2 * STEM, 4 * STEM, 8 * STEM)
BINS = 16
"""Values of the distribution of one side of a box, in strides, from `NEAREST` on."""
NEAREST = -1.0
"""Sides may lie on the near side of a cell's centre: what is smaller than a cell may fall between two."""
OPENING_BINS = 11


@dataclass(frozen=True)
class NetConfig:
    """Sizes of the network: channels of the strides 5 to 40, of the head and of the prototypes."""

    classes: int
    colors: int
    widths: tuple[int, int, int, int] = (32, 48, 96, 144)
    blocks: tuple[int, int, int, int] = (1, 2, 2, 1)
    class_width: int = 96
    box_width: int = 48
    prototypes: int = 24
    prototype_width: int = 32

    @property
    def extras(self) -> tuple[int, int, int, int, int]:
        """Outputs for colour, temperature, cleanliness, power and opening."""
        return (self.colors, 3, 3, 1, OPENING_BINS)

    def parts(self, extras: Tensor) -> tuple[Tensor, ...]:
        """Split ``[..., E]`` into what `extras` lists."""
        ends = [sum(self.extras[: i + 1]) for i in range(len(self.extras))]
        return tuple(extras[..., e - n : e] for e, n in zip(ends, self.extras, strict=True))


class Output(NamedTuple):
    """What the network says of every cell; A cells of all strides, finest first.

    Attributes:
        sides: ``[B, A, 4, BINS]`` logits of left, top, right, bottom.
        classes: ``[B, A, C]`` logits.
        extras: ``[B, A, E]`` logits, in the order of `NetConfig.extras`.
        weights: ``[B, A, P]`` of the prototypes.
        prototypes: ``[B, P, H/5, W/5]``.
    """

    sides: Tensor
    classes: Tensor
    extras: Tensor
    weights: Tensor
    prototypes: Tensor


class Block(nn.Sequential):
    """Convolution, batch normalisation, rectifier."""

    def __init__(
        self,
        inside: int,
        outside: int,
        kernel: int = 3,
        stride: int = 1,
        groups: int = 1,
        padding: int | None = None,
    ) -> None:
        around = kernel // 2 if padding is None else padding
        super().__init__(
            nn.Conv2d(inside, outside, kernel, stride, around, groups=groups, bias=False),
            nn.BatchNorm2d(outside, eps=1e-3, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Separable(nn.Sequential):
    """A convolution of each channel by itself, then one across channels: an eighth of the work."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(Block(inside, inside, 3, 1, inside), Block(inside, outside, 1))


class Residual(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, width: int, *, shortcut: bool) -> None:
        super().__init__()
        self.first, self.second = Block(width, width), Block(width, width)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape ``[B, width, H, W]``."""
        y = cast(Tensor, self.second(self.first(x)))
        return x + y if self.shortcut else y


class Partial(nn.Module):
    """A cross-stage partial block: half of the channels go through residuals, every stage is kept."""

    def __init__(self, inside: int, outside: int, count: int, *, shortcut: bool) -> None:
        super().__init__()
        half = outside // 2
        # Two convolutions rather than one that is split: onnxruntime would leave its blocked layout.
        self.aside, self.enter = Block(inside, half, 1), Block(inside, half, 1)
        self.stages = nn.ModuleList(Residual(half, shortcut=shortcut) for _ in range(count))
        self.leave = Block((2 + count) * half, outside, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, inside, H, W]`` to ``[B, outside, H, W]``."""
        parts = [self.aside(x), self.enter(x)]
        for stage in self.stages:
            parts.append(stage(parts[-1]))
        return cast(Tensor, self.leave(torch.cat(parts, 1)))


class Pooling(nn.Module):
    """Spatial pyramid pooling: maxima over growing neighbourhoods, side by side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter, self.leave = Block(width, width // 2, 1), Block(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(functional.max_pool2d(parts[-1], 5, 1, 2))
        return cast(Tensor, self.leave(torch.cat(parts, 1)))


class Head(nn.Module):
    """What one stride says: a branch for what it is and how it looks, one for where it is."""

    def __init__(self, inside: int, config: NetConfig) -> None:
        super().__init__()
        what, where = config.class_width, config.box_width
        self.what = nn.Sequential(Separable(inside, what), Separable(what, what))
        self.where = nn.Sequential(Separable(inside, where), Separable(where, where))
        self.classes = nn.Conv2d(what, config.classes, 1)
        self.extras = nn.Conv2d(what, sum(config.extras), 1)
        self.sides = nn.Conv2d(where, 4 * BINS, 1)
        self.weights = nn.Conv2d(where, config.prototypes, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return sides, classes, extras and prototype weights ``[B, *, H, W]``."""
        what, where = self.what(x), self.where(x)
        return self.sides(where), self.classes(what), self.extras(what), self.weights(where)


class Segmenter(nn.Module):
    """Pictures ``[B, 3, H, W]`` in 0 to 1, sides divisible by 40, to `Output`."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        b, c, d, e = config.widths
        n5, n10, n20, n40 = config.blocks
        self.stem = Block(3, b, STEM + 2, STEM, padding=1)
        self.at5 = Partial(b, b, n5, shortcut=True)
        self.at10 = nn.Sequential(Block(b, c, 3, 2), Partial(c, c, n10, shortcut=True))
        self.at20 = nn.Sequential(Block(c, d, 3, 2), Partial(d, d, n20, shortcut=True))
        self.at40 = nn.Sequential(Block(d, e, 3, 2), Partial(e, e, n40, shortcut=True), Pooling(e))
        self.up20 = Partial(d + e, d, 1, shortcut=False)
        self.up10 = Partial(c + d, c, 1, shortcut=False)
        self.down20, self.out20 = Block(c, c, 3, 2), Partial(c + d, d, 1, shortcut=False)
        self.down40, self.out40 = Block(d, d, 3, 2), Partial(d + e, e, 1, shortcut=False)
        self.heads = nn.ModuleList(Head(width, config) for width in (c, d, e))
        p = config.prototype_width
        self.coarse, self.side = Block(c, p, 1), Block(b, p, 1)
        self.fine = nn.Sequential(Separable(p, p), nn.Conv2d(p, config.prototypes, 1))
        self._start()

    def forward(self, x: Tensor) -> Output:
        """See `Output`."""
        sides, classes, extras, weights, prototypes = self.maps(x)
        sides, classes, extras, weights = (
            t.transpose(1, 2) for t in (sides, classes, extras, weights)
        )
        sides = sides.reshape(sides.shape[0], -1, 4, BINS)
        return Output(sides, classes, extras, weights, prototypes)

    def maps(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The same as the convolutions leave it: channels ``[B, *, A]`` before cells, and the prototypes."""
        at5 = self.at5(self.stem(x))
        at10 = self.at10(at5)
        at20 = self.at20(at10)
        at40 = self.at40(at20)
        up20 = self.up20(torch.cat([_doubled(at40), at20], 1))
        p10 = self.up10(torch.cat([_doubled(up20), at10], 1))
        p20 = self.out20(torch.cat([self.down20(p10), up20], 1))
        p40 = self.out40(torch.cat([self.down40(p20), at40], 1))
        said = [head(p) for head, p in zip(self.heads, (p10, p20, p40), strict=True)]
        sides, classes, extras, weights = (
            torch.cat([t.flatten(2) for t in kind], 2) for kind in zip(*said, strict=True)
        )
        prototypes = self.fine(_doubled(self.coarse(p10)) + self.side(at5))
        return sides, classes, extras, weights, prototypes

    def parameter_count(self) -> int:
        """Count the trained numbers."""
        return sum(p.numel() for p in self.parameters())

    def _start(self) -> None:
        """Begin with the belief that a cell holds nothing: about ten things among 4000 cells."""
        for head in self.heads:
            branch = cast(Head, head)
            nn.init.constant_(cast(Tensor, branch.classes.bias), -6.0)
            nn.init.constant_(cast(Tensor, branch.sides.bias), 0.5)


def cells(height: int, width: int, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Centres ``[A, 2]`` px and strides ``[A]`` px of all cells of a picture of that size."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(
            torch.arange(height // stride, device=device),
            torch.arange(width // stride, device=device),
            indexing="ij",
        )
        centres.append((torch.stack([x.flatten(), y.flatten()], 1) + 0.5) * stride)
        strides.append(torch.full((x.numel(),), float(stride), device=device))
    return torch.cat(centres), torch.cat(strides)


def boxes_of(sides: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Expected boxes ``[B, A, 4]`` (left, top, right, bottom, px) of distributions ``[B, A, 4, BINS]``."""
    values = torch.arange(BINS, device=sides.device, dtype=torch.float32) + NEAREST
    reach = (sides.float().softmax(-1) * values).sum(-1) * strides[:, None]
    return torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], -1)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
