"""Where objects start: explicit, or drawn from the seed on reachable, free spots of surfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.fixtures import LocalSurface
from diarchy.robots.home.furnish import furnish
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.scene import ObjectSpec, Scene

GAP = 0.09
"""Least free room in m between the edges of two objects: a finger and its margin."""
REACH = 0.30
"""Greatest distance in m of an object's centre from the edge that the robot reaches over."""
EDGE = 0.02
TRIES = 400
ARRANGEMENTS = 20


@dataclass(frozen=True)
class Placed:
    """An object at its start: id, class, colour, and ``map_from_object`` (origin: bottom centre)."""

    id: str
    cls: str
    color: str
    pose: SE3


def place_objects(scene: Scene, rng: np.random.Generator) -> list[Placed]:
    """Give every object of the scene a colour and a place.

    Explicit places come first and are kept; drawn ones keep `GAP` from everything else.

    Raises:
        BadInputError: a drawn object finds no free spot.
    """
    placed: dict[int, Placed] = {}
    drawn = [i for i, o in enumerate(scene.objects) if isinstance(o.where, str)]
    for i, (entity_id, thing) in enumerate(zip(scene.object_ids, scene.objects, strict=True)):
        if not isinstance(thing.where, str):
            yaw = np.radians(thing.yaw_deg or 0.0)
            pose = SE3.from_xyz_yaw(*thing.where, float(yaw))
            placed[i] = Placed(entity_id, thing.cls, _color(thing, rng), pose)
    # The largest first: they find the fewest spots.
    drawn.sort(key=lambda i: -OBJECT_CLASSES[scene.objects[i].cls].footprint)
    for attempt in range(ARRANGEMENTS):
        try:
            arranged = _arrange(scene, drawn, placed, rng)
        except BadInputError:
            # The first things took the room of the last one: begin anew rather than give up.
            if attempt == ARRANGEMENTS - 1:
                raise
            continue
        break
    return [arranged[i] for i in range(len(scene.objects))]


def _arrange(
    scene: Scene, drawn: list[int], kept: dict[int, Placed], rng: np.random.Generator
) -> dict[int, Placed]:
    placed = dict(kept)
    for i in drawn:
        thing = scene.objects[i]
        pose = _draw(scene, thing, scene.object_ids[i], list(placed.values()), rng)
        placed[i] = Placed(scene.object_ids[i], thing.cls, _color(thing, rng), pose)
    return placed


def _color(thing: ObjectSpec, rng: np.random.Generator) -> str:
    colors = OBJECT_CLASSES[thing.cls].colors
    if thing.color == "random":
        return colors[int(rng.integers(len(colors)))]
    return thing.color or colors[0]


def _draw(
    scene: Scene, thing: ObjectSpec, entity_id: str, others: list[Placed], rng: np.random.Generator
) -> SE3:
    footprint = OBJECT_CLASSES[thing.cls].footprint
    choices = _surfaces(scene, thing)
    if not choices:
        raise BadInputError(f"{scene.name}: nothing in the scene can hold {entity_id}")
    for _ in range(TRIES):
        pose, surface = choices[int(rng.integers(len(choices)))]
        spot = _spot(surface, footprint, rng)
        if spot is None:
            continue
        yaw = rng.uniform(-np.pi, np.pi) if thing.yaw_deg is None else np.radians(thing.yaw_deg)
        at = pose.apply(spot)
        if all(_apart(at, footprint, other) for other in others):
            return SE3.from_xyz_yaw(float(at[0]), float(at[1]), float(at[2]) + 0.001, float(yaw))
    raise BadInputError(
        f"{scene.name}: no free spot for {entity_id} after {TRIES} tries; "
        "remove objects or give it another 'where'"
    )


def _surfaces(scene: Scene, thing: ObjectSpec) -> list[tuple[SE3, LocalSurface]]:
    wanted = set(thing.surfaces) if thing.where == "random" else {thing.where}
    found = []
    for thing_at in furnish(scene):
        for surface in thing_at.model.surfaces:
            if thing_at.entity_id in wanted or (not wanted and surface.random):
                found.append((thing_at.pose, surface))
    return found


def _spot(surface: LocalSurface, radius: float, rng: np.random.Generator) -> FloatArray | None:
    """Draw a point ``[3]`` in the fixture's frame, near one of the edges that hands reach over."""
    edge = surface.edges[int(rng.integers(len(surface.edges)))]
    hx, hy = surface.size[0] / 2, surface.size[1] / 2
    deep, wide = (hx, hy) if edge in ("front", "back") else (hy, hx)
    inset = radius + EDGE
    if inset > min(deep, wide) + 1e-9 and radius > min(deep, wide):
        return None
    across = rng.uniform(inset, max(inset, min(REACH, 2 * deep - inset)))
    along = rng.uniform(-1.0, 1.0) * max(0.0, wide - inset - 0.05)
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
