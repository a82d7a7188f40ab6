"""What the bundled model may write: a sketch of the steps, then the steps, as one small JSON object.

    {"reasoning":"heat, then put","answer":{"kind":"plan","steps":[
     {"do":"heat","object":"Potato"},{"do":"put","object":"Potato","color":"red","to":"Fridge"}]}}

The model names actions, classes and what the sentence says about a thing (how many, colour, where it is).
Which entity that is, and which skills bring it about, is decided later by search and checked. A wish to cut is
written down as such: reading it right is one thing, having no skill for it another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

EVERYTHING = "everything"
PERSON = "person"
CARRIERS = ("Bowl", "Box", "Cup", "Mug", "Pan", "Plate", "Pot")
"""What holds things and can be carried, ALFRED's movable receptacles."""
COLOURS = (
    "beige", "black", "blue", "brown", "gold", "green", "grey", "orange", "pink", "purple",
    "red", "silver", "tan", "teal", "turquoise", "white", "yellow",
)  # fmt: skip
MANY = ("a", "two", "all")
MOST_STEPS = 8
_SAID = ("many", "color", "from", "near")
KEYS: Mapping[str, tuple[str, ...]] = {
    "put": (*_SAID, "except", "to"),
    "give": (*_SAID, "except"),
    "hold": _SAID, "find": _SAID, "look": _SAID, "push": _SAID,
    "heat": _SAID, "cool": _SAID, "clean": _SAID, "slice": _SAID,
    "open": ("many", "color", "near"), "close": ("many", "color", "near"),
    "turn on": ("color", "near"), "turn off": ("color", "near"),
    "go": ("color", "near"), "show": (*_SAID, "to"), "wait": (),
}  # fmt: skip
"""What can be said in a step beside its ``object`` (``seconds`` of ``wait``), in this order."""
ACTIONS = tuple(KEYS)
Code = Literal["unknown_word", "no_skill", "unsafe", "not_understood"]
REASONS: Mapping[Code, str] = {
    "unknown_word": "no such thing here",
    "no_skill": "no skill for that",
    "unsafe": "that could hurt or ruin",
    "not_understood": "no command for a robot",
}
"""The reasoning before a refusal, by its code."""
UNCLEAR = "unclear what is meant"
"""The reasoning before a question."""


@dataclass(frozen=True)
class Wish:
    """One step that is asked for.

    Attributes:
        do: one of `ACTIONS`.
        object: class, ``everything``, a room or ``person``; the number of seconds of ``wait``.
        many: ``a``, ``two`` or ``all``; empty: the one.
        color: said colour, or empty.
        where: class of what it is said to be on or in, or empty.
        near: class of what it is said to be beside, or empty.
        left_out: class or colour that is not meant, or empty.
        to: class or room of where it shall go, or empty.
    """

    do: str
    object: str
    many: str = ""
    color: str = ""
    where: str = ""
    near: str = ""
    left_out: str = ""
    to: str = ""

    def said(self) -> dict[str, str]:
        """Return what is said beside the object, by key, in the order of `KEYS`."""
        named = {"from": self.where, "except": self.left_out}
        values = {k: named.get(k, getattr(self, k, "")) for k in KEYS[self.do]}
        return {k: v for k, v in values.items() if v}


@dataclass(frozen=True)
class Reading:
    """What the model makes of a sentence: steps, or a refusal's code, or (neither) a question."""

    steps: tuple[Wish, ...] = ()
    code: Code | None = None

    @property
    def sketch(self) -> str:
        """The reasoning text."""
        if self.code is not None:
            return REASONS[self.code]
        return ", then ".join(s.do for s in self.steps) or UNCLEAR


