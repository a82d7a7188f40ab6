"""Replay: run a recorded run again and say whether the same happened."""

from __future__ import annotations

import json
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from diarchy.agent.deliberation.thinking import ANSWER
from diarchy.agent.run.compare import Comparison, compare_runs
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.remembering import recalled_in
from diarchy.agent.run.result import RunResult
from diarchy.agent.run.trace import RUN_FILE, read_events
from diarchy.contracts.errors import BadInputError, PlannerUnavailableError
from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal


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


class _Call(BaseModel):
    """A recorded call of a model, as the trace holds it."""

    model_config = ConfigDict(extra="allow")


class RecordedSystem2:
    """Gives the answers of a run again, in their order, with the model calls that led to them."""

    learned = True

    def __init__(self, folder: Path) -> None:
        self.name = "recorded"
        self.calls: list[_Call] = []
        self._rounds: list[tuple[str, dict[str, Any], list[_Call]]] = []
        pending: list[_Call] = []
        for event in read_events(folder):
            row = {k: v for k, v in event.items() if k not in ("t", "tick", "kind", "wall")}
            if event["kind"] == "run_started":
                self.name = row["planner"]
            elif event["kind"] == "model_call":
                pending.append(_Call(**row))
            elif event["kind"] == "plan_answered":
                self._rounds.append((row["planner"], row["answer"], pending))
                pending = []

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Return the next recorded answer, whatever the request.

        Raises:
            PlannerUnavailableError: the record holds no further answer.
        """
        if not self._rounds:
            raise PlannerUnavailableError("the record holds no further answer of the planner")
        self.name, answer, calls = self._rounds.pop(0)
        self.calls.extend(calls)
        return ANSWER.validate_python(answer)


class RecordedEpisodes:
    """Recalls what a run had recalled, and remembers nothing."""

    def __init__(self, folder: Path) -> None:
        self._words = [
            w for e in read_events(folder) if e["kind"] == "recalled" for w in e["episodes"]
        ]

    def similar(self, sentence: str, k: int = 3) -> list[_Words]:
        """Return the recorded episodes."""
        return [_Words(w) for w in self._words]

    def remember(self, run: RunResult) -> None:
        """A replay is not a new experience."""


@dataclass(frozen=True)
class _Words:
    text: str

    def words(self) -> str:
        return self.text


def replay(folder: Path) -> Comparison:
    """Run again in lockstep, feed the recorded answers of the planner and the person, compare byte by byte."""
    from diarchy.agent.session import agent_for

    config = recorded_config(folder)
    if config.real_time:
        raise BadInputError(f"{folder} was a real-time run; only lockstep runs repeat exactly")
    if config.robot_socket is not None or config.tree is not None:
        what = "drove a robot in another process" if config.robot_socket else "ran a tree file"
        raise BadInputError(f"{folder} {what}; only runs of a sentence in one process are replayed")
    answers = [e["text"] for e in read_events(folder) if e["kind"] == "answered"]
    with tempfile.TemporaryDirectory(prefix="diarchy-replay-") as scratch:
        without = {"remember": None, "dense_map": False}
        again = config.model_copy(update={"record": Path(scratch) / "run", **without})
        any_episodes = any(e["kind"] == "recalled" for e in read_events(folder))
        store: Any = RecordedEpisodes(folder) if any_episodes else None
        with agent_for(again) as agent:
            agent.episodes = store
            # What it remembered in the end has taken the place of what it began with.
            if (recalled := recalled_in(folder)) is not None:
                agent.recall(recalled)
            # Only models and people are fed from the record; a deterministic planner thinks again.
            if getattr(agent.planner, "learned", False):
                agent.planner = RecordedSystem2(folder)
            said = deque(
                (e["tick"], e["text"]) for e in read_events(folder) if e["kind"] == "heard"
            )

            def say_again() -> None:
                while said and agent.robot.clock.tick >= said[0][0]:
                    agent.say(said.popleft()[1])

            agent.run(
                config.instruction,
                config=again,
                watchers=(say_again,),
                ask=lambda text, options: answers.pop(0) if answers else None,
            )
        return compare_runs(folder, Path(scratch) / "run")
