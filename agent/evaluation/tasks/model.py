"""What a task is, and how one is drawn from what a home holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory
from diarchy.agent.evaluation.judge import AnyOf, Goal
from diarchy.contracts.predicate import Condition

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """A sentence and its judged goals.

    ``about`` are the objects it is about, the first being what it moves last; a disturbance acts
    on them. ``sought`` are objects whose place is asked for: the agent must come to know it.
    """

    name: str
    sentence: str
    goals: tuple[Goal, ...] = field(default_factory=tuple)
    about: tuple[str, ...] = ()
    sought: tuple[str, ...] = ()


Draw = Callable[[Inventory, np.random.Generator], "Task | None"]


def pick_one(options: Sequence[T], rng: np.random.Generator) -> T:
    """Draw one of a non-empty sequence."""
    return options[int(rng.integers(len(options)))]


def goals(*written: str) -> tuple[Goal, ...]:
    """Read goals."""
    return tuple(Condition.parse(g) for g in written)


def any_of(template: str, ids: Sequence[str]) -> Goal:
    """Fill ``{}`` with any of the ids."""
    choices = tuple(Condition.parse(template.format(i)) for i in ids)
    return choices[0] if len(choices) == 1 else AnyOf(choices)
