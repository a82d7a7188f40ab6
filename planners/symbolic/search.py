"""Forward search over the skills' own pre- and postconditions.

Uniform-cost search from a state to goals, over the specifications' costs plus a little for the way
to drive. Only things that matter to the goals take part, so ordinary goals take some hundred
expansions; the search is bounded by a number of expansions, never by the wall clock.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diarchy.contracts.effects import GroundAction, State, holds, relations_achieved
from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.plan import Argument, Reference
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import Parameter, SkillSpec

MAX_EXPANSIONS = 3000
_COST_PER_METRE = 0.1
_OPTIMISTIC = frozenset({"accessible"})
"""Conditions that may be unknown when a skill starts: nobody can tell before the thing is found."""


@dataclass(frozen=True)
class Act:
    """A skill with arguments that the search may use."""

    spec: SkillSpec
    args: Mapping[str, Argument]
    ground: GroundAction


@dataclass(frozen=True)
class Scope:
    """The things that matter: by symbol, the entity (None: a `Reference`) and the argument."""

    entities: Mapping[str, Entity | None]
    arguments: Mapping[str, Argument]
    origin: tuple[float, float]

    @staticmethod
    def of(
        entities: Iterable[Entity], references: Iterable[Reference], origin: tuple[float, float]
    ) -> Scope:
        """Collect known things and described ones."""
        known: dict[str, Entity | None] = {e.id: e for e in entities}
        arguments: dict[str, Argument] = {name: name for name in known}
        for reference in references:
            known[str(reference)] = None
            arguments[str(reference)] = reference
        return Scope(known, arguments, origin)


def acts(skills: Sequence[SkillSpec], scope: Scope) -> list[Act]:
    """Fill every skill with every combination of things that suits its parameters."""
    found: list[Act] = []
    for spec in skills:
        if not spec.postconditions or any(p.kind in ("text", "seconds") for p in spec.parameters):
            continue
        choices = [list(_candidates(spec, p, scope)) for p in spec.parameters]
        for combination in itertools.product(*choices):
            if len(set(combination)) < len(combination):
                continue
            pairs = zip(spec.parameters, combination, strict=True)
            args = {p.name: scope.arguments[symbol] for p, symbol in pairs}
            found.append(Act(spec, args, GroundAction.of(spec, args)))
    return found


def _candidates(spec: SkillSpec, parameter: Parameter, scope: Scope) -> Iterator[str]:
    finds = any(
        p.template.replace(" ", "") == f"located({parameter.name})" for p in spec.postconditions
    )
    relations = relations_achieved(spec, parameter.name)
    for symbol, entity in scope.entities.items():
        if finds or entity is None:
            # What is known need not be searched; what is described cannot hold or have a door.
            if entity is None and parameter.kind in ("object", "thing"):
                yield symbol
            continue
        suits = {
            "object": entity.kind == "object",
            "receptacle": bool(entity.can_hold) and all(r in entity.can_hold for r in relations),
            "openable": entity.openable,
            "thing": True,
        }
        if suits.get(parameter.kind, False):
            yield symbol


def find_acts(
    start: State, goals: Sequence[Condition], choices: Sequence[Act], scope: Scope
) -> list[Act] | None:
    """Return the cheapest acts that bring the goals about; None if there are none within bounds."""
    order = itertools.count()
    frontier: list[tuple[float, int, State, tuple[Act, ...]]] = [(0.0, next(order), start, ())]
    settled: set[tuple[frozenset[object], frozenset[object]]] = set()
    for _ in range(MAX_EXPANSIONS):
        if not frontier:
            return None
        cost, _, state, path = heapq.heappop(frontier)
        key = (state.true, state.unknown)
        if key in settled:
            continue
        settled.add(key)
        if all(holds(g, state) is Truth.TRUE for g in goals):
            return list(path)
        for act in choices:
            if _possible(act, state):
                after = act.ground.apply(state)
                if (after.true, after.unknown) not in settled:
                    price = cost + _price(act, state, scope)
                    heapq.heappush(frontier, (price, next(order), after, (*path, act)))
    return None


def _possible(act: Act, state: State) -> bool:
    return all(
        truth is Truth.UNKNOWN and condition.predicate.name in _OPTIMISTIC
        for condition, truth in act.ground.unmet(state)
    )


def _price(act: Act, state: State, scope: Scope) -> float:
    """The skill's own cost, and for one that ends near another thing the way to it."""
    ends = [
        e.predicate.args[0] for e in act.ground.effects if e.value and e.predicate.name == "near"
    ]
    target = scope.entities.get(ends[0]) if ends else None
    if target is None:
        return act.spec.cost
    here = next((p.args[0] for p in state.true if p.name == "near"), "")
    entity = scope.entities.get(here)
    x, y = (entity.position[0], entity.position[1]) if entity is not None else scope.origin
    return act.spec.cost + _COST_PER_METRE * math.hypot(
        target.position[0] - x, target.position[1] - y
    )
