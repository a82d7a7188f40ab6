"""Scene files: YAML in, a checked `Scene` out. The format is documented in docs/scenes.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.robots.home.catalog import FIXTURE_CLASSES, LIGHTING, OBJECT_CLASSES, STYLES
from diarchy.robots.home.drawing import draw_objects
from diarchy.robots.home.scene_errors import first_line
from diarchy.robots.home.scene_parts import (
    ANYWHERE,
    Bounds,
    DecorSpec,
    DoorwaySpec,
    FixtureSpec,
    Fraction,
    ObjectSpec,
    PersonSpec,
    Randomize,
    RobotStart,
    RoomSpec,
    Strict,
    ZoneSpec,
    known,
)

__all__ = [
    "DecorSpec",
    "DoorwaySpec",
    "FixtureSpec",
    "Layout",
    "ObjectSpec",
    "PersonSpec",
    "Randomize",
    "RobotStart",
    "RoomSpec",
    "Scene",
    "layout_names",
    "load_layout",
    "load_scene",
    "numbered",
    "parse_scene",
    "scene_names",
    "snake",
    "with_children",
]

SCENES = Path(__file__).parent / "scenes"
LAYOUTS = Path(__file__).parent / "layouts"


def _lighting(value: str) -> str:
    return known(value, LIGHTING, "lighting")


def _style(value: str) -> str:
    return known(value, STYLES, "style")


class Layout(Strict):
    """A furnished flat with nothing movable in it: the content of a layout file."""

    name: str
    rooms: dict[str, RoomSpec] = Field(min_length=1)
    doorways: tuple[DoorwaySpec, ...] = ()
    fixtures: tuple[FixtureSpec, ...] = ()
    people: tuple[PersonSpec, ...] = ()
    keep_out: tuple[ZoneSpec, ...] = ()
    decor: tuple[DecorSpec, ...] = ()
    lighting: Annotated[str, AfterValidator(_lighting)] = "day"
    style: Annotated[str, AfterValidator(_style)] = "classic"
    robot: RobotStart

    @model_validator(mode="after")
    def _inside_the_rooms(self) -> Layout:
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
    def person_ids(self) -> tuple[str, ...]:
        """Entity ids of the people, in order."""
        return tuple(f"person_{i + 1}" for i in range(len(self.people)))


class Scene(Layout):
    """A home and what is in it. Ids are the class in snake case and a number: ``soda_can_1``.

    `load_scene` has drawn what the file leaves to the seed but for places and looks: every object has
    its class. ``layout`` is the name of the flat it was built from; it is no part of a dump.
    """

    layout: str | None = Field(default=None, exclude=True)
    objects: tuple[ObjectSpec, ...] = ()
    open: dict[str, Fraction] = Field(default_factory=dict)
    randomize: Randomize = Randomize()
    goals: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _placed_on_what_exists(self) -> Scene:
        places, objects = self.place_ids, dict(zip(self.object_ids, self.objects, strict=True))
        for i, (own, thing) in enumerate(objects.items()):
            if isinstance(thing.where, str) and thing.where in objects:
                _check_holder(f"objects.{i}", own, thing.where, objects)
                continue
            named = [thing.where] if isinstance(thing.where, str) else []
            for word in [w for w in named if w not in ANYWHERE] + list(thing.surfaces):
                if word not in places:
                    hint = did_you_mean(word, [*places, *objects, *ANYWHERE])
                    raise ValueError(f"objects.{i}: no fixture '{word}' in this scene; {hint}")
        for name in self.open:
            if name not in places:
                raise ValueError(f"open: no fixture '{name}'; {did_you_mean(name, places)}")
        return self

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Entity ids of the objects, in order."""
        return tuple(numbered(o.cls for o in self.objects))

    @property
    def openings(self) -> dict[str, float]:
        """What stands open at the start, by entity id: the part of its full opening, 0 to 1."""
        found: dict[str, float] = {}
        for entity_id, fixture in zip(self.fixture_ids, self.fixtures, strict=True):
            door = FIXTURE_CLASSES[fixture.cls]().door
            if fixture.open:
                found[entity_id] = fixture.open
            elif fixture.door_deg and door is not None:
                found[entity_id] = min(1.0, float(np.radians(fixture.door_deg)) / door.max_angle)
        return found | dict(self.open)


class _Draft(Scene):
    """A scene whose objects are not drawn yet: their ids are not known."""

    @model_validator(mode="after")
    def _placed_on_what_exists(self) -> _Draft:
        return self


