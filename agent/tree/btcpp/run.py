"""A tree file drives the robot: no System 2, the same loop, skills, checks and guard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from py_trees.common import Status

from diarchy.agent.deliberation.state import State, initial
from diarchy.agent.run.config import RunConfig
from diarchy.agent.tree.btcpp.blackboard import TreeError
from diarchy.agent.tree.btcpp.build import build
from diarchy.agent.tree.btcpp.document import read_file
from diarchy.agent.tree.btcpp.robot import RobotLeaves
from diarchy.agent.tree.executive import Executive, picture
from diarchy.contracts.errors import BadInputError, ExitCode

Person = Callable[[str, tuple[str, ...]], str | None]
_YES = ("y", "yes", "ok", "do it", "go")


class TreeRun:
    """Ticks the main tree of a file at the rate of the tree until it ends.

    Args:
        path: the file.
        executive: whose body, memories and pictures are used; it is given no plan.
        config: of the run.
        ask: the person, for ``--approve always``.

    Raises:
        BadInputError: the file cannot be run; nothing has moved.
    """

    def __init__(self, path: Path, executive: Executive, config: RunConfig, *, ask: Person) -> None:
        self._executive, self._config, self._ask = executive, config, ask
        body = executive.body
        self._leaves = RobotLeaves(body, executive.binder, backend=config.system1)
        self._loop = body.loop
        self._ended: Status | None = None
        self._why = ""
        document = read_file(path)
        try:
            self._root = build(document, self._leaves, lambda: body.now)
        except BadInputError as error:
            raise BadInputError(f"{path}: {error}") from error
        self._used = sorted({e.tag for t in document.trees.values() for e in t.root.walk()})

    def run(self) -> State:
        """Tick to the end; returns the state that a deliberation would end in."""
        state = initial(self._config.instruction)
        if self._config.approve == "always":
            skills = [name for name in self._used if name in self._leaves.known]
            answer = self._ask(f"Shall I run this tree ({', '.join(skills)})?", ("yes", "no"))
            if answer is None or answer.strip().lower() not in _YES:
                return _end(state, "refused", "you did not approve the tree", ExitCode.REFUSED)
        self._loop.rest()
        self._loop.look()
        self._loop.on_tree = self._tick
        ticks = int(self._config.max_seconds / self._loop.robot.clock.period)
        self._loop.spin(lambda: self._ended is not None or self._halted(), max_ticks=ticks)
        if self._ended is None:
            self._root.stop(Status.INVALID)
        self._loop.on_tree = lambda: None
        self._loop.trace.event("tree", tree=picture(self._root))
        self._executive.memories.update(self._leaves.memories)
        state["history"] = [r.model_dump(mode="json") for r in self._leaves.records]
        return self._outcome(state)

    def _tick(self) -> None:
        if self._ended is not None or self._halted():
            return
        try:
            self._root.tick_once()
        except TreeError as error:
            self._why, self._ended = str(error), Status.FAILURE
            self._root.stop(Status.INVALID)
            return
        if self._root.status is not Status.RUNNING:
            self._ended = self._root.status

    def _halted(self) -> bool:
        return self._loop.unanswered is not None or self._loop.halted() is not None

    def _outcome(self, state: State) -> State:
        if (reason := self._loop.halted()) is not None:
            return _end(state, "stopped", reason, ExitCode.STOPPED)
        if self._loop.unanswered is not None:
            ask, self._loop.unanswered = self._loop.unanswered, None
            question = {"text": ask.text, "options": list(ask.options)}
            return _end(state, "question", ask.text, ExitCode.QUESTION) | State(question=question)
        if self._ended is Status.SUCCESS:
            done = "the tree succeeded, and each of its actions was seen to be done"
            return _end(state, "succeeded", done, ExitCode.DONE) | State(verified=True)
        if self._ended is None:
            why = f"gave up after {self._config.max_seconds:.0f} s"
        elif self._ended is Status.INVALID:
            why = "the whole tree was skipped by its own preconditions"
        else:
            failed = [r for r in self._leaves.records if r.status == "failed"]
            why = self._why or (
                f"{failed[-1].skill}: {failed[-1].cause}, {failed[-1].detail}" if failed else ""
            )
        return _end(
            state,
            "failed",
            f"the tree failed: {why or 'a condition did not hold'}",
            ExitCode.NOT_ACHIEVED,
        )


def _end(state: State, status: str, message: str, code: ExitCode) -> State:
    return state | State(status=status, message=message, exit_code=int(code))
