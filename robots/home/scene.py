"""Scene files: YAML in, a checked `Scene` out. The format is documented in docs/scenes.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.robots.home.catalog import (
    DECOR_CLASSES,
    FIXTURE_CLASSES,
    FLOORS,
    LIGHTING,
    OBJECT_CLASSES,
    WALLS,
)

SCENES = Path(__file__).parent / "scenes"
Metres = Annotated[float, Field(ge=-50.0, le=50.0, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360.0, le=360.0, allow_inf_nan=False)]
Bounds = tuple[Metres, Metres, Metres, Metres]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(value: str, known: Mapping[str, Any] | tuple[str, ...], what: str) -> str:
    if value not in known:
        raise ValueError(f"unknown {what} '{value}'; {did_you_mean(value, known)}")
    return value


class RoomSpec(_Strict):
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
        return _known(value, FLOORS, "floor")

    @field_validator("walls")
    @classmethod
    def _walls(cls, value: str) -> str:
        return _known(value, WALLS, "wall colour")


class DoorwaySpec(_Strict):
    """An opening in the wall that passes through (x, y)."""

    x: Metres
    y: Metres
    width: Annotated[float, Field(ge=0.9, le=4.0)] = 1.2


class FixtureSpec(_Strict):
    """A fixture, its middle on the floor at (x, y); its front looks along yaw (0 = +x)."""

    cls: str = Field(alias="class")
    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0
    door_deg: Annotated[float, Field(ge=0.0, le=110.0)] | None = None

    @field_validator("cls")
    @classmethod
    def _class(cls, value: str) -> str:
        return _known(value, FIXTURE_CLASSES, "fixture class")


class ObjectSpec(_Strict):
    """A movable object: on or in a fixture, anywhere ("random"), or at [x, y, z] of its bottom."""

    cls: str = Field(alias="class")
    color: str | None = None
    where: str | tuple[Metres, Metres, Metres] = "random"
    surfaces: tuple[str, ...] = ()
    yaw_deg: Degrees | None = None

    @field_validator("cls")
    @classmethod
    def _class(cls, value: str) -> str:
        return _known(value, OBJECT_CLASSES, "object class")

    @field_validator("where", mode="before")
    @classmethod
    def _where(cls, value: Any) -> Any:
        if isinstance(value, str) or (isinstance(value, list | tuple) and len(value) == 3):
            return value
        raise ValueError(f"where is a fixture's id, 'random' or [x, y, z] in m, not {value!r}")

    @model_validator(mode="after")
    def _color(self) -> ObjectSpec:
        if self.color not in (None, "random"):
            what = f"colour of class {self.cls}"
            _known(str(self.color), OBJECT_CLASSES[self.cls].colors, what)
        return self


class PersonSpec(_Strict):
    """A standing person, facing yaw."""

    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0


class DecorSpec(_Strict):
    """Something to look at only: a rug on the floor, a window or a picture on a wall, facing yaw."""

    cls: str = Field(alias="class")
    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0
    size: tuple[Annotated[float, Field(gt=0.05, le=5.0)], Annotated[float, Field(gt=0.05, le=5.0)]]

    @field_validator("cls")
    @classmethod
    def _class(cls, value: str) -> str:
        return _known(value, DECOR_CLASSES, "decor class")


class RobotStart(_Strict):
    """Where the robot's base stands at the start and the named posture it has."""

    x: Metres
    y: Metres
    yaw_deg: Degrees = 0.0
    posture: Literal["tuck", "ready", "carry"] = "tuck"


