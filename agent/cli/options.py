"""The choices that `run`, `plan` and `eval` share, and their validation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from diarchy.contracts.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    from diarchy.agent.run.config import RunConfig

SYSTEM1 = ("auto", "vla", "motion")
PERCEPTION = ("camera", "oracle")
GUARD = ("limits", "full")
APPROVE = ("always", "risky", "never")

Instruction = Annotated[
    str, typer.Argument(metavar="INSTRUCTION", help="what to do, in words", show_default=False)
]
Words = Annotated[
    str | None,
    typer.Argument(
        metavar="[INSTRUCTION]",
        help="what to do, in words; not needed with --tree or --resume",
        show_default=False,
    ),
]
TreeFile = Annotated[
    Path | None,
    typer.Option(
        "--tree", metavar="FILE.xml", help="run a behaviour tree (BehaviorTree.CPP 4, Groot2)"
    ),
]
Export = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE.xml", help="write the plan as a tree for Groot2"),
]
Scene = Annotated[str, typer.Option(metavar="NAME|FILE.yaml", help="the simulated home")]
RobotFile = Annotated[
    str | None, typer.Option("--robot", metavar="FILE.yaml", help="a real robot instead")
]
Seed = Annotated[
    int, typer.Option(help="of everything that draws; the same seed gives the same run")
]
PlannerName = Annotated[
    str,
    typer.Option("--planner", metavar="auto|symbolic|embedded|URL", help="System 2: who plans"),
]
Model = Annotated[
    str | None, typer.Option(metavar="NAME", help="the model to ask for at the planner's URL")
]
System1 = Annotated[
    str, typer.Option("--system1", metavar="auto|vla|motion", help="System 1: who acts")
]
PolicyFile = Annotated[
    str | None,
    typer.Option("--policy", metavar="PATH|URL", help="weights of the policy, or its server"),
]
Perception = Annotated[
    str,
    typer.Option(
        metavar="camera|oracle",
        help="who sees; the oracle reads the simulator's segmentation image",
    ),
]
GuardChoice = Annotated[
    str,
    typer.Option(
        "--guard", metavar="limits|full", help="full: with the collision barrier (docs/safety.md)"
    ),
]
Approve = Annotated[
    str,
    typer.Option(
        metavar="always|risky|never",
        help="when to ask before acting; risky: what a rule wants asked",
    ),
]
Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="rules of your own beside those that ship (YAML)"),
]
RealTime = Annotated[
    bool, typer.Option("--real-time", help="as fast as the wall clock, not faster")
]
Record = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="the run folder; a fresh one under runs/ if not given"),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="print one JSON object as the last line of stdout")
]
View = Annotated[bool, typer.Option("--view", hidden=True)]
DenseMapChoice = Annotated[
    bool,
    typer.Option("--dense-map", help="fuse what the camera sees into dense_map.ply (needs Open3D)"),
]
Remember = Annotated[
    Path | None,
    typer.Option(
        "--remember",
        metavar="FILE.json",
        help="look first where things were seen before, and keep for the next run what this one sees",
    ),
]
Resume = Annotated[
    Path | None,
    typer.Option("--resume", metavar="RUN", help="go on with a run whose process died"),
]
RobotSocket = Annotated[
    Path | None,
    typer.Option(
        "--robot-socket", metavar="PATH", help="drive the robot that 'diarchy serve robot' holds"
    ),
]


def choices(instruction: str, **given: Any) -> RunConfig:
    """Check the choices of a command line and return them as a `RunConfig`.

    Raises:
        BadInputError: a value does not exist, or two contradict each other.
    """
    from diarchy.agent.run.config import RunConfig

    _one_of("--system1", given.get("system1", "auto"), SYSTEM1)
    _one_of("--perception", given.get("perception", "oracle"), PERCEPTION)
    _one_of("--guard", given.get("guard", "limits"), GUARD)
    _one_of("--approve", given.get("approve", "risky"), APPROVE)
    if given.get("seed", 0) < 0:
        raise BadInputError(f"--seed must be 0 or more, got {given['seed']}")
    _check_planner(given.get("planner", "auto"), given.get("model"))
    _check_policy(given.get("policy"), given.get("system1", "auto"))
    _check_scene(given.get("scene", "home"), given.get("robot"))
    if given.get("robot_socket") and (given.get("robot") or given.get("scene", "home") != "home"):
        raise BadInputError(
            "--robot-socket takes the robot and the home that are served there; leave --scene and --robot out"
        )
    return RunConfig(instruction=instruction, **given)


def check_instruction(instruction: str | None) -> str:
    """Return the sentence without surrounding blanks.

    Raises:
        BadInputError: there are no words in it.
    """
    if instruction is None:
        raise BadInputError(
            "Missing argument 'INSTRUCTION': say what to do, or give --tree FILE.xml or --resume RUN"
        )
    if not any(c.isalpha() for c in instruction):
        raise BadInputError(
            'the instruction has no words; try: diarchy run "put the apple in the fridge"'
        )
    return instruction.strip()


def check_tree(tree: Path, instruction: str | None) -> str:
    """Return what a run of a tree file is called.

    Raises:
        BadInputError: a sentence was given too, or the file cannot be run.
    """
    if instruction:
        raise BadInputError("--tree and an instruction contradict each other; leave one out")
    from diarchy.agent.tree.btcpp.document import read_file

    return f"run the tree {read_file(tree).main} of {tree.name}"


def not_yet(*, view: bool) -> None:
    """Refuse the documented option that nothing stands behind yet.

    Raises:
        BadInputError: it was given.
    """
    if view:
        raise BadInputError(
            "--view: there is no live window in this version; open the report.html of the run"
        )


def is_url(text: str) -> bool:
    """Tell a URL from a name or a path."""
    return "://" in text


def _one_of(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise BadInputError(f"{option} {value}: no such choice; {did_you_mean(value, known)}")


def _check_planner(planner: str, model: str | None) -> None:
    if is_url(planner):
        parts = urlsplit(planner)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInputError(
                f"--planner {planner}: not a server's address; write it like http://localhost:8000/v1"
            )
    elif model is not None:
        raise BadInputError(
            f"--model {model} is asked for at a server, and --planner {planner} is none; "
            "give the server's address, like --planner http://localhost:8000/v1"
        )


def _check_policy(policy: str | None, system1: str) -> None:
    if policy is None:
        return
    if system1 == "motion":
        raise BadInputError(
            f"--policy {policy} and --system1 motion contradict each other; leave one out"
        )
    if not is_url(policy) and not Path(policy).exists():
        raise BadInputError(f"--policy {policy}: there is no such file")


def _check_scene(scene: str, robot: str | None) -> None:
    if robot is not None and scene not in ("home", "household", "household_flat"):
        raise BadInputError("--scene and --robot contradict each other; leave one out")
    for option, value in (("--scene", scene), ("--robot", robot)):
        if value is not None and value.endswith((".yaml", ".yml")) and not Path(value).is_file():
            raise BadInputError(f"{option} {value}: there is no such file")
