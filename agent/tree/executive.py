"""The tree of the whole command: its life, its patches, its picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.control.body import Body
from diarchy.agent.corrections.edits import edits_between
from diarchy.agent.tree.binding import Binder
from diarchy.agent.tree.compiler import SubtaskCompiler, evidence_calls, sequence
from diarchy.agent.tree.leaves import See, Turn
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Plan, PlanEdit, Subtask
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
        self._names: set[str] = set()  # ids are not used twice, so that a trace can be read
        body.loop.on_tree = self._tick
        self._turn: str | None = None
        # Told when a plan was grafted (None) and when a subtask was seen to be done.
        self.on_change: Callable[[SubtaskMemory | None], None] = lambda done: None
        # Subtasks whose skill an earlier process had begun: id to whether it had ended in success.
        self.doubtful: dict[str, bool] = {}
        self.paused: Callable[[], bool] = lambda: False

    @property
    def current(self) -> str | None:
        """Id of the subtask whose turn it is."""
        return self._turn

    def graft(self, plan: Plan, *, reason: str = "") -> tuple[Plan, list[PlanEdit]]:
        """Change what is not done into the subtasks of a plan; between ticks only.

        What is in both stays as it is, also what runs at this moment; the rest is edited.

        Returns:
            The plan with the ids that its subtasks have in the tree, and the edits.
        """
        for subtask_id in [i for i in self.memories if self._failed(i)]:
            self._remove(subtask_id)
        running = self.open_subtasks()
        edits, final = edits_between(
            running, plan.subtasks, current=self._turn, taken=self._names, reason=reason
        )
        if self._turn == "goals" and not final and plan.goals == self._goals:
            return plan, []
        if "goals" in self._nodes:
            self._remove("goals")
        for edit in edits:
            self._apply(edit)
        self._goals = plan.goals
        if plan.complete and plan.goals:
            self._add("goals", *self._goal_check())
        if self.root.children:
            self.root.current_child = self.root.children[0]
        self.emit()
        self.on_change(None)
        return plan.model_copy(update={"subtasks": tuple(final)}), edits

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

    def open_subtasks(self) -> list[Subtask]:
        """The subtasks that are not done, in order, less the look at the goals."""
        return [m.subtask for i, m in self.memories.items() if i != "goals" and not self.is_done(i)]

    def _failed(self, subtask_id: str) -> bool:
        node = self._nodes[subtask_id]
        return node.status is Status.FAILURE and not self.is_done(subtask_id)

    def _apply(self, edit: PlanEdit) -> None:
        if edit.op == "drop" and edit.subtask_id is not None:
            self._remove(edit.subtask_id)
        elif edit.op == "insert" and edit.subtask is not None:
            order = list(self._nodes)
            before = order.index(edit.subtask_id) if edit.subtask_id in self._nodes else None
            self._insert(edit.subtask, before)
        elif edit.op == "change" and edit.subtask is not None:
            at = list(self._nodes).index(edit.subtask.id)
            self._remove(edit.subtask.id)
            self._insert(edit.subtask, at)
        elif edit.op == "reorder":
            done = [i for i in self._nodes if i not in edit.order]
            self._rearrange([*done, *edit.order])

    def _insert(self, subtask: Subtask, at: int | None) -> None:
        order = list(self._nodes)
        self._add(subtask.id, *self._compiler.compile(subtask))
        if at is not None:
            self._rearrange([*order[:at], subtask.id, *order[at:]])

    def _rearrange(self, order: Sequence[str]) -> None:
        self._nodes = {i: self._nodes[i] for i in order}
        self.memories = {i: self.memories[i] for i in order}
        self.root.children[:] = list(self._nodes.values())

    def _remove(self, subtask_id: str) -> None:
        """Take a subtask out of the tree; one that runs is cancelled, and the executor brakes."""
        node = self._nodes.pop(subtask_id)
        del self.memories[subtask_id]
        if node.status is Status.RUNNING:
            node.stop(Status.INVALID)
        self.root.remove_child(node)

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
            lambda: (
                self._nodes.get(subtask_id) is not node
                or self.is_done(subtask_id)
                or node.status is Status.FAILURE
                or self._halted()
            ),
            max_ticks=max_ticks,
        )
        self._turn = None
        memory.ended = self.body.now
        if node.status is Status.RUNNING:
            node.stop(Status.INVALID)
        self.emit()
        done = self._nodes.get(subtask_id) is node and self.is_done(subtask_id)
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
        if self._turn is not None and not self._halted() and not self.paused():
            self.root.tick_once()

    def _add(self, subtask_id: str, work: Behaviour, memory: SubtaskMemory) -> None:
        title = f"{subtask_id} {memory.subtask.words or memory.spec.name}"
        gated = sequence(title, [Turn(lambda: self._turn == subtask_id), work])
        policy = py_trees.common.OneShotPolicy.ON_SUCCESSFUL_COMPLETION
        node = py_trees.decorators.OneShot(title, gated, policy)
        self._nodes[subtask_id] = node
        self._names.add(subtask_id)
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
