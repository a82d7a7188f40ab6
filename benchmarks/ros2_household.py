"""What the ROS 2 core costs in success: the same household episodes in the home directly and behind the core.

    python benchmarks/ros2_household.py [--n 12] [--seed 5961] [--suite household] [--arm stream]
        [--system1 auto] [--out DIR] [--json]

Both sides of a pair get the same home, the same seed, the same sentence, the same goals and the same judge. One
goes through `HomeRobot`, the other through `Ros2Robot`, a network without ROS and the simulated peer, so
every reading and every command crosses as a message. A difference is tested by McNemar's exact test over the
pairs on which the sides disagree (Biometrika 1947). Every finished episode is a line of DIR/pairs.jsonl,
from which a run that was broken off goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from diarchy.agent.evaluation.inventory import inventory
from diarchy.agent.evaluation.judge import goals_met
from diarchy.agent.evaluation.stats import Rate
from diarchy.agent.evaluation.tasks import draw_task, find_suite
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.robots.home import HomeRobot
from diarchy.robots.ros2.config import load_config
from diarchy.robots.ros2.config.load import parse_config
from diarchy.robots.ros2.inprocess import HomeOverRos

SIDES = ("direct", "over_ros")


def over_ros(scene: str, seed: int, arm: str) -> HomeOverRos:
    """Return the home behind the core, its arm streamed to or sent whole chunks."""
    content = load_config("home").model_dump(mode="json", exclude={"folder"})
    if arm != "stream":
        content["arm"] = {"mode": arm}
    return HomeOverRos(scene, seed, config=parse_config(content))


def run_side(
    side: str, suite: str, index: int, seed: int, arm: str, system1: str, folder: Path
) -> dict[str, Any]:
    """Run one episode on one side; return what the judge and the agent say of it."""
    began, episode_seed = time.perf_counter(), seed * 1000 + index
    scene = find_suite(suite).scene
    robot: Any = (
        HomeRobot(scene, episode_seed) if side == "direct" else over_ros(scene, episode_seed, arm)
    )
    with Agent(robot=robot, system1=system1, seed=episode_seed) as agent:
        task = draw_task(suite, index, inventory(robot), seed)
        config = RunConfig(
            instruction=task.sentence,
            seed=episode_seed,
            system1=system1,
            pictures=False,
            report=False,
            record=folder / f"{side}-{index:04d}-{time.time_ns()}",
        )
        result = agent.run(task.sentence, config=config, goals=task.goals)
        met = goals_met(robot, task.goals) or []
        stops = vars(robot.stops) if side == "over_ros" else {}
    failed = next((s for s in reversed(result.subtasks) if s.status == "failed"), None)
    good = bool(result.truth) and result.verified
    cause = f"{failed.skill}: {failed.cause}: {failed.detail}" if failed else result.message
    return {
        "episode": index,
        "side": side,
        "task": task.name,
        "sentence": task.sentence,
        "success": good,
        "truth": bool(result.truth),
        "verified": result.verified,
        "cause": "" if good else cause,
        "progress": round(sum(met) / len(met), 3) if met else 0.0,
        "replans": result.replans,
        "guard_modified": result.guard.modified,
        "guard_violations": result.guard.violations,
        "stops": stops,
        "sim_s": result.timing.sim_s,
        "wall_s": round(time.perf_counter() - began, 1),
    }


def mcnemar(first_only: int, second_only: int) -> float:
    """Return the two-sided exact p that as lopsided a disagreement comes by chance."""
    n, k = first_only + second_only, min(first_only, second_only)
    return min(1.0, 2.0 * sum(math.comb(n, i) for i in range(k + 1)) / 2.0**n)


def summary(rows: list[dict[str, Any]], seed: int, arm: str) -> dict[str, Any]:
    """Count pairs."""
    by = {s: {r["episode"]: r for r in rows if r["side"] == s} for s in SIDES}
    pairs = sorted(set(by["direct"]) & set(by["over_ros"]))
    good = {s: [bool(by[s][i]["success"]) for i in pairs] for s in SIDES}
    only = {s: sum(a and not b for a, b in zip(good[s], good[o], strict=True))
            for s, o in (SIDES, SIDES[::-1])}  # fmt: skip
    return {
        "seed": seed,
        "arm": arm,
        "pairs": len(pairs),
        **{s: Rate.of(sum(good[s]), len(pairs)).model_dump() for s in SIDES},
        "only_direct": only["direct"],
        "only_over_ros": only["over_ros"],
        "mcnemar_p": round(mcnemar(only["direct"], only["over_ros"]), 4),
        "false_success": {
            s: sum(by[s][i]["verified"] and not by[s][i]["truth"] for i in pairs) for s in SIDES
        },
        "sim_s": {s: round(sum(by[s][i]["sim_s"] for i in pairs), 1) for s in SIDES},
        "wall_s": {s: round(sum(by[s][i]["wall_s"] for i in pairs), 1) for s in SIDES},
        "guard_violations": {s: sum(by[s][i]["guard_violations"] for i in pairs) for s in SIDES},
        "robot_stops": sum(by["over_ros"][i]["stops"].get("inputs", 0) for i in pairs),
        "failures": [r for r in rows if not r["success"]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=12)
    parser.add_argument("--seed", type=int, default=5961)
    parser.add_argument("--suite", default="household")
    parser.add_argument("--arm", choices=("stream", "chunks"), default="stream")
    parser.add_argument("--system1", choices=("auto", "motion", "vla"), default="auto")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    out = args.out or Path(tempfile.mkdtemp(prefix="ros2-household-"))
    out.mkdir(parents=True, exist_ok=True)
    file = out / "pairs.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    done = {(r["episode"], r["side"]) for r in rows}
    for index in range(args.n):
        for side in SIDES:
            if (index, side) in done:
                continue
            row = run_side(side, args.suite, index, args.seed, args.arm, args.system1, out)
            rows.append(row)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
    figures = summary(rows, args.seed, args.arm)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:18s} {value}")


if __name__ == "__main__":
    main()
