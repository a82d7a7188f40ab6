"""Somebody talks to the robot while it drives through the simulated home."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from diarchy.agent.cli.listening import Listener
from diarchy.agent.progress import TerminalProgress
from diarchy.agent.report import write_report
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.trace import read_events
from diarchy.agent.session import Agent, agent_for
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.unicycle import Pace

Watch = Callable[[Agent], None]


def run(sentence: str, folder: Path, watch: Watch) -> Any:
    config = RunConfig(
        instruction=sentence, record=folder, pictures=False, planner="symbolic", system1="motion"
    )
    with agent_for(config) as agent:
        result = agent.run(sentence, config=config, watchers=[lambda: watch(agent)])
        assert agent.robot.proprio().at_rest()
    return result


class Script:
    """Says sentences at their seconds, and notes how fast the base is after each."""

    def __init__(self, *lines: tuple[float, str]) -> None:
        self._left = list(lines)
        self.speeds: dict[str, list[float]] = {}
        self._last = ""

    def __call__(self, agent: Agent) -> None:
        if self._left and agent.robot.clock.now() >= self._left[0][0]:
            self._last = self._left.pop(0)[1]
            assert agent.say(self._last)
        speed = abs(float(agent.robot.proprio().base_velocity[0]))
        self.speeds.setdefault(self._last, []).append(speed)


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Script, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("talk") / "run"
    script = Script(
        (2.0, "what are you doing, and why?"),
        (2.5, "hold on"),
        (5.0, "go on"),
        (6.0, "slower"),
        (8.0, "blorf the snoot"),
        (9.0, "forget that, go to the dining table instead"),
    )
    result = run("go to the shelf", folder, script)
    write_report(folder)
    return result, script, list(read_events(folder))


Talked = tuple[Any, Script, list[dict[str, Any]]]


def test_a_new_task_takes_the_place_of_the_old_one_in_the_running_tree(talked: Talked) -> None:
    result, _, events = talked
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True)
    assert result.subtasks[-1].args == {"target": "dining_table_1"}
    assert [s.status for s in result.subtasks] == ["skipped", "succeeded"]
    task = next(e for e in events if e["kind"] == "corrected" and e["read_as"] == "task")
    assert [e["op"] for e in task["edits"]] in (["drop", "insert"], ["change"])


def test_every_sentence_its_reading_and_its_answer_are_on_record(talked: Talked) -> None:
    result, _, events = talked
    kinds = ["status", "pause", "resume", "pace", "unclear", "task"]
    assert [c["read_as"] for c in result.corrections] == kinds
    assert len([e for e in events if e["kind"] == "heard"]) == len(kinds)
    assert "because you said: 'go to the shelf'" in result.corrections[0]["reply"]
    assert "did not understand" in result.corrections[4]["reply"]
    page = (Path(result.run_dir) / "report.html").read_text(encoding="utf-8")
    assert "read as task" in page
    assert "blorf the snoot" in page


def test_a_question_changes_nothing_in_what_it_does(talked: Talked) -> None:
    result, script, _ = talked
    assert result.corrections[0]["edits"] == []
    assert max(script.speeds["what are you doing, and why?"]) > 0.2


def test_a_pause_is_kept_until_it_is_told_to_go_on(talked: Talked) -> None:
    _, script, _ = talked
    assert max(script.speeds["hold on"][200:]) < 0.01
    assert max(script.speeds["go on"]) > 0.2


def test_slower_is_slower(talked: Talked) -> None:
    _, script, _ = talked
    assert max(script.speeds["blorf the snoot"]) < 0.65 * Pace.of(fetch_spec().base).linear


def test_stop_halts_it_from_full_speed_in_half_a_second_and_is_commanded_in_one_tick(
    tmp_path: Path,
) -> None:
    seen: dict[str, float] = {}

    def watch(agent: Agent) -> None:
        proprio, now = agent.robot.proprio(), agent.robot.clock.now()
        speed = abs(float(proprio.base_velocity[0]))
        if "said" not in seen:
            if speed > 0.6:
                seen["said"], seen["speed"] = now, abs(float(proprio.commanded.base[0]))  # type: ignore[union-attr]
                threading.Thread(target=agent.say, args=("stop!",)).run()
        elif "commanded" not in seen:
            seen["commanded"] = now
            assert abs(float(proprio.commanded.base[0])) < seen["speed"] - 0.005  # type: ignore[union-attr]
        if "said" in seen and "halted" not in seen and proprio.at_rest():
            seen["halted"] = now

    result = run("go to the shelf", tmp_path / "run", watch)
    assert result.status == "stopped"
    assert "stop!" in result.message
    assert seen["halted"] - seen["said"] <= 0.5
    assert seen["commanded"] - seen["said"] <= 0.005 + 1e-9


def test_nobody_hears_what_is_said_when_nothing_runs(tmp_path: Path) -> None:
    config = RunConfig(instruction="x", planner="symbolic", system1="motion")
    with agent_for(config) as agent:
        assert not agent.say("also bring a cup")
        assert not agent.say("stop")
        assert agent.stop_switch.tripped


class Lines:
    """Input that gives one line after another when it is asked for."""

    def __init__(self, *lines: str) -> None:
        self._lines = iter(lines)
        self.gate = threading.Event()

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        self.gate.wait(5.0)
        self.gate.clear()
        return next(self._lines)


def test_a_typed_line_is_said_unless_it_answers_a_question() -> None:
    lines = Lines("also bring a cup\n", "2\n")
    said: list[str] = []
    heard = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        heard.set()

    console = Console(file=io.StringIO())
    listener = Listener(TerminalProgress(console), lines)  # type: ignore[arg-type]
    listener.listen(say)
    lines.gate.set()
    assert heard.wait(5.0)
    threading.Timer(0.3, lines.gate.set).start()
    assert listener.ask("Which?", ("red mug", "blue mug")) == "blue mug"
    assert said == ["also bring a cup"]
    lines.gate.set()
    assert listener.ask("And?", ()) is None
