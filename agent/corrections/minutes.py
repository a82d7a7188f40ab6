"""What was said, how it was read, what it changed and what was answered: for the trace and the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diarchy.agent.control.loop import ControlLoop
from diarchy.contracts.correction import Correction, Order
from diarchy.contracts.plan import PlanEdit


class Minutes:
    """Keeps one row for each thing that was said.

    Args:
        loop: its clock dates the rows, its trace gets them.
    """

    def __init__(self, loop: ControlLoop) -> None:
        self.rows: list[dict[str, Any]] = []
        self._loop = loop

    def add(
        self,
        correction: Correction,
        orders: Sequence[Order],
        *,
        edits: Sequence[PlanEdit] = (),
        reply: str = "",
    ) -> None:
        """Write down a correction, the edits it made, the orders that stand after it, and say the reply."""
        reading = correction.model_dump(mode="json", exclude_defaults=True)
        row: dict[str, Any] = {
            "text": correction.text,
            "read_as": correction.kind,
            "reading": {k: v for k, v in reading.items() if k not in ("text", "kind", "question")},
            "edits": [e.model_dump(mode="json", exclude_defaults=True) for e in edits],
            "orders": [o.instruction for o in orders],
            "reply": reply,
        }
        self._loop.trace.event("corrected", **row)
        self.rows.append({"at": round(self._loop.robot.clock.now(), 3), **row})
        if reply:
            self._loop.trace.event("said", text=reply)
