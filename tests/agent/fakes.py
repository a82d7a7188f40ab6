"""A body without a robot: skills succeed, fail or change facts as a test scripts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.geometry import SE3
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import Cause, Outcome, SkillCall, SkillSpec
from diarchy.memory import Evidence
from diarchy.skills.specs import BUILTIN

Effect = Callable[["FakeWorld"], Outcome]


class FakeWorld:
    """Facts that are true, with the time they were last seen; everything else is false."""

    def __init__(self) -> None:
        self.facts: dict[str, float] = {"hand_empty()": 0.0}
        self.unknown: set[str] = set()
        self.now = 0.0
        self.things: dict[str, Entity] = {}
        self.in_hand: str | None = None

    def add(self, thing: Entity) -> None:
        self.things[thing.id] = thing
        self.set(f"located({thing.id})", f"near({thing.id})", f"accessible({thing.id})")

    def set(self, *facts: str) -> None:
        for fact in facts:
            self.facts[fact] = self.now

    def clear(self, *facts: str) -> None:
        for fact in facts:
            self.facts.pop(fact, None)

    def evaluate(self, condition: Condition) -> Evidence:
        key = str(condition.predicate)
        if key in self.unknown:
            return Evidence(Truth.UNKNOWN, None)
        return Evidence(
            Truth.of((key in self.facts) == condition.value), self.facts.get(key, self.now)
        )

    def truth(self, condition: Condition) -> Truth:
        return self.evaluate(condition).truth

    def entities(self) -> list[Entity]:
        return list(self.things.values())

    def entity(self, name: str) -> Entity:
        return self.things[name]

    def held(self) -> str | None:
        return self.in_hand

    def map_from_base(self) -> SE3:
        return SE3.identity()


class Events:
    """A trace that only remembers."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def event(self, kind: str, **fields: Any) -> None:
        self.rows.append({"kind": kind, **fields})

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [r for r in self.rows if r["kind"] == kind]


@dataclass
class FakeBody:
    """Each begun call runs for one poll and then has the outcome that its script returns."""

    world: FakeWorld
    scripts: dict[str, list[Effect]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    backends: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cancelled: list[Cause] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.library = SimpleNamespace(backends=lambda n: self.backends.get(n, ("motion",)))
        self.loop = SimpleNamespace(
            world=self.world,
            trace=Events(),
            on_tree=lambda: None,
            unanswered=None,
            halted=lambda: None,
            spin=self._spin,
        )
        self._call: SkillCall | None = None
        self._outcome: Outcome | None = None
        self.let_go_at: float | None = None

    @property
    def now(self) -> float:
        return self.world.now

    def skill_spec(self, name: str) -> SkillSpec:
        return next(s for s in BUILTIN if s.name == name)

    def begin(
        self, call: SkillCall, *, subtask: str, backend: str = "auto", attempt: int = 1
    ) -> Any:
        self.begun.append(str(call) if backend in ("auto", "motion") else f"{call} by {backend}")
        self._call, self._outcome = call, None
        return SimpleNamespace(backend="motion" if backend == "auto" else backend)

    def poll(self, subtask: str) -> Outcome | None:
        if self._call is None:
            return None
        if self._outcome is None:
            self.world.now += 1.0
            script = self.scripts.get(self._call.skill, [])
            self._outcome = script.pop(0)(self.world) if script else Outcome.done()
        return self._outcome

    def cancel(self, cause: Cause = Cause.CANCELLED) -> None:
        self.cancelled.append(cause)
        self._outcome = Outcome.failed(cause)

    def evaluate(self, condition: Condition) -> Evidence:
        return self.world.evaluate(condition)

    def _spin(self, until: Callable[[], bool], *, max_ticks: int) -> bool:
        for _ in range(max_ticks):
            if until():
                return True
            self.loop.on_tree()
        return until()


def mug(name: str = "mug_1", color: str = "red") -> Entity:
    return Entity(
        id=name,
        cls="Mug",
        kind="object",
        position=(1.0, 0.0, 0.8),
        extent=(0.08, 0.08, 0.1),
        attributes={"color": color},
        last_seen=0.0,
    )


def does(*, sets: tuple[str, ...] = (), clears: tuple[str, ...] = ()) -> Effect:
    def effect(world: FakeWorld) -> Outcome:
        world.set(*sets)
        world.clear(*clears)
        return Outcome.done()

    return effect


def fails(cause: Cause) -> Effect:
    return lambda world: Outcome.failed(cause, "scripted")