class Scene(_Strict):
    """A home and what is in it. Ids are the class in snake case and a number: ``soda_can_1``."""

    name: str
    rooms: dict[str, RoomSpec] = Field(min_length=1)
    doorways: tuple[DoorwaySpec, ...] = ()
    fixtures: tuple[FixtureSpec, ...] = ()
    objects: tuple[ObjectSpec, ...] = ()
    people: tuple[PersonSpec, ...] = ()
    decor: tuple[DecorSpec, ...] = ()
    lighting: str = "day"
    robot: RobotStart
    goals: tuple[str, ...] = ()

    @field_validator("lighting")
    @classmethod
    def _lighting(cls, value: str) -> str:
        return _known(value, LIGHTING, "lighting")

    @model_validator(mode="after")
    def _placed_on_what_exists(self) -> Scene:
        ids = self.place_ids
        for i, thing in enumerate(self.objects):
            named = [thing.where] if isinstance(thing.where, str) else []
            for word in [w for w in named if w != "random"] + list(thing.surfaces):
                if word not in ids:
                    hint = did_you_mean(word, [*ids, "random"])
                    raise ValueError(f"objects.{i}: no fixture '{word}' in this scene; {hint}")
        return self

    @model_validator(mode="after")
    def _inside_the_rooms(self) -> Scene:
        rooms = [room.bounds for room in self.rooms.values()]
        for i, door in enumerate(self.doorways):
            if not any(_on_edge(door.x, door.y, bounds) for bounds in rooms):
                at = f"({door.x:g}, {door.y:g})"
                raise ValueError(
                    f"doorways.{i}: no wall passes through {at}; see the rooms' bounds"
                )
        standing = [("robot", self.robot.x, self.robot.y)]
        standing += [(f"fixtures.{i}", f.x, f.y) for i, f in enumerate(self.fixtures)]
        standing += [(f"people.{i}", p.x, p.y) for i, p in enumerate(self.people)]
        for what, x, y in standing:
            if not any(b[0] < x < b[2] and b[1] < y < b[3] for b in rooms):
                raise ValueError(f"{what}: ({x:g}, {y:g}) lies in no room; see the rooms' bounds")
        return self

    @property
    def fixture_ids(self) -> tuple[str, ...]:
        """Entity ids of the fixtures that stand by themselves, in order."""
        return tuple(numbered(f.cls for f in self.fixtures))

    @property
    def place_ids(self) -> tuple[str, ...]:
        """Entity ids of the fixtures, each followed by what is built into it (its drawers)."""
        return tuple(numbered(cls for f in self.fixtures for cls in with_children(f.cls)))

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Entity ids of the objects, in order."""
        return tuple(numbered(o.cls for o in self.objects))

    @property
    def person_ids(self) -> tuple[str, ...]:
        """Entity ids of the people, in order."""
        return tuple(f"person_{i + 1}" for i in range(len(self.people)))


def with_children(cls: str) -> tuple[str, ...]:
    """Return a fixture class and those of what is built into it, in order."""
    return (cls, *(child.cls for child in FIXTURE_CLASSES[cls]().children))


def _on_edge(x: float, y: float, bounds: Bounds) -> bool:
    x0, y0, x1, y1 = bounds
    on_x = min(abs(x - x0), abs(x - x1)) < 0.05 and y0 < y < y1
    return on_x or (min(abs(y - y0), abs(y - y1)) < 0.05 and x0 < x < x1)


def snake(cls: str) -> str:
    """Turn ``SodaCan`` into ``soda_can``."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls).lstrip("_")


def numbered(classes: Iterator[str]) -> Iterator[str]:
    """Yield ``soda_can_1``, ``soda_can_2`` ... counting each class by itself."""
    counts: dict[str, int] = {}
    for cls in classes:
        counts[cls] = counts.get(cls, 0) + 1
        yield f"{snake(cls)}_{counts[cls]}"


def scene_names() -> tuple[str, ...]:
    """Return the names of the scenes that ship with diarchy."""
    return tuple(sorted(p.stem for p in SCENES.glob("*.yaml")))


def load_scene(source: str | Path) -> Scene:
    """Load a shipped scene by name, or a YAML file by path.

    Raises:
        BadInputError: no such scene or file, not YAML, or a wrong key, class or number in it; the
            message names the file, the key and what exists.
    """
    path = Path(source)
    if path.suffix not in (".yaml", ".yml"):
        if str(source) not in scene_names():
            hint = did_you_mean(str(source), scene_names())
            raise BadInputError(f"no scene '{source}'; {hint}; or give the path of a .yaml file")
        path = SCENES / f"{source}.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"cannot read the scene file {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise BadInputError(f"{path} is not valid YAML: {reason}") from error
    return parse_scene(data, str(path))


def parse_scene(data: Any, origin: str = "scene") -> Scene:
    """Check the content of a scene file; ``origin`` is named in errors.

    Raises:
        BadInputError: as `load_scene`.
    """
    if not isinstance(data, dict):
        raise BadInputError(f"{origin}: a scene is a mapping of keys; known: {_keys(Scene)}")
    try:
        return Scene.model_validate(data)
    except ValidationError as error:
        raise BadInputError(f"{origin}: {_first_line(error)}") from error


def _first_line(error: ValidationError) -> str:
    details = error.errors()
    first = next((e for e in details if e["type"] == "extra_forbidden"), details[0])
    where = ".".join(str(p) for p in first["loc"] if p not in _UNION_TAGS)
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    if first["type"] == "extra_forbidden":
        keys = _model_at(first["loc"]).model_fields
        known = [field.alias or name for name, field in keys.items()]
        return f"unknown key '{where}'; {did_you_mean(str(first['loc'][-1]), known)}{more}"
    message = first["msg"].removeprefix("Value error, ")
    value = first["input"]
    shown = f" (got {value!r})" if isinstance(value, str | int | float) else ""
    return f"{where + ': ' if where else ''}{message}{shown}{more}"


_UNION_TAGS = ("str", "tuple[float, float, float]", "constrained-float", "nullable")
_PARTS: dict[str, type[BaseModel]] = {
    "rooms": RoomSpec,
    "doorways": DoorwaySpec,
    "fixtures": FixtureSpec,
    "objects": ObjectSpec,
    "people": PersonSpec,
    "decor": DecorSpec,
    "robot": RobotStart,
}


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel]:
    return Scene if len(location) == 1 else _PARTS[str(location[0])]


def _keys(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)
