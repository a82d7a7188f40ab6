"""Where objects start: explicit, or drawn from the seed on reachable, free spots of surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.fixtures import LocalSurface
from diarchy.robots.home.freespace import FreeFloor
from diarchy.robots.home.furnish import Furnishing, furnish
from diarchy.robots.home.nesting import nest
from diarchy.robots.home.objects import OBJECT_CLASSES, ObjectClass
from diarchy.robots.home.scene import ObjectSpec, Scene
from diarchy.robots.home.scene_parts import ANYWHERE
from diarchy.robots.home.static_map import static_map

GAP = 0.09
"""Least free room in m between the edges of two objects: a finger and its margin."""
REACH = 0.30
"""Greatest distance in m of an object's centre from the edge that the robot reaches over."""
EDGE = 0.02
HEADROOM = 0.015
"""Free height in m that a thing leaves above itself where it is put away."""
TRIES = 400
ARRANGEMENTS = 20


@dataclass(frozen=True)
class Placed:
    """An object at its start: id, class, colour, and ``map_from_object`` (origin: bottom centre)."""

    id: str
    cls: str
    color: str
    pose: SE3
    dirty: bool = False
    temperature: Literal["hot", "cold"] | None = None


@dataclass(frozen=True)
class _Place:
    """A surface that things may be put on: ``pose`` is ``map_from_fixture``, a drawer shut."""

    owner: str
    pose: SE3
    surface: LocalSurface
    spread: float
    """Half of the angle in rad around its front from which one works at it; 0: not looked at."""
    walled: bool
    """Whether it has walls of its own, so that what is beside it outside is not in the way."""


_Taken = tuple[Placed, _Place | None]
"""A thing and the surface it was drawn onto; None where the scene says exactly where it is."""


def place_objects(scene: Scene, rng: np.random.Generator) -> list[Placed]:
    """Give every object of the scene a colour and a place.

    Explicit places come first and are kept; drawn ones keep `GAP` from everything else, and the robot
    gets to where it can work on them; what stands on or in another object is put there last.

    Raises:
        BadInputError: a drawn object finds no free spot.
    """
    placed: dict[int, Placed] = {}
    ids = scene.object_ids
    held = [i for i, o in enumerate(scene.objects) if o.where in ids]
    drawn = [i for i, o in enumerate(scene.objects) if isinstance(o.where, str) and i not in held]
    for i, thing in enumerate(scene.objects):
        if not isinstance(thing.where, str):
            yaw = np.radians(thing.yaw_deg or 0.0)
            pose = SE3.from_xyz_yaw(*thing.where, float(yaw))
            placed[i] = _placed(ids[i], thing, pose, rng)
    # The largest first: they find the fewest spots.
    drawn.sort(key=lambda i: -OBJECT_CLASSES[scene.objects[i].cls].footprint)
    room = _Room(scene)
    for attempt in range(ARRANGEMENTS):
        try:
            arranged = _arrange(room, drawn, placed, rng)
        except BadInputError:
            # The first things took the room of the last one: begin anew rather than give up.
            if attempt == ARRANGEMENTS - 1:
                raise
            continue
        break
    poses = {ids[i]: thing.pose for i, thing in arranged.items()}
    for i, pose in nest(scene, held, poses, rng).items():
        arranged[i] = _placed(ids[i], scene.objects[i], pose, rng)
    return [arranged[i] for i in range(len(scene.objects))]


