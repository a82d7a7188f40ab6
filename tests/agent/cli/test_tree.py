"""``run --tree`` and ``plan --export`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diarchy.agent.cli.main import app
from diarchy.agent.tree.btcpp.document import read_file

TREE = """<root BTCPP_format="4"><BehaviorTree ID="Visit"><Sequence>
  <Script code="where := 'fridge_1'"/>
  <SubTree ID="Go" to="{where}"/>
  <Holds condition="near(fridge_1)"/>
</Sequence></BehaviorTree>
<BehaviorTree ID="Go"><Timeout msec="60000"><navigate_to target="{to}"/></Timeout></BehaviorTree></root>
""".replace('<root BTCPP_format="4">', '<root BTCPP_format="4" main_tree_to_execute="Visit">')


def call(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(args), standalone_mode=False)
    return int(
        result.return_value if result.return_value is not None else result.exit_code
    ), result.output


def test_a_tree_drawn_elsewhere_drives_the_robot(tmp_path: Path) -> None:
    (tmp_path / "visit.xml").write_text(TREE)
    code, output = call(
        "run", "--tree", str(tmp_path / "visit.xml"), "--system1", "motion",
        "--record", str(tmp_path / "run"), "--json",
    )  # fmt: skip
    result = json.loads(output.strip().splitlines()[-1])
    assert (code, result["status"], result["verified"]) == (0, "succeeded", True), result["message"]
    assert [(s["skill"], s["args"]) for s in result["subtasks"]] == [
        ("navigate_to", {"target": "fridge_1"})
    ]
    assert (tmp_path / "run" / "report.html").is_file()


def test_a_plan_is_written_for_groot(tmp_path: Path) -> None:
    file = tmp_path / "plan.xml"
    code, _ = call(
        "plan", "put the apple in the fridge", "--planner", "symbolic",
        "--record", str(tmp_path / "run"), "--export", str(file),
    )  # fmt: skip
    assert code == 0
    tags = {e.tag for e in read_file(file).trees["Plan"].root.walk()}
    assert {"SequenceWithMemory", "pick", "place_in", "Holds"} <= tags


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["run", "go", "--tree", "x.xml"], "contradict"),
        (["run", "--tree", "missing.xml"], "cannot be read"),
        (["run"], "Missing argument"),
    ],
)
def test_a_wrong_choice_is_one_line(args: list[str], says: str) -> None:
    result = CliRunner().invoke(app, args, standalone_mode=False)
    assert says in (str(result.exception) + result.output)
