from __future__ import annotations

import numpy as np
import pytest

from diarchy.agent.evaluation.tasks import SUITES, Inventory, Thing, draw_task
from diarchy.contracts.errors import BadInputError

HOME = Inventory(
    things=(
        Thing("mug_1", "Mug", "red", "counter_top_1", "on"),
        Thing("mug_2", "Mug", "blue", "coffee_table_1", "on"),
        Thing("soda_can_1", "SodaCan", "red", "coffee_table_1", "on"),
        Thing("apple_1", "Apple", "red", "counter_top_1", "on"),
        Thing("apple_2", "Apple", "red", "shelf_1", "on"),
    ),
    fixtures={
        "counter_top_1": "CounterTop",
        "dining_table_1": "DiningTable",
        "coffee_table_1": "CoffeeTable",
        "shelf_1": "Shelf",
        "fridge_1": "Fridge",
        "garbage_can_1": "GarbageCan",
    },
    person_table="coffee_table_1",
)


def test_twins_of_one_colour_are_never_asked_for() -> None:
    assert {t.id for t in HOME.unique()} == {"mug_1", "mug_2", "soda_can_1"}


def test_a_thing_is_called_by_as_much_as_it_takes() -> None:
    assert [HOME.words(t) for t in HOME.things[:3]] == ["red mug", "blue mug", "can"]


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_draws_goals_that_name_what_is_in_the_home(suite: str) -> None:
    known = {t.id for t in HOME.things} | set(HOME.fixtures)
    for index in range(20):
        task = draw_task(suite, index, HOME, seed=3)
        assert task.goals
        assert {a for g in task.goals for a in g.predicate.args} <= known


def test_the_same_seed_draws_the_same_task_and_another_seed_other_ones() -> None:
    first = [draw_task("household", i, HOME, seed=1).sentence for i in range(20)]
    assert first == [draw_task("household", i, HOME, seed=1).sentence for i in range(20)]
    assert first != [draw_task("household", i, HOME, seed=2).sentence for i in range(20)]


def test_no_put_task_is_done_before_it_begins() -> None:
    where = {t.id: t.where for t in HOME.things}
    rng = np.random.default_rng(0)
    for draw in SUITES["household"]:
        for _ in range(30):
            task = draw(HOME, rng)
            assert task is not None
            for goal in task.goals:
                if goal.predicate.name == "on":
                    thing, fixture = goal.predicate.args
                    assert where[thing] != fixture


def test_an_unknown_suite_names_those_that_exist() -> None:
    with pytest.raises(BadInputError, match=r"did you mean 'household'"):
        draw_task("houshold", 0, HOME, seed=0)
