"""What stands open because of the robot, and who has to close it."""

from __future__ import annotations

import pytest

from diarchy.contracts.plan import SubtaskRecord
from diarchy.contracts.predicate import Condition
from diarchy.planners.left_open import left_behind, opened


def record(skill: str, container: str, status: str = "succeeded") -> SubtaskRecord:
    return SubtaskRecord.model_validate(
        {"id": "s1", "skill": skill, "args": {"container": container}, "status": status}
    )


OPENED = [record("open", "fridge_1"), record("open", "drawer_1"), record("close", "drawer_1")]


def test_what_was_opened_stands_open_until_it_is_closed() -> None:
    assert opened(OPENED) == ["fridge_1"]
    assert opened([*OPENED, record("close", "fridge_1", "failed")]) == ["fridge_1"]
    assert opened([record("open", "fridge_1", "failed")]) == []
    assert opened(OPENED, before=["drawer_1", "cabinet_1"]) == ["cabinet_1", "fridge_1"]


@pytest.mark.parametrize(
    ("status", "owed"),
    [
        ("failed", ("cabinet_1", "fridge_1")),
        ("question", ("cabinet_1", "fridge_1")),
        ("succeeded", ("cabinet_1",)),
        ("stopped", ()),
    ],
)
def test_a_command_that_was_not_done_leaves_its_doors_to_the_next(
    status: str, owed: tuple[str, ...]
) -> None:
    assert left_behind(OPENED, ["cabinet_1"], (), status) == owed


def test_what_a_person_wanted_open_stays_open() -> None:
    wanted = [Condition.parse("open(fridge_1)"), Condition.parse("not open(cabinet_1)")]
    assert left_behind(OPENED, ["cabinet_1"], wanted, "failed") == ("cabinet_1",)
