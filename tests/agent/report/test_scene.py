"""The belief at the end, in the report: from the scene graph that the run left."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes import scene_graph

from diarchy.agent.report import write_report
from diarchy.agent.report.load import load_run
from diarchy.agent.report.scene import believed
from diarchy.agent.report.svg_map import draw_map
from diarchy.memory import save_scene_graph


@pytest.fixture
def left(run_folder: Path) -> Path:
    save_scene_graph(scene_graph(), run_folder / "scene_graph.json")
    return run_folder


def test_things_are_drawn_where_the_scene_graph_has_them(left: Path) -> None:
    view = load_run(left)
    assert set(view.things) == {o.id for o in scene_graph().objects} - {"bread_1"}
    assert view.held == "plate_1"
    assert "<title>mug_1: red mug on the dining table in the kitchen" in draw_map(view)


def test_what_is_only_remembered_is_hollow_and_the_legend_says_so(left: Path) -> None:
    assert draw_map(load_run(left)).count('class="thing remembered"') == 1
    assert "Hollow: seen in an earlier run" in write_report(left).read_text(encoding="utf-8")


def test_furniture_tells_how_it_stands(left: Path) -> None:
    drawn = draw_map(load_run(left))
    assert "<title>fridge_1: fridge in the kitchen; closed (seen 80 s before the end)" in drawn


def test_the_table_says_where_how_sure_and_how_old(left: Path) -> None:
    drawn = believed(load_run(left))
    for words in ("How sure", "45%", "gone from where it was", "seen 10 s before the end"):
        assert words in drawn
    assert "Furniture: 4 of 7 places were seen whole" in drawn


def test_a_run_without_a_scene_graph_shows_what_its_trace_tells(run_folder: Path) -> None:
    assert "Last seen at" in believed(load_run(run_folder))
    (run_folder / "scene_graph.json").write_text("{", encoding="utf-8")
    assert load_run(run_folder).scene is None
