from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.agent.report.labels import LabelPlacer, Rectangle
from diarchy.agent.report.load import load_run
from diarchy.agent.report.markup import Markup, join, tag, text
from diarchy.agent.report.model import Pose, RunView, Step, Thought
from diarchy.agent.report.svg_map import PIXELS_PER_METRE, Projection, draw_map
from diarchy.agent.report.symbols import badge, symbol, tone
from diarchy.agent.report.timeline import draw_timeline, tick_step
from diarchy.agent.report.tree_view import draw_tree


@given(st.text())
def test_no_string_can_open_a_tag_or_leave_an_attribute(words: str) -> None:
    inner = tag("p", words, title=words).removeprefix('<p title="').removesuffix("</p>")
    assert "<" not in inner
    assert inner.count('"') == 1
    assert text(Markup("<b>")) == "<b>"


def test_attributes_are_written_as_html_wants_them() -> None:
    drawn = tag(
        "details", None, 3, class_="a", data_x=1.5, open=True, hidden=False, viewbox="0 0 1 1"
    )
    assert drawn == '<details class="a" data-x="1.5" open viewBox="0 0 1 1">3</details>'
    assert tag("img", src="x") == '<img src="x">'
    assert isinstance(join("a", drawn), Markup)


def test_north_is_up_and_a_metre_is_a_metre() -> None:
    project = Projection((-1.0, -2.0, 3.0, 4.0))
    x0, y0 = project(0.0, 0.0)
    x1, y1 = project(1.0, 1.0)
    assert x1 - x0 == pytest.approx(PIXELS_PER_METRE)
    assert y0 - y1 == pytest.approx(PIXELS_PER_METRE)


def test_the_map_shows_rooms_fixtures_things_person_and_path(run_folder: Path) -> None:
    drawn = draw_map(load_run(run_folder))
    for words in ("kitchen", "living room", "garbage can", "red apple", "user", "start", "1 m"):
        assert f">{words}</text>" in drawn
    assert 'class="path carrying"' in drawn


def test_what_is_held_is_not_drawn_where_it_once_lay(run_folder: Path) -> None:
    view = load_run(run_folder)
    view.held = "apple_1"
    assert ">red apple</text>" not in draw_map(view)


def test_without_a_map_the_path_alone_is_drawn(tmp_path: Path) -> None:
    view = RunView(tmp_path, path=[Pose(0.0, 1.0, 1.0, 0.0, None), Pose(0.5, 2.0, 1.0, 0.0, None)])
    assert "<polyline" in draw_map(view)
    assert draw_map(RunView(tmp_path)) == ""


def test_labels_of_neighbours_do_not_lie_on_one_another() -> None:
    placer = LabelPlacer(Rectangle(0, 0, 1000, 1000))
    for i in range(6):
        placer.place("blue mug", 500.0 + 3 * i, 500.0, 15.0, 10.0)
    pairs = [(a, b) for i, a in enumerate(placer.taken) for b in placer.taken[i + 1 :]]
    assert all(a.overlap(b) == 0.0 for a, b in pairs)


def test_a_label_that_may_lie_on_its_point_does_when_it_is_free() -> None:
    placer = LabelPlacer(Rectangle(4, 4, 980, 560))
    assert placer.place("fridge", 295.0, 68.0, 15.0, -7.5) == pytest.approx((295.0, 68.0))


def test_a_label_at_the_edge_stays_inside() -> None:
    placer = LabelPlacer(Rectangle(0, 0, 300, 300))
    x, _ = placer.place("red mug", 295.0, 150.0, 15.0, 10.0)
    assert x < 295.0


@given(st.floats(0.1, 5000.0))
def test_an_axis_has_neither_too_many_ticks_nor_too_few(end: float) -> None:
    step = tick_step(end)
    assert end / step <= 10.0
    assert end / step >= 3.9 or step == 1.0


def test_the_time_line_of_a_run_that_was_cut_off_ends_with_it(tmp_path: Path) -> None:
    view = RunView(tmp_path, seconds=20.0)
    assert draw_timeline(view) == ""
    view.thoughts.append(Thought(start=0.0))
    view.steps.append(Step("s1", "pick", "pick <it>", {}, 5.0))
    drawn = draw_timeline(view)
    assert "no answer" in drawn
    assert "pick &lt;it&gt;: running" in drawn


def test_subtasks_that_went_well_and_branches_never_reached_are_folded() -> None:
    def node(name: str, status: str, *children: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "type": "Sequence", "status": status, "children": list(children)}

    well = node("well", "SUCCESS", node("try", "SUCCESS", node("act", "SUCCESS")))
    again = node(
        "again",
        "SUCCESS",
        node("first", "FAILURE", node("act", "FAILURE")),
        node("never", "INVALID", node("x", "INVALID")),
    )
    drawn = draw_tree(node("root", "SUCCESS", well, again))
    opened = {
        n
        for n in ("root", "well", "again", "first", "never")
        if re.search(
            rf"<details[^>]* open><summary[^>]*>[^/]*</span><span class=\"node-name\">{n}<", drawn
        )
    }
    assert opened == {"root", "again", "first"}


def test_a_decorator_shares_the_box_of_its_child() -> None:
    child = {"name": "s1", "type": "Sequence", "status": "SUCCESS", "children": []}
    drawn = draw_tree({"name": "s1", "type": "OneShot", "status": "SUCCESS", "children": [child]})
    assert drawn.count('class="node-name"') == 1
    assert "1×" in drawn


def test_nodes_of_the_tree_are_nested_and_carry_symbols() -> None:
    leaf = {"name": "see <it>", "type": "Verify", "status": "FAILURE", "note": "not in view"}
    never = {"name": "later", "type": "Act", "status": "INVALID"}
    drawn = draw_tree(
        {"name": "root", "type": "Sequence", "status": "RUNNING", "children": [leaf, never]}
    )
    assert "see &lt;it&gt;" in drawn
    assert "✗ failure" in drawn
    assert "not reached" in drawn
    assert drawn.count('class="node-children"') == 1
    assert draw_tree(None) == ""


@pytest.mark.parametrize(
    ("status", "sign", "kind"),
    [
        ("succeeded", "✓", "good"),
        ("SUCCESS", "✓", "good"),
        ("false", "✗", "bad"),
        ("stopped", "■", "bad"),
        ("unknown", "?", "open"),
        ("skipped", "·", "idle"),
    ],
)
def test_every_status_has_a_sign_beside_its_colour(status: str, sign: str, kind: str) -> None:
    assert (symbol(status), tone(status)) == (sign, kind)
    assert sign in badge(status)
