"""What `collect` and `train` do."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import typer

from diarchy.contracts.errors import BadInputError, ExitCode, MissingExtraError, did_you_mean

COLLECTED = {"pick": Path("data/pick"), "detector": Path("data/detector")}
"""What can be collected, and where to."""


class Defaults(NamedTuple):
    """Of one training: its data, what it writes, steps and rows a step."""

    data: Path
    out: Path
    steps: int
    batch: int


TRAINED = {
    "policy": Defaults(Path("data/pick"), Path("data/pick_flow.safetensors"), 2000, 128),
    "detector": Defaults(Path("data/detector"), Path("data/detector.safetensors"), 8000, 64),
    "planner": Defaults(Path("alfred_train.jsonl.gz"), Path("data/planner"), 2600, 512),
}
"""What can be trained; the outputs differ, so that none overwrites another."""


def collect(
    what: str,
    *,
    episodes: int,
    out: Path | None,
    first_seed: int,
    prefer: str,
    workers: int,
) -> int:
    """Record demonstrations or pictures; returns the exit code. ``out`` None: a folder of its own."""
    _known("demonstrations of", what, COLLECTED)
    out = out or COLLECTED[what]
    _positive(episodes=episodes, workers=workers)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if what == "detector":
        return _collect_pictures(out, episodes, first_seed)
    from diarchy.agent.learning.collect import collect as record

    shards = record(out, episodes, first_seed=first_seed, workers=workers, prefer=prefer)
    typer.echo(f"{sum(s.kept for s in shards)} demonstrations under {out}")
    return int(ExitCode.DONE)


def train(
    what: str,
    *,
    data: Path | None = None,
    out: Path | None = None,
    steps: int | None = None,
    batch: int | None = None,
    rollouts: int = 12,
    seed: int = 0,
    minutes: float | None = None,
    alfred: Path | None = None,
) -> int:
    """Train; returns the exit code. What is None is as in `TRAINED`.

    ``minutes`` bounds training of detector and planner by the clock. ``alfred`` are the sentences that the
    planner learns from; default: ``data``.
    """
    _known("training of", what, TRAINED)
    _allowed(what, minutes=minutes, alfred=alfred)
    usual = TRAINED[what]
    data, out = data or usual.data, out or usual.out
    steps = usual.steps if steps is None else steps
    batch = usual.batch if batch is None else batch
    _positive(steps=steps, batch=batch)
    if what == "detector":
        return _train_detector(data, out, steps=steps, batch=batch, seed=seed, minutes=minutes)
    if what == "planner":
        return _train_planner(
            alfred or data, out, steps=steps, batch=batch, seed=seed, minutes=minutes
        )
    try:
        from diarchy.agent.learning.train import train as fit
        from diarchy.skills.vla.train import TrainSettings
    except ImportError as error:
        raise MissingExtraError("training", "vla") from error
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = replace(TrainSettings(), steps=steps, batch=batch, seed=seed)
    typer.echo(f"weights: {fit(data, out, settings, rollouts=rollouts)}")
    return int(ExitCode.DONE)


def _collect_pictures(out: Path, homes: int, first_seed: int) -> int:
    """Take pictures of training homes, and of a tenth as many in the held-out layouts."""
    from diarchy.agent.learning.detector_data import collect as photograph

    photograph(out, homes, first_seed=first_seed)
    photograph(out, max(1, homes // 10), first_seed=first_seed, held_out=True)
    typer.echo(f"pictures under {out}")
    return int(ExitCode.DONE)


def _train_detector(
    data: Path, out: Path, *, steps: int, batch: int, seed: int, minutes: float | None
) -> int:
    try:
        from diarchy.perception.learned.train import train as fit
        from diarchy.perception.learned.trainer import TrainSettings
    except ImportError as error:
        raise MissingExtraError("training the detector", "detect-train") from error
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = TrainSettings(steps=steps, batch=batch, seed=seed, minutes=minutes)
    try:
        metrics = fit(data, out, settings)
    except FileNotFoundError as error:
        raise BadInputError(str(error)) from error
    typer.echo(f"weights: {out}, box mAP50 {metrics['box_map50']}")
    return int(ExitCode.DONE)


def _train_planner(
    alfred: Path, out: Path, *, steps: int, batch: int, seed: int, minutes: float | None
) -> int:
    try:
        from diarchy.agent.learning.planner import train as fit
        from diarchy.planners.embedded.train import Settings
    except ImportError as error:
        raise MissingExtraError("training the planner", "vlm") from error
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = Settings(minutes=minutes or 1e9, steps=0 if minutes else steps, seed=seed)
    settings = replace(settings, mix=replace(settings.mix, batch=batch))
    typer.echo(f"checkpoint: {fit(alfred, out, settings)}")
    return int(ExitCode.DONE)


def _allowed(what: str, *, minutes: float | None, alfred: Path | None) -> None:
    if minutes is not None and what == "policy":
        raise BadInputError(
            "--minutes is for the detector and the planner; the policy takes --steps"
        )
    if minutes is not None and not minutes > 0:
        raise BadInputError(f"--minutes must be more than 0, got {minutes}")
    if alfred is not None and what != "planner":
        raise BadInputError(f"--alfred is what the planner learns from, not the {what}")


def _known(kind: str, what: str, known: Iterable[str]) -> None:
    if what not in known:
        raise BadInputError(f"no {kind} '{what}'; {did_you_mean(what, known)}")


def _positive(**values: int) -> None:
    for name, value in values.items():
        if value < 1:
            raise BadInputError(f"--{name} must be at least 1, got {value}")