def _check_holder(where: str, own: str, holder: str, objects: dict[str, ObjectSpec]) -> None:
    if not OBJECT_CLASSES[objects[holder].cls].holds:
        holding = [i for i, o in objects.items() if OBJECT_CLASSES[o.cls].holds]
        raise ValueError(f"{where}: {holder} holds nothing; of the objects, these do: {holding}")
    at: Any = holder
    for _ in objects:
        if at == own:
            raise ValueError(f"{where}: {own} would stand on or in itself")
        at = objects[at].where if at in objects else None


@lru_cache(maxsize=64)
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


def numbered(classes: Iterable[str]) -> Iterator[str]:
    """Yield ``soda_can_1``, ``soda_can_2`` ... counting each class by itself."""
    counts: dict[str, int] = {}
    for cls in classes:
        counts[cls] = counts.get(cls, 0) + 1
        yield f"{snake(cls)}_{counts[cls]}"


def scene_names() -> tuple[str, ...]:
    """Return the names of the scenes that ship with diarchy."""
    return tuple(sorted(p.stem for p in SCENES.glob("*.yaml")))


def layout_names() -> tuple[str, ...]:
    """Return the names of the layouts that ship with diarchy."""
    return tuple(sorted(p.stem for p in LAYOUTS.glob("*.yaml")))


def load_scene(source: str | Path, seed: int = 0) -> Scene:
    """Load a shipped scene by name, or a YAML file by path.

    Args:
        source: a name or a path that ends in ``.yaml``.
        seed: draws what the file leaves open: the layout and the classes of random objects.

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
    return parse_scene(_read(path), str(path), seed)


def parse_scene(data: Any, origin: str = "scene", seed: int = 0) -> Scene:
    """Check the content of a scene file and draw what it leaves to the seed.

    Args:
        data: the content.
        origin: what errors name.
        seed: as `load_scene`.

    Raises:
        BadInputError: as `load_scene`.
    """
    if not isinstance(data, dict):
        raise BadInputError(f"{origin}: a scene is a mapping of keys; known: {_keys(Scene)}")
    layout_rng, object_rng = (
        np.random.default_rng(s) for s in np.random.SeedSequence(seed, spawn_key=(7,)).spawn(2)
    )
    if data.get("layout") is not None:
        data = _with_layout(data, origin, layout_rng)
    try:
        draft = _Draft.model_validate(data)
        objects = draw_objects(draft.objects, _places(draft), object_rng)
        content = {**draft.model_dump(by_alias=True), "layout": draft.layout}
        return Scene.model_validate({**content, "objects": objects})
    except ValidationError as error:
        raise BadInputError(f"{origin}: {first_line(error, Scene, _PARTS)}") from error
    except BadInputError as error:
        raise BadInputError(f"{origin}: {error}") from error


def load_layout(name: str) -> Layout:
    """Load a shipped layout.

    Raises:
        BadInputError: there is none of that name, or it is malformed.
    """
    if name not in layout_names():
        raise BadInputError(
            f"no layout '{name}'; {did_you_mean(name, [*layout_names(), 'random'])}"
        )
    return _layout(name)


@lru_cache(maxsize=32)
def _layout(name: str) -> Layout:
    path = LAYOUTS / f"{name}.yaml"
    try:
        return Layout.model_validate(_read(path))
    except ValidationError as error:
        raise BadInputError(f"{path}: {first_line(error, Layout, _PARTS)}") from error


def _with_layout(data: dict[str, Any], origin: str, rng: np.random.Generator) -> dict[str, Any]:
    """Fill a scene's content with its layout; the scene adds fixtures and decor, and replaces the rest."""
    for key in ("rooms", "doorways"):
        if data.get(key):
            raise BadInputError(
                f"{origin}: '{key}' comes with the layout; leave out one of the two"
            )
    names = layout_names()
    drawn = names[int(rng.integers(len(names)))]
    name = drawn if data["layout"] == "random" else str(data["layout"])
    try:
        base = load_layout(name).model_dump(by_alias=True)
    except BadInputError as error:
        raise BadInputError(f"{origin}: layout: {error}") from error
    merged = {**base, **data, "layout": name}
    for key in ("fixtures", "decor"):
        if key in data and isinstance(data[key], list | tuple):
            merged[key] = [*base[key], *data[key]]
    return merged


def _places(draft: Scene) -> dict[str, str]:
    classes = [cls for f in draft.fixtures for cls in with_children(f.cls)]
    return dict(zip(draft.place_ids, classes, strict=True))


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"cannot read the scene file {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise BadInputError(f"{path} is not valid YAML: {reason}") from error


def _keys(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)


_PARTS: dict[str, type[BaseModel]] = {
    "rooms": RoomSpec,
    "doorways": DoorwaySpec,
    "fixtures": FixtureSpec,
    "objects": ObjectSpec,
    "people": PersonSpec,
    "decor": DecorSpec,
    "robot": RobotStart,
    "randomize": Randomize,
}
