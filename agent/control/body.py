"""The robot as the behaviour tree sees it: start a skill, ask how it went, ask what is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diarchy.agent.control.loop import ControlLoop
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import Cause, Outcome, SkillCall, SkillSpec
from diarchy.memory import Evidence
from diarchy.safety.rules import Ruling
from diarchy.skills.context import Context
from diarchy.skills.library import SkillLibrary


class ForbiddenError(DiarchyError):
    """A rule forbids the skill that was about to begin, or wants a person asked who was not."""


@dataclass
class Execution:
    """One execution of a skill and how it ended."""

    call: SkillCall
    backend: str
    started: float
    outcome: Outcome | None = None
    seconds: float = 0.0


class Body:
    """Runs one skill at a time; the loop does the ticking.

    Attributes:
        destination: where the thing of the present subtask goes next, by the plan; skills are told.
        let_go_at: when the present skill let go of something, s.
    """

    def __init__(self, loop: ControlLoop, library: SkillLibrary, *, seed: int) -> None:
        self.loop = loop
        self.library = library
        self._seed = seed
        self._epoch = loop.buffer.epoch  # an earlier command of the same agent may have used some
        self._current: Execution | None = None
        self.on_grip: Callable[[], None] = lambda: None
        # Told before a skill moves anything, and once its outcome is known: the receipts of a run.
        self.on_begin: Callable[[SkillCall, str, int, int], None] = lambda call, subtask, epoch, n: (
            None
        )
        self.on_end: Callable[[int, Outcome], None] = lambda epoch, outcome: None
        self.let_go_at: float | None = None
        self.destination: str | None = None
        self.permit: Callable[[SkillCall], Ruling] = lambda call: Ruling()

    @property
    def now(self) -> float:
        """Seconds on the robot's clock."""
        return self.loop.robot.clock.now()

    @property
    def busy(self) -> bool:
        """Whether a skill is running."""
        return self._current is not None and self._current.outcome is None

    def skill_spec(self, name: str) -> SkillSpec:
        """Look up the specification of a skill."""
        return self.library.spec(name)

    def begin(
        self, call: SkillCall, *, subtask: str, backend: str = "auto", attempt: int = 1
    ) -> Execution:
        """Start a skill; poll `poll` until it returns an outcome.

        Raises:
            ForbiddenError: a rule forbids it: the last gate, which every skill of the tree passes.
        """
        ruling = self.permit(call)
        if ruling.answer != "allow":
            raise ForbiddenError(ruling.words())
        skill = self.library.get(call.skill, self._backend(call.skill, backend))
        self._epoch += 1
        self.let_go_at = None
        # A generator of its own for every execution: what one skill draws cannot shift what the next one does.
        rng = np.random.default_rng([self._seed, self._epoch])
        context = Context(
            spec=self.loop.robot.spec,
            clock=self.loop.robot.clock,
            world=self.loop.world,
            rng=rng,
            epoch=self._epoch,
            on_say=self._say,
            on_claim=self._claim,
            destination=self.destination,
        )
        spec = skill.spec
        self.loop.guarding.serve(spec, call)
        self.loop.trace.event(
            "skill_started",
            subtask=subtask,
            call=str(call),
            backend=skill.backend,
            epoch=self._epoch,
            attempt=attempt,
        )
        self.on_begin(call, subtask, self._epoch, attempt)
        self._current = Execution(call, skill.backend, self.now)
        self.loop.executor.begin(skill, call, context, self.loop.proprio)
        return self._current

    def poll(self, subtask: str) -> Outcome | None:
        """Return the outcome of the current skill once it has ended."""
        current = self._current
        if current is None:
            return None
        if current.outcome is None and self.loop.executor.outcome is not None:
            current.outcome = self.loop.executor.outcome
            current.seconds = self.now - current.started
            self.loop.trace.event(
                "skill_ended",
                subtask=subtask,
                success=current.outcome.success,
                cause=current.outcome.cause.value if current.outcome.cause else None,
                detail=current.outcome.detail,
                seconds=round(current.seconds, 3),
            )
            self.on_end(self._epoch, current.outcome)
        return current.outcome

    def cancel(self, cause: Cause = Cause.CANCELLED) -> None:
        """Stop the running skill; the executor brakes."""
        if self.busy:
            self.loop.executor.cancel(cause)

    def evaluate(self, condition: Condition) -> Evidence:
        """What is believed of a condition, and since when."""
        return self.loop.world.evaluate(condition)

    def _backend(self, skill: str, choice: str) -> str:
        """``vla`` is for the skills that a policy has learned; the others have one backend, and the result names it."""
        available = self.library.backends(skill)
        return choice if choice in available or choice == "auto" else available[0]

    def _say(self, text: str) -> None:
        self.loop.trace.event("said", text=text)

    def _claim(self, entity_id: str | None) -> None:
        self.loop.world.claim_held(entity_id, self.loop.proprio)
        if entity_id is None:
            self.let_go_at = self.now
        self.on_grip()
