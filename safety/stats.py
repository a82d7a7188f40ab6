"""What the guards did during a run, for the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from diarchy.contracts.guard import Verdict

_EXAMPLES = 20
NOTICEABLE = 0.01
"""A change of more than this part of a range is felt; smaller ones round off what a servo filters anyway."""


@dataclass
class GuardStats:
    """Counts of one run.

    Attributes:
        checked: actions that passed the chain.
        modified: actions that were changed by more than `TOLERANCE` of a range.
        noticeable: those of them that were changed by more than `NOTICEABLE` of a range.
        stopped: actions that were replaced because the robot had to stop.
        violations: actions that still broke a limit AFTER the chain, by the independent audit: must be 0.
        modified_by: guard to the number of actions it changed.
        stopped_by: guard to the number of actions it stopped.
        largest: guard to the largest change it made, as a fraction of a range.
        reasons: the first reasons of each kind, in words.
        broken: the first findings of the audit, in words.
    """

    checked: int = 0
    modified: int = 0
    noticeable: int = 0
    stopped: int = 0
    violations: int = 0
    modified_by: Counter[str] = field(default_factory=Counter)
    stopped_by: Counter[str] = field(default_factory=Counter)
    largest: dict[str, float] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def record(self, verdict: Verdict, findings: list[str]) -> None:
        """Count one verdict and what the audit found in its action."""
        self.checked += 1
        if verdict.status != "pass":
            self._record_change(verdict)
        if findings:
            self.violations += 1
            self.broken.extend(findings[: _EXAMPLES - len(self.broken)])

    def _record_change(self, verdict: Verdict) -> None:
        if verdict.status == "stopped":
            self.stopped += 1
            self.stopped_by[verdict.guard] += 1
        else:
            self.modified += 1
            self.noticeable += max(verdict.changes.values(), default=0.0) > NOTICEABLE
        for name, magnitude in verdict.changes.items():
            if verdict.status != "stopped" or name != verdict.guard:
                self.modified_by[name] += 1
            self.largest[name] = max(self.largest.get(name, 0.0), magnitude)
        if len(self.reasons) < _EXAMPLES:
            line = f"{verdict.guard}: {verdict.reason}"
            if line not in self.reasons:
                self.reasons.append(line)

    def summary(self) -> dict[str, int]:
        """Return the counts that results carry."""
        return {
            "checked": self.checked,
            "modified": self.modified,
            "noticeable": self.noticeable,
            "stopped": self.stopped,
            "violations": self.violations,
        }

    def report(self) -> dict[str, Any]:
        """Return everything, as JSON-ready data in a fixed order."""
        names = sorted({*self.modified_by, *self.stopped_by, *self.largest})
        return {
            **self.summary(),
            "by_guard": {
                name: {
                    "modified": self.modified_by[name],
                    "stopped": self.stopped_by[name],
                    "largest": self.largest.get(name, 0.0),
                }
                for name in names
            },
            "reasons": list(self.reasons),
            "broken": list(self.broken),
        }
