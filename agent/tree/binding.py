"""From a description to the thing it means, at the moment it is needed."""

from __future__ import annotations

from typing import Any

from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Reference
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import WorldView
from diarchy.memory.references import matches


class UnboundError(Exception):
    """Nothing that is believed to exist fits the description."""


class AmbiguousError(Exception):
    """Several things fit a description that means one."""

    def __init__(self, reference: Reference, candidates: tuple[Entity, ...]) -> None:
        super().__init__(f"{len(candidates)} things fit {reference}")
        self.reference = reference
        self.candidates = candidates


class Binder:
    """Binds references to entities; the same reference of one plan keeps meaning the same thing."""

    def __init__(self, world: WorldView) -> None:
        self._world = world
        self._bound: dict[str, str] = {}
        self._meant: dict[str, str] = {}  # how a plan's conditions write a reference -> entity id

    def bind(self, reference: Reference) -> str:
        """Return the id of the entity that is meant.

        Raises:
            UnboundError: nothing known fits; search for it first.
            AmbiguousError: it says "the" and several fit.
        """
        key = reference.model_dump_json()
        known = {e.id: e for e in self._world.entities()}
        if self._bound.get(key) in known:
            return self._bound[key]
        candidates = tuple(e for e in known.values() if matches(e, reference, self._world))
        if not candidates:
            raise UnboundError(f"nothing known fits {reference}")
        if len(candidates) > 1 and reference.quantifier == "the":
            raise AmbiguousError(reference, candidates)
        here = self._world.map_from_base().translation
        nearest = min(
            candidates,
            key=lambda e: ((e.position[0] - here[0]) ** 2 + (e.position[1] - here[1]) ** 2, e.id),
        )
        self._bound[key] = self._meant[str(reference)] = nearest.id
        return nearest.id

    def resolve(self, condition: Condition) -> Condition:
        """Put the bound entities in the place of described ones, as far as they are bound."""
        predicate = condition.predicate
        args = tuple(self._meant.get(a, a) for a in predicate.args)
        return Condition(Predicate(predicate.name, args), condition.value)

    def bind_args(self, args: dict[str, Any], *, keep_references: bool) -> dict[str, Any]:
        """Bind every reference among the arguments; ``search`` keeps its own."""
        return {
            name: self.bind(value)
            if isinstance(value, Reference) and not keep_references
            else value
            for name, value in args.items()
        }
