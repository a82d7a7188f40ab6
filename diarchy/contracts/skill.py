"""Skills: what each promises (`SkillSpec`), one call of it, how it ended, and the Protocol to write one.

A skill is a generator. It yields commands and receives the robot's proprioception each time it is
resumed; it returns a typed `Outcome`. That makes a skill read like the motion it makes, while the
executor keeps the rate, the guard and the stop:

* an `ActionChunk` is executed tick by tick; the skill resumes when its last tick has been applied;
* `Look` holds the robot still until perception has digested a fresh look, then resumes;
* `Ask` puts a question to the person; the answer is in ``context.answer`` when it resumes.

Closing the generator (cancel, stop, timeout) must leave nothing behind: the executor brakes.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from pydantic import BaseModel, ConfigDict

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import Clock
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.world import WorldView

ParameterKind = Literal[
    "object", "receptacle", "openable", "switchable", "person", "thing", "text", "seconds"
]
Resource = Literal["base", "arm", "gripper", "head", "voice"]


class Cause(str, Enum):
    """Why a skill failed; a closed set, because the cause chooses the branch of recovery."""

    PRECONDITION = "precondition"  # something it relies on does not hold
    NOT_FOUND = "not_found"  # looked everywhere it could, did not see it
    NOT_VISIBLE = "not_visible"  # the target is known but could not be seen now
    UNREACHABLE = "unreachable"  # no base or arm pose reaches it without collision
    BLOCKED = "blocked"  # the way is blocked, or the motion was stopped by contact
    GRASP_MISSED = "grasp_missed"  # the fingers closed on nothing
    SLIPPED = "slipped"  # it was held and is not any more
    NO_SPACE = "no_space"  # no free spot to put it
    NO_EFFECT = "no_effect"  # the motion ended, the world did not change as it should
    TIMEOUT = "timeout"  # it took longer than it may
    STOPPED = "stopped"  # the protective stop, or a person
    CANCELLED = "cancelled"  # another subtask took its place
    UNSUPPORTED = "unsupported"  # this robot or backend cannot do it
    ERROR = "error"  # a defect: something raised


class Outcome(BaseModel):
    """How one execution of a skill ended.

    ``detail`` is a sentence for a person; ``obstacle`` the id of a movable thing that is in the way.
    """

    model_config = ConfigDict(frozen=True)

    success: bool
    cause: Cause | None = None
    detail: str = ""
    obstacle: str | None = None

    @staticmethod
    def done(detail: str = "") -> Outcome:
        """Build a success."""
        return Outcome(success=True, detail=detail)

    @staticmethod
    def failed(cause: Cause, detail: str = "", obstacle: str | None = None) -> Outcome:
        """Build a failure with its cause."""
        return Outcome(success=False, cause=cause, detail=detail, obstacle=obstacle)


class Parameter(BaseModel):
    """One typed parameter of a skill; ``classes``, if given, are the only ones it takes."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: ParameterKind
    doc: str = ""
    classes: tuple[str, ...] = ()


class Postcondition(BaseModel):
    """What holds after success; ``transient``: only until a later subtask uses it up."""

    model_config = ConfigDict(frozen=True)

    template: str
    transient: bool = False


class SkillSpec(BaseModel):
    """What a skill needs, promises and occupies.

    Conditions are templates over the parameter names, for example ``in(object, receptacle)``, with
    ``*`` for anything. ``deletes`` lists what stops being true beside the postconditions.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    sentence: str
    parameters: tuple[Parameter, ...] = ()
    preconditions: tuple[str, ...] = ()
    hold_conditions: tuple[str, ...] = ()
    postconditions: tuple[Postcondition, ...] = ()
    deletes: tuple[str, ...] = ()
    allowed_contacts: tuple[str, ...] = ()
    force_limit: float = 80.0
    timeout: float = 120.0
    occupies: tuple[Resource, ...] = ()
    cost: float = 1.0

    def bind(self, template: str, args: Mapping[str, Any]) -> Condition:
        """Fill a template with arguments."""
        condition = Condition.parse(template)
        bound = tuple(str(args.get(a, a)) for a in condition.predicate.args)
        return Condition(
            type(condition.predicate)(condition.predicate.name, bound), condition.value
        )

    def check_args(self, args: Mapping[str, Any]) -> None:
        """Check names of arguments.

        Raises:
            BadInputError: one is missing or not a parameter.
        """
        names = [p.name for p in self.parameters]
        for given in args:
            if given not in names:
                raise BadInputError(
                    f"skill '{self.name}' has no parameter '{given}'; {did_you_mean(given, names)}"
                )
        missing = [n for n in names if n not in args]
        if missing:
            raise BadInputError(f"skill '{self.name}' needs {', '.join(missing)}")


@dataclass(frozen=True)
class SkillCall:
    """A skill with bound arguments: entity ids for things, text, or seconds."""

    skill: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.skill}({', '.join(str(v) for v in self.args.values())})"


@dataclass(frozen=True)
class Look:
    """Hold still and take in a fresh look with these cameras (empty: the head camera)."""

    cameras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """Put a question to the person; ``options`` may be empty."""

    text: str
    options: tuple[str, ...] = ()


Command: TypeAlias = ActionChunk | Look | Ask
SkillRun: TypeAlias = Generator[Command, Proprio, Outcome]


@runtime_checkable
class SkillContext(Protocol):
    """What a running skill has at hand."""

    @property
    def spec(self) -> RobotSpec:
        """The embodiment."""
        ...

    @property
    def clock(self) -> Clock:
        """The robot's clock."""
        ...

    @property
    def world(self) -> WorldView:
        """The present belief."""
        ...

    @property
    def rng(self) -> np.random.Generator:
        """The only source of randomness; seeded."""
        ...

    @property
    def epoch(self) -> int:
        """What the chunks of this execution must carry."""
        ...

    @property
    def answer(self) -> str | None:
        """The person's answer to the last `Ask`."""
        ...

    @property
    def destination(self) -> str | None:
        """Id of where the thing that is taken goes next, as far as the plan tells: a hint for the grasp."""
        ...

    def claim_held(self, entity_id: str | None) -> None:
        """Tell the belief what the gripper has just closed on (or let go: None)."""
        ...

    def say(self, text: str) -> None:
        """Tell the person something."""
        ...


@runtime_checkable
class Skill(Protocol):
    """A skill of System 1.

    ``start`` returns the generator described in this module; it may yield nothing and return at
    once. It must not block, and must check what it depends on itself: preconditions may lapse.
    """

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        ...

    @property
    def backend(self) -> str:
        """``motion`` or ``vla``: who really acts; goes into results."""
        ...

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution with the proprioception of this moment."""
        ...