class _Room:
    """A scene's surfaces, and the floor before them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.places = [place for thing in furnish(scene) for place in _places(thing)]
        start = scene.robot
        self.floor = FreeFloor(static_map(scene), (start.x, start.y))

    def choices(self, thing: ObjectSpec) -> list[_Place]:
        """Surfaces an object may be drawn onto: those named, or all that are open."""
        wanted = set(thing.surfaces) if thing.where in ANYWHERE else {thing.where}
        cls = OBJECT_CLASSES[thing.cls]
        return [
            place
            for place in self.places
            if (place.owner in wanted or (not wanted and place.surface.random))
            and _fits(place.surface, cls)
        ]


def _places(thing: Furnishing) -> list[_Place]:
    found = []
    for surface in thing.model.surfaces:
        spread = np.radians(45.0 if surface.approach == "front" else 75.0)
        if len(surface.edges) > 1:
            spread = np.pi
        if thing.model.slide is not None:
            spread = 0.0
        walled = thing.model.slide is not None or thing.model.door is not None
        found.append(_Place(thing.entity_id, thing.pose, surface, float(spread), walled))
    return found


def _fits(surface: LocalSurface, cls: ObjectClass) -> bool:
    # The handles of a pot may reach over the edge of what it stands on; walls leave no such choice.
    needed = cls.footprint if surface.relation == "in" else min(cls.extent[:2]) / 2
    return cls.extent[2] + HEADROOM <= surface.clearance and needed <= min(surface.size) / 2


def _arrange(
    room: _Room, drawn: list[int], kept: dict[int, Placed], rng: np.random.Generator
) -> dict[int, Placed]:
    placed = dict(kept)
    taken: list[_Taken] = [(thing, None) for thing in kept.values()]
    scene = room.scene
    ids = scene.object_ids
    for i in drawn:
        thing = scene.objects[i]
        pose, place = _draw(room, thing, ids[i], taken, rng)
        placed[i] = _placed(ids[i], thing, pose, rng)
        taken.append((placed[i], place))
    return placed


def _placed(entity_id: str, thing: ObjectSpec, pose: SE3, rng: np.random.Generator) -> Placed:
    color = _color(thing, rng)
    return Placed(entity_id, thing.cls, color, pose, thing.dirty, thing.temperature)


def _color(thing: ObjectSpec, rng: np.random.Generator) -> str:
    colors = OBJECT_CLASSES[thing.cls].colors
    if thing.color == "random":
        return colors[int(rng.integers(len(colors)))]
    return thing.color or colors[0]


def _draw(
    room: _Room,
    thing: ObjectSpec,
    entity_id: str,
    taken: Sequence[_Taken],
    rng: np.random.Generator,
) -> tuple[SE3, _Place]:
    name, footprint = room.scene.name, OBJECT_CLASSES[thing.cls].footprint
    choices = room.choices(thing)
    if not choices:
        raise BadInputError(f"{name}: nothing in the scene can hold {entity_id}")
    for _ in range(TRIES):
        place = choices[int(rng.integers(len(choices)))]
        spot = _spot(place.surface, footprint, rng)
        yaw = rng.uniform(-np.pi, np.pi) if thing.yaw_deg is None else np.radians(thing.yaw_deg)
        at = place.pose.apply(spot)
        near = (other for other, where in taken if _beside(place, where))
        if all(_apart(at, footprint, other) for other in near) and _met(room.floor, place, at):
            x, y, z = (float(v) for v in at)
            return SE3.from_xyz_yaw(x, y, z + 0.001, float(yaw)), place
    raise BadInputError(
        f"{name}: no free spot for {entity_id} after {TRIES} tries; "
        "remove objects or give it another 'where'"
    )


def _beside(place: _Place, other: _Place | None) -> bool:
    """Tell whether things at two places may be in each other's way: walls between them part them."""
    if other is None or place.owner == other.owner:
        return True
    return not (place.walled or other.walled)


def _met(floor: FreeFloor, place: _Place, at: FloatArray) -> bool:
    """Tell whether the robot can stand where it works on a point of a surface."""
    if place.spread == 0.0:
        return True
    return floor.worked_at(float(at[0]), float(at[1]), place.pose.yaw, place.spread)


def _spot(surface: LocalSurface, radius: float, rng: np.random.Generator) -> FloatArray:
    """Draw a point ``[3]`` in the fixture's frame, near one of the edges that hands reach over."""
    edge = surface.edges[int(rng.integers(len(surface.edges)))]
    hx, hy = surface.size[0] / 2, surface.size[1] / 2
    deep, wide = (hx, hy) if edge in ("front", "back") else (hy, hx)
    inset = min(radius + EDGE, deep)
    across = rng.uniform(inset, max(inset, min(REACH, 2 * deep - inset)))
    along = rng.uniform(-1.0, 1.0) * max(0.0, wide - radius - EDGE - 0.05)
    x, y = {
        "front": (hx - across, along),
        "back": (-hx + across, along),
        "left": (along, hy - across),
        "right": (along, -hy + across),
    }[edge]
    return np.array([surface.at[0] + x, surface.at[1] + y, surface.at[2]])


def _apart(at: FloatArray, radius: float, other: Placed) -> bool:
    if abs(other.pose.translation[2] - at[2]) > 0.25:
        return True
    needed = radius + OBJECT_CLASSES[other.cls].footprint + GAP
    return float(np.hypot(*(other.pose.translation[:2] - at[:2]))) >= needed
