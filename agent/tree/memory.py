"""What the leaves of one subtask share while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diarchy.contracts.plan import Subtask
from diarchy.contracts.skill import Cause, Outcome, SkillSpec


@dataclass
class SubtaskMemory:
    """One subtask in execution.

    ``args`` are the bound arguments (a `Reference` stays one only for ``search``), ``last`` the
    latest outcome, ``acted_at`` when its last motion ended (evidence must be newer), ``attempts``
    how often its skill was started.
    """

    subtask: Subtask
    spec: SkillSpec
    args: dict[str, Any] = field(default_factory=dict)
    last: Outcome | None = None
    acted_at: float = 0.0
    started: float | None = None
    ended: float | None = None
    attempts: int = 0
    recoveries: int = 0
    backend: str = ""
    verified: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cause(self) -> Cause | None:
        """Why it failed last."""
        return self.last.cause if self.last else None

    def fail(self, cause: Cause, detail: str) -> None:
        """Note a failure."""
        self.last = Outcome.failed(cause, detail)
