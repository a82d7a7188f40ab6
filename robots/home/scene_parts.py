"""What a scene is made of: one checked model per kind of entry of a scene or layout file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from diarchy.contracts.errors import did_you_mean
from diarchy.robots.home.catalog import (
    DECOR_CLASSES,
    FIXTURE_CLASSES,
    FLOORS,
    OBJECT_CLASSES,
    WALLS,
)

Metres = Annotated[float, Field(ge=-50.0, le=50.0, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360.0, le=360.0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Bounds = tuple[Metres, Metres, Metres, Metres]
ANYWHERE = ("random", "likely", "inside")
"""Words for ``where`` that leave the place to the seed."""


class Strict(BaseModel):
    """Unknown keys are errors, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def known(value: str, names: Mapping[str, Any] | tuple[str, ...], what: str) -> str:
    """Return ``value`` if it is one of the names.

    Raises:
        ValueError: it is not; the message says what exists.
    """
    if value not in names:
        raise ValueError(f"unknown {what} '{value}'; {did_you_mean(value, names)}")
    return value


class RoomSpec(Strict):
    """A rectangular room; rooms that touch share a wall."""

    bounds: Bounds
    floor: str = "wood_floor"
    walls: str = "wall_warm"

    @field_validator("bounds")
    @classmethod
    def _ordered(cls, value: Bounds) -> Bounds:
        if value[2] - value[0] < 1.0 or value[3] - value[1] < 1.0:
            raise ValueError("bounds are [xmin, ymin, xmax, ymax] in m, at least 1 m each way")
        return value

    @field_validator("floor")
    @classmethod
    def _floor(cls, value: str) -> str:
        return known(value, FLOORS, "floor")

    @field_validator("walls")
    @classmethod
    def _walls(cls, value: str) -> str:
        return known(value, WALLS, "wall colour")


class DoorwaySpec(Strict):
    """An opening in the wall that passes through (x, y)."""

    x: Metres
    y: Metres
    width: Annotated[float, Field(ge=0.9, le=4.0)] = 1.2


class FixtureSpec(Strict):
    """A fixture, its middle on the floor at (x, y); its front looks along yaw (0 = +x).

    ``open`` is the part of its full opening that its door stands open; ``door_deg`` says it in degrees.
    """

    cls: str = Field(alias="class")
    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0
    door_deg: Annotated[float, Field(ge=0.0, le=110.0)] | None = None
    open: Fraction | None = None

    @field_validator("cls")
    @classmethod
    def _class(cls, value: str) -> str:
        return known(value, FIXTURE_CLASSES, "fixture class")


class ObjectSpec(Strict):
    """A movable object, or several: class, looks, state, and where it starts.

    ``where`` is the id of a fixture or of another object, ``random`` (any open surface), ``likely``
    (where people keep such things), ``inside`` (likely, and behind a door or in a drawer) or
    [x, y, z] of its bottom. ``class: random`` draws the class from the seed, ``among`` the named ones;
    ``count`` makes several, ``same`` of one class.
    """

    cls: str = Field(alias="class")
    color: str | None = None
    where: str | tuple[Metres, Metres, Metres] = "random"
    surfaces: tuple[str, ...] = ()
    yaw_deg: Degrees | None = None
    dirty: bool = False
    temperature: Literal["hot", "cold"] | None = None
    count: Annotated[int, Field(ge=1, le=40)] = 1
    among: tuple[str, ...] = ()
    same: bool = False

    @field_validator("cls")
    @classmethod
    def _class(cls, value: str) -> str:
        return value if value == "random" else known(value, OBJECT_CLASSES, "object class")

    @field_validator("among")
    @classmethod
    def _among(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known(name, OBJECT_CLASSES, "object class") for name in value)

    @field_validator("where", mode="before")
    @classmethod
    def _where(cls, value: Any) -> Any:
        if isinstance(value, str) or (isinstance(value, list | tuple) and len(value) == 3):
            return value
        words = ", ".join(f"'{word}'" for word in ANYWHERE)
        raise ValueError(f"where is the id of a thing, {words} or [x, y, z] in m, not {value!r}")

    @model_validator(mode="after")
    def _fits_together(self) -> ObjectSpec:
        if self.cls != "random" and (self.among or self.same):
            raise ValueError("'among' and 'same' go with 'class: random' only")
        if self.count > 1 and not isinstance(self.where, str):
            raise ValueError("several things cannot stand at one [x, y, z]")
        if self.color in (None, "random"):
            return self
        if self.cls == "random":
            raise ValueError("a thing of class random takes no colour but 'random'")
        what = f"colour of class {self.cls}"
        known(str(self.color), OBJECT_CLASSES[self.cls].colors, what)
        return self


class PersonSpec(Strict):
    """A standing person, facing yaw."""

    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0


def _zone(value: Any) -> Any:
    """A box becomes the polygon of its corners."""
    if (
        isinstance(value, list | tuple)
        and len(value) == 4
        and not isinstance(value[0], list | tuple)
    ):
        x0, y0, x1, y1 = value
        return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return value


ZoneSpec = Annotated[tuple[tuple[Metres, Metres], ...], BeforeValidator(_zone), Field(min_length=3)]
"""Where the base must not go: ``[xmin, ymin, xmax, ymax]``, or three and more corners ``[x, y]``."""


class DecorSpec(Strict):
    """Something to look at only: a rug on the floor, a window or a picture on a wall, facing yaw."""

    cls: str = Field(alias="class")
    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0
    size: tuple[Annotated[float, Field(gt=0.05, le=5.0)], Annotated[float, Field(gt=0.05, le=5.0)]]

    @field_validator("cls")
    @classmethod
    def _class(cls, value: str) -> str:
        return known(value, DECOR_CLASSES, "decor class")


class RobotStart(Strict):
    """Where the robot's base stands at the start and the named posture it has."""

    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0
    posture: Literal["tuck", "ready", "carry"] = "tuck"


def _strength(value: Any) -> Any:
    return float(value) if isinstance(value, bool) else value


Strength = Annotated[float, BeforeValidator(_strength), Field(ge=0.0, le=2.0, allow_inf_nan=False)]


class Randomize(Strict):
    """How strongly the seed changes each aspect of the world: 0 or false not at all, 1 or true as usual."""

    poses: Strength = 0.0
    colours: Strength = 0.0
    lights: Strength = 0.0
    textures: Strength = 0.0
    camera_jitter: Strength = 0.0
    friction: Strength = 0.0
    mass: Strength = 0.0
    actuator_delay: Strength = 0.0

    @model_validator(mode="before")
    @classmethod
    def _all_at_once(cls, value: Any) -> Any:
        if value == "all":
            return dict.fromkeys(cls.model_fields, 1.0)
        if not isinstance(value, dict | cls):
            names = ", ".join(cls.model_fields)
            raise ValueError(f"randomize is 'all' or a mapping of {names}")  # noqa: TRY004
        return value
