from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from diarchy.agent.progress import PatientConsole, TerminalProgress

PLAN = {
    "kind": "plan",
    "reasoning": "The apple is on the [red] table.",
    "subtasks": [
        {
            "id": "s1",
            "skill": "navigate_to",
            "args": {"target": "apple_1"},
            "words": "go to the apple",
        },
        {"id": "s2", "skill": "pick", "args": {"object": "apple_1"}},
    ],
}


def _events() -> list[dict[str, Any]]:
    rows: list[tuple[float, str, dict[str, Any]]] = [
        (
            0.0,
            "run_started",
            {"instruction": "pick the apple", "planner": "symbolic", "detector": "oracle"},
        ),
        (0.1, "plan_requested", {"feedback": None}),
        (0.3, "plan_answered", {"planner": "symbolic", "answer": PLAN}),
        (0.3, "subtask_started", {"id": "s1", "skill": "navigate_to", "words": "go to the apple"}),
        (2.0, "pose", {"x": 0, "y": 0, "yaw": 0}),
        (8.3, "subtask_ended", {"id": "s1", "status": "succeeded"}),
        (8.3, "subtask_started", {"id": "s2", "skill": "pick"}),
        (9.0, "recovery", {"subtask": "s2", "cause": "grasp_missed", "branch": "look again"}),
        (9.5, "asked", {"text": "Which one?", "options": []}),
        (9.5, "answered", {"text": "that [one]"}),
        (
            12.0,
            "subtask_ended",
            {"id": "s2", "status": "failed", "cause": "slipped", "detail": "it fell"},
        ),
        (12.0, "replanned", {"reason": "it fell", "number": 1}),
        (13.0, "goals_checked", {"goals": [{"condition": "holding(apple_1)", "truth": "false"}]}),
        (13.0, "run_ended", {"status": "failed"}),
    ]
    return [{"t": t, "tick": round(t * 200), "kind": kind, **fields} for t, kind, fields in rows]


def _shown(*, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, color_system=None)
    with TerminalProgress(console) as progress:
        for event in _events():
            progress.on_event(event)
    return out.getvalue()


def test_without_a_terminal_plain_lines_tell_the_story_in_order() -> None:
    shown = _shown(terminal=False)
    parts = [
        "pick the apple",
        "The apple is on the [red] table.",
        "1. go to the apple",
        "2. pick(apple_1)",
        "[   8.3 s] ✓ go to the apple 8.0 s",
        "grasp missed: look again",
        "robot asks: Which one?",
        "you: that [one]",
        "slipped: it fell",
        "planning again it fell",
        "✗ goal holding(apple_1)",
    ]
    places = [shown.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert "\x1b" not in shown


def test_on_a_terminal_the_plan_ends_with_its_ticks() -> None:
    last = _shown(terminal=True).splitlines()[-6:]
    text = "\n".join(last)
    assert "✓ 1. go to the apple" in text
    assert "✗ 2. pick(apple_1)" in text


def test_on_a_terminal_a_new_plan_leaves_what_was_done_above_it() -> None:
    out = io.StringIO()
    with TerminalProgress(
        Console(file=out, force_terminal=True, width=100, color_system=None)
    ) as progress:
        for event in [*_events()[:-1], _events()[2]]:
            progress.on_event(event)
    assert "[   8.3 s] ✓ go to the apple 8.0 s" in out.getvalue()


def test_pausing_gives_the_console_and_goes_on_afterwards() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80)
    with TerminalProgress(console) as progress:
        progress.on_event(_events()[2])
        with progress.paused() as given:
            assert given is console
            given.print("which one?")
        progress.on_event({"t": 1.0, "kind": "said", "text": "thanks"})
    assert out.getvalue().index("which one?") < out.getvalue().index("thanks")


def test_a_pipe_that_was_closed_ends_the_display_and_not_the_run() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    progress = TerminalProgress(PatientConsole(file=Broken()))
    for event in _events():
        progress.on_event(event)


def test_events_with_missing_fields_are_survived() -> None:
    progress = TerminalProgress(Console(file=io.StringIO()))
    for event in _events():
        progress.on_event({"kind": event["kind"]})


def test_a_step_that_got_another_id_in_the_tree_keeps_its_words() -> None:
    # The next plan numbers its steps anew, the tree has other numbers left.
    words = ["go to the cabinet", "open the cabinet", "look at the cabinet"]
    plan = {
        "kind": "plan",
        "subtasks": [
            {"id": f"s{k}", "skill": "look_at", "words": text} for k, text in enumerate(words, 2)
        ],
    }
    out = io.StringIO()
    with TerminalProgress(Console(file=out, width=100, color_system=None)) as progress:
        progress.on_event({"t": 0.0, "kind": "plan_answered", "answer": plan})
        for subtask, text in zip(("s2", "s3", "s7"), (words[0], words[2], words[1]), strict=True):
            progress.on_event({"t": 1.0, "kind": "subtask_started", "id": subtask, "words": text})
            progress.on_event(
                {"t": 2.0, "kind": "subtask_ended", "id": subtask, "status": "succeeded"}
            )
    ended = [line.split("✓ ")[1].strip() for line in out.getvalue().splitlines() if "✓" in line]
    assert ended == [f"{text} 1.0 s" for text in (words[0], words[2], words[1])]
