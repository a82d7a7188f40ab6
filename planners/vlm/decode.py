"""From the text of a model to a `Plan`, `Question` or `Refusal`, trusting nothing.

Servers ignore schemas, wrap JSON in prose, and cut answers off; a model may name what does not exist.
Everything that is wrong becomes an `AnswerError` whose message can be shown to the model as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal, cast, get_args

from diarchy.contracts.errors import PlannerUnavailableError, did_you_mean
from diarchy.contracts.plan import (
    Argument,
    Plan,
    PlanRequest,
    Question,
    Reference,
    Refusal,
    RefusalCode,
    Subtask,
)
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.skill import Parameter, SkillSpec
from diarchy.planners.vlm.choices import Choices
from diarchy.planners.vlm.schema import MOST_GOALS, MOST_STEPS

Problem = Literal[
    "empty",
    "too_large",
    "not_json",
    "truncated",
    "wrong_shape",
    "unknown_skill",
    "unknown_entity",
    "unknown_class",
]
_THINK = re.compile(r"<think>(.*?)</think>", re.DOTALL)
_LONGEST_TEXT = 8000
_LONGEST_ANSWER = 200_000
_LONGEST_WAIT = 86_400.0
_MOST_STARTS = 50


class AnswerError(PlannerUnavailableError):
    """An answer that cannot be used; ``problem`` says of which kind."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


def decode(
    text: str, request: PlanRequest, *, truncated: bool = False
) -> Plan | Question | Refusal:
    """Read an answer to a request.

    Args:
        text: what the model wrote.
        request: what it was asked.
        truncated: the server says that the answer was cut off.

    Raises:
        AnswerError: it is empty, no JSON, of another shape, or names what does not exist.
    """
    if not text.strip():
        raise AnswerError("empty", "the answer is empty")
    if len(text) > _LONGEST_ANSWER:
        raise AnswerError(
            "too_large", f"the answer has {len(text)} characters: think in fewer words"
        )
    before, data = find_json(text, truncated=truncated)
    reasoning = data.get("reasoning") or before
    reasoning = _text({"reasoning": reasoning}, "reasoning")
    answer = data.get("answer", data)
    if not isinstance(answer, dict):
        raise AnswerError("wrong_shape", "'answer' must be an object with a 'kind'")
    kind = answer.get("kind")
    if kind == "plan":
        return _plan(answer, reasoning, Choices.of(request))
    if kind == "question":
        return Question(
            text=_text(answer, "text", needed=True), options=_options(answer), reasoning=reasoning
        )
    if kind == "refusal":
        return _refusal(answer, reasoning)
    raise AnswerError("wrong_shape", f"'kind' must be plan, question or refusal, got {_show(kind)}")


