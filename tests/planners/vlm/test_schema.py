"""The schema: what cannot be is not writable, and only keywords that both kinds of servers know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from vlm_answers import GOOD, QUESTION, REFUSAL, plan

from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import PlanRequest
from diarchy.planners.vlm.choices import Choices
from diarchy.planners.vlm.schema import answer_schema
from diarchy.skills.specs import BUILTIN
from diarchy.testing import sample_request

KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "anyOf", "enum", "items",
    "maxItems", "$ref", "$defs",
}  # fmt: skip


def schema_of(request: PlanRequest) -> dict[str, Any]:
    return answer_schema(Choices.of(request))


def allows(schema: Any, value: Any, root: dict[str, Any]) -> bool:
    """Check a value against the few keywords that are used; independent of the decoder."""
    if "$ref" in schema:
        return allows(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, root)
    if "anyOf" in schema:
        return any(allows(option, value, root) for option in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "object":
        properties = schema["properties"]
        return (
            isinstance(value, dict)
            and set(value) == set(schema["required"]) == set(properties)
            and all(allows(properties[key], v, root) for key, v in value.items())
        )
    if schema["type"] == "array":
        return (
            isinstance(value, list)
            and len(value) <= schema["maxItems"]
            and all(allows(schema["items"], v, root) for v in value)
        )
    kinds: dict[str, Any] = {
        "string": str,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    return isinstance(value, kinds[schema["type"]])


def writable(text: str, request: PlanRequest) -> bool:
    schema = schema_of(request)
    return allows(schema, json.loads(text), schema)


def step(thing: Any, skill: str = "pick") -> str:
    return plan({"skill": skill, "args": {"object": thing}, "words": "do it"})


def described(**changes: Any) -> dict[str, Any]:
    return {
        "quantifier": "a",
        "class": "Apple",
        "attributes": {"color": None},
        "relation": None,
        "anchor": None,
        **changes,
    }


@pytest.mark.parametrize("text", [GOOD, QUESTION, REFUSAL, step("Mug_2"), step(described())])
def test_what_can_be_is_writable(text: str) -> None:
    assert writable(text, sample_request())


@pytest.mark.parametrize(
    "thing",
    [
        "Mug_9",
        "Fridge_1",
        "Mug",
        described(**{"class": "Fridge"}),
        described(**{"class": "Dragon"}),
        described(attributes={"color": "mauve"}),
        described(relation="under", anchor="Fridge_1"),
        described(relation="in", anchor="Narnia"),
    ],
)
def test_what_cannot_be_is_not_writable(thing: Any) -> None:
    assert not writable(step(thing), sample_request())


def test_an_unknown_skill_is_not_writable() -> None:
    assert not writable(step("Mug_1", skill="fly"), sample_request())


def test_reasoning_comes_before_the_answer() -> None:
    assert list(schema_of(sample_request())["properties"]) == ["reasoning", "answer"]


def test_only_keywords_of_openai_strict_mode_and_xgrammar_are_used() -> None:
    def walk(schema: Any) -> None:
        assert set(schema) <= KEYWORDS
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])
        children = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
        children += [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
        for child in children:
            walk(child)

    walk(schema_of(sample_request(skills=BUILTIN)))


def test_no_enum_is_empty_and_a_skill_that_nothing_fits_is_not_offered() -> None:
    full = sample_request(skills=BUILTIN)
    nothing = full.vocabulary.model_copy(update={"object_classes": (), "fixture_classes": ()})
    empty = full.model_copy(
        update={
            "world": full.world.model_copy(update={"entities": ()}),
            "vocabulary": nothing,
        }
    )
    assert '"enum": []' not in json.dumps(schema_of(empty))
    assert [s.name for s in Choices.of(empty).skills] == ["wait", "ask", "say"]
    assert '"pick"' not in json.dumps(schema_of(empty))


def test_the_same_request_gives_the_same_bytes() -> None:
    first, second = (json.dumps(schema_of(sample_request(skills=BUILTIN))) for _ in range(2))
    assert first == second
    assert len(first) < 15_000


def test_devices_and_people_are_offered_only_where_they_fit() -> None:
    full = sample_request(skills=BUILTIN)
    sink = Entity(
        id="Sink_1", cls="SinkBasin", kind="fixture", position=(0, 0, 0.8), can_hold=("in",), switchable=True
    )  # fmt: skip
    person = Entity(id="person_1", cls="Person", kind="person", position=(1, 1, 0.8))
    world = full.world.model_copy(update={"entities": (*full.world.entities, sink, person)})
    request = full.model_copy(update={"world": world})
    assert "hand_over" not in [s.name for s in Choices.of(full).skills]
    wash = {"skill": "wash", "args": {"object": "Mug_1", "device": "Sink_1"}, "words": ""}
    assert writable(plan(wash), request)
    assert not writable(plan({**wash, "args": {"object": "Mug_1", "device": "Fridge_1"}}), request)
    give = {"skill": "hand_over", "args": {"object": "Mug_1", "person": "person_1"}, "words": ""}
    assert writable(plan(give), request)
    assert not writable(plan({**give, "args": {"object": "Mug_1", "person": "Sink_1"}}), request)
    schema = schema_of(request)
    pairs = [
        g["properties"]
        for g in schema["properties"]["answer"]["anyOf"][0]["properties"]["goals"]["items"]["anyOf"]
        if "given" in g["properties"]["predicate"]["enum"]
    ]
    assert [p["person"]["enum"] for p in pairs] == [["person_1"]]
