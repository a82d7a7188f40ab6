"""A run as a report sees it: plain typed data, whatever of the trace there is.

Times are simulated seconds, lengths metres, angles radians, positions in ``map``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diarchy.agent.run.trace import DENSE_PICTURE
from diarchy.contracts.entity import class_words
from diarchy.memory.scene_graph import SceneGraph


@dataclass(frozen=True)
class Place:
    """A rectangle of the map: a wall, a fixture (``label`` is its class) or a person (no size)."""

    id: str
    label: str
    x: float
    y: float
    yaw: float = 0.0
    sx: float = 0.0
    sy: float = 0.0


@dataclass(frozen=True)
class HomeMap:
    """The static map; rooms are ``(xmin, ymin, xmax, ymax)``."""

    bounds: tuple[float, float, float, float]
    rooms: dict[str, tuple[float, float, float, float]]
    walls: tuple[Place, ...] = ()
    fixtures: tuple[Place, ...] = ()
    people: tuple[Place, ...] = ()

    def room_at(self, x: float, y: float) -> str | None:
        """Name of the room that a point lies in."""
        inside = (
            n for n, (x0, y0, x1, y1) in self.rooms.items() if x0 <= x <= x1 and y0 <= y <= y1
        )
        return next(inside, None)


@dataclass(frozen=True)
class Thing:
    """A movable object as it was last believed.

    ``told`` says where it is and how old that is; ``remembered``: seen in an earlier run, not in this.
    """

    id: str
    cls: str
    attributes: dict[str, str]
    x: float
    y: float
    z: float
    room: str | None
    last_seen: float | None
    told: str = ""
    remembered: bool = False

    @property
    def words(self) -> str:
        """Words for a person: "red mug"."""
        return " ".join([*self.attributes.values(), class_words(self.cls)])


@dataclass(frozen=True)
class Pose:
    """Where the robot believed to be, and what it believed to hold."""

    t: float
    x: float
    y: float
    yaw: float
    held: str | None


@dataclass(frozen=True)
class Picture:
    """A picture in the run folder; ``path`` is None if the trace names a file that is not there."""

    t: float
    path: Path | None
    view: str
    label: str
    subtask: str | None


@dataclass
class Attempt:
    """One execution of a skill for a subtask."""

    call: str
    backend: str
    start: float
    end: float | None = None
    success: bool | None = None
    cause: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Recovery:
    """A branch taken after a failure."""

    t: float
    subtask: str
    cause: str
    branch: str


@dataclass(frozen=True)
class Check:
    """A condition and what was seen of it."""

    condition: str
    truth: str
    stamp: float | None = None


@dataclass
class Step:
    """One subtask as it was carried out. ``status`` is ``running`` if the trace ends in it."""

    id: str
    skill: str
    words: str
    args: dict[str, str]
    start: float
    end: float | None = None
    status: str = "running"
    cause: str | None = None
    detail: str = ""
    tries: int = 0
    system1: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Words for a person."""
        return self.words or " ".join([self.skill, *self.args.values()])


@dataclass
class Thought:
    """One round of System 2: what was asked, what it answered and what the checker said."""

    start: float
    end: float | None = None
    feedback: str | None = None
    planner: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    violations: list[str] | None = None
    assumptions: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """``plan``, ``question``, ``refusal``, or empty while there is no answer."""
        return str(self.answer.get("kind", ""))


@dataclass(frozen=True)
class ModelCall:
    """One exchange with a model: where, which, and what it wrote."""

    t: float
    url: str
    model: str
    raw: str
    seconds: float | None
    tokens_in: int | None
    tokens_out: int | None


@dataclass(frozen=True)
class Look:
    """A look with the robot at rest; ``things`` are words for what was seen."""

    t: float
    things: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A line of the conversation; ``who`` is ``robot``, ``person`` or ``reading``: how it was understood."""

    t: float
    who: str
    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replan:
    """System 2 was asked again, and why."""

    t: float
    reason: str
    number: int


@dataclass(frozen=True)
class RuleSaid:
    """What a rule said: of the sentence, of a plan, or of one skill that was about to begin (``about``)."""

    t: float
    about: str
    rule: str
    answer: str
    why: str
    instead: str
    subtask: str


@dataclass
class RunView:
    """Everything a report shows. What the trace does not hold is empty or None."""

    folder: Path
    instruction: str = ""
    planner: str = ""
    detector: str = ""
    system1: str = ""
    seed: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    home: HomeMap | None = None
    things: dict[str, Thing] = field(default_factory=dict)
    held: str | None = None
    scene: SceneGraph | None = None
    episodes: list[str] = field(default_factory=list)
    thoughts: list[Thought] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    tree: dict[str, Any] | None = None
    steps: list[Step] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    path: list[Pose] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    guard: dict[str, Any] = field(default_factory=dict)
    rules: list[RuleSaid] = field(default_factory=list)
    reviews: int = 0
    conversation: list[Line] = field(default_factory=list)
    replans: list[Replan] = field(default_factory=list)
    goals: list[Check] = field(default_factory=list)
    ended: bool = False
    status: str = "unfinished"
    verified: bool = False
    truth: bool | None = None
    message: str = ""
    seconds: float = 0.0
    timing: dict[str, Any] = field(default_factory=dict)

    @property
    def dense_map(self) -> Picture | None:
        """The picture of the dense map, if the run left one."""
        path = self.folder / DENSE_PICTURE
        return (
            Picture(self.seconds, path, "dense map", "what it saw", None)
            if path.is_file()
            else None
        )

    @property
    def oracle(self) -> bool:
        """Whether perception read the simulator instead of the camera's picture."""
        return "oracle" in self.detector.lower()

    @property
    def recoveries(self) -> list[Recovery]:
        """All branches taken, in order."""
        return [r for step in self.steps for r in step.recoveries]

    @property
    def acted(self) -> list[str]:
        """Who really moved the robot, sorted."""
        return sorted({s.system1 for s in self.steps if s.system1})
