"""Two runs in one home: the second looks first where the first saw things, and believes only what it sees."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from diarchy.memory import SceneGraph, load_scene_graph, save_scene_graph
from diarchy.memory.scene_file import SCENE_FILE
from diarchy.memory.scene_graph import Relation, SceneObject
from diarchy.robots.home import HomeRobot

SHELF, COUNTER = "shelf_1", "counter_top_1"
OUTSIDE = np.array([50.0, 50.0, 1.0])


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
    sentence: str, folder: Path, memory: Path | None, *, before: Callable[[Any], None] | None = None
) -> Any:
    """Run one command in the home of the demonstrations; ``before`` happens to it first."""
    config = choices(sentence, folder, memory)
    with agent_for(config) as agent:
        if before is not None:
            before(agent.robot)
        return agent.run(sentence, config=config)


def searches(folder: Path) -> list[str]:
    """What each search found where, in words."""
    return [
        e["detail"].split(";")[0]
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

    def put_in_place_of_the_apple(robot: Any) -> None:
        place = robot.truth.pose("apple_1")
        robot.truth.place("apple_1", SE3.from_translation(OUTSIDE))
        robot.truth.place("cup_1", place)

    second = run("find the cup", tmp_path / "b", memory, before=put_in_place_of_the_apple)
    assert (second.status, second.verified) == ("succeeded", True)
    said = searches(tmp_path / "b")[0]
    assert said.startswith(
        f"found cup_1 after it looked at {SHELF} (it was there in an earlier run), "
    )
    assert load_scene_graph(memory).fixture_under("cup_1") == COUNTER


@pytest.mark.slow
def test_what_was_taken_away_is_no_false_success(tmp_path: Path) -> None:
    memory = tmp_path / "home.json"
    saw_the_cup(tmp_path / "a", memory)

    def take_away(robot: Any) -> None:
        robot.truth.place("cup_1", SE3.from_translation(OUTSIDE))

    second = run("find the cup", tmp_path / "b", memory, before=take_away)
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
    with Agent(robot=HomeRobot("home"), planner="symbolic") as agent:
        graph = agent.scene_graph()
    on_the_shelf = Relation(name="on", of=SHELF)
    box = {"position": (6.1, 0.26, 0.9), "extent": (0.08, 0.08, 0.1)}
    cup = SceneObject(id="cup_1", cls="Cup", confidence=1.0, relations=(on_the_shelf,), **box)
    save_scene_graph(graph.model_copy(update={"objects": (cup,)}), memory)
    run("go to the fridge", tmp_path / "run", memory)
    (told,) = [e for e in read_events(tmp_path / "run") if e["kind"] == "remembered"]
    assert told["things"] == [{"id": "cup_1", "place": SHELF, "confidence": 0.45}]
    assert {o.id: o.status for o in load_scene_graph(memory).objects}["cup_1"] == "remembered"


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