def write(reading: Reading) -> str:
    """Write a reading as the model does."""
    if reading.steps:
        steps = [
            {"do": s.do, "seconds" if s.do == "wait" else "object": s.object, **s.said()}
            for s in reading.steps
        ]
        answer: dict[str, Any] = {"kind": "plan", "steps": steps}
    elif reading.code is not None:
        answer = {"kind": "refusal", "code": reading.code}
    else:
        answer = {"kind": "question"}
    whole = {"reasoning": reading.sketch, "answer": answer}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def parse(text: str) -> Reading:
    """Read what the model wrote.

    Raises:
        ValueError: it is no such JSON.
    """
    try:
        answer = json.loads(text)["answer"]
        kind = answer["kind"]
        if kind == "plan":
            return Reading(tuple(_wish(step) for step in _steps(answer["steps"])))
        if kind == "refusal" and answer["code"] in REASONS:
            return Reading(code=answer["code"])
        if kind == "question":
            return Reading()
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the answer lacks {error}: {text[:200]}") from error
    raise ValueError(f"the answer is no plan, question or refusal: {text[:200]}")


def _steps(steps: Any) -> Sequence[Any]:
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS:
        raise ValueError(f"'steps' must be a list of 1 to {MOST_STEPS}")
    return steps


def _wish(step: Mapping[str, str]) -> Wish:
    do = step["do"]
    if do not in KEYS or not all(isinstance(v, str) for v in step.values()):
        raise ValueError(f"there is no action {do!r}")
    thing = step["seconds" if do == "wait" else "object"]
    renamed = {"from": "where", "except": "left_out"}
    said = {renamed.get(k, k): v for k, v in step.items() if k in KEYS[do]}
    known = {f.name for f in fields(Wish)}
    return Wish(do, thing, **{k: v for k, v in said.items() if k in known})


# ---- ALFRED's terms -----------------------------------------------------------------------------

Goal = tuple[str, str, str, str, str, bool]
"""Type, object, receptacle, movable receptacle, lamp, sliced."""
_TREATED = {
    "heat": "pick_heat_then_place_in_recep",
    "cool": "pick_cool_then_place_in_recep",
    "clean": "pick_clean_then_place_in_recep",
}
_TREATMENT = {kind: do for do, kind in _TREATED.items()}


def goal_of(reading: Reading) -> Goal:
    """Project a reading to ALFRED's task type and slots; what they cannot say is left out."""
    cut = any(s.do == "slice" for s in reading.steps)
    steps = [s for s in reading.steps if s.do != "slice"]
    for s in steps:
        if s.do == "show":
            return ("look_at_obj_in_light", s.object, "", "", s.to, cut)
    puts = [s for s in steps if s.do == "put"]
    treated = [s for s in steps if s.do in _TREATED]
    if not puts:
        thing = (treated or list(steps) or [Wish("", "")])[0].object
        return (_TREATED[treated[0].do] if treated else "", thing, "", "", "", cut)
    first, last = puts[0], puts[-1]
    if treated:
        return (_TREATED[treated[0].do], treated[0].object, last.to, "", "", cut)
    if len(puts) > 1 and first.to == last.object:
        kind = "pick_and_place_with_movable_recep"
        return (kind, first.object, last.to, first.to, "", cut)
    two = any(p.many in ("two", "all") for p in puts)
    kind = "pick_two_obj_and_place" if two else "pick_and_place_simple"
    return (kind, first.object, last.to, "", "", cut)


def steps_of(goal: Goal, *, many: str = "", where: str = "") -> tuple[Wish, ...]:
    """Write an ALFRED goal as steps; ``many`` and ``where`` are what else the sentence says of the object."""
    kind, thing, parent, carrier, lamp, cut = goal
    said = {"many": many, "where": where}
    steps = [Wish("slice", thing, **said)] if cut else []
    said = {"many": many, "where": "" if cut else where}
    if kind == "look_at_obj_in_light":
        return (*steps, Wish("show", thing, **said, to=lamp))
    if kind in _TREATMENT:
        treat = Wish(_TREATMENT[kind], thing, **said)
        return (*steps, treat, Wish("put", thing, many=many, to=parent))
    if carrier:
        return (*steps, Wish("put", thing, **said, to=carrier), Wish("put", carrier, to=parent))
    if kind == "pick_two_obj_and_place":
        said["many"] = many if many in ("two", "all") else "two"
    return (*steps, Wish("put", thing, **said, to=parent))
