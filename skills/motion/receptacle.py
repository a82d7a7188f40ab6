"""What a thing is put on or into: furniture, a drawer, a plate or bowl that stands there, open palms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Box, Entity, Surface, Truth
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.skill import Cause
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.arm_path import MotionFailedError

DEEP = 0.25
"""What has walls higher than this (m) is not reached down into but dropped into, like a bin."""
_BESIDE = 0.06
_ROOTED = 0.05
_FILLED = 0.01


@dataclass(frozen=True)
class Receptacle:
    """Where something goes, as it is now.

    Attributes:
        entity: fixture, person or movable container.
        surfaces: those of the wanted relation, a drawer's as far out as it is.
        front: direction ``[3]`` out of its front; None where there is none.
        rim: height (m, in ``map``) that a thing must be lifted over on its way in.
        movable: it is itself a thing that can be pushed.
        lid: a thing in it must end lower than the rim, or the drawer does not shut.
        touch: ids that may be touched while putting down.
    """

    entity: Entity
    surfaces: tuple[Surface, ...]
    front: FloatArray | None
    rim: float
    movable: bool
    lid: bool
    touch: frozenset[str]

    @property
    def id(self) -> str:
        """Id of the entity."""
        return self.entity.id

    def depth(self, surface: Surface) -> float:
        """How far (m) the rim is above a surface; 0 where nothing stands around it."""
        return max(0.0, self.rim - float(surface.pose.translation[2]))

    def dropped_into(self, surface: Surface) -> bool:
        """Whether it is too deep to reach down into."""
        return surface.approach == "top" and not self.movable and self.depth(surface) > DEEP


def receptacle_of(world: WorldView, name: str, relation: str) -> Receptacle:
    """Return what is known of a receptacle now.

    Raises:
        MotionFailedError: nothing can be put on (or in) it, or it is shut.
    """
    surfaces = tuple(s for s in world.surfaces(name) if s.relation == relation)
    if not surfaces:
        detail = f"nothing can be put {relation} {name}"
        raise MotionFailedError(Cause.UNSUPPORTED, detail)
    if world.truth(Condition(Predicate("enterable", (name,)))) is Truth.FALSE:
        raise MotionFailedError(Cause.PRECONDITION, f"{name} is not open")
    entity, info = world.entity(name), world.static_map.holder(name)
    if info is None:
        rim = entity.top if relation == "in" else entity.bottom
        # The hand goes on down until it feels something: what it stands on is right below.
        touch = frozenset({name, *standing_on(world, name)})
        return Receptacle(entity, surfaces, None, rim, True, False, touch)
    walls = info.boxes_at(world.opening(name))
    rims = [_rim(walls, s) for s in surfaces if s.relation == "in" and s.approach == "top"]
    built_into = [entity.part_of] if entity.part_of else []
    return Receptacle(
        entity,
        surfaces,
        np.append(info.front, 0.0),
        max(rims, default=entity.bottom),
        False,
        info.slide is not None,
        frozenset({name, *built_into}),
    )


def standing_on(world: WorldView, name: str) -> list[str]:
    """Return the ids of what a thing rests on or in: furniture, or another thing."""
    holders = [*sorted(world.static_map.fixtures), *_containers(world, name)]
    claims = [(h, Condition(Predicate(r, (name, h)))) for h in holders for r in ("on", "in")]
    return [h for h, claim in claims if world.truth(claim) is Truth.TRUE]


def _containers(world: WorldView, name: str) -> list[str]:
    return [e.id for e in world.entities() if e.kind == "object" and e.can_hold and e.id != name]


def _rim(boxes: tuple[Box, ...], surface: Surface) -> float:
    """Top of the highest wall that rises beside a surface from its level or below it."""
    floor = float(surface.pose.translation[2])
    into = surface.pose.inverse()
    half = np.asarray(surface.size) / 2.0 + _BESIDE
    tops = [floor]
    for box in boxes:
        upright = float(np.abs(box.pose.rotation[2]) @ box.size) / 2.0
        low, top = box.pose.translation[2] - upright, box.pose.translation[2] + upright
        local = into @ box.pose
        reach = np.abs(local.rotation[:2]) @ box.size / 2.0
        near = np.all(np.abs(local.translation[:2]) - reach <= half)
        if near and low <= floor + _ROOTED and top > floor + _FILLED:
            tops.append(float(top))
    return max(tops)
