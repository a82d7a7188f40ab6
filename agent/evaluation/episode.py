"""One judged episode."""

from __future__ import annotations

import time
from typing import Any

from pydantic import BaseModel

from diarchy.agent.evaluation.tasks import Inventory, Thing, draw_task
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import agent_for


class EpisodeRecord(BaseModel):
    """What came of one episode. ``success`` is truth AND verified."""

    episode: int
    task: str
    sentence: str
    goals: list[str]
    success: bool
    truth: bool
    verified: bool
    status: str
    cause: str = ""
    system1: dict[str, int] = {}
    replans: int = 0
    guard_modified: int = 0
    guard_violations: int = 0
    sim_s: float = 0.0
    wall_s: float = 0.0


def inventory(robot: Any) -> Inventory:
    """Read from the simulator what is where; for the judge and the maker of tasks only."""
    truth, static_map = robot.truth, robot.static_map
    things = []
    for name in truth.objects:
        attributes = truth.attributes(name)
        where, relation = _support(truth, name, static_map.fixtures)
        things.append(
            Thing(name, attributes["class"], attributes.get("color", ""), where, relation)
        )
    fixtures = {i: f.entity.cls for i, f in static_map.fixtures.items()}
    return Inventory(tuple(things), fixtures, _person_table(static_map))


def _support(truth: Any, name: str, fixtures: Any) -> tuple[str, str]:
    for fixture in fixtures:
        for relation in ("on", "in"):
            if truth.holds(relation, name, fixture):
                return fixture, relation
    return "", ""


def _person_table(static_map: Any) -> str | None:
    if not static_map.people:
        return None
    px, py, _ = static_map.people[0].position
    tables = [
        (((f.entity.position[0] - px) ** 2 + (f.entity.position[1] - py) ** 2), i)
        for i, f in static_map.fixtures.items()
        if any(s.relation == "on" for s in f.surfaces)
    ]
    distance, table = min(tables)
    return table if distance < 2.5**2 else None


def run_episode(suite: str, index: int, seed: int, config: RunConfig) -> EpisodeRecord:
    """Build the home of this episode, draw its task, let the agent do it, judge it."""
    began = time.perf_counter()
    episode_seed = seed * 1000 + index
    choices = config.model_copy(update={"seed": episode_seed})
    with agent_for(choices) as agent:
        task = draw_task(suite, index, inventory(agent.robot), seed)
        result = agent.run(task.sentence, config=choices, goals=task.goals)
    truth = bool(result.truth)
    failed = next((s for s in reversed(result.subtasks) if s.status == "failed"), None)
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
        cause=""
        if truth and result.verified
        else (f"{failed.skill}: {failed.cause}: {failed.detail}" if failed else result.message),
        system1={b: backends.count(b) for b in sorted(set(backends))},
        replans=result.replans,
        guard_modified=result.guard.modified,
        guard_violations=result.guard.violations,
        sim_s=result.timing.sim_s,
        wall_s=round(time.perf_counter() - began, 2),
    )
