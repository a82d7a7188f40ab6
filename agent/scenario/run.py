"""Running a scenario: one robot, one memory, command after command."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from diarchy.agent.evaluation.judge import AnyOf, judge
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.result import RunResult
from diarchy.agent.run.trace import REPORT_FILE
from diarchy.agent.scenario.happenings import Happenings
from diarchy.agent.scenario.model import Scenario, Spoken
from diarchy.agent.scenario.video import Film
from diarchy.agent.session import Agent, agent_for
from diarchy.contracts.errors import ExitCode

VIDEO_FILE = "video.webp"
SCENARIO_FILE = "scenario.json"
Observer = Callable[[dict[str, Any]], None]


class ScenarioResult(BaseModel):
    """What came of a scenario: ``truth`` is that of its own goals, at the very end."""

    schema_: int = Field(default=1, alias="schema")
    name: str
    title: str
    seed: int
    succeeded: bool
    verified: bool
    truth: bool | None
    goals: list[str]
    commands: list[RunResult]
    happened: list[str]
    sim_s: float
    video: str | None
    report: str
    run_dir: str
    exit_code: int

    model_config = {"populate_by_name": True}

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return self.model_dump(by_alias=True, mode="json")


class Stage:
    """One scenario on its way: who speaks next, what has happened, what is filmed."""

    def __init__(
        self,
        scenario: Scenario,
        agent: Agent,
        folder: Path,
        observers: Sequence[Observer],
        film: bool,
    ) -> None:
        self._scenario, self._agent, self._folder = scenario, agent, folder
        self._observers = observers
        self._robot: Any = agent.robot
        self._began = self._robot.clock.now()
        self._film = Film(self._robot) if film else None
        self._happened: list[str] = []
        self._events = Happenings(self._robot, scenario.events, tell=self._note)
        self._waiting = list(scenario.commands)
        self._results: list[RunResult] = []
        self._said = 0

    def play(self, config: RunConfig) -> ScenarioResult:
        """Say every sentence and wait for each to be done, or broken off."""
        while self._waiting:
            command = self._waiting.pop(0)
            self._wait_for(command, config)
            self._results.append(self._say(command, config))
        return self._result()

    def _say(self, command: Spoken, config: RunConfig) -> RunResult:
        if self._film is not None:
            self._film.caption = command.say
        words = "-".join(re.findall(r"[a-z0-9]+", command.say.lower())[:5])
        self._said += 1
        folder = self._folder / f"{self._said:02d}-{words}"
        return self._agent.run(
            command.say,
            config=config.model_copy(update={"record": folder}),
            watchers=(self._tick,),
            observers=self._observers,
        )

    def _wait_for(self, command: Spoken, config: RunConfig) -> None:
        """Let the robot wait until it is said."""
        left = 0.0 if command.at is None else command.at - self._time()
        if left >= 1.0:
            self._say(Spoken(say=f"wait {left:.0f} seconds"), config)

    def _tick(self) -> None:
        self._events.tick()
        if self._film is not None:
            self._film.tick()
        while self._waiting and self._waiting[0].interrupt and self._time() >= self._at(0):
            correction = self._waiting.pop(0)
            self._note(f"somebody says: {correction.say}")
            self._agent.say(correction.say)

    def _at(self, index: int) -> float:
        return self._waiting[index].at or 0.0

    def _time(self) -> float:
        return float(self._robot.clock.now() - self._began)

    def _note(self, text: str) -> None:
        self._happened.append(f"{self._time():.0f} s: {text}")

    def _result(self) -> ScenarioResult:
        goals = [AnyOf.parse(g) for g in self._scenario.goals]
        truth = judge(self._agent.robot, goals) if goals else _all_true(self._results)
        # What was broken off by a correction did not fail.
        counted = [r for r in self._results if r.status != "stopped"]
        verified = bool(counted) and all(r.verified for r in counted)
        succeeded = verified and truth is not False
        video = self._film.save(self._folder / VIDEO_FILE) if self._film is not None else None
        return ScenarioResult(
            name=self._scenario.name,
            title=self._scenario.title,
            seed=self._scenario.seed,
            succeeded=succeeded,
            verified=verified,
            truth=truth,
            goals=list(self._scenario.goals),
            commands=self._results,
            happened=self._happened,
            sim_s=round(self._time(), 2),
            video=None if video is None else str(video),
            report=str(self._folder / REPORT_FILE),
            run_dir=str(self._folder),
            exit_code=int(ExitCode.DONE if succeeded else ExitCode.NOT_ACHIEVED),
        )


def play(
    scenario: Scenario,
    folder: Path,
    *,
    observers: Sequence[Observer] = (),
    film: bool = True,
    pictures: bool = True,
) -> ScenarioResult:
    """Run a scenario in its home and leave a report and a film in ``folder``.

    Raises:
        BadInputError: the folder cannot be written, or the scene or an event is wrong.
    """
    config = RunConfig(
        instruction=scenario.commands[0].say,
        scene=scenario.scene,
        seed=scenario.seed,
        planner=scenario.planner,
        system1=scenario.system1,  # type: ignore[arg-type]
        pictures=pictures,
        report=pictures,
        max_seconds=1800.0,
    )
    with agent_for(config) as agent:
        result = Stage(scenario, agent, folder, observers, film).play(config)
    text = result.model_dump_json(by_alias=True, indent=2)
    (folder / SCENARIO_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / REPORT_FILE).write_text(page(result), encoding="utf-8")
    return result


def page(result: ScenarioResult) -> str:
    """Return the page of a scenario: its film, its commands with their reports, what happened."""
    verdict = "done, and seen to be done" if result.succeeded else "not achieved"
    rows = "".join(
        f"<li><a href='{html.escape(Path(r.run_dir or '.').name)}/{REPORT_FILE}'>"
        f"{html.escape(r.instruction)}</a> <em>{r.status}</em>, {r.timing.sim_s:.0f} s, "
        f"{len(r.subtasks)} subtasks, {r.replans} new plans<br><small>{html.escape(r.message)}</small></li>"
        for r in result.commands
    )
    events = "".join(f"<li>{html.escape(text)}</li>" for text in result.happened)
    goals = "".join(f"<li><code>{html.escape(goal)}</code></li>" for goal in result.goals)
    film = f"<img src='{VIDEO_FILE}' alt='film of the run'>" if result.video else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(result.title)}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 860px; margin: 2rem auto; padding: 0 1rem; color: #22262b }}
img {{ width: 100%; border-radius: 8px }} small, em {{ color: #667 }} li {{ margin: .4rem 0 }}
.ok {{ color: #17713b }} .bad {{ color: #a3201d }}
</style></head><body>
<h1>{html.escape(result.title)}</h1>
<p class="{"ok" if result.succeeded else "bad"}"><b>{verdict}</b> in {result.sim_s:.0f} simulated seconds
(seed {result.seed}; truth in the simulator: {result.truth}).</p>
{film}
<h2>What was said</h2><ol>{rows}</ol>
{f"<h2>What happened meanwhile</h2><ul>{events}</ul>" if events else ""}
{f"<h2>What had to be true in the end</h2><ul>{goals}</ul>" if goals else ""}
</body></html>
"""


def _all_true(results: Sequence[RunResult]) -> bool | None:
    told = [r.truth for r in results if r.truth is not None]
    return all(told) if told else None
