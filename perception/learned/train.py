"""Trains the detector's network: everything on one device, one process, one seed.

    diarchy train detector --data data/detector --out data/detector.safetensors

Where there is torch and nothing of diarchy ``scripts/train_detector.py`` does the same. Beside the
weights it writes ``.onnx``, which the detector runs, and ``.json``, how good it is.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from diarchy.perception.learned.augment import AugmentSettings, Store
from diarchy.perception.learned.evaluate import evaluate
from diarchy.perception.learned.export import export
from diarchy.perception.learned.labels import NAME, Labels
from diarchy.perception.learned.loss import Loss
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.perception.learned.shards import HEIGHT, WIDTH, read

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


def train(
    data: Path,
    out: Path,
    settings: TrainSettings,
    *,
    config: NetConfig | None = None,
    augment: AugmentSettings | None = None,
) -> dict[str, Any]:
    """Train, evaluate on the held-out pictures and write weights, ONNX and metrics; returns the metrics.

    Raises:
        FileNotFoundError: there are no pictures.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(settings.seed)
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    labels = Labels.loads((data / NAME).read_text(encoding="utf-8"))
    store, held_out = (
        _store(data / part, labels, device, settings) for part in ("train", "held_out")
    )
    net = Segmenter(config or NetConfig(len(labels.classes), len(labels.colors)))
    _LOG.info(
        "%d pictures, %d held out, %d parameters, on %s",
        len(store), len(held_out), net.parameter_count(), device,
    )  # fmt: skip
    net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = Trainer(net, store, settings, augment or AugmentSettings())
    for line in _epochs(trainer):
        _LOG.info("%s", line)
    # First of all what took so long to make.
    save(trainer.average.net, labels, out)
    metrics = evaluate(trainer.average.net, held_out, labels)
    metrics |= {"settings": asdict(settings), "network": asdict(net.config), "steps": trainer.step}
    metrics |= {"pictures": len(store), "held_out": len(held_out), "device": _device_name(device)}
    out.with_suffix(".json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    export(trainer.average.net, labels, out.with_suffix(".onnx"), height=HEIGHT, width=WIDTH)
    _LOG.info("box mAP50 %s, mask mAP50 %s", metrics["box_map50"], metrics["mask_map50"])
    return metrics


def _split(order: Tensor, size: int) -> Iterator[Tensor]:
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


def _epochs(trainer: Trainer) -> Iterator[str]:
    """Train to the end; yields a line for every epoch."""
    began, epoch = time.perf_counter(), 0
    while trainer.progress < 1.0:
        first, at = trainer.step, time.perf_counter()
        parts = trainer.epoch()
        epoch += 1
        seconds = time.perf_counter() - at
        speed = (trainer.step - first) * trainer.settings.batch / max(seconds, 1e-6)
        words = "  ".join(f"{name} {value:.3f}" for name, value in parts.items())
        yield (
            f"epoch {epoch}  {100 * trainer.progress:.0f}%  {time.perf_counter() - began:.0f} s  "
            f"{speed:.0f} pictures/s  {words}"
        )


def _store(folder: Path, labels: Labels, device: torch.device, settings: TrainSettings) -> Store:
    pictures = read(folder)
    if settings.pictures:
        pictures = pictures.head(settings.pictures)
    return Store(pictures, labels, device)


def _groups(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weights of convolutions decay, biases and normalisations do not."""
    heavy = [p for p in net.parameters() if p.ndim > 1]
    light = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]


def save(net: Segmenter, labels: Labels, out: Path) -> None:
    """Write weights with the network's sizes and labels; `load` reads them."""
    from safetensors.torch import save_file

    out.parent.mkdir(parents=True, exist_ok=True)
    state = {k: v.detach().cpu().contiguous() for k, v in net.state_dict().items()}
    about = {"labels": labels.dumps(), "network": json.dumps(asdict(net.config))}
    save_file(state, out, metadata=about)


def load(path: Path) -> tuple[Segmenter, Labels]:
    """Read the weights that `save` wrote."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        about = file.metadata()
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    sizes = json.loads(about["network"])
    for name in ("widths", "blocks"):
        sizes[name] = tuple(sizes[name])
    net = Segmenter(NetConfig(**sizes))
    net.load_state_dict(state)
    return net.eval(), Labels.loads(about["labels"])


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def main() -> None:
    """Run from a shell that has torch and nothing of diarchy."""
    parser = argparse.ArgumentParser(description="Train the detector's network.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    defaults = TrainSettings()
    parser.add_argument("--minutes", type=float, default=None)
    for name in ("steps", "batch", "rate", "pictures", "seed"):
        value = getattr(defaults, name)
        parser.add_argument(f"--{name}", type=type(value), default=value)
    asked = vars(parser.parse_args())
    data, out = asked.pop("data"), asked.pop("out")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    train(data, out, replace(defaults, **asked))


if __name__ == "__main__":
    main()
