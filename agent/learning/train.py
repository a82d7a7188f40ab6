"""Trains the pick policy and chooses among its checkpoints by what they do, not by their loss.

diarchy train policy --data data/pick --out data/pick_flow.safetensors
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

import torch

from diarchy.agent.learning.bench import PickBench, PickTrial
from diarchy.contracts.errors import DiarchyError
from diarchy.skills.vla.flow.configuration import FlowConfig
from diarchy.skills.vla.pick import VlaPick
from diarchy.skills.vla.train import Demonstrations, Trainer, TrainSettings

_LOG = logging.getLogger(__name__)
SELECTION_SEED = 50_000
"""Rollouts that select checkpoints use seeds from here on: neither collected on nor reported."""
_CANDIDATES = (0.7, 0.85, 1.0)


def train(
    data: Path,
    out: Path,
    settings: TrainSettings,
    *,
    rollouts: int = 12,
    config: FlowConfig | None = None,
) -> Path:
    """Train, select on rollouts, and write the best policy to ``out``; resumes where it was stopped."""
    torch.set_num_threads(1)
    demonstrations = Demonstrations.load(data)
    trainer = Trainer(demonstrations, config or FlowConfig(), settings)
    checkpoint = out.with_suffix(".checkpoint.safetensors")
    if checkpoint.exists():
        trainer.resume(checkpoint)
        _LOG.info("resumed at step %d", trainer.step)
    _LOG.info(
        "%d demonstrations, %d rows, %d parameters",
        demonstrations.episodes,
        len(demonstrations.episode),
        trainer.net.parameter_count(),
    )
    candidates = []
    for share in _CANDIDATES:
        _advance(trainer, round(share * settings.steps), checkpoint)
        candidate = out.with_name(f"{out.stem}-{share:.2f}.safetensors")
        if not candidate.exists():
            trainer.export(candidate)
        candidates.append(candidate)
    best = _select(candidates, rollouts)
    out.write_bytes(best.read_bytes())
    return out


def _advance(trainer: Trainer, until: int, checkpoint: Path) -> None:
    began, losses = time.perf_counter(), [0.0]

    def report(step: int, loss: float) -> None:
        losses[0] = loss if losses[0] == 0.0 else 0.98 * losses[0] + 0.02 * loss
        if step % 100 == 0:
            seconds = time.perf_counter() - began
            _LOG.info("step %5d  loss %.4f  %.0f s", step, losses[0], seconds)

    while trainer.step < until:
        trainer.advance(min(until, trainer.step + trainer.settings.save_every), report)
        trainer.save(checkpoint)
        _LOG.info("step %5d  held-out loss %.4f", trainer.step, trainer.validation_loss())


def _select(candidates: list[Path], rollouts: int) -> Path:
    """Return the candidate that picks most often; of equals the last."""
    if not rollouts:
        return candidates[-1]
    scores = []
    for candidate in candidates:
        trials = evaluate(candidate, range(SELECTION_SEED, SELECTION_SEED + rollouts))
        scores.append(sum(t.truth and t.outcome.success for t in trials))
        _LOG.info("%s: %d of %d", candidate.name, scores[-1], len(trials))
    return max(zip(scores, range(len(scores)), candidates, strict=True))[2]


def evaluate(weights: Path, seeds: range) -> list[PickTrial]:
    """Let a policy pick in the household of each seed."""
    trials = []
    for seed in seeds:
        try:
            with PickBench(seed) as bench:
                trials.append(bench.pick(VlaPick.load(bench.robot.spec, weights)))
        except DiarchyError as error:
            _LOG.info("seed %d was left out: %s", seed, error)
    return trials
