"""One judged episode."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from pydantic import BaseModel

from diarchy.agent.evaluation.disturb import Disturbance
from diarchy.agent.evaluation.inventory import inventory
from diarchy.agent.evaluation.judge import goals_met
from diarchy.agent.evaluation.odometer import Odometer
from diarchy.agent.evaluation.optimum import Optimum, optimum, spl
from diarchy.agent.evaluation.tasks import Task, draw_task, find_suite
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.result import RunResult
from diarchy.agent.session import Agent, agent_for

_WHERE_IT_IS = 0.15
"""A thing is known that is believed no farther (m) from where it really is."""


class EpisodeRecord(BaseModel):
    """What came of one episode.

    ``success`` is truth AND verified; ``progress`` the share of goal conditions that hold at the end;
    ``spl`` success weighted by path length, ``time_ratio`` the scripted optimum's time over the real one.
    """

    episode: int
    task: str
    sentence: str
    goals: list[str]
    success: bool
    truth: bool
    verified: bool
    status: str
    cause: str = ""
    disturbance: str = ""
    disturbed_at: float | None = None
    progress: float = 0.0
    path_m: float = 0.0
    optimum_m: float | None = None
    spl: float | None = None
    optimum_s: float | None = None
    time_ratio: float | None = None
    subtasks: int = 0
    system1: dict[str, int] = {}
    replans: int = 0
    guard_checked: int = 0
    guard_modified: int = 0
    guard_noticeable: int = 0
    guard_violations: int = 0
    sim_s: float = 0.0
    wall_s: float = 0.0


def run_episode(suite: str, index: int, seed: int, config: RunConfig) -> EpisodeRecord:
    """Build the home of this episode, draw its task, let the agent do it, judge it."""
    began = time.perf_counter()
    episode_seed = seed * 1000 + index
    choices = config.model_copy(update={"seed": episode_seed})
    with agent_for(choices) as agent:
        home = inventory(agent.robot)
        task = draw_task(suite, index, home, seed)
        best = optimum(agent.robot, home, task)
        odometer = Odometer(agent.robot)
        disturbance = _disturbance(agent, suite, index, seed, task)
        watchers = [odometer.tick, *([disturbance.tick] if disturbance else [])]
        result = agent.run(task.sentence, config=choices, goals=task.goals, watchers=watchers)
        met = goals_met(agent.robot, task.goals) or []
        known = [_knows(agent, thing) for thing in task.sought]
    record = _record(index, task, result, met, known)
    if disturbance is not None:
        record.disturbance, record.disturbed_at = disturbance.kind, disturbance.happened_at
    _compare(record, odometer.metres, best)
    record.wall_s = round(time.perf_counter() - began, 2)
    return record


def _disturbance(agent: Agent, suite: str, index: int, seed: int, task: Task) -> Disturbance | None:
    kinds = find_suite(suite).disturbed
    if not kinds or not task.about:
        return None
    rng = np.random.default_rng([seed, index, 11])
    robot: Any = agent.robot
    return Disturbance(robot, kinds[index % len(kinds)], task.about[0], rng)


def _knows(agent: Agent, thing: str) -> bool:
    """Whether the agent believes a thing of that class to be where it really is."""
    robot: Any = agent.robot
    cls, centre = robot.truth.attributes(thing)["class"], robot.truth.centre(thing)
    return any(
        e.cls == cls and math.dist(e.position, centre) < _WHERE_IT_IS
        for e in agent.world.entities()
    )


def _record(
    index: int, task: Task, result: RunResult, met: list[bool], known: list[bool]
) -> EpisodeRecord:
    truth = all(known) if task.sought and not task.goals else bool(result.truth) and all(known)
    met = [*met, *known]
    failed = next((s for s in reversed(result.subtasks) if s.status == "failed"), None)
    why = f"{failed.skill}: {failed.cause}: {failed.detail}" if failed else result.message
    backends = [s.system1 for s in result.subtasks if s.system1]
    return EpisodeRecord(
        episode=index,
        task=task.name,
        sentence=task.sentence,
        goals=[str(g) for g in task.goals],
        success=truth and result.verified,
        truth=truth,
        verified=result.verified,
        status=result.status,
        cause="" if truth and result.verified else why,
        progress=round(sum(met) / len(met), 4) if met else 0.0,
        subtasks=len(result.subtasks),
        system1={b: backends.count(b) for b in sorted(set(backends))},
        replans=result.replans,
        guard_checked=result.guard.checked,
        guard_modified=result.guard.modified,
        guard_noticeable=result.guard.noticeable,
        guard_violations=result.guard.violations,
        sim_s=result.timing.sim_s,
    )


def _compare(record: EpisodeRecord, driven: float, best: Optimum | None) -> None:
    record.path_m = round(driven, 3)
    if best is None:
        return
    record.optimum_m, record.optimum_s = best.path_m, best.seconds
    record.spl = round(spl(record.success, driven, best.path_m), 4)
    ratio = min(1.0, best.seconds / max(record.sim_s, 1e-6))
    record.time_ratio = round(ratio, 4) if record.success else 0.0
