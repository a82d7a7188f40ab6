"""``diarchy``: the commands and their options; what they do is in the modules beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diarchy.agent.cli import options as o
from diarchy.agent.cli.group import DiarchyGroup
from diarchy.agent.cli.output import print_error, print_json
from diarchy.contracts.errors import BadInputError, ExitCode

app = typer.Typer(
    name="diarchy",
    cls=DiarchyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A slow mind that plans and a fast one that moves: say what a mobile manipulator shall do.",
    epilog="Exit codes: 0 done and verified, 1 not achieved, 2 bad input, 3 refused, 4 a question is open, "
    "5 protective stop, 130 interrupted. --debug anywhere shows tracebacks.",
)

Run = Annotated[Path, typer.Argument(metavar="RUN", help="a run folder", show_default=False)]


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib import metadata

    try:
        typer.echo(metadata.version("diarchy"))
    except metadata.PackageNotFoundError:
        typer.echo("unknown: diarchy is not installed here")
    raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="print the version"),
]


@app.callback()
def _top(version: Version = False) -> None:
    """Take the options that stand before a command."""


@app.command()
def run(
    instruction: o.Words = None,
    scene: o.Scene = "home",
    robot: o.RobotFile = None,
    seed: o.Seed = 0,
    planner: o.PlannerName = "auto",
    model: o.Model = None,
    system1: o.System1 = "auto",
    policy: o.PolicyFile = None,
    perception: o.Perception = "oracle",
    guard: o.GuardChoice = "limits",
    approve: o.Approve = "risky",
    rules: o.Rules = None,
    remember: o.Remember = None,
    dense_map: o.DenseMapChoice = False,
    real_time: o.RealTime = False,
    view: o.View = False,
    record: o.Record = None,
    tree: o.TreeFile = None,
    robot_socket: o.RobotSocket = None,
    resume: o.Resume = None,
    as_json: o.AsJson = False,
) -> int:
    """Do what a sentence says, or what a tree file draws."""
    o.not_yet(view=view)
    if resume is not None:
        if instruction or tree:
            raise BadInputError("--resume takes the run's own choices; leave the instruction out")
        from diarchy.agent.cli import running

        return running.resume(resume, as_json=as_json)
    config = o.choices(
        o.check_tree(tree, instruction) if tree else o.check_instruction(instruction),
        scene=scene,
        robot=robot,
        seed=seed,
        planner=planner,
        model=model,
        system1=system1,
        policy=policy,
        perception=perception,
        guard=guard,
        approve=approve,
        rules=rules,
        remember=remember,
        dense_map=dense_map,
        real_time=real_time,
        record=record,
        tree=tree,
        robot_socket=robot_socket,
    )
    from diarchy.agent.cli import running

    return running.run(config, as_json=as_json)


@app.command()
def plan(
    instruction: o.Instruction,
    scene: o.Scene = "home",
    robot: o.RobotFile = None,
    seed: o.Seed = 0,
    planner: o.PlannerName = "auto",
    model: o.Model = None,
    system1: o.System1 = "auto",
    policy: o.PolicyFile = None,
    perception: o.Perception = "oracle",
    guard: o.GuardChoice = "limits",
    approve: o.Approve = "risky",
    rules: o.Rules = None,
    remember: o.Remember = None,
    real_time: o.RealTime = False,
    record: o.Record = None,
    export: o.Export = None,
    as_json: o.AsJson = False,
) -> int:
    """Plan only: nothing moves."""
    config = o.choices(
        o.check_instruction(instruction),
        scene=scene,
        robot=robot,
        seed=seed,
        planner=planner,
        model=model,
        system1=system1,
        policy=policy,
        perception=perception,
        guard=guard,
        approve=approve,
        rules=rules,
        remember=remember,
        real_time=real_time,
        record=record,
    )
    from diarchy.agent.cli import running

    return running.plan(config, export=export, as_json=as_json)


@app.command(name="eval")
def evaluate(
    suite: Annotated[
        str, typer.Argument(metavar="SUITE", help="for example household", show_default=False)
    ],
    episodes: Annotated[int, typer.Option(help="how many")] = 20,
    workers: Annotated[int, typer.Option(help="processes at the same time")] = 1,
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="a Ray cluster to run on; else here")
    ] = None,
    scene: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE.yaml", help="the simulated home; else the suite's own"),
    ] = None,
    robot: o.RobotFile = None,
    seed: o.Seed = 0,
    planner: o.PlannerName = "auto",
    model: o.Model = None,
    system1: o.System1 = "auto",
    policy: o.PolicyFile = None,
    perception: o.Perception = "oracle",
    guard: o.GuardChoice = "limits",
    approve: o.Approve = "risky",
    rules: o.Rules = None,
    real_time: o.RealTime = False,
    record: o.Record = None,
    as_json: o.AsJson = False,
) -> int:
    """Run a suite of seeded episodes, judged by the simulator's truth; run it again to resume."""
    for option, value in (("--episodes", episodes), ("--workers", workers)):
        if value < 1:
            raise BadInputError(f"{option} must be at least 1, got {value}")
    from diarchy.agent.evaluation.tasks import find_suite

    own_scene = find_suite(suite).scene
    config = o.choices(
        "",
        scene=scene or own_scene,
        robot=robot,
        seed=seed,
        planner=planner,
        model=model,
        system1=system1,
        policy=policy,
        perception=perception,
        guard=guard,
        approve=approve,
        rules=rules,
        real_time=real_time,
        record=record,
    )
    from diarchy.agent.cli import evaluating

    return evaluating.evaluate(
        suite, config, episodes=episodes, workers=workers, address=address, as_json=as_json
    )


