"""Trains the bundled planner from scratch on a file of samples.

    python -m diarchy.planners.embedded.train data/planner --out data/planner/out --minutes 7

The folder holds ``samples.npz`` and ``tokenizer.json`` (`diarchy train planner` writes them first). Needs torch,
transformers, tokenizers, safetensors and NumPy only. One seed and ``--steps`` give the same batches; with
``--minutes`` the number of steps depends on the machine and is written to ``metrics.json``.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diarchy.planners.embedded.evaluate import Judge
from diarchy.planners.embedded.modeling import (
    Size,
    add_dropout,
    build,
    describe,
    parameters,
    save_weights,
)
from diarchy.planners.embedded.samples import IGNORED, Batches, Mix, Samples
from diarchy.planners.embedded.words import load_tokenizer

_LOG = logging.getLogger(__name__)
SHARES = {"goal": 0.35, "steps": 0.17, "step": 0.20, "home": 0.23, "other": 0.05}


@dataclass(frozen=True)
class Settings:
    """How long and how fast.

    Attributes:
        minutes: of wall time for everything, evaluation and saving included.
        steps: of the optimiser; 0: as many as the minutes allow.
        rate, warmup, decay: peak learning rate, steps to reach it, weight decay; cosine to a fiftieth.
        average: of the exponential moving average of the weights, which is what is kept.
        dropout, smoothing: of the network and of the labels.
        looks: how often the validation part is answered on the way; the best is kept.
        look_at: sentences of one such look.
        final: sentences of each held-out part that are answered at the end, at most.
        workers: processes that make batches; 0: this one.
        seed: of weights and batches.
    """

    minutes: float = 7.0
    steps: int = 0
    rate: float = 1e-3
    warmup: int = 200
    decay: float = 0.1
    average: float = 0.999
    dropout: float = 0.15
    smoothing: float = 0.05
    looks: int = 6
    look_at: int = 1000
    final: int = 2500
    workers: int = 0
    seed: int = 0
    mix: Mix = field(default_factory=lambda: Mix(SHARES))


class Trainer:
    """One training.

    Args:
        samples: what there is to learn.
        judge: answers the validation part.
        size: of the network.
        settings: of the training.
        only: train on these samples alone.
        device: ``cuda`` or ``cpu``.
        compiled: let torch compile the network.
        keep: is given the best weights so far, whenever there are better ones.
    """

    def __init__(
        self, samples: Samples, judge: Judge, size: Size, settings: Settings, device: str,
        only: Any = None, compiled: bool = False, keep: Callable[[dict[str, Tensor]], Any] = len,
    ) -> None:  # fmt: skip
        self.settings, self._judge, self._device, self._keep = settings, judge, device, keep
        self.model = build(size, settings.seed).to(device)
        self.average = build(size, settings.seed).to(device).eval()
        add_dropout(self.model, settings.dropout)
        self._body = torch.compile(self.model.model, dynamic=True) if compiled else self.model.model
        self._batches = Batches(samples, settings.mix, settings.seed, only)
        self._trained = [p for n, p in self.model.named_parameters() if ".visual." not in n]
        self._optimiser = self._build_optimiser()
        self.step = 0
        self.history: list[dict[str, float]] = []
        self.best: tuple[float, dict[str, Tensor]] = (-1.0, {})

    def _build_optimiser(self) -> torch.optim.AdamW:
        matrices = [p for p in self._trained if p.ndim > 1]
        others = [p for p in self._trained if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": self.settings.decay},
            {"params": others, "weight_decay": 0.0},
        ]
        fused = self._device == "cuda"
        return torch.optim.AdamW(groups, lr=self.settings.rate, betas=(0.9, 0.98), fused=fused)

    def _loader(self) -> Any:
        return torch.utils.data.DataLoader(
            self._batches,  # type: ignore[arg-type]
            batch_size=None,
            sampler=_Counting(),
            num_workers=self.settings.workers,
            prefetch_factor=8 if self.settings.workers else None,
        )

    def run(self, look: Any, begun: float, spare: float) -> None:
        """Train until time or steps are used up; ``look`` are the samples that are answered on the way.

        ``begun`` is when the clock started (`time.monotonic`), ``spare`` the share of the minutes kept for
        the evaluation at the end.
        """
        available = self.settings.minutes * 60.0 * (1.0 - spare)
        start, looked, self.model = time.monotonic(), 0, self.model.train()
        losses: list[Tensor] = []
        for batch in self._loader():
            now = time.monotonic() - begun
            by_time = (now - (start - begun)) / max(available - (start - begun), 1e-6)
            done = self.step / self.settings.steps if self.settings.steps else by_time
            if done >= 1.0:
                break
            losses.append(self._update(batch, done))
            if self.step % 100 == 0:
                mean = float(torch.stack(losses).mean())
                losses = []
                self._say(mean, start, done)
            if done > (looked + 1) / (self.settings.looks + 1) and done < 0.97:
                looked += 1
                self._look(look)
        self._look(look)

    def _say(self, loss: float, start: float, done: float) -> None:
        seconds = time.monotonic() - start
        rate = self.step * self.settings.mix.batch / seconds
        self.history.append(
            {"step": self.step, "loss": round(loss, 4), "seconds": round(seconds, 1)}
        )
        _LOG.info("step %5d  loss %.4f  %3.0f%%  %.0f s  %.0f samples/s", self.step, loss, 100 * done, seconds, rate)  # fmt: skip

    def _update(self, batch: Any, done: float) -> Tensor:
        self._schedule(done)
        tokens, labels, weights = (torch.as_tensor(x).to(self._device, non_blocking=True) for x in batch)  # fmt: skip
        tokens, labels = tokens.long(), labels.long()
        with torch.autocast(self._device, torch.bfloat16, enabled=self._device == "cuda"):
            positions = torch.arange(tokens.shape[1], device=self._device)
            positions = positions[None, None].expand(3, len(tokens), -1)
            hidden = self._body(input_ids=tokens, position_ids=positions, use_cache=False)
            chosen = labels != IGNORED
            logits = self.model.lm_head(hidden.last_hidden_state[chosen])
        losses = torch.nn.functional.cross_entropy(
            logits.float(),
            labels[chosen],
            reduction="none",
            label_smoothing=self.settings.smoothing,
        )
        weighted = weights[chosen]
        loss = (losses * weighted).sum() / weighted.sum()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimiser.step()
        self.step += 1
        self._follow()
        return loss.detach()

    def _schedule(self, done: float) -> None:
        cosine = 0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * min(done, 1.0)))
        rate = self.settings.rate * cosine * min(1.0, (self.step + 1) / self.settings.warmup)
        for group in self._optimiser.param_groups:
            group["lr"] = rate

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(self.settings.average, (1.0 + self.step) / (10.0 + self.step))
        followers = [p for n, p in self.average.named_parameters() if ".visual." not in n]
        torch._foreach_lerp_(followers, self._trained, 1.0 - decay)

    def _look(self, numbers: Any) -> None:
        """Answer some of the validation part with the averaged weights, and keep them if they are the best."""
        result, _ = self._judge.score(self.average, numbers)
        rate = float(result.get("exact_goal", 0.0))
        self.history.append({"step": self.step, "exact_goal": rate})
        _LOG.info("step %5d  exact goal %.4f of %d", self.step, rate, result["n"])
        if rate >= self.best[0]:
            kept = {k: v.detach().clone() for k, v in self.average.state_dict().items()}
            self.best = (rate, kept)
            self._keep(kept)


class _Counting(torch.utils.data.Sampler[int]):
    """Numbers from 0 on, without end."""

    def __iter__(self) -> Any:
        number = 0
        while True:
            yield number
            number += 1


def some(numbers: Any, count: int) -> Any:
    """Return at most ``count`` of the numbers, the same each time."""
    if len(numbers) <= count:
        return numbers
    return np.sort(np.random.default_rng(0).choice(numbers, count, replace=False))


def fit(
    folder: Path, out: Path, size: Size, settings: Settings, *, device: str = "", compiled: bool = False,
    overfit: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Train on ``samples.npz`` and ``tokenizer.json`` of a folder; write weights and ``metrics.json``.

    ``overfit`` trains on (and looks at) so many sentences only: a check that the network can learn at all.
    """
    begun = time.monotonic()
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    samples, tokenizer = Samples.load(folder / "samples.npz"), load_tokenizer(folder)
    judge = Judge(samples, tokenizer, batch=1024 if device == "cuda" else 64)
    only = some(samples.of("train", "goal"), overfit) if overfit else None
    look = only if only is not None else some(samples.of("val", "goal"), settings.look_at)
    trainer = Trainer(
        samples, judge, size, settings, device, only, compiled, lambda w: save_weights(w, out)
    )
    _LOG.info("%d samples, %d parameters, %s", len(samples), parameters(trainer.model), device)
    trainer.run(look, begun, spare=0.0 if overfit else 0.1)
    trainer.average.load_state_dict(trainer.best[1])
    _round(trainer.average)
    metrics: dict[str, Any] = {
        "size": describe(size), "settings": asdict(settings), "steps": trainer.step,
        "parameters": parameters(trainer.model), "device": device, "history": trainer.history,
        "training_s": round(time.monotonic() - begun, 1), "best_look": trainer.best[0],
    }  # fmt: skip
    _write(out, metrics)
    if not overfit:
        metrics["results"] = _final(samples, judge, trainer.average, out, settings.final)
    metrics["all_s"] = round(time.monotonic() - begun, 1)
    _write(out, metrics)
    return metrics


