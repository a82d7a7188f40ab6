from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.run.compare import Comparison
from diarchy.agent.run.trace import Trace
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import (
    BadInputError,
    MissingExtraError,
    PlannerUnavailableError,
)

Cli = Callable[..., Any]


def _last(result: Any) -> dict[str, Any]:
    data = json.loads(result.stdout.splitlines()[-1])
    assert isinstance(data, dict)
    return data


OUTCOMES = [
    ("succeeded", 0),
    ("failed", 1),
    ("refused", 2),
    ("refused", 3),
    ("question", 4),
    ("stopped", 5),
    ("stopped", 130),
]


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(("status", "code"), OUTCOMES)
def test_a_result_decides_the_exit_code(
    command: str, status: str, code: int, session: Any, cli: Cli
) -> None:
    session.result = {"status": status, "exit_code": code, "message": "because\nof this"}
    for extra in ((), ("--json",)):
        result = cli(command, "put the apple in the fridge", *extra)
        assert result.exit_code == code
        assert len(result.stderr.splitlines()) == (1 if code else 0)
    assert _last(result)["status"] == status
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (BadInputError("no scene 'hom'; did you mean 'home'?"), 2, "did you mean 'home'?"),
        (MissingExtraError("the home", "sim"), 2, "pip install 'diarchy[sim]'"),
        (PlannerUnavailableError("nothing listens at http://x"), 1, "nothing listens"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("by zero"), 1, "unexpected ZeroDivisionError: by zero"),
    ],
)
@pytest.mark.parametrize("command", ["run", "plan", "replay"])
def test_whatever_is_raised_becomes_one_line_and_a_code(
    command: str, error: BaseException, code: int, told: str, session: Any, cli: Cli
) -> None:
    session.raises = error
    result = cli(command, "put the apple in the fridge", "--json")
    assert result.exit_code == code
    assert "Traceback" not in result.output
    assert len(result.stderr.splitlines()) == 1
    assert told in result.stderr
    data = _last(result)
    assert (data["schema"], data["exit_code"]) == (1, code)
    assert told in data["message"]


def test_a_defect_leaves_its_traceback_in_the_run_folder(
    session: Any, cli: Cli, tmp_path: Path
) -> None:
    session.raises = ZeroDivisionError("by zero")
    result = cli("run", "put the apple in the fridge", "--record", "mine")
    assert "mine/traceback.txt" in result.stderr
    assert "ZeroDivisionError: by zero" in (tmp_path / "mine" / "traceback.txt").read_text()
    cli("run", "put the apple in the fridge")
    assert (tmp_path / "runs" / "fresh" / "traceback.txt").is_file()


def test_debug_shows_the_traceback(session: Any, cli: Cli) -> None:
    session.raises = ZeroDivisionError("by zero")
    result = cli("run", "put the apple in the fridge", "--debug")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("run", ""), "no words"),
        (("run", "  ?! "), "no words"),
        (("plan", ""), "no words"),
        (("run",), "Missing argument 'INSTRUCTION'"),
        (("run", "x", "--system1", "vlaa"), "did you mean 'vla'?"),
        (("run", "x", "--perception", "orakel"), "did you mean 'oracle'?"),
        (("run", "x", "--approve", "sometimes"), "known: always, never, risky"),
        (("run", "x", "--seed", "-1"), "--seed must be 0 or more"),
        (("run", "x", "--seed", "seven"), "--seed"),
        (("run", "x", "--planner", "ftp://host"), "not a server's address"),
        (("run", "x", "--planner", "http://"), "not a server's address"),
        (("run", "x", "--model", "qwen"), "give the server's address"),
        (("run", "x", "--policy", "no/such.safetensors"), "no such file"),
        (("run", "x", "--policy", "http://p", "--system1", "motion"), "contradict"),
        (("run", "x", "--scene", "mine.yaml"), "no such file"),
        (("run", "x", "--scene", "mine.yaml", "--robot", "r.yaml"), "contradict"),
        (("run", "x", "--robot", "r.yaml"), "no such file"),
        (("run", "x", "--view"), "no live window"),
        (("run", "x", "--resume", "runs/1"), "leave the instruction out"),
        (("run", "--resume", "runs/1"), "holds no run"),
        (("run", "x", "--robot-socket", "r.sock", "--scene", "household"), "leave --scene"),
        (("run", "x", "--sead", "1"), "No such option: --sead"),
        (("eval", "household", "--episodes", "0"), "--episodes must be at least 1"),
        (("eval", "household", "--workers", "-2"), "--workers must be at least 1"),
        (("eval",), "Missing argument 'SUITE'"),
        (("demo", "fridgee"), "did you mean 'fridge'?"),
        (("map", "nowhere"), "holds no run"),
        (("fly",), "No such command 'fly'"),
        (("run", "x", "y"), "unexpected extra argument"),
    ],
)
def test_bad_input_ends_in_one_line_that_names_what_exists(
    args: tuple[str, ...], told: str, session: Any, cli: Cli
) -> None:
    result = cli(*args)
    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert session.configs == []
    assert _last(cli(*args, "--json"))["exit_code"] == 2


