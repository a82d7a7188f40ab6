"""The whole path in the simulated home, with the planner's answers scripted or symbolic."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diarchy.agent.run.compare import compare_runs
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent, agent_for
from diarchy.contracts.errors import BadInputError, ExitCode
from diarchy.contracts.geometry import SE3
from diarchy.robots.home import HomeRobot


def choices(sentence: str, folder: Path, **more: Any) -> RunConfig:
    return RunConfig(
        instruction=sentence,
        record=folder,
        pictures=False,
        planner="symbolic",
        system1="motion",
        **more,
    )


def run(sentence: str, folder: Path, **more: Any) -> Any:
    config = choices(sentence, folder, **more)
    with agent_for(config) as agent:
        return agent.run(sentence, config=config)


def test_a_drive_is_done_and_seen_and_true(tmp_path: Path) -> None:
    result = run("go to the fridge", tmp_path / "run")
    assert (result.status, result.verified, result.truth, result.exit_code) == (
        "succeeded",
        True,
        True,
        0,
    )
    assert result.guard.checked > 200
    assert result.guard.violations == 0


def test_one_seed_leaves_one_trace_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run("go to the counter", tmp_path / name, scene="household", seed=seed)
    same = compare_runs(tmp_path / "a", tmp_path / "b")
    assert same.identical, same.first_difference
    assert not compare_runs(tmp_path / "a", tmp_path / "c").identical


@pytest.mark.slow
def test_the_red_mug_is_brought(tmp_path: Path) -> None:
    result = run("bring me the red mug", tmp_path / "run")
    assert (result.status, result.verified, result.truth) == ("succeeded", True, True), (
        result.message
    )
    assert {s.skill for s in result.subtasks} >= {"navigate_to", "pick", "hand_over"}


@pytest.mark.slow
def test_a_closed_fridge_is_opened_filled_and_closed_again(tmp_path: Path) -> None:
    config = choices("put the apple in the fridge", tmp_path / "run")
    with agent_for(config) as agent:
        result = agent.run(config.instruction, config=config)
        assert (result.status, result.truth) == ("succeeded", True), result.message
        assert agent.robot.truth.holds("closed", "fridge_1")  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_door_that_a_failed_command_left_open_is_closed_by_the_next(tmp_path: Path) -> None:
    config = choices("put the apple in the fridge", tmp_path / "a", max_replans=0)
    with agent_for(config) as agent:
        robot: Any = agent.robot

        def take_away(event: dict[str, Any]) -> None:
            if event["kind"] == "subtask_ended" and robot.truth.holds("open", "fridge_1"):
                robot.truth.place("apple_1", SE3.from_translation(np.array([50.0, 50.0, 1.0])))

        failed = agent.run(config.instruction, config=config, observers=[take_away])
        assert failed.status == "failed"
        assert robot.truth.holds("open", "fridge_1")
        assert agent.left_open == ("fridge_1",)
        then = choices("put the red mug on the shelf", tmp_path / "b")
        done = agent.run(then.instruction, config=then)
        assert (done.status, done.truth) == ("succeeded", True), done.message
        assert robot.truth.holds("closed", "fridge_1")
        assert agent.left_open == ()


@pytest.mark.parametrize(
    ("sentence", "code", "says"),
    [
        ("", ExitCode.BAD_INPUT, ""),
        ("flurb the gribble", ExitCode.BAD_INPUT, ""),
        ("put the piano in the fridge", ExitCode.BAD_INPUT, "piano"),
    ],
)
def test_a_sentence_that_cannot_be_read_moves_nothing(
    tmp_path: Path, sentence: str, code: ExitCode, says: str
) -> None:
    result = run(sentence, tmp_path / "run")
    assert result.exit_code == code
    assert result.subtasks == []
    assert says in result.message


def test_two_candidates_are_a_question_and_its_answer_is_used(tmp_path: Path) -> None:
    robot = HomeRobot("home", seed=0)
    config = choices("pick up the mug", tmp_path / "run")
    asked: list[tuple[str, ...]] = []

    def answer(text: str, options: tuple[str, ...]) -> str | None:
        asked.append(options)
        return None

    with Agent(robot=robot, planner="symbolic", system1="motion") as agent:
        robot.truth.place("mug_1", robot.truth.pose("remote_control_1"))
        result = agent.run("pick up the mug", config=config, ask=answer)
    assert result.exit_code == ExitCode.QUESTION
    assert {"red" in o for o in asked[0]} == {True, False}


def test_the_protective_stop_ends_the_run_at_rest(tmp_path: Path) -> None:
    config = choices("go to the shelf", tmp_path / "run")
    with agent_for(config) as agent:
        begun = threading.Event()

        def trip(event: dict[str, Any]) -> None:
            if event["kind"] == "pose" and event["t"] > 2.0:
                agent.stop("a test")
                begun.set()

        result = agent.run(config.instruction, config=config, observers=[trip])
        assert agent.robot.proprio().at_rest()
    assert begun.is_set()
    assert (result.status, result.exit_code) == ("stopped", ExitCode.STOPPED)


def test_a_run_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="cannot write the run folder"):
        run("go to the fridge", tmp_path / "file" / "run")


def test_planning_only_moves_nothing(tmp_path: Path) -> None:
    config = choices("put the apple in the fridge", tmp_path / "run")
    with agent_for(config) as agent:
        before = agent.robot.proprio().odom
        result = agent.run(config.instruction, config=config, only_plan=True)
        after = agent.robot.proprio().odom
    assert result.plan is not None
    assert result.subtasks == []
    assert abs(before.x - after.x) + abs(before.y - after.y) < 0.01


def test_the_result_on_disk_is_the_result(tmp_path: Path) -> None:
    result = run("go to the fridge", tmp_path / "run")
    written = json.loads((tmp_path / "run" / "result.json").read_text())
    assert written["status"] == result.status
    assert written["schema"] == 1