@torch.no_grad()
def _round(model: Any) -> None:
    """Round the weights as the file does; what is computed from the configuration stays exact."""
    for weight in model.parameters():
        weight.copy_(weight.to(torch.float16))


def _write(out: Path, metrics: dict[str, Any]) -> None:
    (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")


def _final(samples: Samples, judge: Judge, model: Any, out: Path, most: int) -> dict[str, Any]:
    """Answer every held-out part; the weights are those of the file, rounded to half precision."""
    results: dict[str, Any] = {}
    kept: list[dict[str, Any]] = []
    for split in samples.splits[1:]:
        for kind in samples.kinds:
            numbers = some(samples.of(split, kind), most)
            if len(numbers) and kind not in ("steps", "step"):
                results[f"{split}/{kind}"], records = judge.score(model, numbers)
                kept += records
                _LOG.info("%s/%s: %s", split, kind, {k: results[f"{split}/{kind}"][k] for k in ("n", "exact_goal", "exact_answer", "invalid", "refused_or_asked")})  # fmt: skip
    text = "\n".join(json.dumps(r) for r in kept) + "\n"
    (out / "answers.jsonl").write_text(text, encoding="utf-8")
    return results


def main() -> int:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path, help="folder with samples.npz and tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    for name in ("minutes", "rate", "decay", "average", "dropout", "smoothing"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Settings(), name))
    for name in ("steps", "warmup", "looks", "look_at", "final", "workers", "seed"):
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=int, default=getattr(Settings(), name))
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--read", type=float, default=0.1)
    parser.add_argument("--layers", type=int, default=Size().layers)
    parser.add_argument("--hidden", type=int, default=Size().hidden)
    parser.add_argument("--overfit", type=int, default=0)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=0)
    choices = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if choices.threads:
        torch.set_num_threads(choices.threads)
    torch.set_float32_matmul_precision("high")
    hidden = choices.hidden
    vocabulary = load_tokenizer(choices.data).get_vocab_size()
    size = Size(vocabulary=vocabulary, hidden=hidden, layers=choices.layers, heads=hidden // 64, inner=hidden * 14 // 5)  # fmt: skip
    quiet = {"words": 0.0, "names": 0.0, "missing": 0.0} if choices.overfit else {}
    shares = {"goal": 1.0} if choices.overfit else SHARES
    names = ("minutes", "rate", "decay", "average", "dropout", "smoothing", "steps", "warmup", "looks", "look_at", "final", "workers", "seed")  # fmt: skip
    mix = Mix(shares, batch=choices.batch, read=choices.read, **quiet)
    settings = Settings(**{n: getattr(choices, n) for n in names}, mix=mix)
    metrics = fit(choices.data, choices.out, size, settings, compiled=choices.compile, overfit=choices.overfit)  # fmt: skip
    _LOG.info("%s", json.dumps(metrics.get("results", metrics["best_look"])))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
