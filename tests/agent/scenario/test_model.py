from __future__ import annotations

from pathlib import Path

import pytest

from diarchy.agent.scenario.model import load_scenario, shipped
from diarchy.contracts.errors import BadInputError

GOOD = """
name: test
title: A test
commands:
  - put the apple in the fridge
  - {say: "no, the cup", at: 20, interrupt: true}
events:
  - {at: 5, move: apple_1, to: counter_top_1}
  - {at: 9, shut: fridge_1}
goals: ["in(apple_1, fridge_1) or in(apple_1, cabinet_1)"]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return path


def test_sentences_events_and_goals_are_read(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, GOOD))
    assert [c.say for c in scenario.commands] == ["put the apple in the fridge", "no, the cup"]
    assert scenario.commands[1].interrupt
    assert scenario.events[0].to == "counter_top_1"


def test_every_shipped_scenario_can_be_read() -> None:
    assert next(iter(shipped())) == "mug"
    for name in shipped():
        assert load_scenario(name).name == name


def test_a_scene_file_is_looked_for_beside_the_scenario(tmp_path: Path) -> None:
    text = GOOD + "scene: my_home.yaml\n"
    assert load_scenario(written(tmp_path, text)).scene == str(tmp_path / "my_home.yaml")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (GOOD.replace("title: A test", ""), "title"),
        (GOOD.replace("shut:", "shutt:"), r"unknown key 'events.1.shutt'; did you mean 'shut'"),
        (GOOD.replace("in(apple_1, fridge_1)", "inside(apple_1, fridge_1)"), "unknown predicate"),
        (GOOD.replace("at: 20, ", ""), "needs the time"),
        (GOOD.replace(", to: counter_top_1", ""), "needs 'to'"),
        (GOOD.replace("shut: fridge_1", "knock: false"), "exactly one"),
        ("- a list", "mapping of keys"),
        ("a: [", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, wrong: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says) as error:
        load_scenario(written(tmp_path, wrong))
    assert "\n" not in str(error.value)


def test_an_unknown_name_lists_what_ships() -> None:
    with pytest.raises(BadInputError, match="mug"):
        load_scenario("mugg")


def test_the_scenario_of_the_documentation_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    text = page.split("```yaml\n")[1].split("```")[0]
    scenario = load_scenario(written(tmp_path, text))
    assert scenario.events[0].move == "apple_1"
