from __future__ import annotations

from pathlib import Path

import pytest

from diarchy.agent.evaluation.episode import EpisodeRecord
from diarchy.agent.evaluation.markdown import BEGIN, END, markdown, write_between_marks
from diarchy.agent.evaluation.suite import EvalResult, load_results, summarize
from diarchy.agent.run.config import RunConfig
from diarchy.contracts.errors import BadInputError

CONFIG = RunConfig(instruction="", scene="household_flat", planner="symbolic", system1="motion")


def record(index: int, *, success: bool = True) -> EpisodeRecord:
    return EpisodeRecord(
        episode=index,
        task="heat" if index % 2 else "cool",
        sentence="",
        goals=[],
        success=success,
        truth=success,
        verified=True,
        status="succeeded",
        progress=1.0 if success else 0.5,
        spl=0.8 if success else 0.0,
        sim_s=100.0,
        wall_s=10.0,
    )


def result() -> EvalResult:
    return summarize("household", 7, CONFIG, [record(0), record(1), record(2, success=False)])


def test_the_table_has_a_line_for_each_task_and_one_for_all() -> None:
    lines = markdown([result()]).splitlines()
    assert any(line.startswith("| household | cool | 1/2 = 50.0% |") for line in lines)
    assert any(line.startswith("| household | heat | 1/1 = 100.0% |") for line in lines)
    total = next(line for line in lines if line.startswith("| **household**"))
    assert "**2/3 = 66.7%**" in total
    assert "| 1 | 0 | 0.83 | 0.53 |" in total


def test_every_line_of_the_table_has_as_many_cells() -> None:
    rows = [line for line in markdown([result()]).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in rows}) == 1


def test_the_table_goes_between_the_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_between_marks(readme, "new")
    write_between_marks(readme, "newer")
    assert readme.read_text() == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"


def test_a_file_without_marks_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing here")
    with pytest.raises(BadInputError, match="no lines"):
        write_between_marks(readme, "new")
    assert readme.read_text() == "nothing here"


def test_a_folder_that_holds_no_evaluation_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no evaluation"):
        load_results(tmp_path)
