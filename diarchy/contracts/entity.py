"""Things in the world as the agent believes them to be, and the static map it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from diarchy.contracts.geometry import SE3, FloatArray

Vec3 = tuple[float, float, float]
Zone = tuple[tuple[float, float], ...]
"""A polygon on the floor: three or more corners ``(x, y)`` m in ``map``, in order round it."""

EntityKind = Literal["object", "fixture", "person", "place"]


class Entity(BaseModel):
    """One thing the agent believes in, in the ``map`` frame.

    An oriented box describes it: centre ``position`` (m), ``yaw`` (rad) and full ``extent`` (m)
    along its own x, y, z. ``last_seen`` is seconds on the robot's clock; None: known from the map only.
    ``openable``: it has a door or is a drawer; ``switchable``: it has a button or lever that turns it
    on; ``part_of``: the fixture it is built into (a drawer in its dresser). ``complete``: all of its outline
    was in view once, near enough to tell its size; what was cut off by the edge of a picture may be
    larger than its extent, and what was seen from afar smaller.

    What changes about a thing is an attribute as a camera sees it: ``temperature`` is hot or cold,
    ``cleanliness`` clean or dirty; absent: neither.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    cls: str
    kind: EntityKind
    position: Vec3
    yaw: float = 0.0
    extent: Vec3 = (0.0, 0.0, 0.0)
    attributes: Mapping[str, str] = Field(default_factory=dict)
    room: str | None = None
    last_seen: float | None = None
    confidence: float = 1.0
    can_hold: tuple[Literal["on", "in"], ...] = ()
    openable: bool = False
    movable: bool = False
    switchable: bool = False
    part_of: str | None = None
    complete: bool = True

    @property
    def top(self) -> float:
        """Height of its upper face, m."""
        return self.position[2] + self.extent[2] / 2.0

    @property
    def bottom(self) -> float:
        """Height of its lower face, m."""
        return self.position[2] - self.extent[2] / 2.0

    def pose(self) -> SE3:
        """``map_from_entity`` of the box centre."""
        return SE3.from_xyz_yaw(*self.position, self.yaw)

    def describe(self) -> str:
        """Words for a person: "red mug"."""
        return described(self.cls, self.attributes)


_SAID_FIRST = ("cleanliness", "temperature")


def described(cls: str, attributes: Mapping[str, str]) -> str:
    """Words for a thing of these attributes: "hot red mug"; states come before looks."""
    first = [attributes[k] for k in _SAID_FIRST if k in attributes]
    looks = [v for k, v in attributes.items() if k not in _SAID_FIRST]
    return " ".join([*first, *looks, class_words(cls)])


