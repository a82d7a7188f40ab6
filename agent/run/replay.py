"""Replay: run a recorded run again and say whether the same happened."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from diarchy.agent.run.compare import Comparison, compare_runs
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.trace import RUN_FILE, read_events
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Planner


def recorded_config(folder: Path) -> RunConfig:
    """Read the choices of a run.

    Raises:
        BadInputError: the folder holds no run, or one of another version.
    """
    path = folder / RUN_FILE
    if not path.is_file():
        raise BadInputError(
            f"{folder} holds no run (no {RUN_FILE}); give the folder that a run printed"
        )
    try:
        return RunConfig.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise BadInputError(f"{path} cannot be read: {error}") from error


def recorded_planner(folder: Path) -> Planner:
    """A planner that gives the answers of a run again, in their order and under the same name."""
    from diarchy.planners.recorded import RecordedPlanner

    answered = [e for e in read_events(folder) if e["kind"] == "plan_answered"]
    name = answered[0]["planner"] if answered else "recorded"
    return RecordedPlanner([e["answer"] for e in answered], name=name)


def replay(folder: Path) -> Comparison:
    """Run again in lockstep, feed the recorded answers of the planner and the person, compare byte by byte."""
    from diarchy.agent.session import agent_for

    config = recorded_config(folder)
    if config.real_time:
        raise BadInputError(f"{folder} was a real-time run; only lockstep runs repeat exactly")
    answers = [e["text"] for e in read_events(folder) if e["kind"] == "answered"]
    with tempfile.TemporaryDirectory(prefix="diarchy-replay-") as scratch:
        again = config.model_copy(update={"record": Path(scratch) / "run"})
        with agent_for(again) as agent:
            # Only models and people are fed from the record; a deterministic planner thinks again.
            if not agent.planner.name.startswith("symbolic"):
                agent.planner = recorded_planner(folder)
            agent.run(
                config.instruction,
                config=again,
                ask=lambda text, options: answers.pop(0) if answers else None,
            )
        return compare_runs(folder, Path(scratch) / "run")
