"""What `collect` and `train` do."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import typer

from diarchy.contracts.errors import BadInputError, ExitCode, MissingExtraError, did_you_mean

COLLECTED = ("pick",)
TRAINED = ("policy",)


def collect(
    what: str,
    *,
    episodes: int,
    out: Path,
    first_seed: int,
    prefer: str,
    workers: int,
) -> int:
    """Record demonstrations; returns the exit code."""
    _known("demonstrations of", what, COLLECTED)
    _positive(episodes=episodes, workers=workers)
    from diarchy.agent.learning.collect import collect as record

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    shards = record(out, episodes, first_seed=first_seed, workers=workers, prefer=prefer)
    typer.echo(f"{sum(s.kept for s in shards)} demonstrations under {out}")
    return int(ExitCode.DONE)


def train(
    what: str, *, data: Path, out: Path, steps: int, batch: int, rollouts: int, seed: int
) -> int:
    """Train; returns the exit code."""
    _known("training of", what, TRAINED)
    _positive(steps=steps, batch=batch)
    try:
        from diarchy.agent.learning.train import train as fit
        from diarchy.skills.vla.train import TrainSettings
    except ImportError as error:
        raise MissingExtraError("training", "vla") from error
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = replace(TrainSettings(), steps=steps, batch=batch, seed=seed)
    typer.echo(f"weights: {fit(data, out, settings, rollouts=rollouts)}")
    return int(ExitCode.DONE)


def _known(kind: str, what: str, known: tuple[str, ...]) -> None:
    if what not in known:
        raise BadInputError(f"no {kind} '{what}'; {did_you_mean(what, known)}")


def _positive(**values: int) -> None:
    for name, value in values.items():
        if value < 1:
            raise BadInputError(f"--{name} must be at least 1, got {value}")
