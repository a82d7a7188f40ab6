"""The leaves of an imported tree on this robot: every skill an action, ``Holds`` the condition.

A skill leaf is a whole subtask of diarchy: preconditions, the skill, recovery by cause, and a success only
when its postconditions were seen. One skill runs at a time, because there is one body: in a
``Parallel`` a second one waits until the first has ended.
"""

from __future__ import annotations

from collections.abc import Mapping

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.control.body import Body
from diarchy.agent.tree.binding import Binder
from diarchy.agent.tree.btcpp.arguments import read_argument
from diarchy.agent.tree.btcpp.blackboard import Ports
from diarchy.agent.tree.btcpp.node import Node, Step
from diarchy.agent.tree.btcpp.plans import HOLDS
from diarchy.agent.tree.compiler import SubtaskCompiler
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Subtask, SubtaskRecord
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import Cause, SkillSpec


class RobotLeaves:
    """Implements `Leaves` for one body; ``records`` tell of the executions that have ended, in their order."""

    def __init__(self, body: Body, binder: Binder, *, backend: str) -> None:
        self._body, self._binder = body, binder
        self._compiler = SubtaskCompiler(body, binder, backend=backend)
        self._specs = {s.name: s for s in body.library.specs}
        self.busy: SkillLeaf | None = None
        self.memories: dict[str, SubtaskMemory] = {}
        self.records: list[SubtaskRecord] = []

    @property
    def known(self) -> Mapping[str, frozenset[str]]:
        """Skills and their parameters, and ``Holds``."""
        ports = {n: frozenset(p.name for p in s.parameters) for n, s in self._specs.items()}
        return {**ports, HOLDS: frozenset({"condition"})}

    def make(self, tag: str, name: str, ports: Ports) -> Behaviour:
        """Make an action or a condition."""
        if tag == HOLDS:
            return HoldsLeaf(name, ports, self)
        return SkillLeaf(name, self._specs[tag], ports, self)

    def begin(self, spec: SkillSpec, name: str, ports: Ports) -> tuple[Behaviour, SubtaskMemory]:
        """Compile one execution with the arguments of this moment."""
        args = {p.name: read_argument(p, ports.text(p.name)) for p in spec.parameters}
        words = "" if name == spec.name else name
        subtask = Subtask(id=f"n{len(self.memories) + 1}", skill=spec.name, args=args, words=words)
        built, memory = self._compiler.compile(subtask)
        memory.started = self._body.now
        self.memories[subtask.id] = memory
        self._body.loop.trace.event(
            "subtask_started",
            id=subtask.id,
            skill=spec.name,
            args={k: str(v) for k, v in args.items()},
            words=words,
        )
        return built, memory

    def end(self, memory: SubtaskMemory, *, success: bool) -> None:
        """Note that an execution is over."""
        memory.ended = self._body.now
        cause = None if success else (memory.cause or Cause.CANCELLED)
        record = SubtaskRecord(
            id=memory.subtask.id,
            skill=memory.spec.name,
            args={k: str(v) for k, v in (memory.args or memory.subtask.args).items()},
            words=memory.subtask.words,
            status="succeeded" if success else "failed",
            cause=cause.value if cause else None,
            detail=memory.last.detail if memory.last else "",
            seconds=round(memory.ended - (memory.started or 0.0), 3),
            attempts=max(memory.attempts, 1),
            system1=memory.backend,
        )
        self.records.append(record)
        event = record.model_dump(mode="json", exclude={"skill", "args", "words", "obstacle"})
        self._body.loop.trace.event("subtask_ended", **event)

    def holds(self, text: str) -> bool:
        """Whether a condition is known to hold."""
        condition = self._binder.resolve(Condition.parse(text))
        return self._body.evaluate(condition).truth is Truth.TRUE


class HoldsLeaf(Node):
    """Succeeds when a condition is known to hold; what is not known fails, for there is no third result."""

    def __init__(self, name: str, ports: Ports, leaves: RobotLeaves) -> None:
        super().__init__(name)
        self._ports, self._leaves = ports, leaves

    def step(self) -> Step:
        """Evaluate."""
        holds = self._leaves.holds(self._ports.text("condition"))
        return Status.SUCCESS if holds else Status.FAILURE
        yield self


class SkillLeaf(Node):
    """One skill, begun anew each time the node is."""

    def __init__(self, name: str, spec: SkillSpec, ports: Ports, leaves: RobotLeaves) -> None:
        super().__init__(name)
        self._spec, self._ports, self._leaves = spec, ports, leaves
        self._memory: SubtaskMemory | None = None

    def initialise(self) -> None:
        """It has not begun."""
        self._memory = None

    def reset(self) -> None:
        """It was halted: whatever had begun is over."""
        self._over(success=False)

    def step(self) -> Step:
        """Wait for the body, begin, go on until it has ended."""
        if self._memory is None:
            if self._leaves.busy is not None:
                self.feedback_message = "waits for the body"
                return Status.RUNNING
            built, self._memory = self._leaves.begin(self._spec, self.name, self._ports)
            self._leaves.busy, self.children = self, [built]
            built.parent = self
        status = yield from self.tick_child(self.children[0])
        if status is not Status.RUNNING:
            self.feedback_message = self._memory.last.detail if self._memory.last else ""
            self._over(success=status is Status.SUCCESS)
        return status

    def _over(self, *, success: bool) -> None:
        if self._leaves.busy is self and self._memory is not None:
            self._leaves.busy = None
            self._leaves.end(self._memory, success=success)
        self._memory = None
