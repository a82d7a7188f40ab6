"""The skill `search`: look around, then drive from place to place until something fits the description."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.plan import Reference
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Pose2, Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Command,
    Look,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.contracts.world import WorldView
from diarchy.memory.belief import SURE
from diarchy.memory.references import matches
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.drive import ROUGH, Drive, Driver
from diarchy.skills.motion.glance import glance_around
from diarchy.skills.motion.head import AHEAD, looked_into_from_above, rise
from diarchy.skills.motion.head_turn import turn_head
from diarchy.skills.motion.lookout import (
    Log,
    nearest_place,
    places_to_look,
    points_of,
    remembered_place,
    seen_since,
)
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.standpoints import standpoints
from diarchy.skills.specs import SEARCH

_SOURCE = "motion:search"
_SWEEP = ((-0.95, 0.40), (0.0, 0.40), (0.95, 0.40))
"""Pan and tilt (rad) of the looks around before driving anywhere."""
_SWEEP_FLOOR = ((-0.8, 0.85), (0.0, 0.85), (0.8, 0.85))
"""The same for what may have fallen before the robot's feet."""
_OWN_BASE = ((-0.5, 1.25), (0.5, 1.25))
"""The same for what may have fallen onto the robot itself, and rides along."""
_ON_FLOOR = 0.05
_ELSEWHERE = 0.4
"""Two places to look from are different when they are so far (m) apart."""


@dataclass
class _Sought:
    """What is searched for: a description, or one known thing that was lost sight of."""

    words: str
    reference: Reference | None
    entity_id: str | None
    began: float
    known: frozenset[str] = frozenset()

    def found_in(self, world: WorldView) -> Entity | None:
        """Return the nearest entity that fits, if one is believed in."""
        fitting = [e for e in world.entities() if e.kind != "fixture" and self._fits(e, world)]
        here = world.map_from_base().translation[:2]
        fitting.sort(key=lambda e: (float(np.linalg.norm(np.array(e.position[:2]) - here)), e.id))
        return fitting[0] if fitting else None

    def cls(self, world: WorldView) -> str | None:
        """Return the class of what is sought, None if it is not known."""
        if self.reference is not None:
            return self.reference.cls
        known = (*world.entities(), *world.lost())
        return next((e.cls for e in known if e.id == self.entity_id), None)

    def _fits(self, entity: Entity, world: WorldView) -> bool:
        if self.entity_id is not None:
            fresh = entity.last_seen is not None and entity.last_seen >= self.began
            return entity.id == self.entity_id and fresh
        sure = entity.confidence >= SURE and entity.id not in self.known
        return sure and self.reference is not None and matches(entity, self.reference, world)


