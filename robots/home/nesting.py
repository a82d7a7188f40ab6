"""Where a thing starts that stands on or in another thing: an apple on a plate, a spoon in a mug."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.robots.home.objects import OBJECT_CLASSES, ObjectClass
from diarchy.robots.home.scene import Scene

FLOOR = 0.010
"""Height in m of the inner floor of a plate, a bowl, a mug or a box above its bottom."""
WALL = 0.010
LEANS = 0.05
"""What is this much wider (m) than the inside rests on the rim; what is wider still falls off."""
SLENDER = 3.0
"""What is this many times longer than thick is put into a vessel upright, if it does not fit lying."""
TRIES = 200


def nest(
    scene: Scene, held: Sequence[int], poses: Mapping[str, SE3], rng: np.random.Generator
) -> dict[int, SE3]:
    """Put objects onto or into the objects they are said to be on or in.

    Args:
        scene: with `held` the indices of the objects that stand on or in another one.
        held: as above.
        poses: ``map_from_object`` of all others by id.
        rng: draws where on a plate.

    Returns:
        ``map_from_object`` by index.

    Raises:
        BadInputError: a thing does not fit, or there is no room left.
    """
    ids = scene.object_ids
    known, found = dict(poses), dict[int, SE3]()
    inside: dict[str, list[tuple[float, float, float]]] = {}
    waiting = list(held)
    while waiting:
        # The scene has been checked: nothing stands in itself, so one of them can be put somewhere.
        i = next(i for i in waiting if scene.objects[i].where in known)
        waiting.remove(i)
        holder = str(scene.objects[i].where)
        neighbours = inside.setdefault(holder, [])
        kind = OBJECT_CLASSES[scene.objects[ids.index(holder)].cls]
        local = _inside(scene.name, ids[i], holder, OBJECT_CLASSES[scene.objects[i].cls], kind,
                        neighbours, rng)  # fmt: skip
        found[i] = known[ids[i]] = known[holder] @ local
    return found


def _inside(
    scene: str,
    entity_id: str,
    holder: str,
    thing: ObjectClass,
    kind: ObjectClass,
    neighbours: list[tuple[float, float, float]],
    rng: np.random.Generator,
) -> SE3:
    """Return ``holder_from_thing`` and note it among the neighbours as (x, y, radius)."""
    inner = min(kind.extent[:2]) / 2 - WALL
    yaw = float(rng.uniform(-np.pi, np.pi))
    thick = max(thing.extent[1:])
    if thing.footprint > inner and thing.extent[0] > SLENDER * thick and thick / 2 < inner:
        neighbours.append((0.0, 0.0, inner))
        return _upright(thing, yaw)
    if thing.footprint > inner + LEANS:
        raise BadInputError(f"{scene}: {entity_id} is too large for {holder}")
    high = FLOOR if thing.footprint <= inner else kind.extent[2]
    free = max(0.0, inner - thing.footprint)
    for attempt in range(TRIES):
        r, angle = free * float(np.sqrt(rng.uniform())), float(rng.uniform(-np.pi, np.pi))
        # Alone it stands in the middle.
        x, y = (0.0, 0.0) if attempt == 0 else (r * float(np.cos(angle)), r * float(np.sin(angle)))
        if all(np.hypot(x - u, y - v) >= thing.footprint + w for u, v, w in neighbours):
            neighbours.append((x, y, thing.footprint))
            return SE3.from_xyz_yaw(x, y, high + 0.002, yaw)
    raise BadInputError(f"{scene}: there is no room left for {entity_id} in {holder}")


def _upright(thing: ObjectClass, yaw: float) -> SE3:
    """Return a long thing on its end, its length along z."""
    turn = SE3.from_xyz_yaw(0.0, 0.0, FLOOR + thing.extent[0] / 2, yaw)
    stand = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    return turn @ SE3(stand, np.array([thing.extent[2] / 2, 0.0, 0.0]))
