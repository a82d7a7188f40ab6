"""What a kind of fault is, when it is there, and what came of a run with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from diarchy.agent.session import Agent

DRIVE, TAKE = "go to the fridge", "pick up the red mug"


@dataclass
class Moment:
    """When the fault is there: from ``begins`` for ``lasts`` simulated seconds."""

    begins: float
    lasts: float = float("inf")
    now: Callable[[], float] = lambda: 0.0

    def __bool__(self) -> bool:
        return self.begins <= self.now() < self.begins + self.lasts


class FaultRecord(BaseModel):
    """What came of one run with a fault."""

    kind: str
    seed: int
    at: float
    status: str = "crashed"
    message: str = ""
    verified: bool = False
    truth: bool | None = None
    exit_code: int = -1
    at_rest: bool = True
    violations: int = 0
    planner: str = ""
    crashed: bool = False
    expected: bool = False
    sim_s: float = 0.0
    wall_s: float = 0.0


@dataclass
class Setup:
    """What a kind may change before the run begins."""

    moment: Moment
    robot: Any
    planner: Any = "symbolic"
    system1: str = "motion"
    detector: Any = "oracle"
    on_agent: Callable[[Agent], None] = lambda agent: None
    on_event: Callable[[Agent, dict[str, Any]], None] = lambda agent, event: None
    closers: tuple[Callable[[], None], ...] = ()
    trace: Any = None


@dataclass(frozen=True)
class Fault:
    """One kind: what breaks, the sentence it is tried on, how it is put in, and which ends are honest."""

    about: str
    inject: Callable[[Setup], None]
    sentence: str = DRIVE
    ends: tuple[str, ...] = ("succeeded",)
    lasts: float = float("inf")
