"""Collects demonstrations of `pick` in random households: what the policy is trained on.

    diarchy collect pick --episodes 500 --out data/pick

Only picks that the simulator's truth calls a success are kept. A shard is one file of several
episodes, named by its seeds; shards that exist are not collected again.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from diarchy.agent.learning.bench import PickBench
from diarchy.contracts.errors import DiarchyError
from diarchy.skills.vla.demonstrate import DemoPick, Recording

_LOG = logging.getLogger(__name__)
FIRST_SEED = 100_000
"""Collection uses seeds from here on; evaluations use small ones."""
SHARD = 20
_CALM = 0.25
"""Share of demonstrations without disturbances."""


@dataclass(frozen=True)
class ShardReport:
    """How many of a shard's seeds gave a demonstration."""

    path: Path
    kept: int
    tried: int


def collect(
    out: Path,
    episodes: int,
    *,
    first_seed: int = FIRST_SEED,
    workers: int = 1,
    prefer: str = "",
) -> list[ShardReport]:
    """Try ``episodes`` seeds and write the successful demonstrations as shards under ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    starts = range(first_seed, first_seed + episodes, SHARD)
    work = partial(_shard, out, first_seed + episodes, prefer)
    if workers == 1:
        return _logged(map(work, starts))
    # spawn: a forked child would inherit the parent's graphics context.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return _logged(pool.map(work, starts))


def _logged(reports: Iterable[ShardReport]) -> list[ShardReport]:
    done = []
    for report in reports:
        done.append(report)
        kept, tried = sum(r.kept for r in done), sum(r.tried for r in done)
        _LOG.info("%s: %d demonstrations of %d seeds so far", report.path.name, kept, tried)
    return done


def _shard(out: Path, end: int, prefer: str, start: int) -> ShardReport:
    seeds = range(start, min(end, start + SHARD))
    path = out / f"pick-{start:07d}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as old:
            return ShardReport(path, len(old["targets"]), len(seeds))
    recordings = [r for r in (_demonstration(s, prefer) for s in seeds) if r is not None]
    _write(path, recordings)
    return ShardReport(path, len(recordings), len(seeds))


def _demonstration(seed: int, prefer: str) -> Recording | None:
    rng = np.random.default_rng([seed, 5])
    noise = 0.0 if rng.random() < _CALM else float(rng.uniform(0.5, 1.3))
    try:
        with PickBench(seed, prefer=prefer) as bench:
            skill = DemoPick(bench.robot.spec, noise=noise)
            trial = bench.pick(skill)
    except DiarchyError as error:
        _LOG.info("seed %d was left out: %s", seed, error)
        return None
    return skill.recording if trial.truth and trial.outcome.success else None


def _write(path: Path, recordings: list[Recording]) -> None:
    """Write via a temporary name, so that an interrupted run leaves no half shard."""
    temporary = path.with_name(f".{path.stem}.partial.npz")
    lengths = np.array([len(r.proprio) for r in recordings], dtype=np.int64)
    rows = [(np.array(r.proprio), np.array(r.actions)) for r in recordings]
    np.savez_compressed(
        temporary,
        lengths=lengths,
        targets=np.array([r.target for r in recordings]).astype(np.float32),
        proprio=np.concatenate([p for p, _ in rows]).astype(np.float32)
        if rows
        else np.zeros((0, 1)),
        actions=np.concatenate([a for _, a in rows]).astype(np.float32)
        if rows
        else np.zeros((0, 1)),
    )
    temporary.replace(path)
