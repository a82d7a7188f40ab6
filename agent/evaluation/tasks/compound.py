"""Long tasks: several wishes in one sentence, five to twelve subtasks together."""

from __future__ import annotations

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory
from diarchy.agent.evaluation.tasks import chores, household
from diarchy.agent.evaluation.tasks.model import Draw, Task, pick_one

_JOINTS = (", then ", " and then ", "; after that ")
_TRIES = 12
_POLITE = ("please ", "could you ", "can you ")


def compound(name: str, *parts: Draw) -> Draw:
    """Return a draw of one sentence that asks for all of the parts, each about other things."""

    def draw(home: Inventory, rng: np.random.Generator) -> Task | None:
        chosen: list[Task] = []
        for part in parts:
            task = _about_others(part, home, rng, chosen)
            if task is None:
                return None
            chosen.append(task)
        sentence = _plain(chosen[0].sentence)
        for task in chosen[1:]:
            sentence += pick_one(_JOINTS, rng) + _plain(task.sentence)
        wanted = tuple(dict.fromkeys(goal for task in chosen for goal in task.goals))
        return Task(name, sentence, wanted, tuple(i for task in chosen for i in task.about))

    return draw


def _about_others(
    part: Draw, home: Inventory, rng: np.random.Generator, chosen: list[Task]
) -> Task | None:
    """Draw until the task is about things that none of the others is about."""
    taken = {i for task in chosen for i in task.about}
    for _ in range(_TRIES):
        task = part(home, rng)
        if task is not None and taken.isdisjoint(task.about):
            return task
    return None


def _plain(sentence: str) -> str:
    """Leave out the courtesies, which only fit at the beginning of a sentence."""
    for start in _POLITE:
        sentence = sentence.removeprefix(start)
    return sentence.rstrip("?")


LONG_TASKS = (
    compound("two_things", household.pick_and_place, household.pick_and_place),
    compound("three_things", household.pick_and_place, chores.throw_away, household.pick_and_place),
    compound("wash_and_put", household.clean_and_place, household.pick_and_place),
    compound("stack_and_throw", household.stack_and_place, chores.throw_away),
    compound("put_away_and_bring", chores.put_behind_door, chores.bring),
    compound("two_alike_and_bring", household.pick_two_and_place, chores.bring),
    compound("heat_and_serve", household.heat_and_place),
    compound("put_and_examine", household.pick_and_place, household.look_in_light),
)