class Search:
    """Looks around, then at one surface after another, until the world model holds what is sought."""

    backend = "motion"

    def __init__(self, robot: RobotSpec) -> None:
        self._robot = robot

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return SEARCH

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution; ``object`` is a `Reference`, an entity id or a class name."""
        sought = _sought(call.args["object"], context, proprio)
        found = sought.found_in(context.world)
        if found is not None:
            return Outcome.done(f"{found.id} is known already")
        log = Log()
        try:
            found = yield from self._look_everywhere(context, proprio, sought, log)
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)
        if found is None:
            return Outcome.failed(Cause.NOT_FOUND, f"no {sought.words} found: {log.words()}")
        return Outcome.done(f"found {found.id} after it {log.words()}")

    def _look_everywhere(
        self, context: SkillContext, now: Proprio, sought: _Sought, log: Log
    ) -> Generator[Command, Proprio, Entity | None]:
        world = context.world
        now = yield from fold_arm(context, now, _SOURCE)
        fallen = _where_it_fell(world, sought)
        # Where it is missed it may have fallen off: onto the robot, or to the floor before it.
        near = (*_OWN_BASE, *_SWEEP_FLOOR) if _was_lost(world, sought) else ()
        for pan, tilt in (*near, *_SWEEP):
            now = yield from turn_head(context, now, (pan, tilt), _SOURCE)
            now = yield Look(())
            if (found := sought.found_in(world)) is not None:
                return found
        left = places_to_look(world, sought.reference, log)

        cls = sought.cls(world)

        def enough() -> bool:
            return sought.found_in(world) is not None

        if fallen is not None:
            left.insert(0, fallen)
        while left:
            before = remembered_place(world, left, sought.reference, sought.entity_id)
            first = fallen if fallen in left else before
            name = first or nearest_place(context, left, cls)
            left.remove(name)
            if name != fallen and seen_since(world, name, sought.began):
                log.looked.append(name)
                continue
            try:
                now = yield from visit(context, now, name, enough)
                now = yield from glance_around(context, now, left, _SOURCE, enough=enough)
                log.add(name, fallen=name == fallen, remembered=name == before)
            except MotionFailedError as error:
                log.skipped.append(f"{name} ({error.detail})")
                now = yield Look(())
            if (found := sought.found_in(world)) is not None:
                return found
        return None


def visit(
    context: SkillContext, now: Proprio, name: str, enough: Callable[[], bool] = lambda: False
) -> Drive:
    """Drive to where a place can be seen and look at all of it; ends early when that is ``enough``.

    Raises:
        MotionFailedError: there is no free place to look from, or the way is blocked.
    """
    world, began = context.world, now.stamp
    info = world.static_map.fixtures.get(name)
    walled = info is not None and looked_into_from_above(info)
    places = standpoints(world, context.spec, name, "reach" if walled else "look")
    if not places:
        raise MotionFailedError(Cause.UNREACHABLE, "no free place to look from")
    for place in _far_apart(places):
        first = next(iter(points_of(world, name)), None)
        driver = Driver(context, _SOURCE, gaze=AHEAD, towards=None if walled else first)
        now = yield from driver.to(now, place, ROUGH)
        arm = Arm(context, now, _SOURCE)
        before = arm.q.copy()
        if walled:
            yield from rise(arm)
        for point in points_of(world, name):
            yield from arm.look(point)
            if enough():
                break
        if walled:
            yield from rise(arm, before)
        now = arm.proprio
        if enough() or not _is_open_top(world, name) or seen_since(world, name, began):
            break
    return now


def _far_apart(places: list[Pose2]) -> list[Pose2]:
    """The best place to look from, and another for what could not be seen from there."""
    first = places[0]
    other = [p for p in places if math.hypot(p.x - first.x, p.y - first.y) > _ELSEWHERE]
    return [first, *other[:1]]


def _is_open_top(world: WorldView, name: str) -> bool:
    """Whether things stand ON it: the bottom of a bin shows no better from the other side."""
    info = world.static_map.fixtures.get(name)
    return info is None or any(s.relation == "on" for s in info.surfaces)


def _where_it_fell(world: WorldView, sought: _Sought) -> str | None:
    """The id of what is sought, if it is known and believed to lie on the floor, and was not seen to be gone."""
    known = {e.id for e in world.entities()}
    fallen = (e.id for e in _lost(world, sought) if e.bottom < _ON_FLOOR and e.id in known)
    return next(fallen, None)


def _was_lost(world: WorldView, sought: _Sought) -> bool:
    """Whether what is sought was known, and it is not known any more where it is."""
    return any(_lost(world, sought))


def _lost(world: WorldView, sought: _Sought) -> Iterator[Entity]:
    """What may be meant and was lost sight of, one that is meant for certain alone."""
    known = {e.id: e for e in (*world.entities(), *world.lost())}
    meant = [known[sought.entity_id]] if sought.entity_id in known else []
    if not meant and sought.reference is not None:
        meant = [e for e in known.values() if e.cls == sought.reference.cls]
    for entity in meant:
        located = Condition(Predicate("located", (entity.id,)))
        there = world.truth(located) is Truth.TRUE or entity.id == world.held()
        if entity.movable and not there:
            yield entity


def _sought(value: object, context: SkillContext, now: Proprio) -> _Sought:
    if isinstance(value, Reference):
        others = [e.id for e in context.world.entities() if e.confidence >= SURE]
        before = frozenset(others if value.quantifier == "another" else ())
        return _Sought(str(value), value, None, now.stamp, before)
    words = str(value)
    if words in {e.id for e in (*context.world.entities(), *context.world.lost())}:
        return _Sought(words, None, words, now.stamp)
    return _Sought(words, Reference(cls=words), None, now.stamp)
