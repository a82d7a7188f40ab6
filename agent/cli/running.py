"""What `run`, `plan` and `demo` do with their choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import typer

from diarchy.agent.cli.logs import logged_in
from diarchy.agent.cli.output import crash, one_line, print_error, print_json
from diarchy.contracts.errors import DiarchyError, ExitCode

if TYPE_CHECKING:
    from diarchy.agent.progress import TerminalProgress
    from diarchy.agent.run.config import RunConfig
    from diarchy.agent.run.result import RunResult


Observers: TypeAlias = Sequence[Callable[[dict[str, Any]], None]]
Ask: TypeAlias = Callable[[str, tuple[str, ...]], str | None]
Meet: TypeAlias = Callable[[Any], None]

EPISODES_FILE = "episodes.sqlite"


def run(config: RunConfig, *, as_json: bool) -> int:
    """Carry out one command, show its progress, write its report; returns the exit code."""
    from diarchy.agent import session

    config = _with_folder(config)

    def work(observers: Observers, ask: Ask | None, meet: Meet | None) -> RunResult:
        return session.run_command(config, observers=observers, ask=ask, meet=meet)

    return _shown(work, config.record, as_json=as_json)


def resume(folder: Path, *, as_json: bool) -> int:
    """Go on with a run whose process died; returns the exit code."""
    from diarchy.agent import session

    def work(observers: Observers, ask: Ask | None, meet: Meet | None) -> RunResult:
        return session.resume_command(folder, observers=observers, ask=ask, meet=meet)

    return _shown(work, folder, as_json=as_json)


def _shown(
    work: Callable[[Observers, Ask | None, Meet | None], RunResult],
    folder: Path | None,
    *,
    as_json: bool,
) -> int:
    from diarchy.agent.cli.asking import person_at
    from diarchy.agent.cli.listening import Listener

    progress = _progress(as_json=as_json)
    with progress:
        # With a person at the terminal every line that is typed meanwhile is said to the robot.
        listener = Listener(progress) if person_at(progress, as_json=as_json) else None
        ask = listener.ask if listener else None
        meet = (lambda agent: listener.listen(agent.say)) if listener else None
        result = _caught(lambda: work((progress.on_event,), ask, meet), folder)
    report = _write_report(result.run_dir)
    return _finish(result, report, as_json=as_json)


def plan(config: RunConfig, *, export: Path | None = None, as_json: bool) -> int:
    """Plan only; returns the exit code."""
    from diarchy.agent import session

    config = _with_folder(config)
    result = _caught(lambda: session.plan_command(config), config.record)
    if export is not None and (result.plan or {}).get("kind") == "plan":
        export_plan(result, export)
    if as_json:
        print_json(result.to_json())
    elif _steps(result):
        _print_plan(result)
    if result.exit_code != ExitCode.DONE:
        print_error(_why(result))
    return result.exit_code


def export_plan(result: RunResult, path: Path) -> None:
    """Write the plan of a result as a behaviour tree.

    Raises:
        BadInputError: the file cannot be written, or the plan has something that XML cannot hold.
    """
    from diarchy.agent.tree.btcpp.document import write
    from diarchy.agent.tree.btcpp.plans import plan_to_document
    from diarchy.contracts.errors import BadInputError
    from diarchy.contracts.plan import Plan
    from diarchy.skills.specs import BUILTIN

    text = write(plan_to_document(Plan.model_validate(result.plan), BUILTIN))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"--export {path}: cannot be written: {error.strerror}") from error


def _with_folder(config: RunConfig) -> RunConfig:
    """Name the folder here, so that a traceback finds its way into it; remember the episode beside it."""
    from diarchy.agent.session import fresh_folder

    folder = config.record or fresh_folder(config.instruction)
    return config.model_copy(update={"record": folder, "episodes": folder.parent / EPISODES_FILE})


def _progress(*, as_json: bool) -> TerminalProgress:
    from diarchy.agent.progress import PatientConsole, TerminalProgress

    return TerminalProgress(PatientConsole(stderr=as_json))


def _caught(call: Callable[[], RunResult], folder: Path | None) -> RunResult:
    try:
        with logged_in(folder):
            return call()
    except DiarchyError:
        raise
    except Exception as error:
        raise crash(error, folder) from error


def _write_report(run_dir: str | None) -> Path | None:
    """Write the report; one that cannot be written is said and changes nothing of the result."""
    if run_dir is None:
        return None
    from diarchy.agent.report import write_report
    from diarchy.agent.run.trace import REPORT_FILE

    if (written := Path(run_dir) / REPORT_FILE).is_file():
        return written
    try:
        return write_report(Path(run_dir))
    except (OSError, DiarchyError) as error:
        print_error(f"no report: {error}")
    except Exception as error:  # noqa: BLE001 - a report must not change how the run ended
        print_error(f"no report: {crash(error, Path(run_dir))}")
    return None


def _finish(result: RunResult, report: Path | None, *, as_json: bool) -> int:
    if as_json:
        print_json(result.to_json())
    else:
        _print_summary(result, report)
    if result.exit_code != ExitCode.DONE:
        print_error(_why(result))
    return result.exit_code


def _why(result: RunResult) -> str:
    """Say in one line why the command did not end well."""
    if result.status == "question":
        options = f" ({' / '.join(result.options)})" if result.options else ""
        return (
            f"a question is open: {result.question or result.message}{options}; "
            "say it in the instruction, or run on a terminal and answer"
        )
    return f"{result.status}: {result.message or 'no reason was given'}"


def _print_summary(result: RunResult, report: Path | None) -> None:
    truth = {True: "yes", False: "no", None: "not judged"}[result.truth]
    acted = sorted({s.system1 for s in result.subtasks if s.system1}) or ["nobody"]
    if result.exit_code == ExitCode.DONE:  # anything else is told on stderr, once
        typer.echo(f"{result.status}: {one_line(result.message)}")
    typer.echo(
        f"  verified by the agent: {'yes' if result.verified else 'no'}   truth in the simulator: {truth}\n"
        f"  planned by {result.planner}, acted by {', '.join(acted)}, perceived by {result.perception}\n"
        f"  {result.timing.sim_s:.1f} s simulated in {result.timing.wall_s:.1f} s, "
        f"{result.replans} new plan(s), {result.recoveries} recoveries, "
        f"guard changed {result.guard.modified} of {result.guard.checked} actions, "
        f"{result.guard.noticeable} of them noticeably"
    )
    if report is not None:
        typer.echo(f"  report: {report}")


def _steps(result: RunResult) -> list[dict[str, object]]:
    return list((result.plan or {}).get("subtasks") or ())


def _print_plan(result: RunResult) -> None:
    answer = result.plan or {}
    if reasoning := one_line(str(answer.get("reasoning") or "")):
        typer.echo(reasoning)
    for number, row in enumerate(_steps(result), 1):
        typer.echo(f"  {number}. {row.get('words') or row.get('skill')}")
    if goals := answer.get("goals"):
        typer.echo(f"done when: {', '.join(str(g) for g in goals)}")
    for row in result.rules:
        verb = "a rule refuses" if row["answer"] == "refuse" else "I would ask first"
        typer.echo(f"{verb}: {one_line(str(row['why']))} ({row['rule']})")
    typer.echo(f"planned by {result.planner}")
