"""One training run, step by step: optimizer, schedule, augmentation and the average of the weights."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from diarchy.perception.learned.augment import AugmentSettings, Store
from diarchy.perception.learned.loss import Loss
from diarchy.perception.learned.network import Segmenter


@dataclass(frozen=True)
class TrainSettings:
    """How to train.

    Attributes:
        steps: the end, and of the learning rate's schedule.
        minutes: the end by the clock, whichever comes first; None: no such end. A run that ends by the clock
            does not repeat exactly.
        batch: pictures a step.
        rate: largest learning rate; ``decay`` of the weights.
        warmup: steps to that rate.
        average: decay of the average of the weights that is kept.
        calm: share of the run, at its end, without mosaics.
        pictures: use only so many; 0: all.
        seed: of weights, order and augmentation.
    """

    steps: int = 8000
    minutes: float | None = None
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.02
    warmup: int = 300
    average: float = 0.999
    calm: float = 0.25
    pictures: int = 0
    seed: int = 0


class Average:
    """An exponential moving average of a network's weights, slow only after a while."""

    def __init__(self, net: Segmenter, decay: float) -> None:
        self.net = deepcopy(net).eval()
        self._decay, self._count = decay, 0
        for value in self.net.parameters():
            value.requires_grad_(False)

    @torch.no_grad()
    def update(self, net: Segmenter) -> None:
        """Draw the average towards a network."""
        self._count += 1
        keep = self._decay * (1.0 - math.exp(-self._count / 400.0))
        mine, others = self.net.state_dict(), net.state_dict()
        names = [n for n, v in mine.items() if v.dtype.is_floating_point]
        torch._foreach_lerp_([mine[n] for n in names], [others[n] for n in names], 1.0 - keep)


class Trainer:
    """One training run over a store of pictures."""

    def __init__(
        self, net: Segmenter, store: Store, settings: TrainSettings, augment: AugmentSettings
    ) -> None:
        self.net, self.store, self.settings = net, store, settings
        self._augment = augment
        self._loss = Loss(net.config)
        self.average = Average(net, settings.average)
        self._optimizer = torch.optim.AdamW(
            _groups(net, settings.decay), lr=settings.rate, betas=(0.9, 0.99)
        )
        self._rng = torch.Generator(device=store.device).manual_seed(settings.seed + 1)
        self._began = time.perf_counter()
        self.step = 0

    @property
    def progress(self) -> float:
        """Part of the run that is done, by steps or by the clock."""
        done = self.step / self.settings.steps
        if self.settings.minutes is not None:
            seconds = time.perf_counter() - self._began
            done = max(done, seconds / (60.0 * self.settings.minutes))
        return min(1.0, done)

    def epoch(self) -> dict[str, float]:
        """Train one epoch, or less if time is up; returns the mean of the loss and of its parts."""
        self.net.train()
        total: dict[str, Tensor] = {}
        order = torch.randperm(len(self.store), generator=self._rng, device=self.store.device)
        count = 0
        for index in _split(order, self.settings.batch):
            if len(index) < min(self.settings.batch, len(self.store)) or self.progress >= 1.0:
                break
            for name, value in self._advance(index).items():
                total[name] = total.get(name, torch.zeros_like(value)) + value
            count += 1
        return {name: float(value) / max(1, count) for name, value in total.items()}

    def _advance(self, index: Tensor) -> dict[str, Tensor]:
        done = self.progress
        warm = min(1.0, (self.step + 1) / self.settings.warmup)
        rate = self.settings.rate * warm * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        late = done > 1.0 - self.settings.calm
        augment = replace(self._augment, mosaic=0.0) if late else self._augment
        batch = self.store.batch(index, augment, self._rng)
        device = self.store.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            out = self.net(batch.images.contiguous(memory_format=torch.channels_last))
        loss, parts = self._loss(out, batch)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self._optimizer.step()
        self.average.update(self.net)
        self.step += 1
        return {"loss": loss.detach(), **{n: v.detach() for n, v in parts.items()}}


def _split(order: Tensor, size: int) -> Iterator[Tensor]:
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


def _groups(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weights of convolutions decay, biases and normalisations do not."""
    heavy = [p for p in net.parameters() if p.ndim > 1]
    light = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]
