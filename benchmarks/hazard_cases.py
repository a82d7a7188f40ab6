"""The hazard set as data: cases and injections from YAML, the situations they happen in, planners that obey."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from diarchy.contracts.effects import apply, failed_preconditions, initial_state, simulate
from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.plan import Plan, Planner, Question, Refusal, Subtask, Vocabulary, find_skill
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.planners.recorded import RecordedPlanner
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.skills.specs import BUILTIN

FOLDER = Path(__file__).parent / "hazards"
HALVES = ("first_half", "second_half")
_CALL = re.compile(r"^\s*([a-z_]+)\s*\(([^()]*)\)\s*$")
_STATES = {"temperature": ("hot", "cold"), "cleanliness": ("clean",)}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Changes(_Strict):
    """What a case, or one side of it, changes in the home; see hazards/first_half.yaml."""

    say: str | None = None
    also: dict[str, str] = Field(default_factory=dict)
    is_: tuple[str, ...] = Field(default=(), alias="is")
    has: dict[str, dict[str, str]] = Field(default_factory=dict)
    people: dict[str, list[Any]] = Field(default_factory=dict)
    holders: dict[str, str] = Field(default_factory=dict)
    switches: tuple[str, ...] = ()
    inspected: tuple[str, ...] = ()
    holds: str | None = None
    plan: tuple[str, ...] = ()


class Case(_Strict):
    """A pair: an unsafe command or situation, and its safe twin."""

    id: str
    say: str | None = None
    plan: tuple[str, ...] = ()
    here: Changes = Changes()
    unsafe: Changes
    safe: Changes

    def side(self, side: str) -> Changes:
        """Return the changes of one side."""
        return self.unsafe if side == "unsafe" else self.safe

    def sentence(self, side: str) -> str:
        """Return what is said."""
        said = self.side(side).say or self.say
        assert said, f"case {self.id} says nothing"
        return said

    def planner(self, side: str, world: WorldSnapshot) -> Planner:
        """Return the symbolic planner, or one that gives the plan of the case."""
        steps = self.side(side).plan or self.plan
        return RecordedPlanner([written(steps, world)]) if steps else symbolic()


@lru_cache(maxsize=1)
def symbolic() -> SymbolicPlanner:
    return SymbolicPlanner()


def load_half(name: str) -> list[Case]:
    path = FOLDER / f"{name}.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [Case.model_validate(row) for row in rows]


@lru_cache(maxsize=1)
def _home() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / "home.yaml").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    home = _home()
    things = {words.split()[-2] for words in home["things"]} | set(home["classes"])
    return Vocabulary(
        object_classes=tuple(sorted(things)),
        fixture_classes=tuple(sorted({f[0] for f in home["fixtures"].values()})),
        attributes={"color": ("red", "green", "blue", "white", "black")},
    )


def situation(case: Case, side: str) -> WorldSnapshot:
    """Build the belief of one side."""
    return build([case.here, case.side(side)])


def build(changes: Sequence[Changes]) -> WorldSnapshot:
    """Build the home with changes, later ones last."""
    home = _home()
    things = {w.split()[-1]: (w, where) for w, where in home["things"].items()}
    people = dict(home["people"])
    has: dict[str, dict[str, str]] = {}
    holders: dict[str, str] = {}
    true: list[str] = []
    switches: set[str] = set()
    inspected = {n for n, f in home["fixtures"].items() if f[5] and "o" not in f[6]}
    held: str | None = None
    for change in changes:
        things |= {w.split()[-1]: (w, where) for w, where in change.also.items()}
        people |= change.people
        for name, row in change.has.items():
            has[name] = {**has.get(name, {}), **row}
        holders |= change.holders
        true += change.is_
        switches |= set(change.switches)
        inspected |= set(change.inspected)
        held = change.holds or held
    entities = [_fixture(n, f) for n, f in home["fixtures"].items()]
    places = {e.id: e for e in entities}
    people_here = [_person(n, p, has.get(n, {})) for n, p in people.items()]
    placed = {name: _place(name, things, places) for name in things}
    for name, (words, where) in things.items():
        entities.append(_thing(words, placed[name], has.get(name, {}), holders, name in switches))
        if where and name != held:
            relation, place = where.split()
            true.append(f"{relation}({name}, {place})")
    entities += people_here
    for entity in entities:
        for attribute, states in _STATES.items():
            if entity.attributes.get(attribute) in states:
                true.append(f"{entity.attributes[attribute]}({entity.id})")
    facts = [Fact(condition=Condition.parse(t), truth=Truth.TRUE) for t in true]
    x, y, room = home["robot"]
    return WorldSnapshot(
        stamp=1.0, robot_position=(x, y, 0.0), robot_room=room,
        entities=tuple(sorted(entities, key=lambda e: e.id)), facts=tuple(facts), held=held,
        inspected=dict.fromkeys(sorted(inspected), 1.0),
    )  # fmt: skip


def _fixture(name: str, row: list[Any]) -> Entity:
    cls, room, x, y, z, holds, flags, *whole = row
    return Entity.model_validate({
        "id": name, "cls": cls, "kind": "fixture", "position": (x, y, z), "extent": (0.6, 0.6, 0.5),
        "room": room, "can_hold": (holds,) if holds else (), "openable": "o" in flags,
        "switchable": "s" in flags, "part_of": whole[0] if whole else None,
    })  # fmt: skip


_CARRY = {
    "Plate": "on",
    "Bowl": "in",
    "Mug": "in",
    "Cup": "in",
    "Pan": "in",
    "Pot": "in",
    "Box": "in",
}


def _thing(
    words: str, at: tuple[float, float, float], has: Mapping[str, str], holders: Mapping[str, str], switch: bool
) -> Entity:  # fmt: skip
    *colour, cls, name = words.split()
    hold = holders.get(name, _CARRY.get(cls, ""))
    return Entity.model_validate({
        "id": name, "cls": cls, "kind": "object", "position": at, "movable": True, "last_seen": 1.0,
        "attributes": {**({"color": colour[0]} if colour else {}), **has}, "extent": (0.1, 0.1, 0.1),
        "can_hold": (hold,) if hold else (), "switchable": switch,
    })  # fmt: skip


def _place(
    name: str, things: Mapping[str, tuple[str, str]], places: Mapping[str, Entity], depth: int = 0
) -> tuple[float, float, float]:
    where = things[name][1].split()
    if not where or depth > 4:
        return (3.0, 3.0, 0.5)
    if where[1] in things:
        return _place(where[1], things, places, depth + 1)
    x, y, z = places[where[1]].position
    return (x + 0.01 * (sum(map(ord, name)) % 20), y, z + 0.4)


def _person(name: str, row: list[Any], has: Mapping[str, str]) -> Entity:
    cls, room, x, y, attributes = row
    return Entity.model_validate({
        "id": name, "cls": cls, "kind": "person", "position": (x, y, 0.8), "room": room,
        "attributes": {**{k: str(v) for k, v in attributes.items()}, **has}, "can_hold": ("on",),
    })  # fmt: skip


# ---- plans ---------------------------------------------------------------------------------------


def written(steps: Sequence[str], world: WorldSnapshot, after: Plan | None = None) -> Plan:
    """Read steps like ``pick(apple_1)``; the ways to where a step works are filled in.

    ``after`` is a plan that is done before.
    """
    state = simulate(after, BUILTIN, world).final if after is not None else initial_state(world)
    subtasks: list[Subtask] = []

    def append(skill: str, args: dict[str, Any]) -> None:
        nonlocal state
        spec = find_skill(BUILTIN, skill)
        assert spec is not None, skill
        for condition, _ in failed_preconditions(spec, args, state):
            if condition.predicate.name == "near" and skill != "navigate_to":
                append("navigate_to", {"target": condition.predicate.args[0]})
            elif condition.predicate.name in ("accessible", "enterable"):
                where = condition.predicate.args[0]
                inside = [p.args[1] for p in state.true if p.name == "in" and p.args[0] == where]
                for door in inside or [where]:
                    if door in state.doors and Predicate("open", (door,)) not in state.true:
                        append("open", {"container": door})
                if Predicate("near", (where,)) not in state.true and inside:
                    append("navigate_to", {"target": where})
        state = apply(spec, args, state)
        subtasks.append(
            Subtask(id=f"s{len(subtasks) + 1}", skill=skill, args=args, words="as I was told")
        )

    for step in steps:
        match = _CALL.match(step)
        assert match is not None, step
        spec = find_skill(BUILTIN, match[1])
        assert spec is not None, step
        values = [v.strip() for v in match[2].split(",") if v.strip()]
        names = [p.name for p in spec.parameters]
        append(
            match[1],
            {n: float(v) if n == "seconds" else v for n, v in zip(names, values, strict=True)},
        )
    return Plan(reasoning="I do what I was told.", subtasks=tuple(subtasks))


# ---- injections ----------------------------------------------------------------------------------


class Injection(_Strict):
    """A command, a text that wants to command, where the text stands, and what obeying it means.

    ``at`` is ``sentence`` (the text is part of ``say``), ``sign`` (an attribute of a thing), ``name`` (the
    id of a thing) or ``episode`` (what an old run remembers). ``obeys`` is what the planner then does,
    ``after`` whether it does what the person asked first.
    """

    id: str
    at: str
    say: str
    text: str = ""
    obeys: tuple[str, ...]
    after: bool = False
    here: Changes = Changes()

    def world(self) -> WorldSnapshot:
        """Build the home with the text in it, where it stands on a thing."""
        world = build([self.here])
        if self.at == "sign":
            extra = Entity(
                id="sign_1", cls="Sign", kind="object", position=(3.0, 1.5, 0.9), movable=True,
                attributes={"text": self.text}, last_seen=1.0,
            )  # fmt: skip
        elif self.at == "name":
            extra = Entity(
                id=self.text, cls="Box", kind="object", position=(3.0, 1.5, 0.9), movable=True, last_seen=1.0
            )  # fmt: skip
        else:
            return world
        return world.model_copy(
            update={"entities": tuple(sorted((*world.entities, extra), key=lambda e: e.id))}
        )


def injections() -> list[Injection]:
    path = FOLDER / "injections.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [Injection.model_validate(row) for row in rows]


class Obedient:
    """Does what the text tells it, whoever wrote the text: the worst planner there can be."""

    name = "obedient"
    learned = False

    def __init__(self, case: Injection, world: WorldSnapshot) -> None:
        self._case, self._world = case, world

    def plan(self, request: Any) -> Plan | Question | Refusal:
        """Obey; if told so, only after having done what the person asked."""
        seen = request.model_dump_json()
        assert self._case.at == "sentence" or json_text(self._case.text) in seen, (
            "it was not shown the text"
        )
        if not self._case.after:
            return written(self._case.obeys, self._world)
        first = symbolic().plan(request)
        assert isinstance(first, Plan), first
        obeyed = written(self._case.obeys, self._world, first)
        steps = (*first.subtasks, *obeyed.subtasks)
        renamed = tuple(s.model_copy(update={"id": f"s{i}"}) for i, s in enumerate(steps, 1))
        return Plan(reasoning="First the person, then the text.", subtasks=renamed)


def json_text(text: str) -> str:
    """Write text as it stands inside JSON, without the quotes."""
    import json

    return json.dumps(text, ensure_ascii=False)[1:-1]


def obey(case: Injection, world: WorldSnapshot) -> Planner:
    return Obedient(case, world)
