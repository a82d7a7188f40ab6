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

import numpy as np
import torch

from diarchy.perception.learned.evaluate import evaluate
from diarchy.perception.learned.export import export
from diarchy.perception.learned.feed import Feed
from diarchy.perception.learned.labels import NAME, Labels
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.perception.learned.plan import AugmentSettings
from diarchy.perception.learned.shards import HEIGHT, WIDTH, Pictures, read
from diarchy.perception.learned.store import Store
from diarchy.perception.learned.trainer import Trainer, TrainSettings

_LOG = logging.getLogger(__name__)
SAVED_EVERY = 60.0
"""Seconds after which the weights so far are kept."""
ROUND = 50
"""Steps between two lines of the log."""
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
    capacity: int = 0,
    score: bool = True,
    ready: Path | None = None,
) -> dict[str, Any]:
    """Train, evaluate on the held-out pictures and write weights, ONNX and metrics; returns the metrics.

    ``start`` are weights to go on from; their sizes of the network are then taken. ``capacity``: shards that
    are added to the folder during the training are taken in, up to so many pictures in all. ``score``: whether
    it is evaluated when it is trained. ``ready``: a file that another process writes when it has compiled what
    takes long; see `rehearse`.

    Raises:
        FileNotFoundError: there are no pictures.
        ValueError: the weights to go on from name other classes, colours or attributes.
    """
    began = time.perf_counter()
    device = _prepared(settings)
    labels = _labels(data)
    feed = Feed(data / "train", labels, device, capacity=capacity, most=settings.pictures)
    store = feed.store
    net = _network(start, labels, config or NetConfig(len(labels.classes), len(labels.colors)))
    _LOG.info(
        "%d pictures, %d parameters, on %s", len(store), net.parameter_count(), device
    )  # fmt: skip
    net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = Trainer(net, store, settings, augment or AugmentSettings())
    # The first step compiles and records; nothing else is to use the device meanwhile.
    trainer.run(1)
    _LOG.info("%s", f"first step after {time.perf_counter() - began:.0f} s")
    saved = time.perf_counter()
    with feed:
        for line in _rounds(trainer, ready):
            _LOG.info("%d pictures  %s", len(store), line)
            if time.perf_counter() - saved > SAVED_EVERY:
                save(trainer.average.net, labels, out)
                saved = time.perf_counter()
    # First of all what took so long to make.
    save(trainer.average.net, labels, out)
    metrics: dict[str, Any] = {"settings": asdict(settings), "network": asdict(net.config)}
    metrics |= {"steps": trainer.step, "pictures": len(store), "device": _device_name(device)}
    if score:
        held_out = Store(read(data / "held_out"), labels, device)
        metrics |= {"held_out": len(held_out), **evaluate(trainer.average.net, held_out, labels)}
        # What it was trained on, too: where that is little better it was trained too little, or is too small.
        seen = evaluate(trainer.average.net, store, labels, pictures=SEEN)
        metrics["seen"] = {k: v for k, v in seen.items() if k != "classes"}
        _LOG.info("box mAP50 %s, mask mAP50 %s", metrics["box_map50"], metrics["mask_map50"])
    out.with_suffix(".json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    export(trainer.average.net, labels, out.with_suffix(".onnx"), height=HEIGHT, width=WIDTH)
    return metrics


def _network(start: Path | None, labels: Labels, config: NetConfig) -> Segmenter:
    if start is None:
        return Segmenter(config)
    net, known = load(start)
    if known != labels:
        raise ValueError(f"{start} was trained to name other things than the data does")
    return net


def rehearse(data: Path, settings: TrainSettings, ready: Path) -> None:
    """Compile what takes long, in a process beside the training, and write a file when that is done."""
    device = _prepared(settings)
    labels = _labels(data)
    nothing = np.zeros((1, HEIGHT, WIDTH, 3), dtype=np.uint8)
    store = Store(
        Pictures(nothing, nothing[..., 0], np.zeros((0, 10), dtype=np.float32)), labels, device
    )
    net = Segmenter(NetConfig(len(labels.classes), len(labels.colors)))
    net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    Trainer(net, store, settings, AugmentSettings()).rehearse()
    ready.touch()


def _prepared(settings: TrainSettings) -> torch.device:
    torch.manual_seed(settings.seed)
    torch.backends.cudnn.benchmark, torch.backends.cudnn.benchmark_limit = True, 3
    torch.set_float32_matmul_precision("high")
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _rounds(trainer: Trainer, ready: Path | None) -> Iterator[str]:
    """Train to the end; yields a line now and then."""
    began = time.perf_counter()
    while trainer.progress < 1.0:
        if ready is not None and ready.exists():
            trainer.hurry()
            ready = None
        first, at = trainer.step, time.perf_counter()
        parts = trainer.run(ROUND)
        seconds = time.perf_counter() - at
        speed = (trainer.step - first) * trainer.settings.batch / max(seconds, 1e-6)
        words = "  ".join(f"{name} {value:.3f}" for name, value in parts.items())
        yield (
            f"step {trainer.step}  {100 * trainer.progress:.0f}%  "
            f"{time.perf_counter() - began:.0f} s  {speed:.0f} pictures/s  {words}"
        )


def _labels(data: Path) -> Labels:
    path = data / NAME
    if not path.is_file():
        raise FileNotFoundError(f"no {NAME} in {data}; 'diarchy collect detector' makes the data")
    return Labels.loads(path.read_text(encoding="utf-8"))


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
    parser.add_argument("--rehearse", action="store_true", help="only compile, then write --ready")
    parser.add_argument("--ready", type=Path, default=None)
    parser.add_argument("--plain", action="store_true", help="compile nothing")
    parser.add_argument("--no-muon", action="store_true", help="AdamW for the filters, too")
    parser.add_argument("--no-score", action="store_true", help="do not evaluate it")
    defaults = TrainSettings()
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--start", type=Path, default=None, help="weights to go on from")
    parser.add_argument("--capacity", type=int, default=0, help="take in more, up to so many")
    for name in ("steps", "batch", "rate", "pictures", "seed"):
        value = getattr(defaults, name)
        parser.add_argument(f"--{name}", type=type(value), default=value)
    asked = vars(parser.parse_args())
    data, out, start = (asked.pop(name) for name in ("data", "out", "start"))
    capacity, score = asked.pop("capacity"), not asked.pop("no_score")
    asked["muon"], asked["compiled"] = not asked.pop("no_muon"), not asked.pop("plain")
    ready, only = asked.pop("ready"), asked.pop("rehearse")
    asked["patient"] = ready is not None
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = replace(defaults, **asked)
    if only:
        rehearse(data, settings, ready)
        return
    train(data, out, settings, start=start, capacity=capacity, score=score, ready=ready)


if __name__ == "__main__":
    main()
