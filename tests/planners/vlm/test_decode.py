"""The decoder: whatever text comes, an answer that is right or an `AnswerError`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vlm_answers import DRIVE, GOOD, PICK, answer, plan

from diarchy.contracts.plan import Plan, Question, Refusal
from diarchy.planners.vlm import AnswerError
from diarchy.planners.vlm.decode import decode
from diarchy.testing import sample_request

REQUEST = sample_request()

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
words = st.sampled_from(
    ["answer", "kind", "plan", "steps", "skill", "args", "pick", "object", "Mug_1", "goals",
     "class", "Apple", "reasoning", "question", "text", "refusal", "code", "complete", "predicate"]
)  # fmt: skip
values = st.recursive(
    st.one_of(scalars, words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=5)),
    max_leaves=20,
)


def outcome(text: str) -> Plan | Question | Refusal | AnswerError:
    """Decode; anything raised but an `AnswerError` fails the test."""
    try:
        return decode(text, REQUEST)
    except AnswerError as error:
        return error


@given(st.text())
def test_any_text_gives_an_answer_or_an_answer_error(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, Plan | Question | Refusal) or str(found)


@given(values)
def test_any_json_gives_an_answer_or_an_answer_error(value: Any) -> None:
    for text in (json.dumps({"reasoning": "", "answer": value}), json.dumps(value)):
        found = outcome(text)
        assert isinstance(found, Plan | Question | Refusal) or found.problem != "empty"


@given(values)
def test_a_good_plan_with_one_part_replaced_never_names_what_is_not_there(value: Any) -> None:
    for key in ("skill", "args", "words"):
        try:
            found = decode(plan(DRIVE, {**PICK, key: value}), REQUEST)
        except AnswerError:
            continue
        assert isinstance(found, Plan)
        assert {s.skill for s in found.subtasks} <= {"navigate_to", "pick"}


@given(st.integers(1, len(GOOD) - 2))
def test_a_good_answer_that_is_cut_off_anywhere_is_an_answer_error(length: int) -> None:
    with pytest.raises(AnswerError):
        decode(GOOD[:length], REQUEST)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("y" * 200_001, "too_large"),
        ("pick it up", "not_json"),
        (GOOD[:100], "truncated"),
        ('{"a": 1}', "wrong_shape"),
        ('{"answer": 3}', "wrong_shape"),
        (plan({**PICK, "skill": "fly"}), "unknown_skill"),
        (plan({**PICK, "args": {"object": "Mug_9"}}), "unknown_entity"),
        (plan({**PICK, "args": {"object": {"class": "Dragon"}}}), "unknown_class"),
        (plan(PICK, goals=[{"predicate": "flying", "thing": "Mug_1"}]), "wrong_shape"),
        (plan(PICK, goals=[{"predicate": "holding", "thing": "Mug_9"}]), "unknown_entity"),
        (plan(PICK, complete="yes"), "wrong_shape"),
        (plan(*[PICK] * 41), "wrong_shape"),
        (answer(kind="refusal", code="lazy", reason="no"), "wrong_shape"),
        (answer(kind="question", text=""), "wrong_shape"),
        (answer(kind="question", text="Which?", options="red"), "wrong_shape"),
    ],
)
def test_the_problem_is_typed(text: str, problem: str) -> None:
    with pytest.raises(AnswerError) as caught:
        decode(text, REQUEST)
    assert caught.value.problem == problem


def test_an_answer_without_its_envelope_is_read() -> None:
    bare = json.dumps(json.loads(GOOD)["answer"])
    found = decode(f"The red one is Mug_1. {bare}", REQUEST)
    assert isinstance(found, Plan)
    assert found.reasoning == "The red one is Mug_1."


def test_half_a_relation_is_an_error() -> None:
    half = {"class": "Apple", "relation": "in"}
    with pytest.raises(AnswerError, match="both 'relation' and 'anchor'"):
        decode(plan({**PICK, "args": {"object": half}}), REQUEST)
