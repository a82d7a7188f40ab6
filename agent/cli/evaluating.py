"""What `eval` does: a suite with a progress bar, a table or JSON at the end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from diarchy.agent.cli.output import crash, one_line, print_json
from diarchy.contracts.errors import DiarchyError, ExitCode

if TYPE_CHECKING:
    from diarchy.agent.run.config import RunConfig


def evaluate(
    suite: str,
    config: RunConfig,
    *,
    episodes: int,
    workers: int,
    address: str | None,
    as_json: bool,
) -> int:
    """Run a suite (or finish one that was interrupted); returns the exit code."""
    from diarchy.agent.evaluation.suite import run_suite

    console = Console(stderr=as_json)
    out = config.record or default_folder(suite, config)
    with _Bar(console, suite, episodes) as bar:
        try:
            result = run_suite(
                suite,
                episodes=episodes,
                seed=config.seed,
                workers=workers,
                address=address,
                config=config,
                out=out,
                progress=bar.advance,
            )
        except DiarchyError:
            raise
        except Exception as error:
            raise crash(error, out) from error
    if as_json:
        print_json(result.to_json())
    else:
        console.print(result.table())
        console.print(f"episodes: {out}", highlight=False)
    return int(ExitCode.DONE)


def default_folder(suite: str, config: RunConfig) -> Path:
    """Return the same folder for the same choices, so that the same command resumes."""
    parts = [
        suite,
        f"seed{config.seed}",
        config.scene,
        config.planner,
        config.system1,
        config.perception,
    ]
    name = "-".join(
        re.sub(r"[^A-Za-z0-9]+", "_", Path(part).stem if "://" not in part else part)
        for part in parts
    )
    return Path("runs") / f"eval-{name}"


@final
class _Bar:
    """A bar on a terminal, a line an episode anywhere else."""

    def __init__(self, console: Console, suite: str, episodes: int) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.fields[suite]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=episodes, suite=suite)

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, done: int, total: int, text: str) -> None:
        self._bar.update(self._task, completed=done, total=total, description=one_line(text)[:60])
        if self._bar.disable:
            self._console.print(f"{done}/{total} {one_line(text)}", highlight=False, markup=False)
