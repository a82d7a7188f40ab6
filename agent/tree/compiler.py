"""From a `Plan` to a behaviour tree, and patches of the tree between ticks.

The root is a sequence with memory of subtasks, each latched once it succeeded: what was done is not
done again because a predicate lapsed. A subtask is a selector of attempts, and the cause of the
last failure decides which branch of recovery opens:

    subtask (once)
      attempt:             check, act, see
      look again, retry    when something was missed or not seen
      make room, retry     when another thing is in the way and the hand is free
      stand anew, retry    when something was out of reach or in the way
      the other backend    when this robot has one for the skill
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import py_trees
from py_trees.behaviour import Behaviour

from diarchy.agent.control.body import Body
from diarchy.agent.tree.binding import AmbiguousError, Binder, UnboundError
from diarchy.agent.tree.leaves import FELT, Act, CauseIn, Check, See
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Subtask
from diarchy.contracts.predicate import ANY, Condition
from diarchy.contracts.skill import Cause, SkillCall

LOOK_AGAIN = frozenset(
    {Cause.NOT_VISIBLE, Cause.GRASP_MISSED, Cause.SLIPPED, Cause.NO_EFFECT, Cause.TIMEOUT}
)
STAND_ANEW = frozenset(
    {
        Cause.UNREACHABLE,
        Cause.BLOCKED,
        Cause.PRECONDITION,
        Cause.NO_SPACE,
        Cause.NO_EFFECT,
        Cause.GRASP_MISSED,
    }
)
_WITHOUT_SUBJECT = frozenset(
    {"navigate_to", "search", "look_at", "inspect", "change_view", "wait", "ask", "say"}
)
IN_THE_WAY = frozenset({Cause.UNREACHABLE, Cause.BLOCKED, Cause.NO_SPACE})
OTHER_BACKEND = frozenset(
    {Cause.GRASP_MISSED, Cause.TIMEOUT, Cause.UNREACHABLE, Cause.SLIPPED, Cause.ERROR}
)


def sequence(name: str, children: Iterable[Behaviour]) -> Behaviour:
    """A py_trees sequence with memory."""
    return py_trees.composites.Sequence(name, memory=True, children=list(children))


class SubtaskCompiler:
    """Builds the subtree of one subtask."""

    def __init__(self, body: Body, binder: Binder, *, backend: str) -> None:
        self._body, self._binder, self._backend = body, binder, backend

    def compile(self, subtask: Subtask) -> tuple[Behaviour, SubtaskMemory]:
        """Return the subtree and the memory that its leaves share."""
        memory = SubtaskMemory(subtask, self._body.skill_spec(subtask.skill))
        attempts: list[Behaviour] = [self._attempt("attempt", memory, self._backend)]
        subject = self._subject(subtask)
        if subject is not None:
            attempts.append(
                self._recovery(
                    "look again", memory, LOOK_AGAIN, self._call(memory, "look_at", subject)
                )
            )
            if subtask.skill == "pick":  # with something in the hand nothing can be pushed
                attempts.append(self._make_room(memory))
            attempts.append(
                self._recovery(
                    "stand anew", memory, STAND_ANEW, self._call(memory, "navigate_to", subject)
                )
            )
        other = self._other_backend(subtask.skill)
        if other is not None:
            attempts.append(
                self._recovery(f"by {other}", memory, OTHER_BACKEND, None, backend=other)
            )
        selector = py_trees.composites.Selector("attempts", memory=True, children=attempts)
        return selector, memory

    def recheck(self, memory: SubtaskMemory, *, since: float) -> Behaviour | None:
        """Return what looks, without driving anywhere, whether a subtask is done already.

        None: it promises nothing that could be seen. A leaf that fails at once if its arguments are not
        known or something that is felt says no.
        """
        try:
            memory.args = memory.args or self._binder.bind_args(
                dict(memory.subtask.args), keep_references=memory.spec.name == "search"
            )
        except (UnboundError, AmbiguousError):
            return py_trees.behaviours.Failure("nothing known fits")
        expected = self._expected(memory)
        if not expected:
            return None
        if any(
            c.predicate.name in FELT and self._body.evaluate(c).truth is not Truth.TRUE
            for c in expected
        ):
            return py_trees.behaviours.Failure("it is felt not to be done")
        return See(
            "done already?",
            memory,
            self._body,
            lambda: expected,
            lambda condition: evidence_calls(condition, stand_elsewhere=False),
            lambda _: since,
        )

    def _attempt(self, name: str, memory: SubtaskMemory, backend: str) -> Behaviour:
        act = Act(
            memory.subtask.skill,
            memory,
            self._body,
            lambda: SkillCall(memory.subtask.skill, memory.args),
            backend=backend,
        )
        see = See(
            "see that it is done",
            memory,
            self._body,
            lambda: self._expected(memory),
            lambda condition: evidence_calls(condition, stand_elsewhere=True),
            lambda _: (
                memory.acted_at if memory.spec.occupies != ("head",) else memory.started or 0.0
            ),
        )
        return sequence(name, [Check(memory, self._body, self._binder), act, see])

    def _recovery(
        self,
        name: str,
        memory: SubtaskMemory,
        causes: frozenset[Cause],
        prepare: Callable[[], SkillCall] | None,
        *,
        backend: str | None = None,
        only_if: Callable[[], bool] = lambda: True,
    ) -> Behaviour:
        steps: list[Behaviour] = [CauseIn(name, memory, self._body, causes, only_if=only_if)]
        if prepare is not None:
            # A failed preparation does not spoil the retry: it may work all the same.
            act = Act(name, memory, self._body, prepare, main=False)
            steps.append(py_trees.decorators.FailureIsSuccess("as far as possible", act))
        steps.append(self._attempt("attempt", memory, backend or self._backend))
        return sequence(name, steps)

    def _make_room(self, memory: SubtaskMemory) -> Behaviour:
        def obstacle() -> str:
            return (memory.last.obstacle if memory.last else None) or ""

        return self._recovery(
            "make room",
            memory,
            IN_THE_WAY,
            lambda: SkillCall("push_aside", {"object": obstacle()}),
            only_if=lambda: bool(obstacle()),
        )

    def _call(self, memory: SubtaskMemory, skill: str, parameter: str) -> Callable[[], SkillCall]:
        return lambda: SkillCall(skill, {"target": memory.args.get(parameter, "")})

    def _subject(self, subtask: Subtask) -> str | None:
        # What a manipulation works on: the place it goes to, else the thing it is done to.
        if subtask.skill in _WITHOUT_SUBJECT:
            return None
        for name in ("receptacle", "container", "device", "lamp", "person", "object"):
            if name in subtask.args:
                return name
        return None

    def _other_backend(self, skill: str) -> str | None:
        if self._backend != "auto":
            return None  # an explicit choice is never silently replaced
        backends = self._body.library.backends(skill)
        return backends[1] if len(backends) > 1 else None

    def _expected(self, memory: SubtaskMemory) -> list[Condition]:
        if memory.spec.name in ("search", "inspect", "change_view"):
            return []  # they end in success only when what was sought has been seen
        own = [memory.spec.bind(p.template, memory.args) for p in memory.spec.postconditions]
        expected = [self._binder.resolve(c) for c in memory.subtask.expects]
        return [*own, *(c for c in expected if c not in own)]


def evidence_calls(condition: Condition, *, stand_elsewhere: bool) -> list[SkillCall]:
    """Skills that can show whether a condition holds, the cheapest first."""
    name, args = condition.predicate.name, condition.predicate.args
    if name in ("on", "in", "given"):
        where = args[1]
        # The thing itself is in view where its place is too wide for one look.
        first = [SkillCall("look_at", {"target": args[0]})] if args[0] != ANY else []
    elif name in ("open", "seen", "running", "hot", "cold", "clean"):
        where, first = args[0], []
    elif name == "lit":
        # It is in the hand: to drive elsewhere for a better view would end what shall be seen.
        return [SkillCall("look_at", {"target": args[0]})]
    else:
        return []
    near = [*first, SkillCall("look_at", {"target": where})]
    if not stand_elsewhere:
        return near
    return [*near, *(SkillCall("change_view", dict(look.args)) for look in near)]
