"""The leaves of a subtask's tree: check, act, see. Each does one thing and says why it failed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import py_trees
from py_trees.common import Status

from diarchy.agent.control.body import Body
from diarchy.agent.tree.binding import AmbiguousError, Binder, UnboundError
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.entity import Truth
from diarchy.contracts.errors import DiarchyError, FaultError
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.skill import Cause, SkillCall

# Decided from the robot's own body or from a definition, at every moment: no look can make them fresher.
FELT = frozenset({"holding", "hand_empty", "near", "located", "accessible", "enterable", "shut"})
_OF_CONTENTS = frozenset({"in", "hot", "cold", "clean"})


class Turn(py_trees.behaviour.Behaviour):
    """Keeps a subtask waiting until the deliberation gives it its turn: one graph node, one subtask."""

    def __init__(self, has_turn: Callable[[], bool]) -> None:
        super().__init__("its turn")
        self._has_turn = has_turn

    def update(self) -> Status:
        """Run until it is this subtask's turn."""
        return Status.SUCCESS if self._has_turn() else Status.RUNNING


class Check(py_trees.behaviour.Behaviour):
    """Binds the arguments and checks the preconditions. Unknown is let through: the skill will see."""

    def __init__(self, memory: SubtaskMemory, body: Body, binder: Binder) -> None:
        super().__init__("check")
        self._memory, self._body, self._binder = memory, body, binder

    def update(self) -> Status:
        """Succeed when nothing that the skill relies on is known to be false."""
        memory = self._memory
        try:
            memory.args = self._binder.bind_args(
                dict(memory.subtask.args), keep_references=memory.spec.name == "search"
            )
        except (UnboundError, AmbiguousError) as error:
            memory.fail(Cause.PRECONDITION, str(error))
            return Status.FAILURE
        for template in memory.spec.preconditions:
            condition = memory.spec.bind(template, memory.args)
            if self._body.evaluate(condition).truth is (
                Truth.FALSE if condition.value else Truth.TRUE
            ):
                memory.fail(Cause.PRECONDITION, f"{condition} does not hold")
                self.feedback_message = str(condition)
                return Status.FAILURE
        return Status.SUCCESS


class Act(py_trees.behaviour.Behaviour):
    """Runs one skill to its end, and watches that what was held stays held."""

    def __init__(
        self,
        name: str,
        memory: SubtaskMemory,
        body: Body,
        call: Callable[[], SkillCall],
        *,
        backend: str = "auto",
        main: bool = True,
    ) -> None:
        super().__init__(name)
        self._memory, self._body, self._call = memory, body, call
        self._backend, self._main = backend, main
        self._carried: str | None = None
        self._begun = False

    def initialise(self) -> None:
        """Start the skill."""
        memory = self._memory
        if self._main:
            memory.attempts += 1
        call = self._call()
        watch = call.skill in ("navigate_to", "look_at", "inspect", "change_view", "search", "wait")
        self._carried = self._body.loop.world.held() if watch else None
        self._begun = False
        try:
            execution = self._body.begin(
                call, subtask=memory.subtask.id, backend=self._backend, attempt=memory.attempts
            )
        except FaultError:
            raise  # no other branch can help: the run ends
        except DiarchyError as error:
            memory.fail(Cause.ERROR, str(error))
            return
        self._begun = True
        if self._main:
            memory.backend = execution.backend

    def update(self) -> Status:
        """Wait for the outcome; stop at once when the held thing is gone."""
        if not self._begun:
            return Status.FAILURE
        outcome = self._body.poll(self._memory.subtask.id)
        if outcome is None:
            if self._carried is not None and self._body.loop.world.held() is None:
                self._body.cancel(Cause.SLIPPED)
            return Status.RUNNING
        # What a skill let go of has not been acted on since, though the arm may still have moved.
        let_go = self._body.let_go_at
        self._memory.acted_at = self._body.now if let_go is None else let_go
        self._memory.last = outcome
        self.feedback_message = outcome.cause.value if outcome.cause else "done"
        return Status.SUCCESS if outcome.success else Status.FAILURE

    def terminate(self, new_status: Status) -> None:
        """Cancel the skill when the tree leaves this branch while it runs."""
        if new_status is Status.INVALID and self.status is Status.RUNNING:
            self._body.cancel()