@app.command()
def table(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="folders of evaluations")],
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE.md", help="put it between the marks of this file too"),
    ] = None,
) -> int:
    """Print the results of evaluations as a Markdown table."""
    from diarchy.agent.evaluation.markdown import markdown, write_between_marks
    from diarchy.agent.evaluation.suite import load_results

    text = markdown([load_results(folder) for folder in folders])
    typer.echo(text)
    if write is not None:
        write_between_marks(write, text)
    return int(ExitCode.DONE)


@app.command()
def demo(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|FILE.yaml]", show_default=False)
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="say which there are")] = False,
    seed: Annotated[int | None, typer.Option(help="another home than the prepared one")] = None,
    video: Annotated[bool, typer.Option(help="film it")] = True,
    record: o.Record = None,
    as_json: o.AsJson = False,
) -> int:
    """Show a prepared scenario from beginning to end."""
    from diarchy.agent.cli import showing

    if listing:
        return showing.list_them(as_json=as_json)
    return showing.show(name, seed=seed, film=video, record=record, as_json=as_json)


@app.command()
def collect(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", show_default=False, help="pick or detector")
    ],
    episodes: Annotated[int, typer.Option(help="seeds to try")] = 500,
    out: Annotated[Path | None, typer.Option(help="folder; else data/WHAT")] = None,
    first_seed: Annotated[int, typer.Option(help="first seed")] = 100_000,
    prefer: Annotated[str, typer.Option(help="class to pick where there is one")] = "",
    workers: Annotated[int, typer.Option(help="processes at the same time")] = 1,
) -> int:
    """Record demonstrations or pictures in random households; a run that was interrupted goes on."""
    from diarchy.agent.cli import learning

    return learning.collect(
        what,
        episodes=episodes,
        out=out,
        first_seed=first_seed,
        prefer=prefer,
        workers=workers,
    )


