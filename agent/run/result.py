"""The result of a run: what ``run --json`` prints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from diarchy.contracts.errors import ExitCode

Status = Literal["succeeded", "failed", "refused", "question", "stopped"]


class SubtaskResult(BaseModel):
    """What became of one subtask and who really acted."""

    id: str
    skill: str
    args: dict[str, Any]
    words: str = ""
    status: str
    cause: str | None = None
    detail: str = ""
    seconds: float
    attempts: int
    system1: str


class GuardSummary(BaseModel):
    """Counts of the action guard.

    ``noticeable``: those of the ``modified`` actions that were changed by more than 1% of a range;
    ``by_guard``: name to count of changed actions.
    """

    checked: int = 0
    modified: int = 0
    noticeable: int = 0
    stopped: int = 0
    violations: int = 0
    by_guard: dict[str, int] = Field(default_factory=dict)


class Timing(BaseModel):
    """Where the time went. ``sim_s`` is simulated; the rest is the machine's."""

    plan_s: float = 0.0
    sim_s: float = 0.0
    wall_s: float = 0.0
    loop_hz: float = 0.0
    missed_deadlines: int = 0
    jitter_p99_ms: float = 0.0
    starved_ticks: int = 0
    chunk_p50_ms: float = 0.0


class RunResult(BaseModel):
    """The outcome of a run. ``verified`` is what the agent saw, ``truth`` what the simulator knows.

    ``rules`` are the findings of the rules on sentence and plan, also those that the person agreed to.
    """

    schema_: int = Field(default=1, alias="schema")
    status: Status
    verified: bool = False
    truth: bool | None = None
    instruction: str
    planner: str
    perception: str
    message: str = ""
    question: str | None = None
    options: tuple[str, ...] = ()
    plan: dict[str, Any] | None = None
    subtasks: list[SubtaskResult] = Field(default_factory=list)
    corrections: list[dict[str, Any]] = Field(default_factory=list)
    replans: int = 0
    recoveries: int = 0
    guard: GuardSummary = Field(default_factory=GuardSummary)
    rules: list[dict[str, Any]] = Field(default_factory=list)
    timing: Timing = Field(default_factory=Timing)
    run_dir: str | None = None
    exit_code: int = int(ExitCode.NOT_ACHIEVED)

    model_config = {"populate_by_name": True}

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return self.model_dump(by_alias=True, mode="json")
