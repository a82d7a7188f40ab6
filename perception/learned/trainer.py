"""One training run, step by step: optimizers, schedule, augmentation and the average of the weights."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor

from diarchy.perception.learned.augment import Batch, blank_batch, compose, noise_bank
from diarchy.perception.learned.descent import Descent
from diarchy.perception.learned.loss import Loss
from diarchy.perception.learned.network import Segmenter
from diarchy.perception.learned.plan import AugmentSettings, draw
from diarchy.perception.learned.store import Store

_LOG = logging.getLogger(__name__)


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
        calm: share of the run, at its end, with few mosaics.
        muon: filters are moved by Muon, else all by AdamW.
        compiled: whether what may be compiled is, on a GPU.
        patient: what takes long to compile is not, until `Trainer.hurry`.
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
    calm: float = 0.12
    muon: bool = True
    compiled: bool = True
    patient: bool = False
    pictures: int = 0
    seed: int = 0


class Average:
    """An exponential moving average of a network's weights, slow only after a while."""

    def __init__(self, net: Segmenter, decay: float) -> None:
        self.net = deepcopy(net).eval()
        self._decay, self._count = decay, 0
        for value in self.net.parameters():
            value.requires_grad_(False)
        mine, others = self.net.state_dict(), net.state_dict()
        names = [n for n, v in mine.items() if v.dtype.is_floating_point]
        self._mine, self._others = [mine[n] for n in names], [others[n] for n in names]

    @torch.no_grad()
    def update(self) -> None:
        """Draw the average towards the network."""
        self._count += 1
        keep = self._decay * (1.0 - math.exp(-self._count / 400.0))
        torch._foreach_lerp_(self._mine, self._others, 1.0 - keep)


class Trainer:
    """One training run over a store of pictures."""

    def __init__(
        self, net: Segmenter, store: Store, settings: TrainSettings, augment: AugmentSettings
    ) -> None:
        self.net, self.store, self.settings = net, store, settings
        self._augment = augment
        self._loss = Loss(net.config)
        self.average = Average(net, settings.average)
        self._descent = Descent(
            net, decay=settings.decay, muon=settings.muon, recorded=settings.compiled
        )
        self._rng = torch.Generator(device=store.device).manual_seed(settings.seed + 1)
        self._noise = noise_bank(store.packed, self._rng)
        self._fast = settings.compiled and store.device.type == "cuda"
        self._compose = Compiled(compose, self._fast)
        self._judge = Compiled(self._judged, self._fast and not settings.patient)
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

    def hurry(self) -> None:
        """Compile what was not compiled so far, because it takes long and is to be found in the cache now."""
        if self._fast:
            self._judge = Compiled(self._judged, True)

    def rehearse(self) -> None:
        """Compile what takes long, so that another process finds it in the cache."""
        size, (height, width) = self.settings.batch, self.store.packed.shape[1:]
        nothing = blank_batch(size, height, width, self.store.device)
        self.net.train()
        self._judge = Compiled(self._judged, True)
        self._judge(nothing)["loss"].backward()
        torch.cuda.synchronize()

    def run(self, steps: int) -> dict[str, float]:
        """Train so many steps, or fewer if time is up; returns the mean of the loss and of its parts."""
        self.net.train()
        total: dict[str, Tensor] = {}
        count = 0
        while count < steps and self.progress < 1.0:
            for name, value in self._advance().items():
                total[name] = total.get(name, torch.zeros_like(value)) + value
            count += 1
        return {name: float(value) / max(1, count) for name, value in total.items()}

    def _advance(self) -> dict[str, Tensor]:
        done = self.progress
        warm = min(1.0, (self.step + 1) / self.settings.warmup)
        rate = self.settings.rate * warm * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))
        batch = self._batch(late=done > 1.0 - self.settings.calm)
        parts = self._taught(batch)
        self._descent.step(rate)
        self.average.update()
        self.step += 1
        return {name: value.detach() for name, value in parts.items()}

    def _taught(self, batch: Batch) -> dict[str, Tensor]:
        """Loss and gradients of a batch."""
        self._descent.clear()
        try:
            parts = cast(dict[str, Tensor], self._judge(batch))
            parts["loss"].backward()  # type: ignore[no-untyped-call]
        except Exception as error:
            # What goes backwards is compiled when it is first run.
            if not self._judge.give_up(error):
                raise
            return self._taught(batch)
        return parts

    @torch.no_grad()
    def _batch(self, *, late: bool) -> Batch:
        store, size = self.store, self.settings.batch
        index = torch.randint(len(store), (size,), generator=self._rng, device=store.device)
        augment = replace(self._augment, mosaic=(0.15, 0.0)) if late else self._augment
        plan = draw(store, index, augment, self._rng)
        what = (store.packed, store.table, store.movable, self._noise, plan)
        try:
            return cast(Batch, self._compose(*what))
        except Exception as error:
            if not self._compose.give_up(error):
                raise
            return cast(Batch, self._compose(*what))

    def _judged(self, batch: Batch) -> dict[str, Tensor]:
        device = batch.ids.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            out = self.net(batch.images.contiguous(memory_format=torch.channels_last))
        loss, parts = self._loss(out, batch)
        return {"loss": loss, **parts}


class Compiled:
    """A function that is compiled if it can be, and else called as it is."""

    def __init__(self, function: Callable[..., Any], wanted: bool) -> None:
        self._plain = function
        self._fast = torch.compile(function, dynamic=False) if wanted else None

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        if self._fast is None:
            return self._plain(*arguments)
        return self._fast(*arguments)

    def give_up(self, error: Exception) -> bool:
        """Call it as it is from now on; tells whether it was compiled so far."""
        if self._fast is None:
            return False
        _LOG.warning("not compiled: %s", str(error)[:2000])
        self._fast = None
        return True
