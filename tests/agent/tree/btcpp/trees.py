"""Trees whose leaves do what a test says, tick by tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.tree.btcpp.blackboard import Blackboard, Ports
from diarchy.agent.tree.btcpp.build import build
from diarchy.agent.tree.btcpp.document import parse

LETTERS = {"S": Status.SUCCESS, "F": Status.FAILURE, "R": Status.RUNNING}
NAMES = {Status.SUCCESS: "S", Status.FAILURE: "F", Status.RUNNING: "R", Status.INVALID: "-"}


class Scripted(Behaviour):
    """Returns the letters of its script one after the other, the last one for ever."""

    def __init__(self, name: str, script: str, log: list[str]) -> None:
        super().__init__(name)
        self._script, self._log, self._at = script, log, 0

    def update(self) -> Status:
        letter = self._script[min(self._at, len(self._script) - 1)]
        self._at += 1
        self._log.append(self.name)
        return LETTERS[letter]

    def terminate(self, new_status: Status) -> None:
        if new_status is Status.INVALID and self.status is Status.RUNNING:
            self._log.append(f"{self.name} halted")


class ScriptedLeaves:
    """Leaves ``A`` to ``E`` with a script each; ``Note`` writes the value of its port into the log."""

    def __init__(self, scripts: Mapping[str, str]) -> None:
        self.log: list[str] = []
        self._scripts = scripts

    @property
    def known(self) -> Mapping[str, frozenset[str]]:
        return {**{n: frozenset() for n in self._scripts}, "Note": frozenset({"what"})}

    def make(self, tag: str, name: str, ports: Ports) -> Behaviour:
        if tag == "Note":
            return _Note(ports, self.log)
        return Scripted(tag, self._scripts[tag], self.log)


class _Note(Behaviour):
    def __init__(self, ports: Ports, log: list[str]) -> None:
        super().__init__("Note")
        self._ports, self._log = ports, log

    def update(self) -> Status:
        self._log.append(self._ports.text("what"))
        return Status.SUCCESS


def file(body: str, *more: str) -> str:
    """A tree file with one main tree, and further ones."""
    return (
        '<root BTCPP_format="4" main_tree_to_execute="Main">'
        f'<BehaviorTree ID="Main">{body}</BehaviorTree>{"".join(more)}</root>'
    )


class Ticked:
    """A built tree: tick it and see."""

    def __init__(
        self, body: str, *more: str, board: Mapping[str, str | float] | None = None, **scripts: str
    ) -> None:
        self.leaves = ScriptedLeaves(scripts)
        self.board = Blackboard()
        self.time = 0.0
        for key, value in (board or {}).items():
            self.board.set(key, value)
        self.root = build(parse(file(body, *more)), self.leaves, lambda: self.time, self.board)

    def tick(self, times: int = 1, *, dt: float = 0.0) -> str:
        """Tick; returns the results as letters."""
        letters = ""
        for _ in range(times):
            self.root.tick_once()
            letters += NAMES[self.root.status]
            self.time += dt
        return letters

    def halt(self) -> None:
        self.root.stop(Status.INVALID)

    @property
    def log(self) -> list[str]:
        return self.leaves.log

    def ticked(self, names: Sequence[str] = "ABCDE") -> str:
        """Names of the leaves in the order they were ticked."""
        return "".join(n for n in self.log if n in names)
