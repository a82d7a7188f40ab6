"""A model reads what is said meanwhile; where it cannot, the rules do. Against a real server on the loopback."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vlm_server import Answer, Server, fails, says

from diarchy.contracts.correction import Correction, CorrectionRequest, Corrector, Order
from diarchy.contracts.plan import Subtask
from diarchy.contracts.predicate import Condition
from diarchy.planners.vlm import VLMPlanner
from diarchy.planners.vlm.correcting import decode, response_format
from diarchy.planners.vlm.decode import AnswerError
from diarchy.planners.vlm.prompt import user_text
from diarchy.testing import sample_request

REQUEST = sample_request()
ASKED = CorrectionRequest(
    said="not that one, the blue one",
    request=REQUEST,
    orders=(Order(instruction="pick up the red mug"),),
    running=(Subtask(id="s1", skill="pick", args={"object": "Mug_1"}),),
    origins={"Mug_1": "on DiningTable_1"},
)


def said(kind: str, **more: Any) -> str:
    row = {"reasoning": "Hm.", "kind": kind, "things": [], "replacement": None, "instruction": ""}
    return json.dumps({**row, "question": "", **more})


def read(server: Server, *script: Answer) -> tuple[VLMPlanner, Correction]:
    server.script[:] = script
    vlm = VLMPlanner(server.url, timeout=5.0, retries=0, sleep=lambda _: None)
    return vlm, vlm.corrector.read(ASKED)


def test_the_model_reads_and_is_named_as_the_reader(server: Server) -> None:
    vlm, found = read(server, says(said("instead", things=["Mug_1"], replacement="Mug_2")))
    assert (found.kind, found.things, found.replacement) == ("instead", ("Mug_1",), "Mug_2")
    assert found.reader == "vlm:small-vlm"
    assert [c.purpose for c in vlm.calls] == ["correction"]
    assert isinstance(vlm.corrector, Corrector)


def test_it_is_shown_the_plan_the_orders_and_the_sentence_last(server: Server) -> None:
    read(server, says(said("rest")))
    (sent,) = server.sent
    text = sent["messages"][1]["content"][0]["text"]
    assert '- pick("Mug_1")' in text
    assert '- "pick up the red mug"' in text
    assert '"Mug_1" was taken from "on DiningTable_1"' in text
    assert text.endswith('The person says: "not that one, the blue one"')
    shape = sent["response_format"]["json_schema"]["schema"]["properties"]
    assert "Mug_2" in shape["things"]["items"]["enum"]


@pytest.mark.parametrize(
    "script",
    [
        fails(400),
        says("no idea"),
        says(said("instead", things=["Mug_9"], replacement="Mug_2")),
        says(said("instead", things=["Mug_1"], replacement="Mug_9")),
        says(said("also")),
        says(said("dance")),
    ],
)
def test_when_the_model_cannot_the_rules_read_it(server: Server, script: Answer) -> None:
    _, found = read(server, script)
    assert (found.kind, found.things, found.replacement) == ("instead", ("Mug_1",), "Mug_2")
    assert found.reader == "symbolic"
    assert "no reading by the model" in found.why


def test_a_question_of_the_model_is_asked() -> None:
    found = decode(said("unclear", question="Which mug?"), ASKED)
    assert found.question is not None
    assert found.question.text == "Which mug?"


def test_a_pace_is_told_by_its_direction() -> None:
    assert decode(said("pace", instruction="slower"), ASKED).factor < 1.0
    assert decode(said("pace", instruction="faster"), ASKED).factor > 1.0


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda c: st.lists(c) | st.dictionaries(st.sampled_from(["kind", "things", "replacement", "instruction"]), c), max_leaves=8))  # fmt: skip
def test_whatever_the_answer_it_is_a_correction_or_an_answer_error(data: Any) -> None:
    with contextlib.suppress(AnswerError):
        assert decode(json.dumps(data), ASKED).text == ASKED.said


def test_the_schema_is_closed() -> None:
    schema = response_format(ASKED)["json_schema"]["schema"]
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False


def test_the_planner_is_told_what_shall_be_left_alone() -> None:
    constraints = (Condition.parse("not holding(Mug_2)"),)
    request = REQUEST.model_copy(update={"constraints": constraints, "instead": {"Mug_1": "Mug_2"}})
    text = user_text(request)
    assert 'always holds: "not holding(Mug_2)"' in text
    assert 'By "Mug_1" the person means "Mug_2"' in text
