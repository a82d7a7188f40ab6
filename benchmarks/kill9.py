"""``kill -9`` of the agent at random moments of household runs, then ``--resume``: does the work get done, once?

For each episode the robot (a simulated home) is served by a process of its own. An agent in a
process of its own drives it and is killed with SIGKILL at a seeded moment of simulated time; another process takes
the run up. Counted are: runs that resume, that succeed (true in the simulator AND verified), and completed
subtasks whose skill was dispatched again. ``--baseline`` runs the same episodes without a kill.

    python benchmarks/kill9.py --n 200 --out out/kill9
    python benchmarks/kill9.py --n 3 --suite chores --out /tmp/kill9
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

LAST_KILL_S = 120.0
"""Kills are drawn up to this moment (simulated s); a run that is shorter is killed within its own length."""


def main() -> None:
    """Run the episodes and print the counts."""
    options = _options()
    if options.worker:
        _work(json.loads(options.worker))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    rows = [_episode(i, options) for i in range(options.first, options.first + options.n)]
    killed = [r for r in rows if r["killed_at"] is not None]
    print(
        json.dumps(
            {
                "suite": options.suite,
                "seed": options.seed,
                "episodes": len(rows),
                "killed": len(killed),
                "resumed": sum(r["resumed"] for r in killed),
                "succeeded": sum(r["success"] for r in rows),
                "false_success": sum(r["verified"] and not r["truth"] for r in rows),
                "repeated_subtasks": sum(len(r["repeated"]) for r in rows),
                "guard_violations": sum(r["violations"] for r in rows),
                "not_at_rest_after_kill": sum(not r["at_rest"] for r in killed),
            },
            indent=1,
        )
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="index of the first episode")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--suite", default="household")
    parser.add_argument("--system1", default="motion")
    parser.add_argument("--baseline", action="store_true", help="the same without a kill")
    parser.add_argument("--out", type=Path, default=Path("out/kill9"))
    parser.add_argument("--worker", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _episode(index: int, options: argparse.Namespace) -> dict[str, Any]:
    rng = np.random.default_rng([options.seed, index, 99])
    moment = None if options.baseline else float(rng.uniform(0.0, LAST_KILL_S))
    row = _attempt(index, options, moment)
    if moment is not None and row["killed_at"] is None:  # it was over before
        row = _attempt(index, options, float(rng.uniform(0.0, row["sim_s"])))
    with (options.out / "rows.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def _attempt(index: int, options: argparse.Namespace, moment: float | None) -> dict[str, Any]:
    from diarchy.agent.evaluation.tasks import find_suite

    folder = options.out / f"{index:03d}-{time.time_ns()}"
    sock = Path("/tmp") / f"diarchy-k9-{os.getpid()}-{index}.sock"
    episode_seed = options.seed * 1000 + index
    scene = find_suite(options.suite).scene
    serve = [sys.executable, "-m", "diarchy", "serve", "robot", "--scene", scene]
    server = subprocess.Popen(
        [*serve, "--seed", str(episode_seed), "--socket", str(sock)], stdout=subprocess.DEVNULL
    )
    try:
        while not sock.exists():
            if server.poll() is not None:
                raise SystemExit("the robot's process did not start")
            time.sleep(0.1)
        task = _task(sock, options.suite, index, options.seed)
        job = {
            "folder": str(folder),
            "sock": str(sock),
            "seed": episode_seed,
            "sentence": task.sentence,
            "goals": [str(g) for g in task.goals],
            "system1": options.system1,
        }
        killed_at = _run_until(job, moment)
        at_rest = _at_rest(sock) if killed_at is not None else True
        if killed_at is not None:
            _run_until(job | {"resume": True}, None)
        return _judged(index, task, folder, killed_at, at_rest)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _task(sock: Path, suite: str, index: int, seed: int) -> Any:
    from diarchy.agent.evaluation.inventory import inventory
    from diarchy.agent.evaluation.tasks import draw_task
    from diarchy.robots.served import ServedRobot

    robot = ServedRobot(sock)
    try:
        return draw_task(suite, index, inventory(robot), seed)
    finally:
        robot.close()


def _run_until(job: dict[str, Any], moment: float | None) -> float | None:
    """Run a worker; kill it once the trace has come to ``moment``. Returns when it was killed."""
    worker = subprocess.Popen([sys.executable, __file__, "--worker", json.dumps(job)])
    trace = Path(job["folder"]) / "trace.jsonl"
    while worker.poll() is None:
        at = _time_of(trace)
        if moment is not None and at is not None and at >= moment:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            return at
        time.sleep(0.02)
    return None


def _time_of(trace: Path) -> float | None:
    try:
        with trace.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 65536))
            lines = file.read().split(b"\n")
    except OSError:
        return None
    for line in reversed(lines[:-1]):
        if line.startswith(b'{"t": '):
            return float(line[6 : line.index(b",")])
    return None


def _at_rest(sock: Path) -> bool:
    from diarchy.robots.served import ServedRobot

    robot = ServedRobot(sock)
    try:
        return bool(robot.proprio().at_rest())
    finally:
        robot.close()


def _judged(
    index: int, task: Any, folder: Path, killed_at: float | None, at_rest: bool
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if (folder / "result.json").is_file():
        result = json.loads((folder / "result.json").read_text())
    truth, verified = bool(result.get("truth")), bool(result.get("verified"))
    failed = [s for s in result.get("subtasks", ()) if s["status"] == "failed"]
    return {
        "episode": index,
        "task": task.name,
        "sentence": task.sentence,
        "killed_at": killed_at,
        "at_rest": at_rest,
        "resumed": bool(result),
        "success": truth and verified,
        "truth": truth,
        "verified": verified,
        "status": result.get("status"),
        "why": ""
        if truth and verified
        else (failed[-1]["detail"] if failed else result.get("message", "")),
        "repeated": _repeated(folder),
        "violations": result.get("guard", {}).get("violations", 0),
        "sim_s": result.get("timing", {}).get("sim_s", 0.0),
        "folder": str(folder),
    }


def _repeated(folder: Path) -> list[str]:
    """Skills dispatched by a later process for a subtask that an earlier one had seen to be done."""
    import sqlite3

    base = sqlite3.connect(folder / "receipts.sqlite")
    rows = base.execute(
        "select r.subtask, r.call from receipts r join done d on d.subtask = r.subtask and d.skill = r.skill "
        "where d.life < r.life and r.dispatched >= d.at and r.subtask != 'goals'"
    )
    return [f"{subtask}: {call}" for subtask, call in rows]


def _work(job: dict[str, Any]) -> None:
    """Be the agent that is killed, or the one that goes on."""
    from diarchy.agent.durable.resume import config_to_resume, same_robot
    from diarchy.agent.evaluation.judge import AnyOf
    from diarchy.agent.run.config import RunConfig
    from diarchy.agent.session import agent_for

    folder = Path(job["folder"])
    if job.get("resume"):
        config = config_to_resume(folder)
    else:
        config = RunConfig(
            instruction=job["sentence"],
            seed=job["seed"],
            planner="symbolic",
            system1=job["system1"],
            pictures=False,
            report=False,
            record=folder,
            robot_socket=Path(job["sock"]),
        )
    config = config.model_copy(update={"episodes": None})
    goals = [AnyOf.parse(g) for g in job["goals"]]
    with agent_for(config) as agent:
        if job.get("resume"):
            same_robot(folder, agent.robot)
        agent.run(config.instruction, config=config, goals=goals, resume=bool(job.get("resume")))


if __name__ == "__main__":
    main()
