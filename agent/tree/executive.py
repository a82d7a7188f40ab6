"""The tree of the whole command: its life, its patches, its picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.control.body import Body
from diarchy.agent.tree.binding import Binder
from diarchy.agent.tree.compiler import SubtaskCompiler, evidence_calls, sequence
from diarchy.agent.tree.leaves import See, Turn
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Plan, Subtask
from diarchy.contracts.predicate import ANY, Condition
from diarchy.contracts.skill import SkillSpec

_GOAL_CHECK = Subtask(id="goals", skill="look_at", words="see that everything is as it shall be")
_GOAL_SPEC = SkillSpec(name="goals", sentence="Look at every goal again before the end.")


class Executive:
    """Holds the one tree of a command. Plans are grafted onto it; what is done stays done."""

    def __init__(self, body: Body, *, backend: str = "auto") -> None:
        self.body = body
        self.binder = Binder(body.loop.world)
        self._compiler = SubtaskCompiler(body, self.binder, backend=backend)
        self.root = py_trees.composites.Sequence("command", memory=True)
        self.memories: dict[str, SubtaskMemory] = {}
        self._nodes: dict[str, Behaviour] = {}
        self._goals: tuple[Condition, ...] = ()
        body.loop.on_tree = self._tick
        self._turn: str | None = None
        # Told when a plan was grafted (None) and when a subtask was seen to be done.
        self.on_change: Callable[[SubtaskMemory | None], None] = lambda done: None
        # Subtasks whose skill an earlier process had begun: id to whether it had ended in success.
        self.doubtful: dict[str, bool] = {}

    @property
    def current(self) -> str | None:
        """Id of the subtask whose turn it is."""
        return self._turn

    def graft(self, plan: Plan) -> None:
        """Replace everything that is not done by the subtasks of a plan; between ticks only."""
        for subtask_id in [i for i, m in self.memories.items() if not self.is_done(i)]:
            node = self._nodes.pop(subtask_id)
            self.root.remove_child(node)
            del self.memories[subtask_id]
        for subtask in plan.subtasks:
            node, memory = self._compiler.compile(subtask)
            self._add(subtask.id, node, memory)
        self._goals = plan.goals
        if plan.complete and plan.goals:
            self._add("goals", *self._goal_check())
        self.emit()
        self.on_change(None)

    def restore(self, plan: Plan | None, done: Sequence[tuple[Subtask, Mapping[str, Any]]]) -> None:
        """Put a tree back that another process had: what was done is latched, the rest of the plan is open."""
        for subtask, fields in done:
            node, memory = self._compiler.compile(subtask)
            for name, value in fields.items():
                setattr(memory, name, value)
            self._add(subtask.id, node, memory)
            self._latch(subtask.id)
        if plan is not None:
            latched = [subtask for subtask, _ in done]
            left = tuple(s for s in plan.subtasks if s not in latched)
            self.graft(plan.model_copy(update={"subtasks": left}))

    def is_done(self, subtask_id: str) -> bool:
        """Whether a subtask has succeeded (and is latched)."""
        node = self._nodes[subtask_id]
        return (
            node.status is Status.SUCCESS or getattr(node, "final_status", None) is Status.SUCCESS
        )

    def next_open(self) -> str | None:
        """Id of the first subtask that is not done."""
        return next((i for i in self._nodes if not self.is_done(i)), None)

    def run(self, subtask_id: str, *, max_ticks: int) -> bool:
        """Tick until one subtask has succeeded or failed; returns whether it succeeded."""
        memory = self.memories[subtask_id]
        memory.started = self.body.now
        node = self._nodes[subtask_id]
        if subtask_id in self.doubtful and self._found_done(subtask_id, max_ticks=max_ticks):
            memory.ended = self.body.now
            self.emit()
            self.on_change(memory)
            return True
        self._turn = subtask_id
        self.body.destination = self._destination(subtask_id)
        self.body.loop.spin(
            lambda: self.is_done(subtask_id) or node.status is Status.FAILURE or self._halted(),
            max_ticks=max_ticks,
        )
        self._turn = None
        memory.ended = self.body.now
        if node.status is Status.RUNNING:
            node.stop(Status.INVALID)
        self.emit()
        done = self.is_done(subtask_id)
        self.on_change(memory if done else None)
        return done

    def goals(self) -> list[Condition]:
        """What the plan is for, with described things bound to those that were found."""
        return [self.binder.resolve(goal) for goal in self._goals]

    def goal_rows(self) -> list[dict[str, Any]]:
        """What the last look at the goals showed."""
        return self.memories["goals"].verified if "goals" in self.memories else []

    def emit(self) -> None:
        """Write the tree with its outcomes into the trace."""
        self.body.loop.trace.event("tree", tree=picture(self.root))

    def _destination(self, subtask_id: str) -> str | None:
        """Where the object of a subtask is put next, if the plan says so and that is known."""
        thing = self.memories[subtask_id].subtask.args.get("object")
        known = {e.id for e in self.body.loop.world.entities()}
        after = itertools.dropwhile(lambda i: i != subtask_id, self.memories)
        for memory in (self.memories[i] for i in itertools.islice(after, 1, None)):
            args = memory.subtask.args
            place = args.get("receptacle")
            if thing is not None and args.get("object") == thing and place is not None:
                return place if isinstance(place, str) and place in known else None
        return None

    def _latch(self, subtask_id: str) -> None:
        node: Any = self._nodes[subtask_id]
        node.final_status = node.status = Status.SUCCESS

    def _found_done(self, subtask_id: str, *, max_ticks: int) -> bool:
        """Whether what a skill was begun for is seen to hold now, so that its motion is not made again."""
        said = self.doubtful.pop(subtask_id)
        memory = self.memories[subtask_id]
        see = self._compiler.recheck(memory, since=self.body.now)
        if see is None:
            done = said  # nothing of it can be seen: the receipt decides
        else:
            self.body.loop.on_tree = lambda: None if self._halted() else see.tick_once()
            self.body.loop.spin(
                lambda: see.status in (Status.SUCCESS, Status.FAILURE) or self._halted(),
                max_ticks=max_ticks,
            )
            if see.status is Status.RUNNING:
                see.stop(Status.INVALID)
            self.body.loop.on_tree = self._tick
            done = see.status is Status.SUCCESS
        memory.last = None  # what the check found out is no failure of the skill
        self.body.loop.trace.event("rechecked", subtask=subtask_id, done=done)
        if done:
            self._latch(subtask_id)
        return done

    def _halted(self) -> bool:
        loop = self.body.loop
        return loop.unanswered is not None or loop.halted() is not None

    def _tick(self) -> None:
        if self._turn is not None and not self._halted():
            self.root.tick_once()

    def _add(self, subtask_id: str, work: Behaviour, memory: SubtaskMemory) -> None:
        title = f"{subtask_id} {memory.subtask.words or memory.spec.name}"
        gated = sequence(title, [Turn(lambda: self._turn == subtask_id), work])
        policy = py_trees.common.OneShotPolicy.ON_SUCCESSFUL_COMPLETION
        node = py_trees.decorators.OneShot(title, gated, policy)
        self._nodes[subtask_id] = node
        self.memories[subtask_id] = memory
        self.root.add_child(node)

    def _goal_check(self) -> tuple[Behaviour, SubtaskMemory]:
        memory = SubtaskMemory(_GOAL_CHECK, _GOAL_SPEC)
        see = See(
            "look at every goal again",
            memory,
            self.body,
            self._to_be_seen,
            lambda condition: evidence_calls(condition, stand_elsewhere=True),
            self._last_touched,
        )
        return see, memory

    def _to_be_seen(self) -> list[Condition]:
        """The goals that a last look must confirm; that a thing was seen stays so when it is put away."""
        return [g for g in self.goals() if not (g.predicate.name == "seen" and self._holds(g))]

    def _holds(self, goal: Condition) -> bool:
        return self.body.evaluate(goal).truth is Truth.TRUE

    def _last_touched(self, goal: Condition) -> float:
        """When something that the goal is about was last worked on: older evidence does not prove it.

        What was seen to be done is not undone by work elsewhere.
        """
        about = set(goal.predicate.args)
        times = [
            m.acted_at
            for m in self.memories.values()
            if "gripper" in m.spec.occupies
            and (ANY in about or about & {str(v) for v in m.args.values()})
        ]
        return max(times, default=0.0)


def picture(node: Behaviour) -> dict[str, Any]:
    """Return the tree as nested dicts, for traces and reports."""
    status = getattr(node, "final_status", None) or node.status
    row: dict[str, Any] = {
        "name": node.name,
        "type": type(node).__name__,
        "status": status.value,
    }
    if node.feedback_message and not isinstance(node, py_trees.decorators.OneShot):
        row["note"] = node.feedback_message
    children: Sequence[Behaviour] = node.children
    if children:
        row["children"] = [picture(child) for child in children]
    return row
