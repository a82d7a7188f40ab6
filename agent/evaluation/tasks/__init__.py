"""Tasks of the suites: a sentence, and what must be true in the simulator afterwards.

A task is drawn for one seeded home from what really is in it; the agent is told only the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory
from diarchy.agent.evaluation.tasks import chores, compound, household, searches, single
from diarchy.agent.evaluation.tasks.model import Draw, Task
from diarchy.contracts.errors import BadInputError, did_you_mean

__all__ = ["SUITES", "Suite", "Task", "draw_task", "find_suite"]


@dataclass(frozen=True)
class Suite:
    """Kinds of tasks that take turns, the scene they happen in, and what disturbs them, if anything.

    ``disturbed`` names, for each kind, the disturbance that its episodes suffer.
    """

    draws: tuple[Draw, ...]
    about: str
    scene: str = "household_flat"
    disturbed: tuple[str, ...] = ()


_DISTURBED = (
    (household.pick_and_place, "moved"),
    (chores.put_behind_door, "shut"),
    (household.pick_and_place, "knocked"),
)
SUITES: dict[str, Suite] = {
    "household": Suite(household.ALFRED_TYPES, "the seven task types of ALFRED"),
    "long": Suite(compound.LONG_TASKS, "five to twelve subtasks in one sentence"),
    "disturbed": Suite(
        tuple(draw for draw, _ in _DISTURBED),
        "someone moves the thing, shuts the door, knocks it out of the hand",
        disturbed=tuple(kind for _, kind in _DISTURBED),
    ),
    "chores": Suite(
        (chores.bring, chores.throw_away, chores.put_behind_door, chores.clear_surface),
        "bring, throw away, put away, clear",
    ),
    "search": Suite(searches.SEARCHES, "find things in any room, in the open or behind doors"),
    "skills": Suite(tuple(single.SKILLS.values()), "every skill by itself, in turns"),
    **{f"skills:{n}": Suite((d,), f"only {n}") for n, d in single.SKILLS.items()},
}


def find_suite(name: str) -> Suite:
    """Look a suite up.

    Raises:
        BadInputError: it does not exist.
    """
    if name not in SUITES:
        raise BadInputError(f"no suite '{name}'; {did_you_mean(name, SUITES)}")
    return SUITES[name]


def draw_task(suite: str, index: int, home: Inventory, seed: int) -> Task:
    """Draw the task of one episode; task kinds take turns, so that a suite is balanced.

    Raises:
        BadInputError: the suite does not exist, or nothing in this home fits it.
    """
    draws = find_suite(suite).draws
    rng = np.random.default_rng([seed, index, 7])
    for offset in range(len(draws)):
        for _ in range(4):
            task = draws[(index + offset) % len(draws)](home, rng)
            if task is not None:
                return task
    raise BadInputError(f"nothing in this home fits the suite '{suite}'")
