"""Conditions in rules: the predicates of `diarchy.contracts.predicate` and some that only rules need.

==================  =================================================================
``within(x, c)``    x is in c, also in or on something that is in c
``upon(x, c)``      x is on c, also in or on something that is on c
``together(x, y)``  x and y are on, or in, the same thing
``empty(c)``        c was looked at and nothing is known to be on or in it
``robot_with(x)``   the robot is in the room of x
``same_room(x, y)`` x and y are in one room
``carrying(x)``     x is in the hand, or in or on what is in the hand
==================  =================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from diarchy.contracts.errors import did_you_mean
from diarchy.contracts.predicate import ARITY

DERIVED = {
    "within": 2,
    "upon": 2,
    "together": 2,
    "empty": 1,
    "robot_with": 1,
    "same_room": 2,
    "carrying": 1,
}
RULE_ARITY = {**{n: a for n, a in ARITY.items() if n not in ("accessible", "enterable")}, **DERIVED}
_FORM = re.compile(r"^\s*(not\s+)?([a-z_]+)\s*\(\s*([^()]*?)\s*\)\s*$")


@dataclass(frozen=True)
class RuleCondition:
    """A predicate over letters (``*``: anything) that holds or (``value=False``) does not."""

    name: str
    args: tuple[str, ...]
    value: bool = True

    def __str__(self) -> str:
        return f"{'' if self.value else 'not '}{self.name}({', '.join(self.args)})"


def parse_condition(text: str) -> RuleCondition:
    """Read ``within(x, oven)`` or ``not running(d)``.

    Raises:
        ValueError: it has another form, an unknown name or a wrong number of arguments.
    """
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"cannot read the condition {text!r}; write it like 'within(x, oven)'")
    negation, name, inner = match.groups()
    args = tuple(a.strip() for a in inner.split(",")) if inner else ()
    if name not in RULE_ARITY:
        raise ValueError(
            f"unknown predicate '{name}' in {text!r}; {did_you_mean(name, RULE_ARITY)}"
        )
    if len(args) != RULE_ARITY[name] or not all(args):
        raise ValueError(f"'{name}' takes {RULE_ARITY[name]} argument(s), got {text!r}")
    return RuleCondition(name, args, negation is None)


def _read(value: Any) -> RuleCondition:
    if isinstance(value, RuleCondition):
        return value
    if not isinstance(value, str):
        raise ValueError(f"expected a condition such as 'hot(x)', got {value!r}")  # noqa: TRY004 - pydantic wants ValueError
    return parse_condition(value)


RuleConditionField = Annotated[
    RuleCondition, BeforeValidator(_read), PlainSerializer(str, return_type=str)
]
