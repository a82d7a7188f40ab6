"""Every plan can be written as a tree and read back; the tree does what the plan says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.agent.tree.btcpp.document import parse, write
from diarchy.agent.tree.btcpp.plans import document_to_plan, plan_to_document
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Plan, Reference, Subtask
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.skill import Parameter, SkillSpec
from diarchy.skills.specs import BUILTIN

IDS = st.from_regex(r"[a-z]{1,6}_[0-9]", fullmatch=True)
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), max_size=14)
CONDITIONS = st.one_of(
    st.builds(lambda a, b, v: Condition(Predicate("in", (a, b)), v), IDS, IDS, st.booleans()),
    st.builds(lambda a: Condition(Predicate("open", (a,))), IDS),
)
REFERENCES = st.builds(
    Reference,
    cls=st.sampled_from(["Mug", "SoapBar"]) | WORDS.filter(bool),
    attributes=st.dictionaries(
        st.sampled_from(["color", "clean liness"]) | WORDS.filter(bool), WORDS, max_size=2
    ),
    relation=st.sampled_from([None, "on", "in", "near"]),
    anchor=st.none() | IDS | WORDS.filter(bool),
    quantifier=st.sampled_from(["the", "a", "all", "another"]),
)


def value_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    if parameter.kind == "seconds":
        return st.floats(0, 1e4, allow_nan=False)
    if parameter.kind == "text":
        return WORDS.filter(lambda t: not t.startswith("{"))
    return IDS | REFERENCES


@st.composite
def subtasks(draw: st.DrawFn, number: int) -> Subtask:
    spec: SkillSpec = draw(st.sampled_from(BUILTIN))
    return Subtask(
        id=f"s{number}",
        skill=spec.name,
        args={p.name: draw(value_of(p)) for p in spec.parameters},
        words=draw(WORDS),
        expects=tuple(draw(st.lists(CONDITIONS, max_size=2))),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    return Plan(
        reasoning=draw(WORDS),
        subtasks=tuple(draw(subtasks(n)) for n in range(draw(st.integers(0, 4)))),
        goals=tuple(draw(st.lists(CONDITIONS, max_size=2))),
        complete=draw(st.booleans()),
    )


@settings(max_examples=60, deadline=None)
@given(plans())
def test_export_import_export_is_identical_and_the_plan_is_the_same(plan: Plan) -> None:
    text = write(plan_to_document(plan, BUILTIN))
    document = parse(text)
    assert write(document) == text
    again = document_to_plan(document, BUILTIN)
    assert again == plan
    assert write(plan_to_document(again, BUILTIN)) == text


def test_groot_is_told_of_the_skills_that_are_used() -> None:
    plan = Plan(subtasks=(Subtask(id="s1", skill="pick", args={"object": "mug_1"}),))
    text = write(plan_to_document(plan, BUILTIN))
    assert '<Action ID="pick">' in text
    assert '<pick name="s1" object="mug_1"/>' in text
    assert "navigate_to" not in text


def test_what_would_not_read_back_is_refused() -> None:
    braces = Plan(subtasks=(Subtask(id="s1", skill="say", args={"text": "{hello}"}),))
    with pytest.raises(BadInputError, match="braces"):
        plan_to_document(braces, BUILTIN)


def test_a_tree_of_another_shape_is_no_plan() -> None:
    from tests.agent.tree.btcpp.trees import file

    for body in (
        "<Fallback><AlwaysSuccess/></Fallback>",
        "<SequenceWithMemory><Fallback/></SequenceWithMemory>",
    ):
        with pytest.raises(BadInputError, match="run"):
            document_to_plan(parse(file(body)), BUILTIN)
