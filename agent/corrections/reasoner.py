"""Thinking one utterance through: read it, change what stands, plan again. Touches neither robot nor tree."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from diarchy.agent.corrections.orders import Planned, predicted
from diarchy.agent.corrections.standing import NothingToChangeError, Standing, changed
from diarchy.agent.deliberation.thinking import Thinker
from diarchy.contracts.correction import Correction, CorrectionRequest, Corrector, Order
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.plan import Plan
from diarchy.planners.symbolic.progress import contradicts

_LOG = logging.getLogger(__name__)
_CHANGES = ("instead", "leave", "rest", "undo", "also", "task")


@dataclass
class Thought:
    """One utterance on its way.

    Attributes:
        text: what was said.
        due: control tick at which it has been read and planned.
        asked: what the reader is given.
        before: what stood when it was thought about.
        present: the plan that ran then; ``owners``: whose order each of its open subtasks is.
        correction, standing, planned, reply: what came of it.
        worker: the thread that thinks, if it is not this one.
        answers: what the person answered to questions about it.
        tries: how often it was put off.
    """

    text: str
    due: int
    asked: CorrectionRequest | None = None
    before: Standing | None = None
    present: Plan = field(default_factory=Plan)
    owners: tuple[int, ...] = ()
    correction: Correction | None = None
    standing: Standing | None = None
    planned: Planned | None = None
    reply: str = ""
    worker: threading.Thread | None = None
    answers: list[str] = field(default_factory=list)
    tries: int = 0

    @property
    def ready(self) -> bool:
        """Whether it was thought through."""
        return self.worker is None or not self.worker.is_alive()


class Reasoner:
    """Reads with the corrector, plans with the thinker."""

    def __init__(self, thinker: Thinker, corrector: Corrector) -> None:
        self._thinker, self._corrector = thinker, corrector

    @property
    def slow(self) -> bool:
        """Whether a model reads, which takes long."""
        return bool(getattr(self._corrector, "learned", False))

    def think(self, thought: Thought) -> None:
        """Fill in what comes of an utterance; never raises."""
        asked, before = thought.asked, thought.before
        assert asked is not None
        assert before is not None
        try:
            correction = self._corrector.read(asked)
            if correction.kind in _CHANGES:
                after = changed(before, correction, asked.request.world, asked.request.history)
                thought.standing, thought.planned = self._replan(after, correction, thought)
        except NothingToChangeError as nothing:
            thought.reply = str(nothing)
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, what runs goes on
            if not isinstance(error, DiarchyError):
                _LOG.error("a correction could not be thought through", exc_info=error)
            correction = Correction(kind="unclear", text=thought.text)
            thought.standing = thought.planned = None
            thought.reply = f"I cannot do that now ({error}), so I go on as before."
        thought.correction = correction

    def _replan(
        self, after: Standing, correction: Correction, thought: Thought
    ) -> tuple[Standing, Planned]:
        assert thought.asked is not None
        request = thought.asked.request
        if not after.orders:
            return after, Planned(Plan(reasoning="Nothing is left to do."))
        if correction.kind == "also":
            return after, self._appended(after.orders[-1], len(after.orders) - 1, thought)
        if correction.kind == "task" and correction.instruction and len(after.orders) == 2:
            # The new task may be about the very thing that is held.
            direct = after.model_copy(update={"orders": after.orders[1:]})
            planned = self._thinker.plan(request, direct.orders)
            if isinstance(planned.answer, Plan) and _is_about(planned.answer, request.world.held):
                return direct, planned
        return after, self._thinker.plan(request, after.orders)

    def _appended(self, order: Order, index: int, thought: Thought) -> Planned:
        """Plan one more order from where the running plan will end; that plan itself stays."""
        asked = thought.asked
        assert asked is not None
        running = thought.present.model_copy(update={"subtasks": asked.running})
        if not running.complete:
            return Planned(running, thought.owners)
        world = predicted(asked.request.world, running, asked.request)
        planned = self._thinker.plan(asked.request.model_copy(update={"world": world}), (order,))
        more = planned.answer
        if not isinstance(more, Plan):
            return planned
        kept = [g for g in running.goals if not contradicts(g, more.goals)]
        joined = more.model_copy(
            update={
                "reasoning": f"{running.reasoning} Then: {more.reasoning}",
                "subtasks": (*asked.running, *more.subtasks),
                "goals": tuple(dict.fromkeys((*kept, *more.goals))),
            }
        )
        return Planned(joined, (*thought.owners, *(index for _ in more.subtasks)))


def _is_about(plan: Plan, held: str | None) -> bool:
    return held is not None and any(held in g.predicate.args for g in plan.goals)
