"""Results as a Markdown table: what the README shows, made by one command.

diarchy table runs/eval-household-* runs/eval-long-* --write README.md
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diarchy.agent.evaluation.stats import Rate
from diarchy.agent.evaluation.suite import EvalResult
from diarchy.contracts.errors import BadInputError

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
_HEAD = (
    "| suite | task | success | 95% interval | false | missed | progress | SPL | time |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|",
)


def markdown(results: Sequence[EvalResult]) -> str:
    """Return one table of several suites: a line for each kind of task, one for all of a suite."""
    lines = list(_HEAD)
    for result in results:
        if len(result.by_task) > 1:
            lines += [
                f"| {result.suite} | {task} | {_rate(rate)} | {_interval(rate)} | | | | | |"
                for task, rate in result.by_task.items()
            ]
        lines.append(
            f"| **{result.suite}** | all | **{_rate(result.success)}** | {_interval(result.success)} "
            f"| {result.false_success.k} | {result.missed_success.k} | {_two(result.progress)} "
            f"| {_two(result.spl)} | {_two(result.time_ratio)} |"
        )
    lines += ["", *(_footnote(r) for r in results)]
    return "\n".join(lines)


def write_between_marks(path: Path, table: str) -> None:
    """Replace what stands between the marks of a Markdown file by the table.

    Raises:
        BadInputError: the file cannot be read, or has no marks.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot read {path}: {error.strerror}") from error
    if BEGIN not in text or END not in text:
        raise BadInputError(f"{path} has no lines '{BEGIN}' and '{END}' to write between")
    before, after = text.split(BEGIN)[0], text.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def _rate(rate: Rate) -> str:
    return f"{rate.k}/{rate.n} = {rate.rate:.1%}"


def _interval(rate: Rate) -> str:
    low, high = rate.ci95
    return f"{low:.1%} to {high:.1%}"


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _footnote(result: EvalResult) -> str:
    return (
        f"{result.suite}: seed {result.seed}, {result.planner} planner, {result.system1}, "
        f"{result.perception} perception; {result.sim_s / max(result.episodes, 1):.0f} simulated s and "
        f"{result.wall_s / max(result.episodes, 1):.1f} s of one core an episode.  "
    )
