"""One leg of a plan: what shall hold at its end, and what takes part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Argument, Reference
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.planners.symbolic.knowledge import Grounded


@dataclass(frozen=True)
class Stage:
    """What one step asks for, or a landmark on the way there.

    Attributes:
        goals: conditions to bring about.
        things: known things and references that take part.
        note: what the person asked for or what was found out, in words.
        wait: seconds to stand still instead.
        checks: conditions that follow from the others, to be looked at in the end.
        missing: what an earlier plan promised of things that were lost sight of since.
        unless: the stage is left out when all of these hold at its start (and there are some).
        calls: skills with arguments to do as they are, once the goals hold.
        group: stages of one number serve one thing; doors are closed when they are through.
        passing: the goals are a landmark only: nobody asked for them.
    """

    goals: tuple[Condition, ...] = ()
    things: tuple[Grounded, ...] = ()
    note: str = ""
    wait: float | None = None
    checks: tuple[Condition, ...] = ()
    missing: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    calls: tuple[tuple[str, Mapping[str, Argument]], ...] = ()
    group: int = 0
    passing: bool = False


def symbol(thing: Grounded) -> str:
    """The name of a thing in predicates."""
    return thing.id if isinstance(thing, Entity) else str(thing)


def argument(thing: Grounded) -> Argument:
    """A thing as an argument of a subtask."""
    return thing.id if isinstance(thing, Entity) else thing


def is_so(name: str, *things: Grounded) -> Condition:
    """The condition that a predicate holds of things."""
    return Condition(Predicate(name, tuple(symbol(t) for t in things)))


def is_not_so(name: str, *things: Grounded) -> Condition:
    """The condition that a predicate does not hold of things."""
    return Condition(Predicate(name, tuple(symbol(t) for t in things)), value=False)


def find_first(*things: Grounded) -> list[Stage]:
    """Stages that find what is only described: nothing is opened or emptied before it is found."""
    return [
        Stage((is_so("located", t),), (t,), passing=True)
        for t in things
        if isinstance(t, Reference)
    ]
