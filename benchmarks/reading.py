"""Who reads ALFRED's held-out sentences as people meant them: the bundled model, the symbolic planner, n-grams?

    python benchmarks/reading.py alfred_train.jsonl.gz --n 500

Right is a sentence of which the task type and all five slots equal the annotation. The parts are those that the
bundled model was never trained on (`diarchy.agent.learning.sentences.alfred.splits`): tasks, whole floor plans, and
combinations of slots. All three know the same of the home: its classes of things, and the fixtures that the gold
plans of other tasks in the floor plan visit. The n-gram baseline is one logistic regression a slot on words and
pairs of words, trained on the same sentences, and chooses among what the home has.

Data: ALFRED (Shridhar et al., CVPR 2020), MIT licence; not part of this repository.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from alfred_baseline import SLOTS, request

from diarchy.agent.learning.sentences import alfred
from diarchy.planners.embedded import EmbeddedPlanner
from diarchy.planners.symbolic import SymbolicPlanner

ORDER = ("type", *SLOTS)
"""The slots in the order of `alfred.goal`."""
READERS = ("embedded", "symbolic", "n-grams")
Reader = Callable[[alfred.Row, Sequence[str]], dict[str, Any]]


class Ngrams:
    """Logistic regression on words and pairs of words, one for each slot."""

    def __init__(self, rows: Sequence[alfred.Row], epochs: int = 12) -> None:
        torch.manual_seed(0)
        grams = [_grams(r["instruction"]) for r in rows]
        seen: dict[str, int] = {}
        for row in grams:
            for gram in row:
                seen[gram] = seen.get(gram, 0) + 1
        self._index = {g: i for i, g in enumerate(sorted(g for g, n in seen.items() if n > 1))}
        values = [dict(zip(ORDER, alfred.goal(r), strict=True)) for r in rows]
        self._values = {s: sorted({v[s] for v in values}, key=str) for s in ORDER}
        self._weights = {s: torch.nn.EmbeddingBag(len(self._index) + 1, len(v), mode="sum") for s, v in self._values.items()}  # fmt: skip
        for bag in self._weights.values():
            torch.nn.init.zeros_(bag.weight)
        self._fit([self._numbers(g) for g in grams], values, epochs)

    def _numbers(self, grams: Sequence[str]) -> list[int]:
        last = len(self._index)
        return [self._index[g] for g in grams if g in self._index] or [last]

    def _fit(self, inputs: list[list[int]], values: list[dict[str, Any]], epochs: int) -> None:
        wanted = {s: torch.tensor([v.index(x[s]) for x in values]) for s, v in self._values.items()}
        weights = [b.weight for b in self._weights.values()]
        optimiser = torch.optim.Adam(weights, lr=0.03)
        rng = np.random.default_rng(0)
        for _ in range(epochs):
            for chosen in np.array_split(rng.permutation(len(inputs)), max(len(inputs) // 256, 1)):
                flat = torch.tensor([n for i in chosen for n in inputs[i]])
                starts = np.cumsum([0, *(len(inputs[i]) for i in chosen)])[:-1]
                at = torch.as_tensor(starts)
                losses = [torch.nn.functional.cross_entropy(b(flat, at), wanted[s][chosen]) for s, b in self._weights.items()]  # fmt: skip
                loss = torch.stack(losses).sum() + 1e-6 * sum(w.square().sum() for w in weights)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()

    @torch.no_grad()
    def read(self, row: alfred.Row, fixtures: Sequence[str]) -> dict[str, Any]:
        """Choose the likeliest value of each slot among what the home has."""
        numbers = torch.tensor(self._numbers(_grams(row["instruction"])))
        here = {*row["objects"], *fixtures, ""}
        chosen: dict[str, Any] = {}
        for slot, bag in self._weights.items():
            scores = bag(numbers, torch.tensor([0]))[0].tolist()
            pairs = zip(scores, self._values[slot], strict=True)
            fits = [(s, v) for s, v in pairs if not slot.endswith("_target") or v in here]
            chosen[slot] = max(fits, key=lambda p: p[0])[1]
        return chosen


def _grams(sentence: str) -> list[str]:
    words = ["<", *re.findall(r"[a-z']+", sentence.lower()), ">"]
    return [*words, *(" ".join(p) for p in pairwise(words))]


def measure(rows: Sequence[alfred.Row], places: dict[str, tuple[str, ...]], read: Reader) -> dict[str, Any]:  # fmt: skip
    """Count sentences that are read right, and time them."""
    right, seconds = 0, []
    for row in rows:
        begun = time.perf_counter()
        found = read(row, places[row["task"]])
        seconds.append(time.perf_counter() - begun)
        wanted = dict(zip(ORDER, alfred.goal(row), strict=True))
        right += all(found.get(name) == value for name, value in wanted.items())
    low, high = wilson(right, len(rows))
    return {
        "right": right, "n": len(rows), "rate": round(right / len(rows), 4), "ci95": [low, high],
        "median_ms": round(1000 * statistics.median(seconds), 2), "max_ms": round(1000 * max(seconds), 1),
    }  # fmt: skip


def wilson(k: int, n: int) -> tuple[float, float]:
    """95% Wilson interval of a rate."""
    z, p = 1.96, k / n
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return round((middle - spread) / (1 + z * z / n), 4), round((middle + spread) / (1 + z * z / n), 4)  # fmt: skip


def planner_reader(planner: Any) -> Reader:
    """Let a planner plan, and return how it understood the sentence."""
    return lambda row, fixtures: planner.plan(request(row, fixtures)).reading or {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path, help="alfred_train.jsonl.gz")
    parser.add_argument("--n", type=int, default=500, help="sentences of each part at most")
    parser.add_argument("--checkpoint", type=Path, help="default: the one that ships")
    parser.add_argument("--only", nargs="+", choices=READERS, default=READERS, help="who reads")
    choices = parser.parse_args()
    rows = alfred.load(choices.data)
    parts, places = alfred.splits(rows), alfred.places(rows)
    training = [r for r in rows if parts[r["task"]] == "train"]
    makers: dict[str, Callable[[], Reader]] = {
        "embedded": lambda: planner_reader(EmbeddedPlanner(choices.checkpoint)),
        "symbolic": lambda: planner_reader(SymbolicPlanner()),
        "n-grams": lambda: Ngrams(training).read,
    }
    readers = {name: makers[name]() for name in choices.only}
    results: dict[str, Any] = {}
    for part in alfred.SPLITS[1:]:
        held = [r for r in rows if parts[r["task"]] == part]
        chosen = np.random.default_rng(0).permutation(len(held))[: choices.n]
        for name, read in readers.items():
            result = measure([held[i] for i in sorted(chosen)], places, read)
            results[f"{part}/{name}"] = result
            sys.stdout.write(f"{part:13} {name:9} {result['right']:5} of {result['n']:5}  {result['rate']:6.1%}  {result['ci95']}  {result['median_ms']:7.1f} ms, at most {result['max_ms']:.0f}\n")  # fmt: skip
            sys.stdout.flush()
    sys.stdout.write(json.dumps(results) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
