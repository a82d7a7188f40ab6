"""What `demo` does: a scenario from beginning to end, with a report and a film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from diarchy.agent.cli.logs import logged_in
from diarchy.agent.cli.output import crash, one_line, print_error, print_json
from diarchy.contracts.errors import BadInputError, DiarchyError, ExitCode

if TYPE_CHECKING:
    from diarchy.agent.scenario.run import ScenarioResult


def list_them(*, as_json: bool) -> int:
    """Name the scenarios that ship, with what each shows."""
    from diarchy.agent.scenario.model import load_scenario, shipped

    known = [load_scenario(name) for name in shipped()]
    if as_json:
        print_json({"schema": 1, "demos": [{"name": s.name, "title": s.title} for s in known]})
    else:
        for scenario in known:
            typer.echo(f"{scenario.name:10} {scenario.title}")
    return int(ExitCode.DONE)


def show(
    name: str | None, *, seed: int | None, film: bool, record: Path | None, as_json: bool
) -> int:
    """Play a scenario; returns the exit code."""
    from diarchy.agent.scenario.model import load_scenario, shipped

    if seed is not None and seed < 0:
        raise BadInputError(f"--seed must be 0 or more, got {seed}")
    scenario = load_scenario(name if name is not None else next(iter(shipped())))
    if seed is not None:
        scenario = scenario.model_copy(update={"seed": seed})
    from diarchy.agent.progress import PatientConsole, TerminalProgress
    from diarchy.agent.scenario.run import play
    from diarchy.agent.session import fresh_folder

    folder = record or fresh_folder(f"demo {scenario.name}")
    progress = TerminalProgress(PatientConsole(stderr=as_json))
    with progress:
        try:
            with logged_in(folder):
                result = play(scenario, folder, observers=(progress.on_event,), film=film)
        except DiarchyError:
            raise
        except Exception as error:
            raise crash(error, folder) from error
    if as_json:
        print_json(result.to_json())
    else:
        _summary(result)
    if result.exit_code != ExitCode.DONE:
        failed = next((r for r in result.commands if not r.verified), None)
        why = one_line(failed.message) if failed is not None else "its goals do not hold"
        print_error(f"not achieved: {why}")
    return result.exit_code


def _summary(result: ScenarioResult) -> None:
    for command in result.commands:
        typer.echo(f"{command.status}: {command.instruction}")
    typer.echo(
        f"  {result.title}\n"
        f"  {'succeeded' if result.succeeded else 'not achieved'}, truth in the simulator: {result.truth}, "
        f"{result.sim_s:.0f} s simulated"
    )
    typer.echo(f"  report: {result.report}")
