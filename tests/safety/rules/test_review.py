from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hazard_cases import Changes, build, written
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.effects import State
from diarchy.contracts.plan import Plan, Reference, Subtask
from diarchy.contracts.predicate import Predicate
from diarchy.safety.rules import Reviewer, Ruling, load_rules
from diarchy.safety.rules.facts import Facts
from diarchy.safety.rules.things import Thing
from diarchy.skills.specs import BUILTIN

REVIEWER = Reviewer(load_rules())


def ruled(*steps: str, complete: bool = True, began: Any = None, **home: Any) -> Ruling:
    world = build([Changes.model_validate(home)])
    plan = written(steps, world).model_copy(update={"complete": complete})
    return REVIEWER.plan(plan, BUILTIN, world, began=began)


def rules(ruling: Ruling) -> set[str]:
    return {f.rule for f in ruling.findings}


def test_a_fork_is_refused_on_its_way_into_the_microwave_at_the_step_that_puts_it_there() -> None:
    ruling = ruled("open(microwave_1)", "pick(fork_1)", "place_in(fork_1, microwave_1)")
    finding = next(f for f in ruling.findings if f.rule == "metal_in_microwave")
    assert ruling.answer == "refuse"
    assert finding.subtask == "s6"
    assert "the fork is metal" in finding.why
    assert finding.instead


def test_what_is_wrong_already_is_not_held_against_a_plan_that_mends_it() -> None:
    inside = {"also": {"Fork fork_2": "in microwave_1"}}
    assert not ruled("open(microwave_1)", "pick(fork_2)", **inside).findings
    assert "metal_in_running_microwave" in rules(ruled("toggle_on(microwave_1)", **inside))


def test_a_fork_in_a_mug_in_the_microwave_is_found() -> None:
    also = {"Fork fork_2": "in mug_1"}
    steps = ("open(microwave_1)", "pick(mug_1)", "place_in(mug_1, microwave_1)")
    assert "metal_in_microwave" in rules(ruled(*steps, also=also))


def test_what_becomes_hot_in_the_plan_is_hot_when_it_is_handed_over() -> None:
    steps = ["open(microwave_1)", "pick(potato_1)", "place_in(potato_1, microwave_1)",
             "close(microwave_1)", "toggle_on(microwave_1)", "heat(potato_1, microwave_1)",
             "open(microwave_1)", "pick(potato_1)", "hand_over(potato_1, person_1)"]  # fmt: skip
    assert rules(ruled(*steps)) == {"hot_to_hand"}


def test_water_may_run_while_the_robot_stands_there_and_not_when_it_leaves() -> None:
    assert not ruled("toggle_on(sink_basin_1)").findings
    assert rules(ruled("toggle_on(sink_basin_1)", "navigate_to(sofa_1)")) == {"left_on"}
    assert not ruled(
        "toggle_on(sink_basin_1)", "toggle_off(sink_basin_1)", "navigate_to(sofa_1)"
    ).findings


def test_a_patched_plan_is_judged_from_where_the_command_began() -> None:
    running = {"is": ["running(sink_basin_1)"]}
    assert not ruled("navigate_to(sofa_1)", **running).findings
    assert rules(ruled("navigate_to(sofa_1)", began=build([]), **running)) == {"left_on"}


def test_a_thing_that_is_only_described_is_judged_by_its_class() -> None:
    knife = Reference(cls="Knife")
    plan = Plan(
        subtasks=(
            Subtask(id="s1", skill="search", args={"object": knife}),
            Subtask(id="s2", skill="navigate_to", args={"target": knife}),
            Subtask(id="s3", skill="pick", args={"object": knife}),
            Subtask(id="s4", skill="hand_over", args={"object": knife, "person": "person_1"}),
        )
    )
    assert rules(REVIEWER.plan(plan, BUILTIN, build([]))) == {"blade_to_hand"}


def test_a_sleeper_closes_the_room_they_sleep_in_and_no_other() -> None:
    people = {"person_2": ["Person", "bedroom", 11.0, 1.5, {"state": "asleep"}]}
    assert rules(ruled("navigate_to(desk_1)", people=people)) == {"sleeping_room"}
    assert not ruled("navigate_to(sofa_1)", people=people).findings


def test_consent_lifts_a_question_and_never_a_refusal() -> None:
    asked = ruled("open(safe_1)")
    refused = ruled("pick(knife_1)", "hand_over(knife_1, person_1)")
    keys = frozenset(f.key for f in (*asked.findings, *refused.findings))
    assert asked.without(keys).answer == "allow"
    assert refused.without(keys).answer == "refuse"


def test_a_rule_of_ones_own_speaks(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "rules:\n  - {id: no_books_on_sofa, rule: the sofa is for people, answer: ask, because: 'the {x}',\n"
        "     where: {x: Book, place: Sofa}, never: 'on(x, place)'}\n",
        encoding="utf-8",
    )
    world = build([])
    plan = written(["pick(book_1)", "place_on(book_1, sofa_1)"], world)
    assert rules(Reviewer(load_rules(path)).plan(plan, BUILTIN, world)) == {"no_books_on_sofa"}
    assert not REVIEWER.plan(plan, BUILTIN, world).findings


@pytest.mark.parametrize(
    "subtask",
    [
        Subtask(id="s1", skill="levitate", args={"object": "apple_1"}),
        Subtask(id="s1", skill="pick", args={}),
        Subtask(id="s1", skill="pick", args={"object": "no_such_thing"}),
    ],
)
def test_a_malformed_step_is_left_to_the_checker(subtask: Subtask) -> None:
    assert REVIEWER.plan(Plan(subtasks=(subtask,)), BUILTIN, build([])).answer == "allow"


STEPS = ["pick(fork_1)", "place_on(fork_1, bed_1)", "toggle_on(stove_burner_1)", "navigate_to(sofa_1)",
         "open(safe_1)", "pick(knife_1)", "place_on(knife_1, sofa_1)", "toggle_off(stove_burner_1)",
         "open(microwave_1)", "place_in(fork_1, microwave_1)", "hand_over(knife_1, person_1)"]  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=6), st.integers(0, 6))
def test_a_longer_plan_is_never_judged_more_mildly_than_its_beginning(
    steps: list[str], cut: int
) -> None:
    short, long = (ruled(*part, complete=False) for part in (steps[:cut], steps))
    assert {f.key for f in short.findings} <= {f.key for f in long.findings}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=12))
def test_what_is_within_a_thing_is_what_a_chain_of_holders_leads_to(
    rows: list[tuple[int, int, bool]],
) -> None:
    names = [f"t{i}" for i in range(6)]
    true = frozenset(Predicate("in" if i else "on", (names[a], names[b])) for a, b, i in rows)
    things = {n: Thing(n, "Box", "object") for n in names}
    facts = Facts(State(true), things, frozenset(), None)
    reach = {(p.args[0], p.args[1]) for p in true}
    for _ in names:
        reach |= {(a, d) for a, b in reach for c, d in reach if b == c}
    inside = {p.args for p in true if p.name == "in"}
    slow = inside | {(a, d) for a, b in reach for c, d in inside if b == c}
    assert facts.of("within") == slow
