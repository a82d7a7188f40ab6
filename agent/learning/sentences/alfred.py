"""ALFRED's sentences with what they ask for, and the parts that are held out.

Data: ALFRED (Shridhar et al., CVPR 2020), MIT licence; one JSON object per human annotation, see docs/planners.md.
Held out are ten whole floor plans, 24 combinations of goal slots that then occur nowhere in training though their
words do, and of what is left one task in ten. All is decided by hashes of names, so it is the same on every machine.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diarchy.contracts.errors import BadInputError
from diarchy.planners.embedded.language import Goal, Reading, Wish, steps_of
from diarchy.planners.symbolic.lexicon import lexicon_for

FIXTURES = (
    "ArmChair", "BathtubBasin", "Bed", "Cabinet", "Cart", "CoffeeMachine", "CoffeeTable",
    "CounterTop", "Desk", "DeskLamp", "DiningTable", "Drawer", "Dresser", "FloorLamp", "Fridge",
    "GarbageCan", "Microwave", "Ottoman", "Safe", "Shelf", "SideTable", "SinkBasin", "Sofa",
    "StoveBurner", "Toilet", "ToiletPaperHanger",
)  # fmt: skip
"""ALFRED's receptacles and lamps that stand still."""
SPLITS = ("train", "val", "floorplans", "combinations")
_FLOOR_PLANS, _COMBINATIONS, _TASKS = 10, 24, 10
_BY_NAME = {name.lower(): name for name in FIXTURES}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """A sentence, what it asks for, and where it was said.

    Attributes:
        sentence: as a person wrote it.
        reading: what was meant.
        objects, places, rooms: classes and rooms that can be named there.
        kind: ``goal`` (a whole task), ``steps`` (a task told step by step), ``step`` (one step), ``home``, ``other``.
        split: one of `SPLITS`.
        person: somebody is there.
    """

    sentence: str
    reading: Reading
    objects: tuple[str, ...]
    places: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    kind: str = "goal"
    split: str = "train"
    person: bool = True