class See(py_trees.behaviour.Behaviour):
    """Succeeds once conditions are seen to hold, each on evidence newer than its ``since``.

    While they are unknown, false or stale it gathers evidence by the given calls, one after the
    other; when those are used up it believes what it sees.
    """

    def __init__(
        self,
        name: str,
        memory: SubtaskMemory,
        body: Body,
        conditions: Callable[[], Iterable[Condition]],
        evidence: Callable[[Condition], Iterable[SkillCall]],
        since: Callable[[Condition], float],
    ) -> None:
        super().__init__(name)
        self._memory, self._body = memory, body
        self._conditions, self._evidence, self._since = conditions, evidence, since
        self._todo: dict[Condition, deque[SkillCall]] = {}
        self._running = False

    def initialise(self) -> None:
        """Forget what was tried before."""
        self._todo = {}
        self._running = False

    def update(self) -> Status:
        """Evaluate; look again where it is not clear."""
        if self._running:
            if self._body.poll(self._memory.subtask.id) is None:
                return Status.RUNNING
            self._running = False
        seen = [self._judge(c) for c in self._conditions()]
        self._memory.verified = [row for row, _, _ in seen]
        open_ones = [c for _, c, ok in seen if not ok]
        for condition in open_ones:
            if self._look_for(condition):
                return Status.RUNNING
        self._body.loop.trace.event(
            "verified", subtask=self._memory.subtask.id, conditions=self._memory.verified
        )
        if open_ones:
            self._memory.fail(Cause.NO_EFFECT, f"not seen: {', '.join(str(c) for c in open_ones)}")
            self.feedback_message = str(open_ones[0])
            return Status.FAILURE
        return Status.SUCCESS

    def terminate(self, new_status: Status) -> None:
        """Cancel a look in progress when the tree leaves this branch."""
        if new_status is Status.INVALID and self.status is Status.RUNNING and self._running:
            self._body.cancel()

    def _judge(self, condition: Condition) -> tuple[dict[str, Any], Condition, bool]:
        evidence = self._body.evaluate(condition)
        believed = self._believed_unseen(condition)
        fresh = (
            condition.predicate.name in FELT
            or believed
            or (evidence.stamp is not None and evidence.stamp >= self._since(condition))
        )
        row = {
            "condition": str(condition),
            "truth": evidence.truth.value,
            "stamp": None if evidence.stamp is None else round(evidence.stamp, 3),
        }
        return row, condition, evidence.truth is Truth.TRUE and fresh

    def _believed_unseen(self, condition: Condition) -> bool:
        # What was seen going into a container that was then closed stays believed until contradicted,
        # and so does what the appliance does to it.
        if condition.predicate.name not in _OF_CONTENTS or condition.predicate.has_wildcard:
            return False
        within = Condition(Predicate("accessible", (condition.predicate.args[0],)))
        return self._body.evaluate(within).truth is Truth.FALSE

    def _look_for(self, condition: Condition) -> bool:
        if condition not in self._todo:
            self._todo[condition] = deque(self._evidence(condition))
        if not self._todo[condition]:
            return False
        self._body.begin(self._todo[condition].popleft(), subtask=self._memory.subtask.id)
        self._running = True
        return True


class CauseIn(py_trees.behaviour.Behaviour):
    """Opens a recovery branch for certain causes of failure only."""

    def __init__(
        self,
        name: str,
        memory: SubtaskMemory,
        body: Body,
        causes: frozenset[Cause],
        *,
        only_if: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(name)
        self._memory, self._body, self._causes = memory, body, causes
        self._only_if = only_if

    def update(self) -> Status:
        """Succeed when the last failure has one of the causes."""
        memory = self._memory
        if memory.cause not in self._causes or not self._only_if():
            return Status.FAILURE
        memory.recoveries += 1
        self._body.loop.trace.event(
            "recovery", subtask=memory.subtask.id, cause=memory.cause.value, branch=self.name
        )
        return Status.SUCCESS
