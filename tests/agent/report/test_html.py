from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.report import write_report
from diarchy.contracts.errors import BadInputError

VOID = {"meta", "img", "input", "br", "hr", "link"}


class _Balance(HTMLParser):
    """Fails on a tag that is closed without having been opened, or left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _page(folder: Path) -> str:
    return write_report(folder).read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_asks_for_nothing_from_outside(run_folder: Path) -> None:
    page = _page(run_folder)
    parser = _Balance()
    parser.feed(page)
    assert parser.open == []
    sources = [value or "" for key, value in parser.attributes if key in ("src", "href")]
    assert sources
    assert all(source.startswith(("data:image/", "#")) for source in sources)
    assert "url(" not in page
    assert "@import" not in page


def test_all_sections_of_a_whole_run_are_there(run_folder: Path) -> None:
    page = _page(run_folder)
    keys = [
        "failures",
        "thinking",
        "map",
        "timeline",
        "steps",
        "tree",
        "things",
        "guard",
        "talk",
        "models",
    ]
    assert [key for key in keys if f'<section id="{key}">' not in page] == []
    assert page.count("data:image/jpeg;base64,") == 10


def test_what_the_agent_saw_and_what_is_true_stand_apart(run_folder: Path) -> None:
    page = _page(run_folder)
    assert "Verified by the agent" in page
    assert "Truth in the simulator" in page
    assert "false success" not in page


def test_a_false_success_is_called_one(run_folder: Path) -> None:
    trace = run_folder / "trace.jsonl"
    trace.write_text(trace.read_text().replace('"truth": true,', '"truth": false,'))
    assert "A false success" in _page(run_folder)


def test_the_oracle_is_named_only_when_it_was_used(run_folder: Path) -> None:
    assert "reads the simulator&#x27;s segmentation image" in _page(run_folder)
    trace = run_folder / "trace.jsonl"
    trace.write_text(trace.read_text().replace('"detector": "oracle"', '"detector": "camera:yolo"'))
    assert "segmentation image" not in _page(run_folder)


def test_text_from_people_and_models_is_escaped(run_folder: Path) -> None:
    page = _page(run_folder)
    assert "the &lt;red&gt; one &amp; quick" in page
    assert "<red>" not in page
    assert "The apple &lt;b&gt;lies&lt;/b&gt;" in page


def test_who_acted_is_counted_by_what_really_acted(run_folder: Path) -> None:
    assert "motion (4 subtasks), vla (1 subtask)" in _page(run_folder)


def test_failures_and_recoveries_give_their_causes(run_folder: Path) -> None:
    failures = _page(run_folder).split('<section id="failures">')[1].split("</section>")[0]
    words = re.sub(r"<[^>]+>", " ", failures)
    assert "grasp missed" in words
    assert "a chair is in the way" in words
    assert words.index("grasp missed") < words.index("a chair is in the way")


@pytest.mark.parametrize("lines", [0, 1, 2, 5, 9, 14, 60, 120, 200])
def test_a_trace_that_was_cut_off_gives_a_page_that_says_so(run_folder: Path, lines: int) -> None:
    trace = run_folder / "trace.jsonl"
    whole = trace.read_text().splitlines(keepends=True)
    trace.write_text("".join(whole[:lines]) + whole[lines][:25])
    page = _page(run_folder)
    parser = _Balance()
    parser.feed(page)
    assert parser.open == []
    assert "the run was cut off" in page


def test_events_with_missing_fields_and_unknown_kinds_break_nothing(
    recorder: Callable[[], Any], tmp_path: Path
) -> None:
    r = recorder()
    kinds = [
        "run_started", "map", "observed", "recalled", "plan_answered", "plan_requested", "model_call",
        "plan_checked", "tree", "subtask_started", "skill_started", "skill_ended", "look", "verified",
        "recovery", "subtask_ended", "pose", "frame", "guard", "said", "asked", "answered", "replanned",
        "goals_checked", "run_ended", "something_new",
    ]  # fmt: skip
    for kind in kinds:
        r.event(kind)
    r.trace.close()
    assert "(the trace holds no command)" in _page(tmp_path / "partial")


def test_a_picture_outside_the_run_folder_is_never_read(
    recorder: Callable[[], Any], tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    r = recorder()
    r.event("frame", path="../secret.png", view="head", label="start", subtask=None)
    r.event("frame", path=str(tmp_path / "secret.png"), view="head", label="start", subtask=None)
    r.trace.close()
    page = _page(tmp_path / "partial")
    assert "data:image" not in page
    assert page.count("this picture is missing") == 2


def test_a_folder_without_a_run_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no run"):
        write_report(tmp_path)
