"""Running a suite: seeded, judged, in parallel if asked, resumed where it was interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from rich.table import Table

from diarchy.agent.evaluation.episode import EpisodeRecord, run_episode
from diarchy.agent.evaluation.stats import Rate
from diarchy.agent.evaluation.tasks import find_suite
from diarchy.agent.evaluation.workers import in_parallel
from diarchy.agent.run.config import RunConfig
from diarchy.contracts.errors import BadInputError

EPISODES_FILE = "episodes.jsonl"
CHOICES_FILE = "suite.json"
Progress = Callable[[int, int, str], None]


class EvalResult(BaseModel):
    """What ``eval --json`` prints."""

    schema_: int = Field(default=1, alias="schema")
    suite: str
    seed: int
    episodes: int
    planner: str
    system1: str
    perception: str
    success: Rate
    false_success: Rate
    missed_success: Rate
    by_task: dict[str, Rate]
    progress: float | None = None
    spl: float | None = None
    time_ratio: float | None = None
    disturbed: int | None = None
    subtasks: float | None = None
    failures: list[dict[str, Any]]
    guard_violations: int
    guard_noticeable: float | None = None
    """Share of all actions that the guard changed by more than 1% of a range."""
    sim_s: float
    wall_s: float

    model_config = {"populate_by_name": True}

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return self.model_dump(by_alias=True, mode="json")

    def table(self) -> Table:
        """Return the figures for a terminal."""
        table = Table(
            title=f"{self.suite}, seed {self.seed}, {self.planner} planner, {self.system1}, {self.perception}"
        )
        for column in ("task", "success", "of", "rate", "95% interval"):
            table.add_column(column, justify="left" if column == "task" else "right")
        for name, rate in [*self.by_task.items(), ("all", self.success)]:
            low, high = rate.ci95
            table.add_row(
                name, str(rate.k), str(rate.n), f"{rate.rate:.1%}", f"{low:.1%} to {high:.1%}"
            )
        table.caption = self.caption()
        return table

    def caption(self) -> str:
        """Say the other figures in one line."""
        parts = [
            f"false success {self.false_success.k}",
            f"missed success {self.missed_success.k}",
        ]
        for name, value in (
            ("progress", self.progress),
            ("SPL", self.spl),
            ("time against the scripted optimum", self.time_ratio),
        ):
            if value is not None:
                parts.append(f"{name} {value:.2f}")
        if self.guard_noticeable is not None:
            parts.append(f"guard noticeable in {self.guard_noticeable:.2%} of actions")
        return ", ".join(parts)


def run_suite(
    suite: str,
    *,
    episodes: int,
    seed: int,
    workers: int,
    config: RunConfig,
    out: Path,
    address: str | None = None,
    progress: Progress | None = None,
) -> EvalResult:
    """Run (or finish) a suite; every finished episode is on disk at once.

    ``workers`` processes share the episodes; ``address`` is that of a Ray cluster, None: this machine.

    Raises:
        BadInputError: the suite does not exist, or ``out`` holds other choices.
    """
    find_suite(suite)
    if episodes < 1 or workers < 1:
        raise BadInputError("--episodes and --workers must be at least 1")
    choices = config.model_copy(update={"pictures": False, "report": False, "record": None})
    done = {r.episode: r for r in _resume(out, suite, seed, choices)}
    todo = [i for i in range(episodes) if i not in done]
    with (out / EPISODES_FILE).open("a", encoding="utf-8") as lines:
        for record in _run(suite, todo, seed, choices, workers, address, out):
            done[record.episode] = record
            lines.write(record.model_dump_json() + "\n")
            lines.flush()
            if progress is not None:
                mark = "ok" if record.success else "FAILED"
                progress(len(done), episodes, f"{mark}: {record.sentence}")
    return summarize(suite, seed, choices, [done[i] for i in range(episodes)])


def _resume(out: Path, suite: str, seed: int, config: RunConfig) -> list[EpisodeRecord]:
    choices = {
        "suite": suite,
        "seed": seed,
        "config": config.model_dump(mode="json", exclude={"seed", "instruction", "remember"}),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        path = out / CHOICES_FILE
        if path.exists() and json.loads(path.read_text(encoding="utf-8")) != choices:
            raise BadInputError(
                f"{out} holds an evaluation with other choices; give another folder with --record"
            )
        path.write_text(json.dumps(choices, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInputError(
            f"cannot write {out}: {error.strerror}; give another folder with --record"
        ) from error
    finished = out / EPISODES_FILE
    if not finished.exists():
        return []
    records = []
    for line in finished.read_text(encoding="utf-8").splitlines():
        try:
            records.append(EpisodeRecord.model_validate_json(line))
        except ValueError:  # cut off when it was interrupted: that episode runs again
            break
    finished.write_text("".join(r.model_dump_json() + "\n" for r in records), encoding="utf-8")
    return records


def _run(
    suite: str,
    todo: list[int],
    seed: int,
    config: RunConfig,
    workers: int,
    address: str | None,
    out: Path,
) -> Iterable[EpisodeRecord]:
    jobs = [
        (suite, i, seed, config.model_copy(update={"record": out.resolve() / f"episode-{i:04d}"}))
        for i in todo
    ]
    if workers == 1 and address is None:
        return (run_fresh(*job) for job in jobs)
    return in_parallel(jobs, workers=workers, address=address)


def run_fresh(suite: str, index: int, seed: int, config: RunConfig) -> EpisodeRecord:
    """Run one episode in a fresh folder: what an interrupted one left is moved out of the way."""
    folder = config.record
    if folder is not None and folder.exists():
        number = 1
        while (old := folder.with_name(f"{folder.name}.interrupted-{number}")).exists():
            number += 1
        folder.rename(old)
    return run_episode(suite, index, seed, config)


def summarize(suite: str, seed: int, config: RunConfig, records: list[EpisodeRecord]) -> EvalResult:
    """Count. Success is truth AND verified; verified without truth is a false success."""
    n = len(records)
    tasks = sorted({r.task for r in records})
    disturbed = sum(r.disturbed_at is not None for r in records)
    by_task = {t: [r.success for r in records if r.task == t] for t in tasks}
    return EvalResult(
        suite=suite,
        seed=seed,
        episodes=n,
        planner=config.planner,
        system1=config.system1,
        perception=config.perception,
        success=Rate.of(sum(r.success for r in records), n),
        false_success=Rate.of(sum(r.verified and not r.truth for r in records), n),
        missed_success=Rate.of(sum(r.truth and not r.verified for r in records), n),
        by_task={t: Rate.of(sum(rows), len(rows)) for t, rows in by_task.items()},
        progress=_mean([r.progress for r in records]),
        spl=_mean([r.spl for r in records]),
        time_ratio=_mean([r.time_ratio for r in records]),
        disturbed=disturbed if any(r.disturbance for r in records) else None,
        subtasks=_mean([float(r.subtasks) for r in records]),
        failures=[
            {"episode": r.episode, "task": r.task, "sentence": r.sentence, "cause": r.cause}
            for r in records
            if not r.success
        ],
        guard_violations=sum(r.guard_violations for r in records),
        guard_noticeable=_noticeable(records),
        sim_s=round(sum(r.sim_s for r in records), 1),
        wall_s=round(sum(r.wall_s for r in records), 1),
    )


def _noticeable(records: Sequence[EpisodeRecord]) -> float | None:
    checked = sum(r.guard_checked for r in records)
    return sum(r.guard_noticeable for r in records) / checked if checked else None


def _mean(values: Sequence[float | None]) -> float | None:
    """Mean of what is known; None if nothing is."""
    known = [v for v in values if v is not None]
    return round(sum(known) / len(known), 4) if known else None


def load_results(folder: Path) -> EvalResult:
    """Read a finished (or interrupted) evaluation back from its folder.

    Raises:
        BadInputError: the folder holds no evaluation.
    """
    try:
        choices = json.loads((folder / CHOICES_FILE).read_text(encoding="utf-8"))
        lines = (folder / EPISODES_FILE).read_text(encoding="utf-8").splitlines()
        records = [EpisodeRecord.model_validate_json(line) for line in lines]
        config = RunConfig(instruction="", **choices["config"])
    except (OSError, ValueError, KeyError) as error:
        raise BadInputError(
            f"{folder} holds no evaluation ({EPISODES_FILE} and {CHOICES_FILE}); "
            "give the folder that 'diarchy eval' printed"
        ) from error
    records.sort(key=lambda r: r.episode)
    return summarize(str(choices["suite"]), int(choices["seed"]), config, records)