def find_json(text: str, *, truncated: bool) -> tuple[str, dict[str, Any]]:
    """Return the free text before the answer, and the object that looks like the answer."""
    thoughts = " ".join(_THINK.findall(text)).strip()
    body = _THINK.sub("", text)
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    position = body.find("{")
    for _ in range(_MOST_STARTS):
        if position < 0:
            break
        try:
            data, end = decoder.raw_decode(body, position)
        except RecursionError:
            raise AnswerError("not_json", "the answer is nested too deeply") from None
        except ValueError:
            position = body.find("{", position + 1)
            continue
        if isinstance(data, dict) and ("answer" in data or "kind" in data):
            prose = body[:position].replace("```json", "").replace("```", "").strip()
            return thoughts or prose, data
        position = body.find("{", end)
    if truncated or body.count("{") > body.count("}"):
        raise AnswerError("truncated", "the answer was cut off: think in fewer words")
    problem: Problem = "wrong_shape" if "{" in body else "not_json"
    raise AnswerError(
        problem, "the answer is not one JSON object with 'reasoning' and then 'answer'"
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _plan(answer: dict[str, Any], reasoning: str, choices: Choices) -> Plan:
    steps = _list(answer, "steps", MOST_STEPS)
    goals = _list(answer, "goals", MOST_GOALS) if answer.get("goals") is not None else []
    complete = answer.get("complete", True)
    if not isinstance(complete, bool):
        raise AnswerError("wrong_shape", f"'complete' must be true or false, got {_show(complete)}")
    if not steps and not goals:
        raise AnswerError("wrong_shape", "the plan has no steps: refuse or ask instead")
    return Plan(
        reasoning=reasoning,
        subtasks=tuple(_step(step, i, choices) for i, step in enumerate(steps, start=1)),
        goals=tuple(_goal(goal, choices) for goal in goals),
        complete=complete,
    )


def _step(step: Any, number: int, choices: Choices) -> Subtask:
    if not isinstance(step, dict) or not isinstance(step.get("args", {}), dict):
        raise AnswerError("wrong_shape", f"step {number} must be an object with 'skill' and 'args'")
    name, args = step.get("skill"), step.get("args", {})
    skills = {skill.name: skill for skill in choices.skills}
    if not isinstance(name, str) or name not in skills:
        hint = did_you_mean(str(name), skills)
        raise AnswerError(
            "unknown_skill", f"step {number}: there is no skill {_show(name)}; {hint}"
        )
    skill = skills[name]
    names = [p.name for p in skill.parameters]
    if set(args) != set(names):
        raise AnswerError(
            "wrong_shape",
            f"step {number}: {name} takes {', '.join(names) or 'no arguments'}, "
            f"got {', '.join(sorted(args)) or 'none'}",
        )
    bound = {
        p.name: _argument(args[p.name], p, f"step {number}", choices) for p in skill.parameters
    }
    words = _text(step, "words") or _spoken(skill, bound)
    return Subtask(id=f"s{number}", skill=name, args=bound, words=words)


def _spoken(skill: SkillSpec, args: dict[str, Argument]) -> str:
    return " ".join([skill.name.replace("_", " "), *(str(a) for a in args.values())])


def _argument(value: Any, parameter: Parameter, where: str, choices: Choices) -> Argument:
    where = f"{where}: {parameter.name}"
    if parameter.kind == "text":
        return _text({parameter.name: value}, parameter.name, needed=True)
    if parameter.kind == "seconds":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= _LONGEST_WAIT:
            raise AnswerError("wrong_shape", f"{where} must be seconds, got {_show(value)}")
        return float(value)
    if isinstance(value, dict):
        return _reference(value, parameter, where, choices)
    known = choices.ids_for(parameter)
    if isinstance(value, str) and value in known:
        return value
    hint = did_you_mean(str(value), known)
    raise AnswerError(
        "unknown_entity",
        f"{where} cannot be {_show(value)}; {hint}; describe what was not seen yet",
    )


def _reference(
    value: dict[str, Any], parameter: Parameter, where: str, choices: Choices
) -> Reference:
    cls, classes = value.get("class"), choices.classes_for(parameter)
    if not isinstance(cls, str) or cls not in classes:
        hint = did_you_mean(str(cls), classes)
        raise AnswerError("unknown_class", f"{where}: there is no class {_show(cls)}; {hint}")
    attributes = value.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise AnswerError("wrong_shape", f"{where}: 'attributes' must be an object")
    said = {name: v for name, v in sorted(attributes.items()) if v is not None}
    for name, v in said.items():
        if v not in choices.attributes.get(name, ()):
            raise AnswerError(
                "unknown_class", f"{where}: nothing is known to have {name} {_show(v)}"
            )
    relation, anchor = value.get("relation"), value.get("anchor")
    if (relation is None) != (anchor is None):
        raise AnswerError("wrong_shape", f"{where}: give both 'relation' and 'anchor', or neither")
    if relation not in (None, "on", "in", "near"):
        raise AnswerError("wrong_shape", f"{where}: there is no relation {_show(relation)}")
    if anchor is not None and anchor not in choices.anchors:
        hint = did_you_mean(str(anchor), choices.anchors)
        raise AnswerError("unknown_entity", f"{where}: there is no {_show(anchor)}; {hint}")
    quantifier = value.get("quantifier", "a")
    if quantifier not in ("the", "a", "all"):
        raise AnswerError("wrong_shape", f"{where}: there is no quantifier {_show(quantifier)}")
    return Reference(
        cls=cls, attributes=said, relation=relation, anchor=anchor, quantifier=quantifier
    )


def _goal(goal: Any, choices: Choices) -> Condition:
    if not isinstance(goal, dict) or not isinstance(goal.get("value", True), bool):
        raise AnswerError("wrong_shape", "a goal must be an object with 'predicate' and 'value'")
    args = [goal[key] for key in ("thing", "object", "receptacle", "person") if key in goal]
    name = goal.get("predicate")
    if name not in choices.predicates.get(len(args), ()):
        raise AnswerError(
            "wrong_shape", f"no skill brings about {_show(name)} of {len(args)} things"
        )
    known = choices.ids["thing"]
    for arg in args:
        if arg not in known:
            hint = did_you_mean(str(arg), known)
            raise AnswerError("unknown_entity", f"a goal names {_show(arg)}; {hint}")
    return Condition(Predicate(str(name), tuple(args)), goal.get("value", True))


def _refusal(answer: dict[str, Any], reasoning: str) -> Refusal:
    code = answer.get("code")
    if code not in get_args(RefusalCode):
        hint = did_you_mean(str(code), get_args(RefusalCode))
        raise AnswerError("wrong_shape", f"a refusal needs a code: {hint}")
    reason = _text(answer, "reason", needed=True)
    return Refusal(
        code=cast(RefusalCode, code),
        reason=reason,
        suggestion=_text(answer, "suggestion"),
        reasoning=reasoning,
    )


def _options(answer: dict[str, Any]) -> tuple[str, ...]:
    options = answer.get("options") or []
    if not isinstance(options, list) or not all(isinstance(o, str) for o in options):
        raise AnswerError("wrong_shape", "'options' must be a list of texts")
    return tuple(o[:_LONGEST_TEXT] for o in options[:8])


def _list(answer: dict[str, Any], key: str, most: int) -> list[Any]:
    value = answer.get(key)
    if not isinstance(value, list) or len(value) > most:
        raise AnswerError("wrong_shape", f"'{key}' must be a list of at most {most}")
    return value


def _text(answer: dict[str, Any], key: str, *, needed: bool = False) -> str:
    value = answer.get(key) or ""
    if not isinstance(value, str):
        raise AnswerError("wrong_shape", f"'{key}' must be a text, got {_show(value)}")
    if needed and not value.strip():
        raise AnswerError("wrong_shape", f"'{key}' must not be empty")
    return value.strip()[:_LONGEST_TEXT]


def _show(value: Any) -> str:
    """Show a value of a stranger in a message, shortened."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