def class_words(cls: str) -> str:
    """Split a class name into words: ``GarbageCan`` becomes ``garbage can``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in cls).strip()


@dataclass(frozen=True)
class Box:
    """An oriented box in ``map``: ``pose`` of its centre and FULL size ``[3]`` m."""

    pose: SE3
    size: FloatArray


@dataclass(frozen=True)
class Solid:
    """An oriented box in ``map`` that is believed to be solid, and the id of what it belongs to (empty: a wall)."""

    owner: str
    box: Box


@dataclass(frozen=True)
class Surface:
    """A place to put things: a horizontal rectangle in ``map``.

    ``pose`` is the centre of the rectangle at the height where things rest, ``size`` its full x, y
    extent, ``clearance`` the free height above it (m), ``relation`` what putting there achieves and
    ``approach`` from where a hand gets in: from above, or horizontally from the front. ``radius`` (m) is
    that of a round inside, such as a bin's; ``size`` is then where to aim.
    """

    pose: SE3
    size: tuple[float, float]
    clearance: float
    relation: Literal["on", "in"]
    approach: Literal["top", "front"]
    radius: float | None = None

    def above(self, points: FloatArray, grow: float) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        """Tell which points ``[..., 3]`` m in ``map`` are over it, grown by ``grow`` m, and how high (m) they are."""
        local = (points - self.pose.translation) @ self.pose.rotation
        if self.radius is not None:
            inside = np.hypot(local[..., 0], local[..., 1]) <= self.radius + grow
        else:
            inside = np.all(np.abs(local[..., :2]) <= np.array(self.size) / 2.0 + grow, axis=-1)
        return np.asarray(inside), np.asarray(local[..., 2])


@dataclass(frozen=True)
class Hinge:
    """A hinged door in ``map`` at angle 0 (closed).

    Attributes:
        origin: a point on the vertical axis, ``[3]`` m.
        sign: +1 if the door opens counter-clockwise seen from above.
        handle: centre of the bar handle when closed, ``[3]`` m.
        handle_normal: outward horizontal unit vector of the closed door ``[3]``.
        handle_axis: unit vector along the bar ``[3]``.
        max_angle: rad.
        panel: the door panel when closed.
    """

    origin: FloatArray
    sign: int
    handle: FloatArray
    handle_normal: FloatArray
    handle_axis: FloatArray
    max_angle: float
    panel: Box


@dataclass(frozen=True)
class Slide:
    """A drawer in ``map`` when shut.

    Attributes:
        axis: outward horizontal unit vector ``[3]`` it is pulled along.
        handle: centre of the bar handle when shut, ``[3]`` m.
        handle_axis: unit vector along the bar ``[3]`` (horizontal).
        travel: how far it comes out, m.
        face: its front panel when shut.
    """

    axis: FloatArray
    handle: FloatArray
    handle_axis: FloatArray
    travel: float
    face: Box


@dataclass(frozen=True)
class Control:
    """What switches a device, in ``map``: a button to press or a lever to swing.

    Attributes:
        kind: ``button`` (each press switches it over, or starts it) or ``lever``.
        at: where a fingertip touches it, ``[3]`` m: middle of the button's face, end of the lever
            when the device is off.
        normal: outward unit vector ``[3]`` of a button; for a lever the horizontal direction in which
            its end moves when it is turned on.
        pivot: a point ``[3]`` on a lever's vertical axis; None for a button.
        travel: m a button gives way; rad between a lever's off and on.
    """

    kind: Literal["button", "lever"]
    at: FloatArray
    normal: FloatArray
    travel: float
    pivot: FloatArray | None = None


@dataclass(frozen=True)
class FixtureInfo:
    """What the static map knows of one fixture.

    ``entity`` is its bounding box; ``boxes`` its solid parts (closed), of which those numbered in
    ``moving`` move with its door or drawer; ``front`` the outward direction ``[2]`` people use it from;
    ``surfaces`` where things can be put (of a drawer: when shut); ``hinge`` its door or ``slide`` its
    drawer (at most one of the two); ``control`` what switches it.

    An *opening* is the angle of a door (rad) or how far a drawer is out (m); None or 0: closed.
    """

    entity: Entity
    boxes: tuple[Box, ...]
    front: FloatArray
    surfaces: tuple[Surface, ...] = ()
    hinge: Hinge | None = None
    slide: Slide | None = None
    control: Control | None = None
    moving: tuple[int, ...] = ()

    @property
    def openable(self) -> bool:
        """Whether it has a door or is a drawer."""
        return self.hinge is not None or self.slide is not None

    @property
    def max_opening(self) -> float:
        """Largest opening: rad of a door, m of a drawer, 0 of what does not open."""
        if self.hinge is not None:
            return self.hinge.max_angle
        return self.slide.travel if self.slide is not None else 0.0

    def displacement(self, opening: float | None) -> SE3:
        """Where the moving parts have gone at an opening: ``map_from_map``, to be applied on the left."""
        if not opening or not self.openable:
            return SE3.identity()
        if self.slide is not None:
            return SE3.from_translation(self.slide.axis * opening)
        assert self.hinge is not None
        turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, self.hinge.sign * opening)
        about = SE3.from_translation(self.hinge.origin)
        return about @ turn @ about.inverse()

    def boxes_at(self, opening: float | None) -> tuple[Box, ...]:
        """All solid parts with door or drawer at an opening."""
        if not opening or not self.moving:
            return self.boxes
        moved = self.displacement(opening)
        return tuple(
            Box(moved @ b.pose, b.size) if i in self.moving else b for i, b in enumerate(self.boxes)
        )

    def surfaces_at(self, opening: float | None) -> tuple[Surface, ...]:
        """Where things can be put at an opening: those of a drawer come out with it."""
        if not opening or self.slide is None:
            return self.surfaces
        moved = self.displacement(opening)
        return tuple(replace(s, pose=moved @ s.pose) for s in self.surfaces)


@dataclass(frozen=True)
class StaticMap:
    """The map that the robot was given: rooms, walls, fixtures; no movable object is in it.

    Attributes:
        bounds: ``(xmin, ymin, xmax, ymax)`` m of the home, in ``map``.
        rooms: name to ``(xmin, ymin, xmax, ymax)``.
        walls: solid boxes.
        fixtures: by entity id.
        people: entities of kind person, where they are known to be.
        hands: by the id of a person, the open palms that they hold out: a surface things are put on.
        keep_out: places that the base must not enter.
    """

    bounds: tuple[float, float, float, float]
    rooms: Mapping[str, tuple[float, float, float, float]]
    walls: tuple[Box, ...]
    fixtures: Mapping[str, FixtureInfo]
    people: tuple[Entity, ...] = ()
    hands: Mapping[str, Surface] = field(default_factory=dict)
    keep_out: tuple[Zone, ...] = ()

    def holder(self, entity_id: str) -> FixtureInfo | None:
        """Return what things can be put on or in: a fixture, or a person's open hands; else None."""
        if entity_id in self.fixtures:
            return self.fixtures[entity_id]
        person = next((p for p in self.people if p.id == entity_id), None)
        if person is None or entity_id not in self.hands:
            return None
        front = np.array([np.cos(person.yaw), np.sin(person.yaw)])
        body = Box(person.pose(), np.asarray(person.extent))
        return FixtureInfo(person, (body,), front, (self.hands[entity_id],))

    def room_at(self, x: float, y: float) -> str | None:
        """Name of the room that a point lies in."""
        for name, (x0, y0, x1, y1) in self.rooms.items():
            if x0 <= x <= x1 and y0 <= y <= y1:
                return name
        return None


