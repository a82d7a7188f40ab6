"""Things in the world as the agent believes them to be, and the static map it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from diarchy.contracts.geometry import SE3, FloatArray

Vec3 = tuple[float, float, float]
EntityKind = Literal["object", "fixture", "person", "place"]


class Entity(BaseModel):
    """One thing the agent believes in, in the ``map`` frame.

    An oriented box describes it: centre ``position`` (m), ``yaw`` (rad) and full ``extent`` (m)
    along its own x, y, z. ``last_seen`` is seconds on the robot's clock; None: known from the map only.
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
        return " ".join([*self.attributes.values(), class_words(self.cls)])


def class_words(cls: str) -> str:
    """Split a class name into words: ``GarbageCan`` becomes ``garbage can``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in cls).strip()


@dataclass(frozen=True)
class Box:
    """An oriented box in ``map``: ``pose`` of its centre and FULL size ``[3]`` m."""

    pose: SE3
    size: FloatArray


@dataclass(frozen=True)
class Surface:
    """A place to put things: a horizontal rectangle in ``map``.

    ``pose`` is the centre of the rectangle at the height where things rest, ``size`` its full x, y
    extent, ``clearance`` the free height above it (m), ``relation`` what putting there achieves and
    ``approach`` from where a hand gets in: from above, or horizontally from the front.
    """

    pose: SE3
    size: tuple[float, float]
    clearance: float
    relation: Literal["on", "in"]
    approach: Literal["top", "front"]


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
class FixtureInfo:
    """What the static map knows of one fixture.

    ``entity`` is its bounding box; ``boxes`` its solid parts (closed); ``front`` the outward
    direction ``[2]`` people use it from; ``surfaces`` where things can be put; ``hinge`` its door.
    """

    entity: Entity
    boxes: tuple[Box, ...]
    front: FloatArray
    surfaces: tuple[Surface, ...] = ()
    hinge: Hinge | None = None


@dataclass(frozen=True)
class StaticMap:
    """The map that the robot was given: rooms, walls, fixtures; no movable object is in it.

    Attributes:
        bounds: ``(xmin, ymin, xmax, ymax)`` m of the home, in ``map``.
        rooms: name to ``(xmin, ymin, xmax, ymax)``.
        walls: solid boxes.
        fixtures: by entity id.
        people: entities of kind person, where they are known to be.
    """

    bounds: tuple[float, float, float, float]
    rooms: Mapping[str, tuple[float, float, float, float]]
    walls: tuple[Box, ...]
    fixtures: Mapping[str, FixtureInfo]
    people: tuple[Entity, ...] = ()

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
        door_angle: rad, for a fixture whose door the detector can read; else None.
        instance: id of the thing itself; only an oracle knows it, a camera's detector leaves None.
    """

    cls: str
    score: float
    mask: npt.NDArray[np.bool_]
    attributes: Mapping[str, str] = field(default_factory=dict)
    door_angle: float | None = None
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
    """

    detection: Detection
    position: FloatArray
    yaw: float
    extent: FloatArray
    stamp: float
    truncated: bool
    points: int