@app.command()
def train(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", show_default=False, help="policy, detector or planner"),
    ],
    data: Annotated[
        Path | None, typer.Option(help="what collect has recorded; else where it puts it")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="what to write; else one of its own under data/")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="training steps; else 2000, 8000 or 2600", show_default=False)
    ] = None,
    batch: Annotated[
        int | None, typer.Option(help="rows a step; else 128, 64 or 512", show_default=False)
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="detector and planner: end by the clock", show_default=False),
    ] = None,
    alfred: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl.gz",
            help="planner: ALFRED's annotations (docs/planners.md)",
            show_default=False,
        ),
    ] = None,
    rollouts: Annotated[int, typer.Option(help="policy: picks that choose a checkpoint")] = 12,
    seed: o.Seed = 0,
) -> int:
    """Train a network that ships; what it learned is tried before it is kept."""
    from diarchy.agent.cli import learning

    return learning.train(
        what,
        data=data,
        out=out,
        steps=steps,
        batch=batch,
        rollouts=rollouts,
        seed=seed,
        minutes=minutes,
        alfred=alfred,
    )


@app.command()
def replay(folder: Run, as_json: o.AsJson = False) -> int:
    """Run a recorded run again and say whether it is the same, event by event and byte by byte."""
    from diarchy.agent import session

    same = session.replay_command(folder)
    if as_json:
        print_json(same.to_json())
    elif same.identical:
        typer.echo(
            f"identical: {same.events} events, {same.chunks_bytes} bytes of actions, {same.frames} pictures"
        )
    if not same.identical:
        print_error(f"the replay differs: {same.first_difference}")
    return int(ExitCode.DONE if same.identical else ExitCode.NOT_ACHIEVED)


@app.command()
def serve(
    what: Annotated[str, typer.Argument(metavar="WHAT", show_default=False, help="robot")],
    socket: Annotated[Path, typer.Option(metavar="PATH", help="the Unix socket to listen at")],
    scene: o.Scene = "home",
    seed: o.Seed = 0,
    silence: Annotated[
        float, typer.Option(help="s without a word while it moves, after which it comes to rest")
    ] = 10.0,
) -> int:
    """Hold a robot in a process of its own; agents come, go and die, it comes to rest by itself."""
    from diarchy.agent.cli import serving

    return serving.serve(what, scene=scene, seed=seed, socket=socket, silence=silence)


@app.command()
def explore(
    scene: o.Scene = "home",
    robot: o.RobotFile = None,
    seed: o.Seed = 0,
    minutes: Annotated[
        float, typer.Option(help="give up after so long, on the robot's clock")
    ] = 15,
    record: o.Record = None,
    dense_map: o.DenseMapChoice = False,
    as_json: o.AsJson = False,
) -> int:
    """Drive through a home that nobody told the robot about, and draw its map."""
    from diarchy.agent.cli import exploring

    return exploring.explore(
        scene=scene,
        robot=robot,
        seed=seed,
        minutes=minutes,
        record=record,
        dense_map=dense_map,
        as_json=as_json,
    )


@app.command(name="map")
def show_map(
    folder: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="a run folder, or a scene graph", show_default=False),
    ],
    query: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help='words, like "what is on the table" or "open drawers"'),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="write map.pgm and map.yaml for ROS 2's map server too"),
    ] = None,
    as_json: o.AsJson = False,
) -> int:
    """Say where a run believes things to be, how sure that is, and how old."""
    from diarchy.agent.cli import mapping

    return mapping.show_map(folder, query, export=export, as_json=as_json)


@app.command()
def doctor(
    planner: Annotated[
        str | None, typer.Option(metavar="URL", help="a planner's server to ask too")
    ] = None,
    robot: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.yaml", help="a robot under ROS 2: its topics, frames, rates, limits"
        ),
    ] = None,
    as_json: o.AsJson = False,
) -> int:
    """Check that this machine, or a robot, has what a run needs, and say what to do if not."""
    from diarchy.agent.cli import doctor as checks

    if robot is not None:
        return checks.robot_doctor(robot, as_json=as_json)
    return checks.doctor(planner, as_json=as_json)


def main() -> None:
    """Entry point of the ``diarchy`` command."""
    app()
