"""diarchy: a slow mind that plans and a fast one that moves, for mobile manipulators.

The public API is what `__all__` lists; it is loaded when it is first used, so that importing
diarchy costs nothing and brings no simulator, no torch and no model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from diarchy.agent.run.config import RunConfig
    from diarchy.agent.run.result import RunResult
    from diarchy.agent.session import Agent
    from diarchy.contracts.errors import BadInputError, DiarchyError
    from diarchy.contracts.plan import Plan, Question, Reference, Refusal, Subtask
    from diarchy.contracts.predicate import Condition
    from diarchy.contracts.robot import Action, Observation, Proprio, Robot, RobotSpec
    from diarchy.contracts.skill import Cause, Outcome, SkillCall, SkillSpec
    from diarchy.robots.home import HomeRobot

_WHERE = {
    "Action": "diarchy.contracts.robot",
    "Agent": "diarchy.agent.session",
    "BadInputError": "diarchy.contracts.errors",
    "Cause": "diarchy.contracts.skill",
    "Condition": "diarchy.contracts.predicate",
    "DiarchyError": "diarchy.contracts.errors",
    "HomeRobot": "diarchy.robots.home",
    "Observation": "diarchy.contracts.robot",
    "Outcome": "diarchy.contracts.skill",
    "Plan": "diarchy.contracts.plan",
    "Proprio": "diarchy.contracts.robot",
    "Question": "diarchy.contracts.plan",
    "Reference": "diarchy.contracts.plan",
    "Refusal": "diarchy.contracts.plan",
    "Robot": "diarchy.contracts.robot",
    "RobotSpec": "diarchy.contracts.robot",
    "RunConfig": "diarchy.agent.run.config",
    "RunResult": "diarchy.agent.run.result",
    "SkillCall": "diarchy.contracts.skill",
    "SkillSpec": "diarchy.contracts.skill",
    "Subtask": "diarchy.contracts.plan",
}

__all__ = [
    "Action",
    "Agent",
    "BadInputError",
    "Cause",
    "Condition",
    "DiarchyError",
    "HomeRobot",
    "Observation",
    "Outcome",
    "Plan",
    "Proprio",
    "Question",
    "Reference",
    "Refusal",
    "Robot",
    "RobotSpec",
    "RunConfig",
    "RunResult",
    "SkillCall",
    "SkillSpec",
    "Subtask",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'diarchy' has no attribute {name!r}")
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
