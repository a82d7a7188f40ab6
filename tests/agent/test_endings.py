"""However a run ends: one clear message, the right exit code, the robot at rest, a readable trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.replay import replay
from diarchy.agent.run.trace import read_events
from diarchy.agent.session import Agent, agent_for
from diarchy.contracts.errors import ExitCode, PlannerUnavailableError
from diarchy.contracts.plan import Plan, PlanRequest, Subtask
from diarchy.planners.recorded import RecordedPlanner
from diarchy.robots.home import HomeRobot


def config(sentence: str, folder: Path, **more: Any) -> RunConfig:
    return RunConfig(instruction=sentence, record=folder, pictures=False, report=False, **more)


class Flaky:
    """A planner whose server dies after the first answer."""

    name = "flaky"

    def __init__(self, first: Plan) -> None:
        self._answers = [first]

    def plan(self, request: PlanRequest) -> Plan:
        if not self._answers:
            raise PlannerUnavailableError("the server at http://127.0.0.1:1/v1 is gone")
        return self._answers.pop()


def test_a_planner_that_is_not_there_ends_the_run_before_anything_moves(tmp_path: Path) -> None:
    choices = config("go to the fridge", tmp_path / "run", planner="http://127.0.0.1:9/v1")
    with agent_for(choices) as agent:
        result = agent.run(choices.instruction, config=choices)
    assert (result.status, result.exit_code, result.subtasks) == ("failed", ExitCode.BAD_INPUT, [])
    assert "127.0.0.1:9" in result.message
    assert list(read_events(tmp_path / "run"))[-1]["kind"] == "run_ended"


def test_a_planner_that_dies_in_mid_run_leaves_the_robot_at_rest(tmp_path: Path) -> None:
    look = Subtask(id="s1", skill="look_at", args={"target": "coffee_table_1"}, words="look")
    planner = Flaky(Plan(subtasks=(look,), complete=False))
    with Agent(robot=HomeRobot("home"), planner=planner) as agent:
        result = agent.run("look around", config=config("look around", tmp_path / "run"))
        assert agent.robot.proprio().at_rest()
    assert result.exit_code == ExitCode.NOT_ACHIEVED
    assert [s.status for s in result.subtasks] == ["succeeded"]
    assert "is gone" in result.message


def test_a_plan_that_cannot_work_goes_back_once_and_then_ends_the_run(tmp_path: Path) -> None:
    step = Subtask(id="s1", skill="place_on", args={"object": "mug_2", "receptacle": "shelf_1"})
    planner = RecordedPlanner([Plan(subtasks=(step,)), Plan(subtasks=(step,))])
    with Agent(robot=HomeRobot("home"), planner=planner) as agent:
        result = agent.run("put it there", config=config("put it there", tmp_path / "run"))
    assert (result.exit_code, result.subtasks) == (ExitCode.NOT_ACHIEVED, [])
    assert "holding(mug_2)" in result.message


def test_approval_is_asked_for_before_anything_moves(tmp_path: Path) -> None:
    choices = config("go to the fridge", tmp_path / "run", approve="always")
    with agent_for(choices) as agent:
        result = agent.run(choices.instruction, config=choices, ask=lambda text, options: "no")
    assert (result.exit_code, result.subtasks) == (ExitCode.REFUSED, [])


@pytest.mark.slow
def test_replay_finds_the_same_run_and_says_so(tmp_path: Path) -> None:
    choices = config("pick up the red mug", tmp_path / "run", seed=2)
    with agent_for(choices) as agent:
        agent.run(choices.instruction, config=choices)
    same = replay(tmp_path / "run")
    assert same.identical, same.first_difference
    assert same.chunks_bytes > 0


@pytest.mark.slow
def test_ctrl_c_ends_a_run_in_order(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "diarchy", "run", "go to the shelf", "--real-time"]
    process = subprocess.Popen(
        [*command, "--record", str(tmp_path / "run")],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    trace = tmp_path / "run" / "trace.jsonl"
    deadline = time.monotonic() + 60.0
    while not (trace.exists() and "skill_started" in trace.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in errors
    assert list(read_events(tmp_path / "run"))[-1]["status"] == "stopped"
    assert (tmp_path / "run" / "report.html").is_file()