class Truth(Enum):
    """Three-valued truth of a predicate, as far as it was perceived."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @staticmethod
    def of(value: bool | None) -> Truth:
        """Map True, False, None to the three values."""
        return Truth.UNKNOWN if value is None else (Truth.TRUE if value else Truth.FALSE)


@dataclass(frozen=True)
class Detection:
    """One thing seen in one image.

    Attributes:
        cls: class name.
        score: confidence in [0, 1].
        mask: ``[H, W]`` bool.
        attributes: for example ``{"color": "red"}``.
        opening: rad of a door, m of a drawer, if the detector can read it; else None.
        power: whether a device that can be switched runs, if the detector can read it; else None.
        instance: id of the thing itself; only an oracle knows it, a camera's detector leaves None.
    """

    cls: str
    score: float
    mask: npt.NDArray[np.bool_]
    attributes: Mapping[str, str] = field(default_factory=dict)
    opening: float | None = None
    power: bool | None = None
    instance: str | None = None


@dataclass(frozen=True)
class Sighting:
    """A detection lifted to three dimensions, in ``map``.

    Attributes:
        detection: what was seen in the image.
        position: centre of its oriented box, ``[3]`` m.
        yaw: rad.
        extent: full size ``[3]`` m along the box's own axes.
        stamp: seconds on the robot's clock at exposure.
        truncated: the mask touches the border of the image or is partly occluded: extent is a lower bound.
        points: number of depth pixels behind it.
        foot: middle ``[3]`` m of the lowest part that was seen, which tells what it stands in; None:
            the middle of its lower face.
    """

    detection: Detection
    position: FloatArray
    yaw: float
    extent: FloatArray
    stamp: float
    truncated: bool
    points: int
    foot: FloatArray | None = None