def test_all_choices_reach_the_run(session: Any, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my.yaml").touch()
    (tmp_path / "p.safetensors").touch()
    options = "--scene my.yaml --seed 7 --planner http://localhost:8000/v1 --model m --system1 vla"
    more = "--policy p.safetensors --perception camera --approve always --real-time --record out"
    assert cli("run", " pick the mug ", *options.split(), *more.split()).exit_code == 0
    (config,) = session.configs
    assert config.episodes == config.record.parent / "episodes.sqlite"
    assert config.model_dump(exclude_defaults=True, exclude={"episodes"}) == {
        "instruction": "pick the mug",
        "scene": "my.yaml",
        "seed": 7,
        "planner": "http://localhost:8000/v1",
        "model": "m",
        "system1": "vla",
        "policy": "p.safetensors",
        "perception": "camera",
        "approve": "always",
        "real_time": True,
        "record": Path("out"),
    }


def test_progress_goes_to_stderr_when_stdout_is_for_json(session: Any, cli: Cli) -> None:
    session.events = ({"kind": "said", "t": 1.0, "text": "hello there"},)
    result = cli("run", "pick the mug", "--json")
    assert "hello there" in result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert "hello there" in cli("run", "pick the mug").stdout


def test_the_summary_keeps_verified_and_truth_apart(session: Any, cli: Cli) -> None:
    session.result = {"verified": True, "truth": False, "status": "succeeded"}
    shown = cli("run", "pick the mug").stdout
    assert "verified by the agent: yes   truth in the simulator: no" in shown
    assert "planned by symbolic" in shown


def test_without_a_terminal_nobody_is_asked_and_the_question_is_on_stderr(
    session: Any, cli: Cli
) -> None:
    session.asks = ("Which mug?", ("red", "blue"))
    session.result = {
        "status": "question",
        "question": "Which mug?",
        "options": ("red", "blue"),
        "exit_code": 4,
    }
    result = cli("run", "pick the mug")
    assert result.exit_code == 4
    assert session.answers == [None]
    assert "Which mug? (red / blue)" in result.stderr


def test_a_run_gets_its_report_and_says_where(session: Any, cli: Cli, tmp_path: Path) -> None:
    trace = Trace(tmp_path / "r", LockstepClock())
    trace.event("run_started", instruction="pick the mug")
    trace.close()
    session.result = {"run_dir": str(tmp_path / "r")}
    assert f"report: {tmp_path / 'r' / 'report.html'}" in cli("run", "pick the mug").stdout
    assert (tmp_path / "r" / "report.html").is_file()


def test_a_report_that_cannot_be_written_changes_nothing_of_the_result(
    session: Any, cli: Cli, tmp_path: Path
) -> None:
    session.result = {"run_dir": str(tmp_path / "gone")}
    result = cli("run", "pick the mug")
    assert result.exit_code == 0
    assert "no report" in result.stderr


def test_a_plan_is_listed_step_by_step(session: Any, cli: Cli) -> None:
    session.result = {
        "plan": {
            "kind": "plan",
            "reasoning": "because",
            "subtasks": [{"skill": "pick", "words": "pick the mug"}, {"skill": "wait"}],
            "goals": ["holding(mug_1)"],
        }
    }
    shown = cli("plan", "pick the mug").stdout
    assert "1. pick the mug" in shown
    assert "2. wait" in shown
    assert "done when: holding(mug_1)" in shown


def test_replay_says_whether_it_is_the_same_run(session: Any, cli: Cli) -> None:
    same = cli("replay", "somewhere")
    assert (same.exit_code, same.stdout) == (
        0,
        "identical: 10 events, 400 bytes of actions, 2 pictures\n",
    )
    session.comparison = Comparison(False, 3, 0, 0, "event 3 (t=1.0, pose): x: 1 != 2")
    other = cli("replay", "somewhere", "--json")
    assert other.exit_code == 1
    assert "event 3 (t=1.0, pose)" in other.stderr
    assert _last(other)["identical"] is False


def test_demos_are_listed_and_the_first_is_the_default(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diarchy.agent.cli import showing
    from diarchy.agent.scenario.model import shipped

    listed = cli("demo", "--list").stdout
    assert all(name in listed for name in shipped())
    assert [d["name"] for d in _last(cli("demo", "--list", "--json"))["demos"]] == list(shipped())
    shown: list[str | None] = []
    monkeypatch.setattr(showing, "show", lambda name, **_: shown.append(name) or 0)
    assert cli("demo").exit_code == 0
    assert cli("demo", "tidy").exit_code == 0
    assert shown == [None, "tidy"]


def test_version_is_one_line(cli: Cli) -> None:
    result = cli("--version")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1


def test_no_command_shows_the_help_as_bad_input(cli: Cli) -> None:
    result = cli()
    assert result.exit_code == 2
    assert "Usage: diarchy" in result.output


def test_help_lists_only_what_exists(cli: Cli) -> None:
    shown = cli("--help").stdout
    for command in ("run", "plan", "eval", "demo", "replay", "map", "doctor", "serve"):
        assert f" {command} " in shown
    assert "--view" not in cli("run", "--help").stdout


def test_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys; import diarchy.agent.cli.main, diarchy.agent.cli.options; "
        "print([m for m in ('mujoco', 'torch', 'openai', 'langgraph', 'numpy', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = [m for m in ("mujoco", "torch", "openai", "langgraph", "numpy") if m in done.stdout]
    assert heavy == []
