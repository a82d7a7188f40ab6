"""Two runs in one home: the second looks first where the first saw things, and believes only what it sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.replay import replay
from diarchy.agent.run.trace import read_events
from diarchy.agent.session import Agent, agent_for
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.memory import SceneGraph, load_scene_graph
from diarchy.memory.scene_file import SCENE_FILE
from diarchy.robots.home import HomeRobot

SHELF, COUNTER = "shelf_1", "counter_top_1"


def choices(sentence: str, folder: Path, memory: Path | None, **more: Any) -> RunConfig:
    return RunConfig(
        instruction=sentence,
        record=folder,
        pictures=False,
        report=False,
        planner="symbolic",
        system1="motion",
        remember=memory,
        **more,
    )


def run(
    sentence: str, folder: Path, memory: Path | None, *, moved: tuple[str, SE3] | None = None
) -> Any:
    """Run one command in the home of the demonstrations, as it is every morning."""
    config = choices(sentence, folder, memory)
    with agent_for(config) as agent:
        robot: Any = agent.robot
        if moved is not None:
            robot.truth.place(*moved)
        return agent.run(sentence, config=config)


def searches(folder: Path) -> list[str]:
    """What each search looked at, in words."""
    return [
        e["detail"]
        for e in read_events(folder)
        if e["kind"] == "skill_ended" and "looked at" in e.get("detail", "")
    ]


def saw_the_cup(folder: Path, memory: Path) -> Any:
    """The first run: the cup stands on the shelf of the other room, the last place to be looked at."""
    return run("find the cup", folder, memory)


@pytest.mark.slow
def test_the_second_run_goes_straight_to_where_the_first_saw_it(tmp_path: Path) -> None:
    memory = tmp_path / "home.json"
    first = saw_the_cup(tmp_path / "a", memory)
    second = run("find the cup", tmp_path / "b", memory)
    assert (first.status, second.status, second.verified) == ("succeeded", "succeeded", True)
    assert searches(tmp_path / "b") == [
        f"found cup_1 after it looked at {SHELF} (it was there in an earlier run)"
    ]
    assert len(searches(tmp_path / "a")[0]) > len(searches(tmp_path / "b")[0])
    assert second.timing.sim_s < 0.7 * first.timing.sim_s
    assert replay(tmp_path / "b").identical


@pytest.mark.slow
def test_what_was_moved_meanwhile_is_noticed_and_searched_for(tmp_path: Path) -> None:
    memory = tmp_path / "home.json"
    saw_the_cup(tmp_path / "a", memory)
    with HomeRobot("home") as robot:
        apple = robot.truth.pose("apple_1").translation
    elsewhere = SE3.from_translation(apple + np.array([0.0, -0.16, 0.0]))
    second = run("find the cup", tmp_path / "b", memory, moved=("cup_1", elsewhere))
    assert (second.status, second.verified, second.truth is not False) == ("succeeded", True, True)
    said = searches(tmp_path / "b")[0]
    assert said.startswith(
        f"found cup_1 after it looked at {SHELF} (it was there in an earlier run), "
    )
    assert load_scene_graph(memory).fixture_under("cup_1") == COUNTER


@pytest.mark.slow
def test_what_was_taken_away_is_no_false_success(tmp_path: Path) -> None:
    memory = tmp_path / "home.json"
    saw_the_cup(tmp_path / "a", memory)
    outside = SE3.from_translation(np.array([50.0, 50.0, 1.0]))
    second = run("find the cup", tmp_path / "b", memory, moved=("cup_1", outside))
    assert (second.status, second.verified) == ("failed", False)
    assert {o.id: o.status for o in load_scene_graph(memory).objects}["cup_1"] == "gone"


def test_every_run_leaves_a_scene_graph_of_what_it_believes(tmp_path: Path) -> None:
    run("go to the coffee table", tmp_path / "run", None)
    graph = load_scene_graph(tmp_path / "run" / SCENE_FILE)
    assert graph.robot.room == "living_room"
    assert "Mug" in {o.cls for o in graph.objects}
    assert all(o.status == "seen" for o in graph.objects)


def test_a_run_begins_with_what_is_remembered_and_says_so(tmp_path: Path) -> None:
    memory = tmp_path / "home.json"
    run("go to the coffee table", tmp_path / "a", memory)
    before = load_scene_graph(memory)
    run("go to the fridge", tmp_path / "b", memory)
    (told,) = [e for e in read_events(tmp_path / "b") if e["kind"] == "remembered"]
    assert {row["id"] for row in told["things"]} == {o.id for o in before.objects}
    after = {o.id: o.status for o in load_scene_graph(memory).objects}
    assert set(after) >= {o.id for o in before.objects}
    assert "remembered" in after.values()


def test_a_plan_alone_leaves_the_memory_as_it_was(tmp_path: Path) -> None:
    config = choices("go to the fridge", tmp_path / "run", tmp_path / "home.json")
    with agent_for(config) as agent:
        agent.run(config.instruction, config=config, only_plan=True)
    assert not (tmp_path / "home.json").exists()


def test_a_memory_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(BadInputError, match="no whole scene graph"):
        agent_for(choices("go to the fridge", tmp_path / "run", broken))
    with pytest.raises(BadInputError, match="there is no folder"):
        agent_for(choices("go to the fridge", tmp_path / "run", tmp_path / "no" / "home.json"))


def test_the_memory_of_another_home_is_not_taken(tmp_path: Path) -> None:
    with Agent(robot=HomeRobot("home"), planner="symbolic") as agent:
        graph = agent.scene_graph()
    data = json.loads(graph.model_dump_json())
    data["fixtures"][0]["position"][0] += 2.0
    with (
        Agent(robot=HomeRobot("home"), planner="symbolic") as agent,
        pytest.raises(BadInputError, match="another home"),
    ):
        agent.recall(SceneGraph.model_validate(data))
