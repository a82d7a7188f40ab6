"""What a command is at: the orders that stand, the plan that runs for them, and whether the world still fits it."""

from __future__ import annotations

from typing import Any

from diarchy.agent.corrections.orders import Planned
from diarchy.agent.corrections.standing import Standing, changed, place_of
from diarchy.agent.corrections.surprises import Expectations
from diarchy.agent.deliberation.state import State
from diarchy.agent.deliberation.thinking import Thinker
from diarchy.agent.tree.binding import AmbiguousError, UnboundError
from diarchy.agent.tree.executive import Executive
from diarchy.contracts.correction import Correction, Order
from diarchy.contracts.effects import violations
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.plan import Plan, Subtask

MOST_SURPRISES = 8
"""A plan is made again so often because of surprises; from then on only a failure makes it be."""


class Course:
    """Keeps orders and plan together, and makes the plan anew when a look contradicts it.

    Args:
        thinker, executive: of the command.
        instruction: the sentence that the command began with.
    """

    def __init__(self, thinker: Thinker, executive: Executive, instruction: str) -> None:
        self.standing = Standing(orders=(Order(instruction=instruction),))
        self.plan: Plan | None = None
        self.owners: dict[str, int] = {}
        self.surprises = 0
        self._thinker, self._executive = thinker, executive
        self._loop = executive.body.loop
        self._expected: Expectations | None = None
        self._seen: Any = None

    def follow(self, plan: Plan, planned: Planned | None) -> None:
        """Take note of the plan that runs from now on, and of whose order each of its subtasks is."""
        self.plan = plan
        owners = planned.owners if planned is not None else ()
        tail = owners[len(owners) - len(plan.subtasks) :] if plan.subtasks else ()
        self.owners = dict(zip((s.id for s in plan.subtasks), tail, strict=False))
        self._expected = Expectations(plan.subtasks, self._loop.world)

    def look_for_surprises(self, state: State | None) -> None:
        """After each look: is what the plan takes for granted still so? If not, plan again, and edit.

        Without a state nothing is made of what was seen: a correction is thought about, which looks anew.
        """
        if self._loop.seen is self._seen or self._executive.current in (None, "goals"):
            return
        self._seen = self._loop.seen
        if self._expected is None or state is None:
            return
        running = self._executive.open_subtasks()
        what = self._expected.surprise(running, self._loop.world, self._executive.current)
        if what is None or self.surprises >= MOST_SURPRISES:
            return
        self.surprises += 1
        self._loop.trace.event("surprised", what=what)
        self._expected = Expectations(running, self._loop.world)
        standing = self.outstanding(self._executive.current)
        try:
            planned = self._thinker.plan(self._thinker.request(state), standing.orders)
        except DiarchyError:
            return  # who cannot think now finds out by failing, and thinks then
        if isinstance(planned.answer, Plan) and not self.faults(planned.answer):
            plan, edits = self._executive.graft(planned.answer, reason=what)
            rows = [e.model_dump(mode="json", exclude_defaults=True) for e in edits]
            self._loop.trace.event("edited", edits=rows)
            self.standing = standing
            self.follow(plan, planned)

    def faults(self, plan: Plan) -> list[str]:
        """Say why a plan would not work; what runs already has passed its own check."""
        found = violations(plan, self._thinker.skills, self._loop.world.snapshot())
        return [v.why for v in found if v.subtask_id != self._executive.current]

    def note_taken(self, subtask: Subtask) -> None:
        """Remember where a thing is taken from, before it is."""
        try:
            args = self._executive.binder.bind_args(dict(subtask.args), keep_references=False)
        except (UnboundError, AmbiguousError):
            return  # the subtask is about to find that out itself
        thing = str(args.get("object", ""))
        place = place_of(thing, self._loop.world.snapshot().true_facts())
        if place is not None:
            self.standing = self.standing.taken_from(thing, place)

    def outstanding(self, subtask: str | None) -> Standing:
        """What stands less the orders before the one that a subtask serves: those are done."""
        served = self.owners.get(subtask or "", 0)
        return self.standing.without_served(served)

    def narrow(self, subtask: str | None) -> tuple[Order, ...]:
        """Forget the orders that are done, told by the subtask that was worked on last; returns the rest."""
        self.standing, self.owners = self.outstanding(subtask), {}
        return self.standing.orders

    def leave(self, thing: str) -> None:
        """Leave a thing out of everything that stands: the person said so when it was asked."""
        if thing:
            correction = Correction(kind="leave", text="leave it out", things=(thing,))
            world = self._loop.world.snapshot()
            self.standing = changed(self.standing, correction, world, ())
