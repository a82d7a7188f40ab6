"""What System 2 says: a plan, a question or a refusal; and edits of a plan that is running."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from diarchy.contracts.predicate import ConditionField
from diarchy.contracts.skill import SkillSpec
from diarchy.contracts.world import WorldSnapshot


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reference(_Model):
    """A thing described, not yet known: bound to an entity when its subtask runs.

    ``relation`` with ``anchor`` (an entity id or a class) says where: ``("on", "coffee_table_1")``.
    ``another`` is one that is not known yet, whatever of the class is known.
    """

    cls: str
    attributes: dict[str, str] = Field(default_factory=dict)
    relation: Literal["on", "in", "near"] | None = None
    anchor: str | None = None
    quantifier: Literal["the", "a", "all", "another"] = "a"

    def __str__(self) -> str:
        words = " ".join([self.quantifier, *self.attributes.values(), self.cls])
        return f"<{words}{f' {self.relation} {self.anchor}' if self.relation else ''}>"


Argument = str | float | Reference


class Subtask(_Model):
    """One step: a skill with arguments, the command in words, and what shall be seen after it.

    ``expects`` may name conditions on bound entities only; the skill's own postconditions are
    always expected, they need not be repeated.
    """

    id: str
    skill: str
    args: dict[str, Argument] = Field(default_factory=dict)
    words: str = ""
    expects: tuple[ConditionField, ...] = ()


class Plan(_Model):
    """An ordered list of subtasks.

    ``goals`` are looked at again before the end. ``complete=False`` says: do this to learn more
    (look, search), then ask me again. ``reading`` is how the planner understood the sentence, in its own terms.
    """

    kind: Literal["plan"] = "plan"
    reasoning: str = ""
    subtasks: tuple[Subtask, ...] = ()
    goals: tuple[ConditionField, ...] = ()
    complete: bool = True
    reading: dict[str, Any] | None = None


class Question(_Model):
    """The planner needs one answer from the person."""

    kind: Literal["question"] = "question"
    text: str
    options: tuple[str, ...] = ()
    reasoning: str = ""
    reading: dict[str, Any] | None = None


RefusalCode = Literal["not_understood", "unknown_word", "no_skill", "impossible", "unsafe"]


class Refusal(_Model):
    """The planner will not, or cannot.

    ``not_understood`` and ``unknown_word`` are the user's input (exit code 2); ``no_skill``,
    ``impossible`` and ``unsafe`` are refusals (exit code 3).
    """

    kind: Literal["refusal"] = "refusal"
    code: RefusalCode
    reason: str
    suggestion: str = ""
    reasoning: str = ""
    reading: dict[str, Any] | None = None


PlannerAnswer = Annotated[Plan | Question | Refusal, Field(discriminator="kind")]


class PlanEdit(_Model):
    """A change of a running plan. ``subtask_id`` is what it acts on (insert: what it goes before; None: the end)."""

    op: Literal["insert", "drop", "change", "reorder", "constrain"]
    subtask_id: str | None = None
    subtask: Subtask | None = None
    order: tuple[str, ...] = ()
    constraint: ConditionField | None = None
    reason: str = ""


class SubtaskRecord(_Model):
    """What became of a subtask; the history a planner is shown.

    ``obstacle`` is the id of a movable thing that was in the way (`Outcome.obstacle`).
    """

    id: str
    skill: str
    args: dict[str, Any]
    words: str = ""
    status: Literal["succeeded", "failed", "skipped"]
    cause: str | None = None
    detail: str = ""
    obstacle: str | None = None
    seconds: float = 0.0
    attempts: int = 1
    system1: str = ""


class Exchange(_Model):
    """A question that was asked and what the person answered."""

    question: str
    answer: str


class Vocabulary(_Model):
    """Words for what this robot can look for and where things can be put."""

    object_classes: tuple[str, ...]
    fixture_classes: tuple[str, ...]
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class PlanRequest(BaseModel):
    """Everything a planner is given.

    ``images`` are PNG bytes by name (may be empty). ``committed`` are the goals of the plan that
    this one replaces: what was promised and may have slipped out of sight. ``constraints`` are what the
    person wants never to become so: ``not holding(mug_2)`` leaves the mug alone, ``not holding(*)``
    lets nothing more be taken, less what a positive ``holding(mug_1)`` exempts. ``instead`` maps what a sentence names to what the person meant by it.
    ``left_open`` are doors and drawers that earlier commands opened and could not close.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str
    world: WorldSnapshot
    skills: tuple[SkillSpec, ...]
    vocabulary: Vocabulary
    images: dict[str, bytes] = Field(default_factory=dict)
    history: tuple[SubtaskRecord, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    episodes: tuple[str, ...] = ()
    committed: tuple[ConditionField, ...] = ()
    constraints: tuple[ConditionField, ...] = ()
    instead: dict[str, Argument] = Field(default_factory=dict)
    left_open: tuple[str, ...] = ()
    feedback: str | None = None


@runtime_checkable
class Planner(Protocol):
    """System 2: from a request to a plan, a question or a refusal.

    A planner that has the attribute ``learned = True`` is given camera images and similar episodes,
    and a replay feeds its recorded answers instead of asking it again.
    """

    @property
    def name(self) -> str:
        """Name in results: who really planned."""
        ...

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Think. Deterministic planners give the same answer to the same request.

        Raises:
            PlannerUnavailableError: the model cannot be reached or its answer cannot be read.
        """
        ...


def find_skill(skills: Sequence[SkillSpec], name: str) -> SkillSpec | None:
    """Return the spec of that name, or None."""
    return next((s for s in skills if s.name == name), None)
