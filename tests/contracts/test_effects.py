"""The simulator of skill effects: what it lets through and what it names as wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.effects import (
    State,
    apply,
    assumptions,
    failed_preconditions,
    holds,
    initial_state,
    simulate,
    violations,
)
from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Plan, Reference, Subtask
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.skills.specs import BUILTIN, CLOSE, NAVIGATE_TO, OPEN, PICK, PLACE_IN, SEARCH

MUG = Reference(cls="Mug", attributes={"color": "red"})


def entity(
    name: str, kind: str = "object", *, hold: tuple[str, ...] = (), door: bool = False
) -> Entity:
    return Entity.model_validate(
        {"id": name, "cls": name.split("_")[0].title(), "kind": kind, "position": (0, 0, 0),
         "can_hold": hold, "openable": door}
    )  # fmt: skip


def snapshot(*facts: str, unknown: tuple[str, ...] = (), held: str | None = None) -> WorldSnapshot:
    listed = [Fact(condition=Condition.parse(f), truth=Truth.TRUE) for f in facts]
    listed += [Fact(condition=Condition.parse(f), truth=Truth.UNKNOWN) for f in unknown]
    return WorldSnapshot(
        stamp=0.0, robot_position=(0, 0, 0), robot_room=None, facts=tuple(listed), held=held,
        entities=(
            entity("apple_1"), entity("can_1"),
            entity("fridge_1", "fixture", hold=("in",), door=True),
            entity("table_1", "fixture", hold=("on",)),
        ),
    )  # fmt: skip


def plan(*steps: str, goals: tuple[str, ...] = (), complete: bool = True) -> Plan:
    """Write a plan as "pick apple_1", arguments in the order of the parameters."""
    subtasks = []
    for index, step in enumerate(steps):
        name, *values = step.split()
        spec = next((s for s in BUILTIN if s.name == name), None)
        names = [p.name for p in spec.parameters] if spec else ["target"]
        args = {k: MUG if v == "MUG" else v for k, v in zip(names, values, strict=False)}
        subtasks.append(Subtask(id=f"s{index + 1}", skill=name, args=args))
    return Plan(
        subtasks=tuple(subtasks), goals=tuple(Condition.parse(g) for g in goals), complete=complete
    )


FETCH = ("navigate_to apple_1", "pick apple_1", "navigate_to fridge_1", "place_in apple_1 fridge_1")
GOAL = ("in(apple_1, fridge_1)",)


def test_a_plan_that_opens_first_has_no_violations() -> None:
    good = plan("navigate_to fridge_1", "open fridge_1", *FETCH, "close fridge_1", goals=GOAL)
    assert violations(good, BUILTIN, snapshot("on(apple_1, table_1)")) == []


def test_putting_into_a_closed_container_is_named() -> None:
    found = violations(plan(*FETCH, goals=GOAL), BUILTIN, snapshot())
    assert [(v.subtask_id, str(v.condition)) for v in found] == [("s4", "enterable(fridge_1)")]
    assert "place_in needs" in found[0].why


def test_opening_with_a_full_hand_is_named() -> None:
    late = plan("navigate_to apple_1", "pick apple_1", "navigate_to fridge_1", "open fridge_1")
    found = violations(late, BUILTIN, snapshot())
    assert [str(v.condition) for v in found] == ["hand_empty()"]


def test_near_is_exclusive() -> None:
    moved = plan("navigate_to apple_1", "navigate_to table_1", "pick apple_1")
    assert [str(v.condition) for v in violations(moved, BUILTIN, snapshot())] == ["near(apple_1)"]


def test_what_is_in_a_closed_container_cannot_be_picked() -> None:
    found = violations(
        plan("navigate_to apple_1", "pick apple_1"), BUILTIN, snapshot("in(apple_1, fridge_1)")
    )
    assert [str(v.condition) for v in found] == ["accessible(apple_1)"]


def test_a_door_of_unknown_state_is_an_assumption_and_no_violation() -> None:
    unsure = snapshot(unknown=("open(fridge_1)",))
    assert violations(plan(*FETCH, goals=GOAL), BUILTIN, unsure) == []
    assert [str(a.condition) for a in assumptions(plan(*FETCH), BUILTIN, unsure)] == [
        "enterable(fridge_1)"
    ]


def test_a_reference_must_be_searched_before_it_is_approached() -> None:
    found = violations(plan("navigate_to MUG"), BUILTIN, snapshot())
    assert [v.condition.predicate.name for v in found if v.condition] == ["located"]
    searched = plan(
        "search MUG", "navigate_to MUG", "pick MUG", "navigate_to table_1", "place_on MUG table_1"
    )
    assert violations(searched, BUILTIN, snapshot()) == []
    assert [
        a.condition.predicate.name
        for a in assumptions(searched, BUILTIN, snapshot())
        if a.condition
    ] == ["accessible"]


def test_goals_are_looked_at_only_when_the_plan_is_complete() -> None:
    undone = plan("navigate_to table_1", goals=GOAL)
    assert [v.subtask_id for v in violations(undone, BUILTIN, snapshot())] == ["goals"]
    assert (
        violations(plan("navigate_to table_1", goals=GOAL, complete=False), BUILTIN, snapshot())
        == []
    )


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("dance apple_1", "no skill 'dance'"),
        ("pick appel_1", "did you mean 'apple_1'"),
        ("pick", "needs object"),
        ("open table_1", "has no door"),
        ("pick table_1", "not an object"),
        ("place_on apple_1 fridge_1", "nothing can be put on"),
    ],
)
def test_malformed_calls_are_explained(step: str, words: str) -> None:
    found = violations(plan(step), BUILTIN, snapshot())
    assert any(words in v.why for v in found)


def test_what_is_held_lies_nowhere() -> None:
    state = initial_state(snapshot("on(apple_1, table_1)", held="apple_1"))
    assert holds(Condition.parse("on(apple_1, *)"), state) is Truth.FALSE
    assert holds(Condition.parse("hand_empty()"), state) is Truth.FALSE
    assert holds(Condition.parse("holding(apple_1)"), state) is Truth.TRUE


def test_wildcards_ask_for_one_or_for_none() -> None:
    state = initial_state(snapshot("on(apple_1, table_1)"))
    assert holds(Condition.parse("on(*, table_1)"), state) is Truth.TRUE
    assert holds(Condition.parse("not on(*, table_1)"), state) is Truth.FALSE
    assert holds(Condition.parse("not in(*, fridge_1)"), state) is Truth.TRUE


def test_arguments_that_do_not_fit_are_bad_input() -> None:
    with pytest.raises(BadInputError, match="no parameter"):
        apply(PICK, {"thing": "apple_1"}, State(frozenset()))


THINGS = st.sampled_from(["apple_1", "can_1", "fridge_1", "table_1"])
CALLS = st.sampled_from([NAVIGATE_TO, PICK, PLACE_IN, OPEN, CLOSE, SEARCH])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CALLS, THINGS, THINGS), max_size=8))
def test_effects_are_pure_and_postconditions_hold_afterwards(
    calls: list[tuple[object, str, str]],
) -> None:
    state = initial_state(snapshot("on(apple_1, table_1)", unknown=("open(fridge_1)",)))
    for spec, first, second in calls:
        assert hasattr(spec, "parameters")
        args = dict(zip([p.name for p in spec.parameters], (first, second), strict=False))
        before = (state.true, state.unknown)
        after = apply(spec, args, state)
        assert (state.true, state.unknown) == before
        assert after == apply(spec, args, state)
        assert not after.true & after.unknown
        for post in spec.postconditions:
            assert holds(spec.bind(post.template, args), after) is Truth.TRUE
        assert len([p for p in after.true if p.name == "near"]) <= 1
        state = after


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*FETCH, "navigate_to fridge_1", "open fridge_1", "close fridge_1"]),
        max_size=8,
    )
)
def test_a_plan_without_violations_has_every_precondition_met(steps: list[str]) -> None:
    world = snapshot("on(apple_1, table_1)")
    tried = plan(*steps)
    result = simulate(tried, BUILTIN, world)
    state = initial_state(world)
    failed = set()
    for subtask in tried.subtasks:
        spec = next(s for s in BUILTIN if s.name == subtask.skill)
        if any(t is Truth.FALSE for _, t in failed_preconditions(spec, subtask.args, state)):
            failed.add(subtask.id)
        state = apply(spec, subtask.args, state)
    assert {v.subtask_id for v in result.violations} == failed
    assert result.final == state
    held = [p for p in state.true if p.name == "holding"]
    if not failed:
        assert len(held) <= 1
        assert (Predicate("hand_empty") in state.true) == (not held)


def test_what_lies_in_a_bowl_in_a_closed_cupboard_can_neither_be_taken_nor_added_to() -> None:
    start = initial_state(snapshot("in(apple_1, can_1)", "in(can_1, fridge_1)"))
    for name in ("accessible(apple_1)", "accessible(can_1)", "enterable(can_1)"):
        assert holds(Condition.parse(name), start) is Truth.FALSE
    opened = apply(OPEN, {"container": "fridge_1"}, start)
    for name in ("accessible(apple_1)", "accessible(can_1)", "enterable(can_1)"):
        assert holds(Condition.parse(name), opened) is Truth.TRUE


def test_things_that_are_said_to_be_in_each_other_do_not_loop() -> None:
    start = initial_state(snapshot("in(apple_1, can_1)", "in(can_1, apple_1)"))
    assert holds(Condition.parse("accessible(apple_1)"), start) is Truth.TRUE
