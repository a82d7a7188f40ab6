"""The belief as a scene graph: a document that outlives its run, of what was seen where, when, and how sure that is.

Nothing in it comes from anywhere but the belief. Truth has three values here too: a relation that is not
listed is false of a thing that was seen and whose place is sure, and unknown of every other.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from diarchy.contracts.entity import Truth, Vec3, described

FORMAT: Final = "diarchy scene graph"
VERSION = 1
Rectangle = tuple[float, float, float, float]
Door = Literal["open", "ajar", "shut", "unknown"]
Status = Literal["seen", "remembered", "gone"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Relation(_Part):
    """Where a thing is: ``on``, ``in``, or ``given`` to ``of``: the id of a fixture, of another thing, or of a person.

    ``stamp`` (s) is that of the look it rests on. Unknown: the place of the thing itself is not sure.
    """

    name: Literal["on", "in", "given"]
    of: str
    truth: Truth = Truth.TRUE
    stamp: float | None = None


class SceneObject(_Part):
    """A movable thing: an oriented box in ``map``, centre ``position`` and full ``extent`` in m, ``yaw`` in rad.

    ``status``: ``seen`` in this run, ``remembered`` from an earlier one and not seen in this, or ``gone``: its
    place was seen without it, and nobody knows where it is. ``confidence`` is that in its position, as in
    the belief: below 0.5 it does not count as known. ``last_seen`` is s on this run's clock, negative: before it began.
    """

    id: str
    cls: str
    attributes: dict[str, str] = Field(default_factory=dict)
    position: Vec3
    yaw: float = 0.0
    extent: Vec3
    complete: bool = True
    room: str | None = None
    relations: tuple[Relation, ...] = ()
    held: bool = False
    confidence: float = Field(ge=0.0, le=1.0)
    last_seen: float | None = None
    status: Status = "seen"

    def describe(self) -> str:
        """Words for a person: "red mug"."""
        return described(self.cls, self.attributes)


class SceneFixture(_Part):
    """A piece of furniture of the given map, and what was seen of it.

    ``door`` is None without a door or drawer, ``running`` None of what cannot be switched. Each has the
    stamp (s) of its look; ``inspected`` is since when all that is on or in it was looked at.
    """

    id: str
    cls: str
    position: Vec3
    yaw: float = 0.0
    extent: Vec3
    room: str | None = None
    part_of: str | None = None
    can_hold: tuple[Literal["on", "in"], ...] = ()
    door: Door | None = None
    door_seen: float | None = None
    running: Truth | None = None
    running_seen: float | None = None
    inspected: float | None = None
    last_seen: float | None = None


class ScenePerson(_Part):
    """A person: where they stand or sit, ``position`` in m."""

    id: str
    position: Vec3
    room: str | None = None
    last_seen: float | None = None


class Wall(_Part):
    """A solid box of the given map: centre ``position`` and full ``extent`` in m, ``yaw`` in rad; a lintel is one too."""

    position: Vec3
    yaw: float = 0.0
    extent: Vec3


class SceneRobot(_Part):
    """Where the robot was at the end: ``(x, y, yaw)`` m and rad, the room, and what it held."""

    pose: Vec3
    room: str | None = None
    held: str | None = None


Node = SceneObject | SceneFixture | ScenePerson


class SceneGraph(_Part):
    """Rooms, fixtures, things and people as they are believed at ``stamp`` (s on the clock of the run).

    ``rooms`` and ``bounds`` are ``(xmin, ymin, xmax, ymax)`` m in ``map``; ``classes`` are the things that the
    detector could have named: what is not among them was not looked for.
    """

    format: Literal["diarchy scene graph"] = FORMAT
    version: int = VERSION
    stamp: float
    perception: str = ""
    classes: tuple[str, ...] = ()
    bounds: Rectangle
    rooms: dict[str, Rectangle] = Field(default_factory=dict)
    walls: tuple[Wall, ...] = ()
    robot: SceneRobot
    fixtures: tuple[SceneFixture, ...] = ()
    objects: tuple[SceneObject, ...] = ()
    people: tuple[ScenePerson, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        counts = Counter(n.id for n in self.nodes())
        twice = sorted(name for name, count in counts.items() if count > 1)
        if twice:
            raise ValueError(f"'{twice[0]}' is in it twice")
        return self

    def nodes(self) -> tuple[Node, ...]:
        """Return furniture, things and people."""
        return (*self.fixtures, *self.objects, *self.people)

    def node(self, name: str) -> Node | None:
        """Look something up by its id."""
        return next((n for n in self.nodes() if n.id == name), None)

    def contents(self, place: str) -> tuple[SceneObject, ...]:
        """Return what is, or may be, on or in a place itself."""
        return tuple(o for o in self.objects if any(r.of == place for r in o.relations))

    def fixture_under(self, name: str) -> str | None:
        """Return the fixture that a thing is on or in, or that what it is in stands on."""
        fixed = {f.id for f in self.fixtures}
        things = {o.id: o for o in self.objects}
        passed: set[str] = set()
        while name in things and name not in passed:
            passed.add(name)
            places = [r.of for r in things[name].relations if r.name != "given"]
            direct = next((p for p in places if p in fixed), None)
            if direct is not None:
                return direct
            name = next(iter(places), "")
        return None
