"""Trains the detector's network: everything on one device, one process, one seed.

    diarchy train detector --data data/detector --out data/detector.safetensors

Where there is torch and nothing of diarchy ``scripts/train_detector.py`` does the same. Beside the
weights it writes ``.onnx``, which the detector runs, and ``.json``, how good it is.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from diarchy.perception.learned.augment import AugmentSettings, Store
from diarchy.perception.learned.evaluate import evaluate
from diarchy.perception.learned.export import export
from diarchy.perception.learned.labels import NAME, Labels
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.perception.learned.shards import HEIGHT, WIDTH, read
from diarchy.perception.learned.trainer import Trainer, TrainSettings

_LOG = logging.getLogger(__name__)
SEEN = 300
"""Training pictures, evenly taken, on which it is scored beside the held-out ones."""


def train(
    data: Path,
    out: Path,
    settings: TrainSettings,
    *,
    config: NetConfig | None = None,
    augment: AugmentSettings | None = None,
    start: Path | None = None,
) -> dict[str, Any]:
    """Train, evaluate on the held-out pictures and write weights, ONNX and metrics; returns the metrics.

    ``start`` are weights to go on from; their sizes of the network are then taken.

    Raises:
        FileNotFoundError: there are no pictures.
        ValueError: the weights to go on from name other classes, colours or attributes.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(settings.seed)
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    labels = _labels(data)
    store, held_out = (
        _store(data / part, labels, device, settings) for part in ("train", "held_out")
    )
    net = _network(start, labels, config or NetConfig(len(labels.classes), len(labels.colors)))
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
    # What it was trained on, too: where that is little better it was trained too little, or is too small.
    seen = evaluate(trainer.average.net, store, labels, pictures=SEEN)
    metrics["seen"] = {k: v for k, v in seen.items() if k != "classes"}
    metrics |= {"settings": asdict(settings), "network": asdict(net.config), "steps": trainer.step}
    metrics |= {"pictures": len(store), "held_out": len(held_out), "device": _device_name(device)}
    out.with_suffix(".json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    export(trainer.average.net, labels, out.with_suffix(".onnx"), height=HEIGHT, width=WIDTH)
    _LOG.info("box mAP50 %s, mask mAP50 %s", metrics["box_map50"], metrics["mask_map50"])
    return metrics


def _network(start: Path | None, labels: Labels, config: NetConfig) -> Segmenter:
    if start is None:
        return Segmenter(config)
    net, known = load(start)
    if known != labels:
        raise ValueError(f"{start} was trained to name other things than the data does")
    return net


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


def _labels(data: Path) -> Labels:
    path = data / NAME
    if not path.is_file():
        raise FileNotFoundError(f"no {NAME} in {data}; 'diarchy collect detector' makes the data")
    return Labels.loads(path.read_text(encoding="utf-8"))


def _store(folder: Path, labels: Labels, device: torch.device, settings: TrainSettings) -> Store:
    pictures = read(folder)
    if settings.pictures:
        pictures = pictures.head(settings.pictures)
    return Store(pictures, labels, device)


def save(net: Segmenter, labels: Labels, out: Path, *, half: bool = False) -> None:
    """Write weights, as halves if asked, with the network's sizes and labels; `load` reads them."""
    from safetensors.torch import save_file

    out.parent.mkdir(parents=True, exist_ok=True)
    state = {k: v.detach().cpu().contiguous() for k, v in net.state_dict().items()}
    if half:
        state = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
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
    parser.add_argument("--start", type=Path, default=None, help="weights to go on from")
    parser.add_argument("--focus", type=float, default=AugmentSettings.focus)
    for name in ("steps", "batch", "rate", "pictures", "seed"):
        value = getattr(defaults, name)
        parser.add_argument(f"--{name}", type=type(value), default=value)
    asked = vars(parser.parse_args())
    data, out, start = (asked.pop(name) for name in ("data", "out", "start"))
    augment = AugmentSettings(focus=asked.pop("focus"))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    train(data, out, replace(defaults, **asked), augment=augment, start=start)


if __name__ == "__main__":
    main()
