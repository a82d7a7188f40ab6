"""The JSON schema of an answer, built for each request.

Its enums are the skills, entities and classes of this request, so a plan about what cannot be is not
writable for a server that enforces it. Every property is required and closed, and only keywords that
OpenAI's strict mode and xgrammar (vLLM) both know are used. ``reasoning`` comes first: servers write
properties in order, so the model thinks before it commits itself.
"""

from __future__ import annotations

from typing import Any, get_args

from diarchy.contracts.plan import RefusalCode
from diarchy.contracts.skill import Parameter, SkillSpec
from diarchy.planners.vlm.choices import THINGS, Choices

Schema = dict[str, Any]
MOST_STEPS = 40
MOST_GOALS = 20
GIVEN = "given"
"""The one predicate of two things whose second is a person."""
_TEXT: Schema = {"type": "string"}
_NOTHING: Schema = {"type": "null"}


def answer_schema(choices: Choices) -> Schema:
    """Return the schema of an answer to the request that the choices were read from."""
    kinds = [_question(), _refusal()]
    if choices.skills:
        kinds.insert(0, _plan(choices))
    schema = _object({"reasoning": _TEXT, "answer": {"anyOf": kinds}})
    schema["$defs"] = {
        f"{kind}_description": _description(choices, choices.classes[kind])
        for kind in THINGS
        if choices.classes[kind]
    }
    return schema


def response_format(choices: Choices) -> dict[str, Any]:
    """Return the ``response_format`` of a chat request."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": answer_schema(choices)},
    }


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _enum(words: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(words)}


def _list(item: Schema, most: int) -> Schema:
    return {"type": "array", "items": item, "maxItems": most}


def _plan(choices: Choices) -> Schema:
    steps = {"anyOf": [_step(skill, choices) for skill in choices.skills]}
    properties = {"kind": _enum(("plan",)), "steps": _list(steps, MOST_STEPS)}
    if goals := _goals(choices):
        properties["goals"] = _list({"anyOf": goals}, MOST_GOALS)
    return _object({**properties, "complete": {"type": "boolean"}})


def _step(skill: SkillSpec, choices: Choices) -> Schema:
    args = {p.name: _argument(p, choices) for p in skill.parameters}
    return _object({"skill": _enum((skill.name,)), "args": _object(args), "words": _TEXT})


def _argument(parameter: Parameter, choices: Choices) -> Schema:
    if parameter.kind == "text":
        return _TEXT
    if parameter.kind == "seconds":
        return {"type": "number"}
    known, described = choices.ids_for(parameter), choices.classes_for(parameter)
    options: list[Schema] = [_enum(known)] if known else []
    if described and parameter.classes:
        options.append(_description(choices, described))
    elif described:
        options.append({"$ref": f"#/$defs/{parameter.kind}_description"})
    return options[0] if len(options) == 1 else {"anyOf": options}


def _description(choices: Choices, classes: tuple[str, ...]) -> Schema:
    attributes = {
        name: {"anyOf": [_enum(values), _NOTHING]} for name, values in choices.attributes.items()
    }
    return _object(
        {
            "quantifier": _enum(("the", "a", "all")),
            "class": _enum(classes),
            "attributes": _object(attributes),
            "relation": {"anyOf": [_enum(("on", "in", "near")), _NOTHING]},
            "anchor": {"anyOf": [_enum(choices.anchors), _NOTHING]},
        }
    )


def _goals(choices: Choices) -> list[Schema]:
    """Return one schema for each number and kind of arguments that a goal can have."""
    things = {"thing": _enum(choices.ids["thing"])}
    pairs = tuple(p for p in choices.predicates[2] if p != GIVEN)
    rows = [
        (choices.predicates[0], (), {}),
        (choices.predicates[1], ("thing",), things),
        (pairs, ("object", "receptacle"), None),
        (tuple(p for p in choices.predicates[2] if p == GIVEN), ("object", "person"), None),
    ]
    goals: list[Schema] = []
    for names, kinds, given in rows:
        if names and all(choices.ids[k] for k in kinds):
            args = given if given is not None else {k: _enum(choices.ids[k]) for k in kinds}
            goals.append(_object({"predicate": _enum(names), **args, "value": {"type": "boolean"}}))
    return goals


def _question() -> Schema:
    return _object({"kind": _enum(("question",)), "text": _TEXT, "options": _list(_TEXT, 8)})


def _refusal() -> Schema:
    return _object(
        {
            "kind": _enum(("refusal",)),
            "code": _enum(get_args(RefusalCode)),
            "reason": _TEXT,
            "suggestion": _TEXT,
        }
    )
