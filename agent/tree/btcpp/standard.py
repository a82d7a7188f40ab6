"""The standard nodes by name: how many children each has, which ports, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from diarchy.agent.tree.btcpp.blackboard import Blackboard, Ports
from diarchy.agent.tree.btcpp.controls import (
    IfThenElse,
    Ordered,
    Parallel,
    ParallelAll,
    Reactive,
    Switch,
    WhileDoElse,
)
from diarchy.agent.tree.btcpp.decorators import (
    Again,
    Delay,
    Mapped,
    Precondition,
    RunOnce,
    Timeout,
)
from diarchy.agent.tree.btcpp.node import SKIPPED, Node, Step
from diarchy.agent.tree.btcpp.script import Expression, compile_script, truthy
from diarchy.contracts.errors import BadInputError

OK, BAD, RUNNING = Status.SUCCESS, Status.FAILURE, Status.RUNNING


@dataclass(frozen=True)
class Site:
    """Where a node stands: its name, children, ports, board, and the time."""

    name: str
    children: Sequence[Behaviour]
    ports: Ports
    attributes: Mapping[str, str]
    board: Blackboard
    now: Callable[[], float]

    @property
    def child(self) -> Behaviour:
        """The only child of a decorator."""
        return self.children[0]


Make: TypeAlias = Callable[[Site], Behaviour]


@dataclass(frozen=True)
class Kind:
    """One standard node: least and most children (None: any number), ports, needed ports."""

    make: Make
    least: int
    most: int | None
    ports: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()


class Fixed(Node):
    """AlwaysSuccess and AlwaysFailure."""

    def __init__(self, name: str, status: Status) -> None:
        super().__init__(name)
        self._always = status

    def step(self) -> Step:
        """Return it."""
        return self._always
        yield self


class Run(Node):
    """Script, ScriptCondition, SetBlackboard, UnsetBlackboard: something on the board, done in one tick."""

    def __init__(self, name: str, work: Callable[[], bool]) -> None:
        super().__init__(name)
        self._work = work

    def step(self) -> Step:
        """Do it."""
        return OK if self._work() else BAD
        yield self


class Sleep(Node):
    """Runs for ``msec``, then succeeds."""

    def __init__(self, name: str, ports: Ports, now: Callable[[], float]) -> None:
        super().__init__(name)
        self._ports, self._now, self._began = ports, now, 0.0

    def initialise(self) -> None:
        """The time begins."""
        self._began = self._now()

    def step(self) -> Step:
        """Look at the time."""
        return OK if self._now() - self._began >= self._ports.number("msec") / 1000.0 else RUNNING
        yield self


def _script(site: Site) -> Expression:
    return compile_script(site.attributes["code"])


def _did(run: Expression, board: Blackboard) -> bool:
    run(board)
    return True


def _make_script(site: Site) -> Behaviour:
    code = _script(site)
    return Run(site.name, lambda: _did(code, site.board))


def _make_condition(site: Site) -> Behaviour:
    code = _script(site)
    return Run(site.name, lambda: truthy(code(site.board)))


def _key(site: Site, port: str) -> str:
    text = site.attributes[port]
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _make_set(site: Site) -> Behaviour:
    def work() -> bool:
        site.board.set(_key(site, "output_key"), site.ports.value("value"))
        return True

    return Run(site.name, work)


def _make_unset(site: Site) -> Behaviour:
    def work() -> bool:
        site.board.unset(_key(site, "key"))
        return True

    return Run(site.name, work)


def _make_precondition(site: Site) -> Behaviour:
    results = {"FAILURE": BAD, "SUCCESS": OK, "SKIPPED": SKIPPED}
    otherwise = site.attributes.get("else", "FAILURE").upper()
    if otherwise not in results:
        raise BadInputError(
            f"<Precondition else={otherwise!r}> is not supported; it may be FAILURE, SUCCESS or SKIPPED"
        )
    script = compile_script(site.attributes["if"])
    return Precondition(site.name, site.child, script, site.board, results[otherwise])


def _ordered(goes_on: Status, *, memory: bool = False, gentle: bool = False) -> Kind:
    return Kind(
        lambda s: Ordered(s.name, s.children, goes_on=goes_on, memory=memory, gentle=gentle),
        1,
        None,
    )


def _reactive(goes_on: Status) -> Kind:
    return Kind(lambda s: Reactive(s.name, s.children, goes_on=goes_on), 1, None)


def _mapped(results: Mapping[Status, Status]) -> Kind:
    return Kind(lambda s: Mapped(s.name, s.child, results), 1, 1)


def _ported(
    make: Make, *ports: str, least: int = 1, most: int | None = 1, needed: bool = True
) -> Kind:
    names = frozenset(ports)
    return Kind(make, least, most, names, names if needed else frozenset())


def _switch(cases: int) -> Kind:
    names = ["variable", *(f"case_{i}" for i in range(1, cases + 1))]
    return _ported(
        lambda s: Switch(s.name, s.children, s.ports), *names, least=cases + 1, most=cases + 1
    )


STANDARD: dict[str, Kind] = {
    "Sequence": _ordered(OK),
    "AsyncSequence": _ordered(OK, gentle=True),
    "SequenceWithMemory": _ordered(OK, memory=True),
    "ReactiveSequence": _reactive(OK),
    "Fallback": _ordered(BAD),
    "AsyncFallback": _ordered(BAD, gentle=True),
    "ReactiveFallback": _reactive(BAD),
    "Parallel": _ported(
        lambda s: Parallel(s.name, s.children, s.ports),
        *("success_count", "failure_count"),
        most=None,
        needed=False,
    ),
    "ParallelAll": _ported(
        lambda s: ParallelAll(s.name, s.children, s.ports), "max_failures", most=None, needed=False
    ),
    "IfThenElse": Kind(lambda s: IfThenElse(s.name, s.children), 2, 3),
    "WhileDoElse": Kind(lambda s: WhileDoElse(s.name, s.children), 2, 3),
    **{f"Switch{n}": _switch(n) for n in range(2, 7)},
    "Inverter": _mapped({OK: BAD, BAD: OK}),
    "ForceSuccess": _mapped({BAD: OK}),
    "ForceFailure": _mapped({OK: BAD}),
    "KeepRunningUntilFailure": _mapped({OK: RUNNING}),
    "Repeat": _ported(
        lambda s: Again(s.name, s.child, s.ports, port="num_cycles", again=OK), "num_cycles"
    ),
    "RetryUntilSuccessful": _ported(
        lambda s: Again(s.name, s.child, s.ports, port="num_attempts", again=BAD), "num_attempts"
    ),
    "Timeout": _ported(lambda s: Timeout(s.name, s.child, s.ports, s.now), "msec"),
    "Delay": _ported(lambda s: Delay(s.name, s.child, s.ports, s.now), "delay_msec"),
    "RunOnce": _ported(lambda s: RunOnce(s.name, s.child, s.ports), "then_skip", needed=False),
    "Precondition": Kind(_make_precondition, 1, 1, frozenset({"if", "else"}), frozenset({"if"})),
    "AlwaysSuccess": Kind(lambda s: Fixed(s.name, OK), 0, 0),
    "AlwaysFailure": Kind(lambda s: Fixed(s.name, BAD), 0, 0),
    "Sleep": _ported(lambda s: Sleep(s.name, s.ports, s.now), "msec", least=0, most=0),
    "Script": _ported(_make_script, "code", least=0, most=0),
    "ScriptCondition": _ported(_make_condition, "code", least=0, most=0),
    "SetBlackboard": _ported(_make_set, "value", "output_key", least=0, most=0),
    "UnsetBlackboard": _ported(_make_unset, "key", least=0, most=0),
}

NOT_SUPPORTED = {
    "ManualSelector": "it reads the keyboard",
    "TestNode": "it stands in for a node in a test",
    "TryCatch": "halted children cannot be cleaned up after yet",
    "ConsumeQueue": "queues on the blackboard are C++ objects",
    "LoopInt": "queues on the blackboard are C++ objects",
    "LoopDouble": "queues on the blackboard are C++ objects",
    "LoopBool": "queues on the blackboard are C++ objects",
    "LoopString": "queues on the blackboard are C++ objects",
    "SkipUnlessUpdated": "entries have no sequence number here",
    "WaitValueUpdate": "entries have no sequence number here",
    "WasEntryUpdated": "entries have no sequence number here",
    "SequenceStar": "it is called SequenceWithMemory in version 4",
    "SubTreePlus": "it is called SubTree in version 4",
    "RetryUntilSuccesful": "it is spelled RetryUntilSuccessful in version 4",
}
