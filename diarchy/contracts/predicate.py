"""Predicates, and conditions over them, written as people write them: ``in(potato_1, sink_1)``.

The vocabulary (what each means physically is in `diarchy.memory.predicates`):

=================  ============================================================
``on(o, r)``       o rests on a surface of r
``in(o, r)``       o is inside r
``holding(o)``     o is in the gripper (width and force say so)
``hand_empty()``   nothing is in the gripper
``near(x)``        the robot stands where it can work on x
``open(c)``        the door or drawer c is open far enough to work in
``running(d)``     the device d is switched on
``hot(o)``         o is hot; so for ``cold(o)`` and ``clean(o)``
``lit(o)``         o is in the light of a lamp that is on
``given(o, p)``    the person p has o in the hands
``located(x)``     the position of x is known
``seen(x)``        x was looked at during this run, with the robot at rest
``accessible(o)``  derived: o is in no closed container
``enterable(r)``   derived: r is open, or has no door
``shut(d)``        derived: d is closed, or has no door
=================  ============================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from diarchy.contracts.errors import BadInputError, did_you_mean

ANY = "*"
ARITY = {
    "on": 2,
    "in": 2,
    "holding": 1,
    "hand_empty": 0,
    "near": 1,
    "open": 1,
    "located": 1,
    "seen": 1,
    "accessible": 1,
    "enterable": 1,
    "shut": 1,
    "running": 1,
    "hot": 1,
    "cold": 1,
    "clean": 1,
    "lit": 1,
    "given": 2,
}
_FORM = re.compile(r"^\s*(not\s+)?([a-z_]+)\s*\(\s*([^()]*?)\s*\)\s*$")


@dataclass(frozen=True, order=True)
class Predicate:
    """A relation and its arguments (entity ids, or ``*`` for any)."""

    name: str
    args: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.args)})"

    def matches(self, other: Predicate) -> bool:
        """Tell whether ``other`` is an instance of this one, ``*`` standing for anything."""
        return (
            self.name == other.name
            and len(self.args) == len(other.args)
            and all(a in (ANY, b) for a, b in zip(self.args, other.args, strict=True))
        )

    @property
    def has_wildcard(self) -> bool:
        """Whether an argument is ``*``."""
        return ANY in self.args


@dataclass(frozen=True, order=True)
class Condition:
    """A predicate that shall be true, or (``value=False``) shall be false.

    With ``*`` a positive condition asks for at least one instance, a negative one for none.
    """

    predicate: Predicate
    value: bool = True

    def __str__(self) -> str:
        return str(self.predicate) if self.value else f"not {self.predicate}"

    @staticmethod
    def parse(text: str | Condition) -> Condition:
        """Read ``open(fridge_1)`` or ``not open(fridge_1)``.

        Raises:
            BadInputError: the text has another form, an unknown name or a wrong number of arguments.
        """
        if isinstance(text, Condition):
            return text
        match = _FORM.match(text)
        if match is None:
            raise BadInputError(
                f"cannot read the condition {text!r}; write it like 'in(apple_1, fridge_1)'"
            )
        negation, name, inner = match.groups()
        args = tuple(a.strip() for a in inner.split(",")) if inner else ()
        if name not in ARITY:
            raise BadInputError(
                f"unknown predicate '{name}' in {text!r}; {did_you_mean(name, ARITY)}"
            )
        if len(args) != ARITY[name] or not all(args):
            raise BadInputError(f"'{name}' takes {ARITY[name]} argument(s), got {text!r}")
        return Condition(Predicate(name, args), negation is None)


def _validate(value: Any) -> Condition:
    if isinstance(value, str | Condition):
        try:
            return Condition.parse(value)
        except BadInputError as error:
            raise ValueError(str(error)) from error
    raise ValueError(f"expected a condition such as 'open(fridge_1)', got {value!r}")


ConditionField = Annotated[
    Condition,
    BeforeValidator(_validate),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]
"""A `Condition` that reads from and writes to a string in pydantic models."""
