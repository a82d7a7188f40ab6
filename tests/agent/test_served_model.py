"""The agent with a served model: a real HTTP server on the loopback, answers as a model writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "planners" / "vlm"))

from vlm_answers import plan
from vlm_server import Server, cut, running, says

from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.replay import replay
from diarchy.agent.run.trace import read_events
from diarchy.agent.session import agent_for

DRIVE = plan(
    {"skill": "navigate_to", "args": {"target": "fridge_1"}, "words": "go to the fridge"},
    reasoning="The fridge is in the kitchen, where I stand.",
    goals=[{"predicate": "near", "thing": "fridge_1", "value": True}],
)
IMPOSSIBLE = plan(
    {"skill": "pick", "args": {"object": "mug_2"}, "words": "pick the mug"},
    {"skill": "pick", "args": {"object": "mug_3"}, "words": "and the other"},
)


def config(server: Server, folder: Path) -> RunConfig:
    return RunConfig(
        instruction="go to the fridge",
        planner=f"{server.url}/v1",
        record=folder,
        pictures=False,
        report=False,
    )


def test_a_served_model_sees_plans_and_the_robot_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as server:
        server.script[:] = [says(DRIVE)]
        choices = config(server, tmp_path / "run")
        with agent_for(choices) as agent:
            result = agent.run(choices.instruction, config=choices)
        content = server.sent[0]["messages"][-1]["content"]
    assert (result.status, result.truth, result.planner) == ("succeeded", True, "vlm:small-vlm")
    assert any(part["type"] == "image_url" for part in content)
    kinds = [e["kind"] for e in read_events(tmp_path / "run")]
    assert "model_call" in kinds
    # The server is gone: replay feeds the recorded answer.
    same = replay(tmp_path / "run")
    assert same.identical, same.first_difference


def test_a_plan_that_cannot_work_goes_back_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as server:
        server.script[:] = [says(IMPOSSIBLE), says(DRIVE)]
        choices = config(server, tmp_path / "run")
        with agent_for(choices) as agent:
            result = agent.run(choices.instruction, config=choices)
        told = str(server.sent[1]["messages"])
    assert result.status == "succeeded"
    assert "does not work" in told


def test_a_server_that_hangs_up_ends_the_run_with_the_robot_at_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as server:
        server.script[:] = [cut] * 20
        choices = config(server, tmp_path / "run")
        with agent_for(choices) as agent:
            agent.planner._client._sleep = lambda seconds: None  # type: ignore[attr-defined]
            result = agent.run(choices.instruction, config=choices)
            assert agent.robot.proprio().at_rest()
    assert (result.status, result.subtasks) == ("failed", [])
    assert server.url in result.message


def test_a_model_is_told_of_similar_episodes_and_replay_tells_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as server:
        for name in ("first", "second"):
            server.script[:] = [says(DRIVE)]
            choices = config(server, tmp_path / name).model_copy(
                update={"episodes": tmp_path / "episodes.sqlite"}
            )
            with agent_for(choices) as agent:
                agent.run(choices.instruction, config=choices)
    recalled = [e for e in read_events(tmp_path / "second") if e["kind"] == "recalled"]
    assert "go to the fridge" in recalled[0]["episodes"][0]
    same = replay(tmp_path / "second")
    assert same.identical, same.first_difference
