"""A real ``kill -9`` of a real agent, while the robot's own process lives on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.durable.receipts import Receipts
from diarchy.agent.durable.resume import config_to_resume
from diarchy.agent.run.compare import compare_runs
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.trace import read_events
from diarchy.agent.session import agent_for, resume_command
from diarchy.contracts.errors import BadInputError
from diarchy.robots.served import ServedRobot

AGENT = """
import sys
from pathlib import Path
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import agent_for
config = RunConfig.model_validate_json(sys.argv[1])
with agent_for(config) as agent:
    agent.run(config.instruction, config=config)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    sock = tmp_path / "r.sock"
    serve = [sys.executable, "-m", "diarchy", "serve", "robot", "--socket", str(sock)]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL)
    wait(sock.exists)
    yield sock
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    assert not sock.exists()


def wait(until: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def choices(sentence: str, folder: Path, sock: Path | None) -> RunConfig:
    return RunConfig(
        instruction=sentence,
        planner="symbolic",
        system1="motion",
        pictures=False,
        report=False,
        record=folder,
        robot_socket=sock,
    )


def events(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    if not (folder / "trace.jsonl").is_file():
        return []
    return [e for e in read_events(folder) if e["kind"] in kinds]


def killed(config: RunConfig, when: Callable[[Path], bool]) -> None:
    assert config.record is not None
    folder = config.record
    agent = subprocess.Popen([sys.executable, "-c", AGENT, config.model_dump_json()])
    wait(lambda: when(folder) or agent.poll() is not None)
    assert agent.poll() is None, "it ended before it could be killed"
    agent.send_signal(signal.SIGKILL)
    agent.wait()


def test_a_run_that_was_killed_goes_on_where_it_was(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    config = choices("go to the counter, then go to the fridge", folder, home)
    killed(
        config,
        # on its way in the second subtask, moving
        lambda f: bool(events(f, "subtask_ended")) and len(events(f, "pose")) > 4
        and any(e["subtask"] == "s2" for e in events(f, "skill_started"))
        and events(f, "pose")[-1]["t"] > events(f, "skill_started")[-1]["t"] + 1.5,
    )  # fmt: skip
    robot = ServedRobot(home)
    assert robot.proprio().at_rest()  # by itself
    robot.close()

    result = resume_command(folder)
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True), (
        result.message
    )
    assert [(s.id, s.status) for s in result.subtasks] == [("s1", "succeeded"), ("s2", "succeeded")]
    dispatched = [(r.life, r.subtask) for r in Receipts(folder).all() if r.skill == "navigate_to"]
    assert dispatched == [(1, "s1"), (1, "s2"), (2, "s2")]
    (taken_up,) = events(folder, "taken_up")
    assert (taken_up["done"], taken_up["doubtful"]) == (["s1"], ["s2"])
    assert json.loads((folder / "result.json").read_text())["status"] == "succeeded"
    with pytest.raises(BadInputError, match="has ended"):
        config_to_resume(folder)


@pytest.mark.slow
def test_a_robot_behind_a_socket_does_the_same_to_the_byte(home: Path, tmp_path: Path) -> None:
    for name, sock in (("here", None), ("there", home)):
        config = choices("go to the counter", tmp_path / name, sock)
        with agent_for(config) as agent:
            agent.run(config.instruction, config=config)
    same = compare_runs(tmp_path / "here", tmp_path / "there")
    assert same.identical, same.first_difference


def test_what_cannot_be_taken_up_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no run"):
        config_to_resume(tmp_path)
    config = choices("go", tmp_path, None)
    (tmp_path / "run.json").write_text(config.model_dump_json())
    with pytest.raises(BadInputError, match="diarchy serve robot"):
        config_to_resume(tmp_path)
