from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.report.load import load_run


def test_a_whole_run_is_read_into_steps_with_their_pictures(run_folder: Path) -> None:
    view = load_run(run_folder)
    assert [s.id for s in view.steps] == ["s1", "s2", "s3", "s3", "s4"]
    assert [s.status for s in view.steps] == [
        "succeeded",
        "succeeded",
        "failed",
        "succeeded",
        "succeeded",
    ]
    assert [[p.label for p in s.pictures] for s in view.steps] == [
        ["before", "after"],
        ["before", "after"],
        [],
        ["before", "after"],
        ["before", "after"],
    ]
    assert (view.status, view.verified, view.truth, view.ended) == ("succeeded", True, True, True)
    assert view.timing == {"wall_s": 41.2}
    assert view.acted == ["motion", "vla"]


def test_attempts_and_recoveries_belong_to_their_subtask(run_folder: Path) -> None:
    pick = load_run(run_folder).steps[1]
    assert [(a.success, a.cause) for a in pick.attempts] == [(False, "grasp_missed"), (True, None)]
    assert [r.cause for r in pick.recoveries] == ["grasp_missed"]
    assert pick.tries == 2


def test_what_a_look_saw_replaces_what_was_believed(run_folder: Path) -> None:
    apple = load_run(run_folder).things["apple_1"]
    assert (apple.x, apple.y, apple.room) == (3.4, 4.1, "kitchen")
    assert apple.last_seen == pytest.approx(77.0)
    assert apple.words == "red apple"


def test_a_picture_taken_before_its_subtask_began_still_belongs_to_it(
    recorder: Callable[[], Any], tmp_path: Path
) -> None:
    r = recorder()
    r.picture("chase", "before", "s1")
    r.event("subtask_started", id="s1", skill="pick", args={}, words="")
    r.event(
        "subtask_ended",
        id="s1",
        status="failed",
        cause="slipped",
        detail="",
        attempts=1,
        seconds=1.0,
    )
    r.picture("chase", "after", "s1")
    r.picture("chase", "before", "s1")
    r.event("subtask_started", id="s1", skill="pick", args={}, words="")
    r.trace.close()
    steps = load_run(tmp_path / "partial").steps
    assert [[p.label for p in s.pictures] for s in steps] == [["before", "after"], ["before"]]
    assert steps[1].status == "running"


def test_fixtures_that_a_look_saw_are_no_movable_things(
    recorder: Callable[[], Any], tmp_path: Path
) -> None:
    r = recorder()
    r.event("map", bounds=[0, 0, 1, 1], rooms={}, fixtures=[{"id": "fridge_1", "cls": "Fridge"}])
    r.event("look", sightings=[{"id": "fridge_1", "cls": "Fridge", "x": 0, "y": 0, "z": 1}])
    r.trace.close()
    assert load_run(tmp_path / "partial").things == {}
