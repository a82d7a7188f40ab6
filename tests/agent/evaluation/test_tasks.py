from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from homes import HOME

from diarchy.agent.evaluation.inventory import Thing
from diarchy.agent.evaluation.judge import AnyOf, Goal
from diarchy.agent.evaluation.tasks import SUITES, draw_task, find_suite
from diarchy.agent.evaluation.tasks.places import DRY
from diarchy.contracts.errors import BadInputError


def conditions(goal: Goal) -> tuple[str, ...]:
    choices = goal.choices if isinstance(goal, AnyOf) else (goal,)
    return tuple(a for c in choices for a in c.predicate.args)


def test_twins_of_one_colour_are_never_asked_for() -> None:
    assert {"apple_1", "apple_2"}.isdisjoint({t.id for t in HOME.unique()})


def test_what_holds_something_or_lies_in_something_is_not_moved_by_itself() -> None:
    assert {"bowl_1", "tomato_1"}.isdisjoint({t.id for t in HOME.unique()})


def test_a_thing_is_called_by_as_much_as_it_takes() -> None:
    assert [HOME.words(t) for t in HOME.things[:3]] == ["red mug", "blue mug", "can"]


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_draws_goals_that_name_what_is_in_the_home(suite: str) -> None:
    known = {t.id for t in HOME.things} | set(HOME.fixtures) | set(HOME.people)
    for index in range(20):
        task = draw_task(suite, index, HOME, seed=3)
        assert task.goals or task.sought
        assert set(task.sought) <= {t.id for t in HOME.things}
        assert {a for g in task.goals for a in conditions(g)} <= known
        assert set(task.about) <= {t.id for t in HOME.things}
        assert "{" not in task.sentence


def test_the_household_suite_asks_for_the_seven_types_equally_often() -> None:
    names = [draw_task("household", i, HOME, seed=5).name for i in range(70)]
    counts = {name: names.count(name) for name in names}
    assert len(counts) == 7
    assert set(counts.values()) == {10}


def test_a_search_asks_in_turns_for_what_stands_about_and_for_what_is_shut_in() -> None:
    where = {t.id: t.where for t in HOME.things}
    shut = replace(HOME, shut=frozenset({HOME.things[2].where}))
    for index in range(20):
        task = draw_task("search", index, shut, seed=3)
        hidden = where[task.sought[0]] in shut.shut
        assert hidden == (task.name == "find_hidden")
        assert hidden == (index % 2 == 1)


def test_the_same_seed_draws_the_same_task_and_another_seed_other_ones() -> None:
    first = [draw_task("household", i, HOME, seed=1).sentence for i in range(20)]
    assert first == [draw_task("household", i, HOME, seed=1).sentence for i in range(20)]
    assert first != [draw_task("household", i, HOME, seed=2).sentence for i in range(20)]


@pytest.mark.parametrize("suite", ["household", "chores", "long"])
def test_no_put_task_is_done_before_it_begins(suite: str) -> None:
    where = {t.id: t.where for t in HOME.things}
    for index in range(60):
        for goal in draw_task(suite, index, HOME, seed=2).goals:
            choices = goal.choices if isinstance(goal, AnyOf) else (goal,)
            for choice in choices:
                if choice.predicate.name in ("on", "in"):
                    thing, place = choice.predicate.args
                    assert where[thing] != place


def test_a_long_sentence_is_about_different_things_and_asks_for_all_of_them() -> None:
    rng = np.random.default_rng(0)
    draw = find_suite("long").draws[0]
    for _ in range(20):
        task = draw(HOME, rng)
        assert task is not None
        assert len(set(task.about)) == len(task.about) == 2
        assert all(any(t in conditions(g) for g in task.goals) for t in task.about)


def test_every_kind_of_disturbed_task_has_a_disturbance() -> None:
    suite = find_suite("disturbed")
    assert len(suite.disturbed) == len(suite.draws)


def test_an_unknown_suite_names_those_that_exist() -> None:
    with pytest.raises(BadInputError, match=r"did you mean 'household'"):
        draw_task("houshold", 0, HOME, seed=0)


@pytest.mark.parametrize("suite", ["household", "skills:place_in"])
def test_nothing_that_must_stay_dry_is_asked_for_in_the_sink(suite: str) -> None:
    books = [Thing(f"{c}_1", c, "green", "desk_1", "on") for c in DRY]
    home = replace(HOME, things=(*HOME.things, *books))
    dry = {t.id for t in books}
    drawn = [draw_task(suite, i, home, seed=9) for i in range(140)]
    wet = [t for t in drawn if "sink_basin_1" in {a for g in t.goals for a in conditions(g)}]
    assert wet, "the sink is asked for at all"
    assert any(dry & set(t.about) for t in drawn), "and so are these"
    assert not [t.sentence for t in wet if dry & set(t.about)]
