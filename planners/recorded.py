"""A planner that gives recorded answers again, for replay and for tests; any planner can be recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from diarchy.contracts.errors import BadInputError, PlannerUnavailableError
from diarchy.contracts.plan import Plan, PlannerAnswer, PlanRequest, Question, Refusal

_ADAPTER: TypeAdapter[Plan | Question | Refusal] = TypeAdapter(PlannerAnswer)


class RecordedPlanner:
    """Answers in recorded order, whatever it is asked.

    Args:
        answers: answers, or what their ``model_dump`` gave, as traces hold them.
        name: of the planner that was recorded, so that a replay reports the same one.

    Raises:
        BadInputError: an answer is no plan, question or refusal.
    """

    def __init__(
        self,
        answers: Sequence[Plan | Question | Refusal | Mapping[str, Any]],
        *,
        name: str = "recorded",
    ) -> None:
        self._answers = [_read(answer, i) for i, answer in enumerate(answers)]
        self._next = 0
        self._name = name

    @property
    def name(self) -> str:
        """Name of the planner that was recorded."""
        return self._name

    @property
    def remaining(self) -> int:
        """Answers that were not asked for yet."""
        return len(self._answers) - self._next

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Give the next answer.

        Raises:
            PlannerUnavailableError: all were given: this run has left the recorded one.
        """
        if not self.remaining:
            raise PlannerUnavailableError(
                f"the record holds {len(self._answers)} answer(s) of {self._name} and one more was "
                f"asked for ({request.instruction!r}): this run has left the recorded one"
            )
        self._next += 1
        return self._answers[self._next - 1]


def _read(
    answer: Plan | Question | Refusal | Mapping[str, Any], index: int
) -> Plan | Question | Refusal:
    if isinstance(answer, Plan | Question | Refusal):
        return answer
    try:
        return _ADAPTER.validate_python(dict(answer))
    except (ValidationError, TypeError, ValueError) as error:
        raise BadInputError(f"recorded answer {index + 1} cannot be read: {error}") from error
