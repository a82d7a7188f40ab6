"""How often the rules stop what the household evaluation asks for; every stop is a needless one.

    python benchmarks/needless_stops.py --n 20 --seeds 3

For each seeded home the tasks of every suite are drawn as the evaluation draws them, planned by the
symbolic planner on beliefs built from the simulator's truth (all is known; nothing but the map is known;
only what stands in the open is known), and rehearsed through the deliberation graph. No physics is run.
`--alfred FILE` reads ALFRED's sentences with the sentence rules too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from diarchy.agent.build import vocabulary
from diarchy.agent.deliberation.rehearsal import rehearse
from diarchy.agent.deliberation.ruling import PlanGuard
from diarchy.agent.evaluation.inventory import Inventory, inventory
from diarchy.agent.evaluation.tasks import draw_task
from diarchy.contracts.effects import apply, initial_state
from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Plan, PlanRequest, Vocabulary, find_skill
from diarchy.contracts.predicate import Condition
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.perception.oracle import OracleDetector
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.robots.home import HomeRobot
from diarchy.safety.rules import Reviewer, Ruling, load_rules
from diarchy.skills.specs import BUILTIN

SUITES = ("household", "long", "disturbed", "chores", "skills")
BELIEFS = ("all", "open", "nothing")
_CARRY = {"Plate": "on", "Bowl": "in", "Mug": "in", "Cup": "in", "Pot": "in", "Box": "in"}


def belief(robot: Any, home: Inventory, what: str) -> WorldSnapshot:
    """Build a belief: everything, what stands in the open, or the map alone."""
    fixtures = [f.entity for f in robot.static_map.fixtures.values()]
    things = [t for t in home.things if what == "all" or (what == "open" and home.in_the_open(t))]
    entities = [*fixtures, *robot.static_map.people]
    written: list[str] = []
    places = {e.id: e for e in entities}
    for thing in things:
        where = places.get(thing.where) or (places[min(places)])
        attributes = {"color": thing.color} if thing.color else {}
        if "hot" in thing.states or "cold" in thing.states:
            attributes["temperature"] = "hot" if "hot" in thing.states else "cold"
        entities.append(Entity.model_validate({
            "id": thing.id, "cls": thing.cls, "kind": "object", "movable": True, "last_seen": 1.0,
            "position": where.position, "extent": (0.1, 0.1, 0.1), "attributes": attributes,
            "can_hold": (_CARRY[thing.cls],) if thing.cls in _CARRY else (),
        }))  # fmt: skip
        written += [f"{thing.relation}({thing.id}, {thing.where})"] if thing.where else []
        written += [f"{state}({thing.id})" for state in thing.states]
    x, y = robot.start.x, robot.start.y
    looked = [
        e.id
        for e in fixtures
        if e.can_hold and (what == "all" or (what == "open" and not e.openable))
    ]
    return WorldSnapshot(
        stamp=1.0, robot_position=(x, y, 0.0), robot_room=robot.static_map.room_at(x, y),
        entities=tuple(sorted(entities, key=lambda e: e.id)),
        facts=tuple(Fact(condition=Condition.parse(w), truth=Truth.TRUE) for w in written),
        inspected=dict.fromkeys(sorted(looked), 1.0),
    )  # fmt: skip


def later(world: WorldSnapshot, plan: Plan, steps: int) -> WorldSnapshot:
    """The belief after the first steps of a plan, by their declared effects."""
    state = initial_state(world)
    for subtask in plan.subtasks[:steps]:
        spec = find_skill(BUILTIN, subtask.skill)
        assert spec is not None
        state = apply(spec, subtask.args, state)
    facts = [Fact(condition=Condition(p), truth=Truth.TRUE) for p in sorted(state.true, key=str)]
    facts += [
        Fact(condition=f.condition, truth=Truth.FALSE)
        for f in world.facts
        if f.truth is Truth.TRUE and f.condition.predicate not in state.true
    ]
    held = next((p.args[0] for p in state.true if p.name == "holding"), None)
    return world.model_copy(update={"facts": tuple(facts), "held": held})


def half_way(
    sentence: str, world: WorldSnapshot, words: Vocabulary, reviewer: Reviewer
) -> Iterator[tuple[str, Ruling]]:
    """Yield what the rules say of the rest of a plan after each of its steps, and of one made anew there."""
    planner = SymbolicPlanner()
    whole = planner.plan(
        PlanRequest(instruction=sentence, world=world, skills=BUILTIN, vocabulary=words)
    )
    if not isinstance(whole, Plan):
        return
    for done in range(1, len(whole.subtasks)):
        after = later(world, whole, done)
        rest = whole.model_copy(update={"subtasks": whole.subtasks[done:]})
        anew = planner.plan(
            PlanRequest(instruction=sentence, world=after, skills=BUILTIN, vocabulary=words)
        )
        for what, plan in (("rest", rest), ("anew", anew)):
            if isinstance(plan, Plan):
                guard = PlanGuard(reviewer, BUILTIN, words, SimpleNamespace(event=_unheard))
                guard.hear(sentence)
                guard.review(whole, world)
                guard.findings = []
                yield f"{what} after {done}", guard.review(plan, after)


def _unheard(kind: str, **fields: Any) -> None:
    """Take an event."""


def measure(seeds: int, n: int, reviewer: Reviewer, show: bool) -> dict[str, Any]:
    """Rehearse the tasks of all suites in some homes."""
    planner = SymbolicPlanner()
    count: Counter[str] = Counter()
    for seed in range(seeds):
        with_robot = HomeRobot("household_flat", seed=seed)
        try:
            home = inventory(with_robot)
            words: Vocabulary = vocabulary(
                with_robot.static_map, OracleDetector(lambda robot=with_robot: robot.instances),
                tuple(getattr(with_robot, "colors", ())),
            )  # fmt: skip
            beliefs = {b: belief(with_robot, home, b) for b in BELIEFS}
            for suite in SUITES:
                for index in range(n):
                    try:
                        task = draw_task(suite, index, home, seed)
                    except BadInputError:
                        continue
                    for name, world in beliefs.items():
                        outcome = rehearse(
                            task.sentence, planner, world,
                            reviewer=reviewer, skills=BUILTIN, vocabulary=words,
                        )  # fmt: skip
                        count["rehearsed"] += 1
                        count["moved"] += bool(outcome.moved)
                        if name == "all":
                            for where, ruling in half_way(task.sentence, world, words, reviewer):
                                count["half way"] += 1
                                count["stopped half way"] += bool(ruling.findings)
                                if show and ruling.findings:
                                    print(f"{suite} {seed}/{index}: {task.sentence!r} {where}")
                                    for f in ruling.findings:
                                        print(f"    {f.rule}: {f.why}")
                        if outcome.findings:
                            count["stopped"] += 1
                            if show:
                                print(f"{suite} {seed}/{index} ({name}): {task.sentence!r}")
                                for f in outcome.findings:
                                    print(f"    {f.rule}: {f.why}")
        finally:
            with_robot.close()
    return {k: count[k] for k in ("rehearsed", "moved", "stopped", "half way", "stopped half way")}


def sentences(path: Path, reviewer: Reviewer, show: bool) -> dict[str, Any]:
    """Read ALFRED's sentences with the sentence rules."""
    read = stopped = 0
    rules: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)["instruction"]
            ruling = reviewer.sentence(said)
            read += 1
            stopped += bool(ruling.findings)
            rules.update(f.rule for f in ruling.findings)
            if show and ruling.findings:
                print(f"{ruling.findings[0].rule}: {said!r}")
    return {"read": read, "stopped": stopped, "by_rule": dict(rules)}


def main(given: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--n", type=int, default=20, help="tasks of each suite in each home")
    parser.add_argument("--seeds", type=int, default=3, help="homes")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--alfred", type=Path, help="alfred_train.jsonl.gz")
    options = parser.parse_args(None if given is None else list(given))
    reviewer = Reviewer(load_rules())
    began = time.perf_counter()
    result: dict[str, Any] = {"suites": measure(options.seeds, options.n, reviewer, options.show)}
    if options.alfred:
        result["alfred"] = sentences(options.alfred, reviewer, options.show)
    print(json.dumps({**result, "seconds": round(time.perf_counter() - began, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