def load(path: Path) -> list[Row]:
    """Read the gzipped JSON lines.

    Raises:
        BadInputError: it is not there, or is something else.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows: list[Row] = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path} is no file of ALFRED's sentences (gzipped JSON lines): {error}") from error  # fmt: skip
    wanted = {"task", "type", "goal", "scene", "instruction", "steps", "plan", "objects"}
    if not rows or not wanted <= set(rows[0]):
        raise BadInputError(f"{path}: each line must have {', '.join(sorted(wanted))}")
    return rows


def goal(row: Row) -> Goal:
    """Return the annotated goal."""
    g = row["goal"]
    return (row["type"], g["object_target"], g["parent_target"], g["mrecep_target"], g["toggle_target"], bool(g["object_sliced"]))  # fmt: skip


def splits(rows: Sequence[Row]) -> dict[str, str]:
    """Return the part of each task."""
    scenes = sorted({r["scene"] for r in rows}, key=_hash)[:_FLOOR_PLANS]
    rest = [r for r in rows if r["scene"] not in scenes]
    combinations = set(_held_out_combinations(rest))
    parts: dict[str, str] = {}
    for row in rows:
        task = row["task"]
        if row["scene"] in scenes:
            parts[task] = "floorplans"
        elif goal(row) in combinations:
            parts[task] = "combinations"
        else:
            parts[task] = "val" if int(_hash(task), 16) % _TASKS == 0 else "train"
    return parts


def _held_out_combinations(rows: Sequence[Row]) -> list[Goal]:
    """Choose combinations of which every slot value occurs, in its slot, in other combinations too."""
    everything = sorted({goal(r) for r in rows}, key=lambda g: _hash(repr(g)))
    uses = Counter((slot, value) for g in everything for slot, value in enumerate(g))
    chosen: list[Goal] = []
    for g in everything:
        if len(chosen) == _COMBINATIONS:
            break
        if all(uses[slot, value] > 2 for slot, value in enumerate(g)):
            chosen.append(g)
            uses.subtract((slot, value) for slot, value in enumerate(g))
    return chosen


def places(rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """By task: the fixtures of its floor plan, as far as the gold plans of OTHER tasks visit them.

    That stands in for the map that a robot has, and does not give away where this task ends.
    """
    visits: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        for action in row["plan"]:
            for word in action[1:]:
                if word in _BY_NAME:
                    visits[row["scene"]][_BY_NAME[word]].add(row["task"])
    return {
        r["task"]: tuple(sorted(n for n, by in visits[r["scene"]].items() if by - {r["task"]}))
        for r in rows
    }


def sentences(rows: Sequence[Row]) -> Iterator[Said]:
    """Yield all samples: the sentences, the step-by-step words as a whole, and single steps."""
    parts, found = splits(rows), places(rows)
    for row in rows:
        split = parts[row["task"]]
        objects = tuple(sorted(row["objects"]))
        where = (objects, found[row["task"]])
        wishes = _whole(row, row["instruction"])
        yield Said(row["instruction"], Reading(wishes), *where, kind="goal", split=split)
        if told := _told(row):
            yield Said(told, Reading(_whole(row, told)), *where, kind="steps", split=split)
        for sentence, wish in _single(row):
            yield Said(sentence, Reading((wish,)), *where, kind="step", split=split)


def _told(row: Row) -> str:
    """Join the words of all steps but those of driving about."""
    actions = [a[0] for a in row["plan"] if a[0] != "NoOp"]
    if len(actions) != len(row["steps"]):
        return ""
    words = zip(actions, row["steps"], strict=True)
    return ". ".join(w.strip().rstrip(".") for a, w in words if a != "GotoLocation")


def _whole(row: Row, sentence: str) -> tuple[Wish, ...]:
    """Write the goal as steps, with the source and the quantity that the sentence names."""
    wanted = goal(row)
    words = f" {re.sub(r'[^a-z ]+', ' ', sentence.lower())} "
    source = _source(row)
    named = source and source not in wanted and any(f" {n} " in words for n in names_of(source))
    return steps_of(wanted, many=_many(words, wanted), where=source if named else "")


def _source(row: Row) -> str:
    """Return the fixture from which the gold plan takes the object."""
    before = ""
    for action in row["plan"]:
        if action[0] == "GotoLocation":
            before = _BY_NAME.get(action[1], "")
        if action[0] == "PickupObject" and action[1] == row["goal"]["object_target"].lower():
            return before
    return ""


def _many(words: str, wanted: Goal) -> str:
    names = "|".join(re.escape(n) for n in names_of(wanted[1]))
    if wanted[0] == "pick_two_obj_and_place":
        every = rf" (all|every|each) (of )?(the )?(\w+ )?({names})"
        return "all" if names and re.search(every, words) and " two " not in words else "two"
    some = names and re.search(rf" (a|an|any|some) (\w+ )?(\w+ )?({names}) ", words)
    return "a" if some else ""


@lru_cache(maxsize=256)
def names_of(cls: str) -> tuple[str, ...]:
    """Return what people call a class."""
    return lexicon_for(tuple(sorted({*FIXTURES, cls}))).names_of(cls)


def _single(row: Row) -> Iterable[tuple[str, Wish]]:
    """Pair the words of a step with what its action does; steps of driving about are left out."""
    actions = [a for a in row["plan"] if a[0] != "NoOp"]
    if len(actions) != len(row["steps"]):
        return
    classes = {c.lower(): c for c in (*row["objects"], *FIXTURES)}
    does = {"HeatObject": "heat", "CoolObject": "cool", "CleanObject": "clean", "SliceObject": "slice", "PickupObject": "hold"}  # fmt: skip
    for (name, *args), words in zip(actions, row["steps"], strict=True):
        named = [classes.get(a, "") for a in args]
        if not words.strip() or not all(named):
            continue
        plain = f" {re.sub(r'[^a-z ]+', ' ', words.lower())} "
        many = _many(plain, ("", named[0], "", "", "", False))
        if name in does:
            yield words, Wish(does[name], named[0], many=many)
        elif name == "PutObject":
            yield words, Wish("put", named[0], many=many, to=named[1])
        elif name == "ToggleObject":
            yield words, Wish("turn on", named[0])


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
