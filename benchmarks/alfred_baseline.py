"""How many of ALFRED's household sentences does the symbolic planner read as people meant them?

    python benchmarks/alfred_baseline.py alfred_train.jsonl.gz --n 300

Sentences are drawn from the training split by a stated hash: in the order of
``sha256(task + "\\n" + instruction)``, stratified by task type in proportion, one sentence per task.
Sample ``A`` is the first draw, ``B`` the next with no task of A in it. A reading is right if the
type and all five slots equal the annotation. What the planner answers is counted by task type; a plan
is simulated on the skills' pre- and postconditions. Each sentence is planned in a home whose vocabulary is
the scene's: its ``objects``, and as fixtures either all receptacles and lamps of ALFRED
(``--fixtures all``), or those that the gold plans of OTHER tasks visit in the same floor plan
(``--fixtures scene``), which stands in for the map that a robot has.

Data: ALFRED (Shridhar et al., CVPR 2020), MIT licence; not part of this repository.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import hashlib
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from diarchy.contracts.effects import violations
from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Plan, PlanRequest, Vocabulary
from diarchy.contracts.world import WorldSnapshot
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.skills.specs import BUILTIN

SLOTS = ("object_target", "parent_target", "mrecep_target", "toggle_target", "object_sliced")
FIXTURES = (
    "ArmChair", "BathtubBasin", "Bed", "Cabinet", "Cart", "CoffeeMachine", "CoffeeTable",
    "CounterTop", "Desk", "DeskLamp", "DiningTable", "Drawer", "Dresser", "FloorLamp", "Fridge",
    "GarbageCan", "Microwave", "Ottoman", "Safe", "Shelf", "SideTable", "SinkBasin", "Sofa",
    "StoveBurner", "Toilet", "ToiletPaperHanger",
)  # fmt: skip
_WITH_DOOR = frozenset({"Cabinet", "Drawer", "Fridge", "Microwave", "Safe"})
_SWITCHED = frozenset({"DeskLamp", "FloorLamp", "Microwave", "SinkBasin"})
Row = dict[str, Any]


def load(path: Path) -> list[Row]:
    """Read the gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _hash(row: Row) -> str:
    return hashlib.sha256(f"{row['task']}\n{row['instruction']}".encode()).hexdigest()


def draw(rows: Sequence[Row], n: int, skip: Collection[str] = frozenset()) -> list[Row]:
    """Draw ``n`` sentences: stratified by type, in hash order, one per task, none of ``skip``."""
    by_type: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=_hash):
        by_type[row["type"]].append(row)
    quota = {t: n * len(by_type[t]) / len(rows) for t in sorted(by_type)}
    take = {t: int(q) for t, q in quota.items()}
    for name in sorted(quota, key=lambda t: (take[t] - quota[t], t))[: n - sum(take.values())]:
        take[name] += 1
    drawn: list[Row] = []
    used = set(skip)
    for name in sorted(by_type):
        wanted = take[name]
        for row in by_type[name]:
            if wanted and row["task"] not in used:
                drawn.append(row)
                used.add(row["task"])
                wanted -= 1
    return drawn


def scene_fixtures(rows: Sequence[Row], without: Collection[str]) -> dict[str, set[str]]:
    """List the fixtures that gold plans visit in each floor plan, leaving some tasks out."""
    names = {name.lower(): name for name in FIXTURES}
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["task"] not in without:
            visited = [word for action in row["plan"] for word in action[1:]]
            found[row["scene"]] |= {names[w] for w in visited if w in names}
    return found


def request(row: Row, fixtures: Collection[str]) -> PlanRequest:
    """Build the request for one sentence: a home of these fixtures, objects not yet seen."""
    entities = [
        Entity.model_validate(
            {
                "id": f"{name.lower()}_1", "cls": name, "kind": "fixture",
                "position": (float(index), 0.0, 0.5), "extent": (0.8, 0.6, 1.0),
                "can_hold": () if "Lamp" in name else ("on", "in"), "openable": name in _WITH_DOOR,
                "switchable": name in _SWITCHED,
            }
        )
        for index, name in enumerate(sorted(fixtures))
    ]  # fmt: skip
    vocabulary = Vocabulary(
        object_classes=tuple(sorted(row["objects"])), fixture_classes=tuple(sorted(fixtures))
    )
    world = WorldSnapshot(
        stamp=0.0,
        robot_position=(0.0, 2.0, 0.0),
        robot_room=None,
        entities=tuple(entities),
        facts=(),
    )
    return PlanRequest(
        instruction=row["instruction"], world=world, skills=BUILTIN, vocabulary=vocabulary
    )


