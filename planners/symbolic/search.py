"""Forward search over the skills' own pre- and postconditions.

Uniform-cost search from a state to goals, over the specifications' costs plus a little for the way
to drive. Only things and skills that matter to the goals take part, and states are sets of bits, so
ordinary goals take some hundred expansions of some microseconds; the search is bounded by a number
of expansions, never by the wall clock.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diarchy.contracts.effects import GroundAction, State, relations_achieved
from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Argument, Reference
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.skill import Parameter, SkillSpec
from diarchy.planners.symbolic.bits import Compiler

MAX_EXPANSIONS = 20_000
_COST_PER_METRE = 0.1


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

    def where(self, symbol: str) -> tuple[float, float]:
        """Position in the plane; of what is not known, the start's."""
        entity = self.entities.get(symbol)
        return (entity.position[0], entity.position[1]) if entity is not None else self.origin


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
            found.append(Act(spec, args, _grounded(spec, args, scope)))
    return found


def _grounded(spec: SkillSpec, args: Mapping[str, Argument], scope: Scope) -> GroundAction:
    """Fill the specification; a plate in a closed cabinet cannot be put anything on, either."""
    ground = GroundAction.of(spec, args)
    held_by = [args[p.name] for p in spec.parameters if p.kind == "receptacle"]
    movable = [h for h in held_by if (e := scope.entities.get(str(h))) and e.kind == "object"]
    extra = tuple(Condition(Predicate("accessible", (str(h),))) for h in movable)
    return GroundAction((*ground.needs, *extra), ground.deletes, ground.effects)


def _candidates(spec: SkillSpec, parameter: Parameter, scope: Scope) -> Iterator[str]:
    finds = any(
        p.template.replace(" ", "") == f"located({parameter.name})" for p in spec.postconditions
    )
    relations = relations_achieved(spec, parameter.name)
    for symbol, entity in scope.entities.items():
        if finds or entity is None:
            # What is known need not be searched; what is described cannot hold or have a door.
            if entity is None and parameter.kind in ("object", "thing") and not parameter.classes:
                yield symbol
        elif _suits(entity, parameter, relations):
            yield symbol


def _suits(entity: Entity, parameter: Parameter, relations: Sequence[str]) -> bool:
    if parameter.classes and entity.cls not in parameter.classes:
        return False
    suits = {
        "object": entity.kind == "object",
        "receptacle": bool(entity.can_hold) and all(r in entity.can_hold for r in relations),
        "openable": entity.openable,
        "switchable": entity.switchable,
        "person": entity.kind == "person",
        "thing": True,
    }
    return suits.get(parameter.kind, False)


def find_acts(
    start: State, goals: Sequence[Condition], choices: Sequence[Act], scope: Scope
) -> list[Act] | None:
    """Return the cheapest acts that bring the goals about; None if there are none within bounds."""
    compiler = Compiler(start, goals, [a.ground for a in choices])
    goal = compiler.goal(goals)
    if goal is None:
        return None
    usable = [(choices[i], bits) for i, bits in compiler.relevant(goal)]
    prices = [_Price.of(act, compiler, scope) for act, _ in usable]
    here = {compiler.bit(p): scope.where(p.args[0]) for p in compiler.atoms if p.name == "near"}
    order = itertools.count()
    first = compiler.start
    frontier: list[tuple[float, int, tuple[int, int]]] = [(0.0, next(order), first)]
    came: dict[tuple[int, int], tuple[tuple[int, int], int] | None] = {first: None}
    best: dict[tuple[int, int], float] = {first: 0.0}
    settled: set[tuple[int, int]] = set()
    at_mask = sum(here)
    for _ in range(MAX_EXPANSIONS):
        if not frontier:
            return None
        cost, _, state = heapq.heappop(frontier)
        if state in settled:
            continue
        settled.add(state)
        if goal.met(*state):
            return [usable[i][0] for i in _path(came, state)]
        at = state[0] & at_mask
        position = here.get(at & -at, scope.origin)
        for index, (_, bits) in enumerate(usable):
            if not bits.needs.met(*state):
                continue
            after = bits.apply(*state)
            price = cost + prices[index].at(position)
            if after not in settled and price < best.get(after, math.inf) - 1e-9:
                best[after] = price
                came[after] = (state, index)
                heapq.heappush(frontier, (price, next(order), after))
    return None


def _path(
    came: Mapping[tuple[int, int], tuple[tuple[int, int], int] | None], state: tuple[int, int]
) -> list[int]:
    path: list[int] = []
    while (step := came[state]) is not None:
        state, index = step
        path.append(index)
    return path[::-1]


@dataclass(frozen=True)
class _Price:
    """The skill's own cost, and for one that ends near another thing the way to it."""

    cost: float
    target: tuple[float, float] | None

    @staticmethod
    def of(act: Act, compiler: Compiler, scope: Scope) -> _Price:
        ends = [
            e.predicate.args[0]
            for e in act.ground.effects
            if e.value and e.predicate.name == "near"
        ]
        known = bool(ends) and scope.entities.get(ends[0]) is not None
        return _Price(act.spec.cost, scope.where(ends[0]) if known else None)

    def at(self, position: tuple[float, float]) -> float:
        if self.target is None:
            return self.cost
        away = math.hypot(self.target[0] - position[0], self.target[1] - position[1])
        return self.cost + _COST_PER_METRE * away
