"""What a rule is: the shape of the YAML files, checked by pydantic. docs/safety-rules.md explains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from diarchy.safety.rules.conditions import RuleCondition, RuleConditionField

Answer = Literal["allow", "ask", "refuse"]
SEVERITY: dict[Answer, int] = {"allow": 0, "ask": 1, "refuse": 2}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sort(_Strict):
    """What a letter in a rule may stand for.

    ``is`` names kinds or classes (one of them must fit), ``not`` those that must not fit; ``has``
    attributes as perceived, with one value or several (``*``: any); ``lacks`` attributes that it must not have.
    """

    is_: tuple[str, ...] = Field(default=("anything",), alias="is")
    not_: tuple[str, ...] = Field(default=(), alias="not")
    has: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    lacks: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str | list | tuple):
            return {"is": _several(value)}
        return value

    @field_validator("is_", "not_", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return _several(value)

    @field_validator("has", "lacks", mode="before")
    @classmethod
    def _values(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {str(k): tuple(str(v) for v in _several(vs)) for k, vs in value.items()}

    def names(self) -> Iterator[str]:
        """Yield the kinds and classes it speaks of."""
        yield from (*self.is_, *self.not_)


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | int | float | bool) else value


class StepPattern(_Strict):
    """A step of a plan: a skill and letters (or ``*``) for its arguments, in their order."""

    skill: str
    args: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, bracket, rest = value.strip().partition("(")
        if not bracket or not rest.endswith(")"):
            raise ValueError(f"write a step like 'hand_over(x, who)', not {value!r}")
        return {
            "skill": name.strip(),
            "args": tuple(a.strip() for a in rest[:-1].split(",") if a.strip()),
        }


class Rule(_Strict):
    """One rule. Exactly one of ``never``, ``step``, ``end`` and ``said`` says when it speaks.

    Attributes:
        id: its name in traces, reports and ``drop``.
        rule: the rule as one says it to a person.
        answer: ``ask`` the person, or ``refuse``.
        because: why, of the things at hand; letters in braces stand for their names.
        instead: a safe alternative, if there is one.
        where: letters, and what each may stand for.
        never: conditions that must not come to hold together at any point of the plan.
        step: steps that must not be taken (while ``when`` holds).
        when: conditions just before the step.
        end: conditions that the plan must not leave behind.
        said: phrases of a sentence, see `diarchy.safety.rules.words`.
        unless: phrases that lift it.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    rule: str = Field(min_length=1)
    answer: Literal["ask", "refuse"]
    because: str = Field(min_length=1)
    instead: str = ""
    where: dict[str, Sort] = Field(default_factory=dict)
    never: tuple[RuleConditionField, ...] = ()
    step: tuple[StepPattern, ...] = ()
    when: tuple[RuleConditionField, ...] = ()
    end: tuple[RuleConditionField, ...] = ()
    said: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @field_validator("step", "said", "unless", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return _several(value)

    @field_validator("never", "when", "end", mode="before")
    @classmethod
    def _joined_by_and(cls, value: Any) -> Any:
        return value.split(" and ") if isinstance(value, str) else value

    @model_validator(mode="after")
    def _speaks_of_one_thing(self) -> Rule:
        given = [n for n in ("never", "step", "end", "said") if getattr(self, n)]
        if len(given) != 1:
            raise ValueError(
                f"has {' and '.join(given) or 'none'} of never, step, end, said; give exactly one"
            )
        if self.when and not self.step:
            raise ValueError(
                "'when' belongs to 'step'; put conditions that go together into 'never'"
            )
        if self.unless and not self.said:
            raise ValueError("'unless' belongs to 'said'")
        used = {a for c in self.conditions() for a in c.args} | {
            a for p in self.step for a in p.args
        }
        strangers = sorted(used - {"*"} - set(self.where))
        if strangers:
            raise ValueError(
                f"'where' does not say what {', '.join(strangers)} may be; it has {', '.join(self.where) or 'nothing'}"
            )
        _check_braces(self, set(self.where))
        return self

    def conditions(self) -> tuple[RuleCondition, ...]:
        """All conditions of the rule."""
        return (*self.never, *self.when, *self.end)


def _check_braces(rule: Rule, letters: set[str]) -> None:
    for text in (rule.because, rule.instead):
        try:
            text.format_map(dict.fromkeys(letters, ""))
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise ValueError(f"{text!r} names {error} in braces, which 'where' does not") from error


class RuleSet(_Strict):
    """All rules in force, with the words they are written in.

    ``kinds`` are sets of classes (and of other kinds); ``words`` are sets of words for ``<name>`` in
    phrases; ``sources`` the files it was read from; ``dropped`` the ids that a file took out.
    """

    kinds: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    sources: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What one rule says of one sentence or one step.

    Attributes:
        rule: id of the rule.
        answer: ``ask`` or ``refuse``.
        why: a sentence for a person.
        instead: what would be safe; may be empty.
        subtask: id of the step; empty: the sentence, or the end of the plan.
        things: ids of what it is about.
    """

    rule: str
    answer: Answer
    why: str
    instead: str = ""
    subtask: str = ""
    things: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What a person's consent is given to: this rule about these things."""
        return " ".join([self.rule, *self.things])

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into traces and results."""
        return {
            "rule": self.rule,
            "answer": self.answer,
            "why": self.why,
            "instead": self.instead,
            "subtask": self.subtask,
            "things": list(self.things),
        }


@dataclass(frozen=True)
class Ruling:
    """What the rules answer, with every reason; the most serious finding decides."""

    findings: tuple[Finding, ...] = ()

    @property
    def answer(self) -> Answer:
        """``allow``, ``ask`` or ``refuse``."""
        return max((f.answer for f in self.findings), key=SEVERITY.__getitem__, default="allow")

    @property
    def decisive(self) -> tuple[Finding, ...]:
        """The findings that carry the answer."""
        return tuple(f for f in self.findings if f.answer == self.answer)

    def without(self, consented: frozenset[str]) -> Ruling:
        """Leave out what the person has agreed to; a refusal is nothing one agrees to."""
        kept = (f for f in self.findings if f.answer == "refuse" or f.key not in consented)
        return Ruling(tuple(kept))

    def words(self) -> str:
        """Say why, and what would be safe, in plain words."""
        parts: list[str] = []
        for finding in self.decisive:
            for text in (finding.why, finding.instead):
                if text and text not in parts:
                    parts.append(text)
        return "; ".join(parts)