def evaluate(rows: Sequence[Row], fixtures: Mapping[str, Collection[str]] | None) -> dict[str, Any]:
    """Plan every sentence; returns counts, refusals by code, crashes and latencies."""
    planner = SymbolicPlanner()
    gc.freeze()  # the rows in memory are no burden of the planner: keep them out of its pauses
    right: Counter[str] = Counter()
    total: Counter[str] = Counter(row["type"] for row in rows)
    answers: Counter[str] = Counter()
    by_type: dict[str, Counter[str]] = defaultdict(Counter)
    violated: list[str] = []
    wrong: Counter[str] = Counter()
    crashes: list[str] = []
    seconds: list[float] = []
    for row in rows:
        made = request(row, FIXTURES if fixtures is None else fixtures[row["scene"]])
        begun = time.perf_counter()
        try:
            answer = planner.plan(made)
        except Exception as error:  # noqa: BLE001 - crashes are what is counted here
            crashes.append(f"{row['instruction']}: {error!r}")
            continue
        finally:
            seconds.append(time.perf_counter() - begun)
        answers[getattr(answer, "code", answer.kind)] += 1
        by_type[row["type"]][getattr(answer, "code", answer.kind)] += 1
        if isinstance(answer, Plan) and violations(answer, BUILTIN, made.world):
            violated.append(row["instruction"])
        reading = answer.reading or {}
        misread = [s for s in SLOTS if reading.get(s) != row["goal"][s]]
        misread += ["type"] if reading.get("type") != row["type"] else []
        right[row["type"]] += not misread
        wrong.update(misread)
    return {
        "n": len(rows),
        "right": sum(right.values()),
        "rate": round(sum(right.values()) / len(rows), 4),
        "by_type": {t: {"right": right[t], "n": total[t]} for t in sorted(total)},
        "misread_slots": dict(wrong.most_common()),
        "answers": dict(answers.most_common()),
        "answers_by_type": {t: dict(by_type[t].most_common()) for t in sorted(by_type)},
        "plans_with_violations": len(violated),
        "violation_examples": violated[:5],
        "crashes": len(crashes),
        "crash_examples": crashes[:5],
        "median_ms": round(1000 * statistics.median(seconds), 2),
        "max_ms": round(1000 * max(seconds), 2),
    }


def table(result: Mapping[str, Any]) -> str:
    """Write the result for people."""
    lines = [f"{'task type':36} right    n   share"]
    for name, row in result["by_type"].items():
        lines.append(f"{name:36} {row['right']:5} {row['n']:4}  {row['right'] / row['n']:6.1%}")
    lines.append(f"{'all':36} {result['right']:5} {result['n']:4}  {result['rate']:6.1%}")
    lines.append(f"answers: {result['answers']}   crashes: {result['crashes']}")
    lines += [f"  {name}: {row}" for name, row in result["answers_by_type"].items()]
    lines.append(f"plans with violations: {result['plans_with_violations']}")
    lines.append(f"latency: median {result['median_ms']} ms, max {result['max_ms']} ms")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path, help="alfred_train.jsonl.gz")
    parser.add_argument("--n", type=int, default=300)
    parser.add_argument("--sample", choices=("A", "B"), default="A")
    parser.add_argument("--fixtures", choices=("scene", "all"), default="scene")
    choices = parser.parse_args()
    rows = load(choices.data)
    sample = draw(rows, choices.n)
    tasks = {row["task"] for row in sample}
    other = draw(rows, choices.n, tasks)
    held_out = tasks | {row["task"] for row in other}
    known = scene_fixtures(rows, held_out) if choices.fixtures == "scene" else None
    result = evaluate(sample if choices.sample == "A" else other, known)
    result |= {"sample": choices.sample, "fixtures": choices.fixtures}
    sys.stdout.write(table(result) + "\n" + json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
