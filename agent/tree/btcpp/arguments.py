"""Arguments of skills as the text of an attribute, and back.

An entity is its id, a number its digits. A `Reference` is written in words that keep all it says:
``the Mug[color=red] on coffee_table_1``.
"""

from __future__ import annotations

import json
import re

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Argument, Reference
from diarchy.contracts.skill import Parameter

_PLAIN = re.compile(r"[\w.-]+")
_VALUE = r"(?:[\w.-]+|\"(?:[^\"\\]|\\.)*\")"
_PAIR = re.compile(rf"({_VALUE})=({_VALUE})")
_REFERENCE = re.compile(
    rf"(?P<quantifier>the|a|all|another) (?P<cls>{_VALUE})"
    rf"(?:\[(?P<attributes>{_VALUE}={_VALUE}(?:, {_VALUE}={_VALUE})*)\])?"
    rf"(?: (?P<relation>on|in|near)(?: (?P<anchor>{_VALUE}))?)?"
    rf"(?: of (?P<loose>{_VALUE}))?"
)


def argument_text(value: Argument) -> str:
    """Write an argument.

    Raises:
        BadInputError: a text would be read as an entry of the blackboard.
    """
    if isinstance(value, Reference):
        return _reference_text(value)
    if isinstance(value, float):
        return repr(value)
    if len(value) >= 3 and value.startswith("{") and value.endswith("}"):
        raise BadInputError(
            f"the argument {value!r} cannot be written as XML: braces mean an entry of the blackboard there"
        )
    return value


def read_argument(parameter: Parameter, text: str) -> Argument:
    """Read an argument of a skill.

    Raises:
        BadInputError: it is no number where one is needed.
    """
    if parameter.kind == "seconds":
        try:
            return float(text)
        except ValueError:
            raise BadInputError(f"{parameter.name}={text!r} is no number of seconds") from None
    if parameter.kind == "text":
        return text
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return text
    pairs = _PAIR.findall(match["attributes"] or "")
    return Reference(
        cls=_bare(match["cls"]),
        attributes={_bare(k): _bare(v) for k, v in pairs},
        relation=match["relation"],  # type: ignore[arg-type]
        anchor=_bare(match["anchor"] or match["loose"])
        if match["anchor"] or match["loose"]
        else None,
        quantifier=match["quantifier"],  # type: ignore[arg-type]
    )


def _reference_text(reference: Reference) -> str:
    text = f"{reference.quantifier} {_quoted(reference.cls)}"
    if reference.attributes:
        pairs = (f"{_quoted(k)}={_quoted(v)}" for k, v in reference.attributes.items())
        text += f"[{', '.join(pairs)}]"
    if reference.relation:
        text += f" {reference.relation}"
        if reference.anchor is not None:
            text += f" {_quoted(reference.anchor)}"
    elif reference.anchor is not None:
        text += f" of {_quoted(reference.anchor)}"
    return text


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _bare(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text
