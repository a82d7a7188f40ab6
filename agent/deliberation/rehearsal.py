"""A command without a robot: the same graph, planner, checks and rules on a belief that is given.

What would have moved is written down instead: the first subtask that reaches the executive is
what a motor would have got. It takes milliseconds, so whole sets of situations can be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command as Resume

from diarchy.agent.corrections.standing import Standing
from diarchy.agent.deliberation.graph import build_graph
from diarchy.agent.deliberation.nodes import Nodes
from diarchy.agent.deliberation.ruling import PlanGuard
from diarchy.agent.deliberation.state import initial
from diarchy.agent.deliberation.thinking import Thinker
from diarchy.agent.run.config import RunConfig
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.correction import Order
from diarchy.contracts.errors import ExitCode, PlannerUnavailableError
from diarchy.contracts.plan import Plan, Planner, Subtask, Vocabulary, find_skill
from diarchy.contracts.skill import SkillSpec
from diarchy.contracts.world import WorldSnapshot
from diarchy.safety.rules import Finding, Reviewer

_THREAD: dict[str, Any] = {"configurable": {"thread_id": "rehearsal"}, "recursion_limit": 200}
Ask = Callable[[str, tuple[str, ...]], str | None]


@dataclass
class Rehearsal:
    """What came of it.

    Attributes:
        status: ``moves``, or how the command ended: ``refused``, ``question``, ``failed``.
        message: why.
        exit_code: of the command, had it ended there.
        moved: the subtasks that reached the executive, as ``skill(args)``.
        findings: everything the rules said.
        planned: the planner's last answer.
        asked: the questions that were put to the person.
    """

    status: str
    message: str = ""
    exit_code: int = int(ExitCode.DONE)
    moved: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    planned: dict[str, Any] | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def stopped_by_rules(self) -> bool:
        """Whether a rule, and not the planner, kept the robot at rest."""
        return not self.moved and bool(self.findings)


class _Moved(Exception):
    """A subtask has reached the executive: the rehearsal ends."""


@dataclass
class _Trace:
    events: list[dict[str, Any]] = field(default_factory=list)

    def event(self, kind: str, **fields: Any) -> None:
        self.events.append({"kind": kind, **fields})


class _Executive:
    """Takes plans like the real one, and stops the rehearsal at the first motion."""

    def __init__(self, loop: Any, skills: Sequence[SkillSpec], moved: list[str]) -> None:
        self.body = SimpleNamespace(loop=loop, now=0.0)
        self.memories: dict[str, SubtaskMemory] = {}
        self._skills, self._moved = skills, moved

    def graft(self, plan: Plan, *, reason: str = "") -> tuple[Plan, list[Any]]:
        self.memories = {
            s.id: SubtaskMemory(s, spec)
            for s in plan.subtasks
            if (spec := find_skill(self._skills, s.skill)) is not None
        }
        return plan, []

    def is_done(self, subtask_id: str) -> bool:
        return False

    def next_open(self) -> str | None:
        return next(iter(self.memories), None)

    def goals(self) -> list[Any]:
        return []

    def goal_rows(self) -> list[dict[str, Any]]:
        return []

    def run(self, subtask_id: str, *, max_ticks: int) -> bool:
        memory = self.memories[subtask_id]
        args = ", ".join(str(v) for v in memory.subtask.args.values())
        self._moved.append(f"{memory.spec.name}({args})")
        raise _Moved


class _Course:
    """The course of a command after which nobody says anything."""

    def __init__(self, sentence: str) -> None:
        self.standing = Standing(orders=(Order(instruction=sentence),))

    def narrow(self, subtask: str | None) -> tuple[Order, ...]:
        return self.standing.orders

    def follow(self, plan: Plan, planned: Any) -> None:
        """Nothing is taken for granted."""

    def note_taken(self, subtask: Subtask) -> None:
        """Nothing will be put back."""


def rehearse(
    sentence: str,
    planner: Planner,
    world: WorldSnapshot,
    *,
    reviewer: Reviewer,
    skills: Sequence[SkillSpec],
    vocabulary: Vocabulary,
    approve: str = "risky",
    ask: Ask | None = None,
) -> Rehearsal:
    """Run a command up to its first motion.

    Args:
        sentence: what the person says.
        planner: System 2.
        world: what is believed.
        reviewer: the rules.
        skills: specifications of the skills there are.
        vocabulary: words of this robot.
        approve: as on the command line.
        ask: answers questions; None: nobody is there.
    """
    outcome = Rehearsal("moves")
    trace = _Trace()
    loop: Any = SimpleNamespace(
        trace=trace,
        world=SimpleNamespace(snapshot=lambda: world),
        robot=SimpleNamespace(clock=SimpleNamespace(now=lambda: 0.0, period=0.01)),
        rest=lambda: None,
        look=lambda: None,
        spin=lambda until, max_ticks: until(),
        halted=lambda: None,
        unanswered=None,
    )
    guard = PlanGuard(reviewer, skills, vocabulary, trace, approve=approve)
    thinker = Thinker(planner, loop, skills, vocabulary, latency=0.0)
    executive: Any = _Executive(loop, skills, outcome.moved)
    config = RunConfig(instruction=sentence, approve=approve)  # type: ignore[arg-type]
    silence: Any = SimpleNamespace(state=None, course=_Course(sentence))
    nodes = Nodes(
        thinker,
        executive,
        None,
        config,
        conversation=silence,
        guard=guard,
        snap=lambda label, subtask: None,
    )
    graph = build_graph(nodes, InMemorySaver())
    try:
        _converse(graph, sentence, ask, outcome)
    except _Moved:
        pass
    except PlannerUnavailableError as error:
        outcome.status, outcome.message = "failed", str(error)
    outcome.findings = guard.findings
    answers = [e["answer"] for e in trace.events if e["kind"] == "plan_answered"]
    outcome.planned = answers[-1] if answers else None
    return outcome


def _converse(graph: Any, sentence: str, ask: Ask | None, outcome: Rehearsal) -> None:
    pending: Any = initial(sentence)
    while True:
        state = graph.invoke(pending, _THREAD)
        asked = graph.get_state(_THREAD).interrupts
        if not asked:
            outcome.status = state.get("status") or "succeeded"
            outcome.message, outcome.exit_code = state["message"], state["exit_code"]
            return
        question = asked[0].value
        outcome.asked.append(str(question["text"]))
        answer = ask(question["text"], tuple(question["options"])) if ask is not None else None
        if answer is None:
            outcome.status, outcome.message = "question", str(question["text"])
            outcome.exit_code = int(ExitCode.QUESTION)
            return
        pending = Resume(resume=answer)
