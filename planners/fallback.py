"""A planner behind a server, and one that is always there: when the server fails, the other takes over and says so.

Only ``auto`` builds this. Whoever asks for a server by its address gets the server or an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diarchy.contracts.errors import PlannerUnavailableError
from diarchy.contracts.plan import Plan, Planner, PlanRequest, Question, Refusal

URL_VARIABLE = "DIARCHY_PLANNER_URL"
"""Environment variable with the address of the server that ``auto`` asks first."""


class FallbackPlanner:
    """Asks ``first``; from its first failure on, ``second`` answers for the rest of the session.

    It does not go back: a server that is up and down again would change who plans in mid-command, and each
    try costs the person its timeout.

    Attributes:
        why: what became of the first; empty while it answers.
    """

    learned = True

    def __init__(self, first: Planner, second: Planner) -> None:
        self._first, self._second = first, second
        self.why = ""

    @property
    def name(self) -> str:
        """Who plans now, and if it is the second: in whose place."""
        if not self.why:
            return self._first.name
        return f"{self._second.name} (in place of {self._first.name}: {self.why})"

    @property
    def calls(self) -> Sequence[Any]:
        """Calls of the first's model."""
        found: Sequence[Any] = getattr(self._first, "calls", ())
        return found

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Think.

        Raises:
            PlannerUnavailableError: the second is not available either.
        """
        if not self.why:
            try:
                return self._first.plan(request)
            except PlannerUnavailableError as error:
                self.why = str(error)
        return self._second.plan(request)
