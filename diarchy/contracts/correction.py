"""What a person says while the robot works, and how it is read.

A `Correction` is the typed reading of one sentence. It says what is meant, in ids and words; how the
running plan changes because of it (`PlanEdit`) is worked out by planning again from the present.
"""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from diarchy.contracts.plan import Argument, PlanRequest, Question, Subtask
from diarchy.contracts.predicate import ConditionField

CorrectionKind = Literal[
    "stop",
    "pause",
    "resume",
    "undo",
    "instead",
    "leave",
    "rest",
    "also",
    "pace",
    "status",
    "next",
    "task",
    "unclear",
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Order(_Model):
    """One thing that the person asked for. A run serves its orders one after the other.

    Attributes:
        instruction: the sentence, in full; for an order that is given by its goals, the same in words.
        goals: if there are some, these are to be brought about, and the sentence only tells of them.
        since: how much of the history was past when it was given.
        constraints: what must never become so while it is served (see `PlanRequest.constraints`).
        instead: what is meant in place of what the sentence names.
    """

    instruction: str
    goals: tuple[ConditionField, ...] = ()
    since: int = 0
    constraints: tuple[ConditionField, ...] = ()
    instead: dict[str, Argument] = Field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether it is nothing but a sentence."""
        return not (self.goals or self.constraints or self.instead)


class Correction(_Model):
    """How one sentence was understood.

    Attributes:
        kind: ``stop``, ``pause``, ``resume``; ``undo`` the last thing done; ``instead``: not these
            ``things`` but ``replacement``; ``leave`` these things alone; ``rest``: nothing more shall be
            taken, less ``things``; ``also``: ``instruction`` as well; ``pace``: ``factor`` times as fast as now; ``status``
            and ``next``: a question about what is done; ``task``: ``instruction`` in place of everything;
            ``unclear``: nothing shall change, ``reply`` says why.
        text: what was said.
        things: entity ids that are meant.
        replacement: an entity id, or a description of what is not known yet.
        instruction: a sentence in full.
        factor: of the pace.
        reply: what to answer, if that is clear from the reading alone.
        question: what has to be asked before it can be read.
        reader: who read it.
        why: what the reading rests on, in words.
    """

    kind: CorrectionKind
    text: str
    things: tuple[str, ...] = ()
    replacement: Argument | None = None
    instruction: str = ""
    factor: float = Field(default=1.0, gt=0.0)
    reply: str = ""
    question: Question | None = None
    reader: str = ""
    why: str = ""


class CorrectionRequest(BaseModel):
    """What a reader is given: what was said, and what it was said into.

    Attributes:
        said: the sentence.
        request: of the planner, as it would be asked now.
        orders: what is being served, the present one first.
        running: the subtasks that are not done, the present one first.
        origins: things that were taken in this run, with the place they were taken from.
        answers: what the person answered to questions about this very sentence.
    """

    model_config = ConfigDict(frozen=True)

    said: str
    request: PlanRequest
    orders: tuple[Order, ...] = ()
    running: tuple[Subtask, ...] = ()
    origins: dict[str, str] = Field(default_factory=dict)
    answers: tuple[str, ...] = ()


@runtime_checkable
class Corrector(Protocol):
    """Reads what is said while a plan runs."""

    @property
    def name(self) -> str:
        """Name in traces: who really read it."""
        ...

    def read(self, request: CorrectionRequest) -> Correction:
        """Say what is meant; it never raises for what it does not understand."""
        ...
