"""The skill `search`: look around, then drive from place to place until something fits the description."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field

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
from diarchy.memory.references import anchors, distance, matches
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.costmap import build_costmap
from diarchy.skills.motion.drive import ROUGH, Drive, Driver, turn_head
from diarchy.skills.motion.gaze import look_points
from diarchy.skills.motion.head import AHEAD
from diarchy.skills.motion.navigate import fold_arm
from diarchy.skills.motion.path import TravelField
from diarchy.skills.motion.standpoints import standpoints
from diarchy.skills.specs import SEARCH

_SOURCE = "motion:search"
_SWEEP = (-0.95, 0.0, 0.95)
_SWEEP_TILT = 0.40
_ELSEWHERE = 0.4
"""Two places to look from are different when they are so far (m) apart."""
_ALREADY_KNOWN = 3.0
"""Penalty (m of travel) for a place that was inspected before: what is sought may have come since."""


@dataclass
class _Sought:
    """What is searched for: a description, or one known thing that was lost sight of."""

    words: str
    reference: Reference | None
    entity_id: str | None
    began: float

    def found_in(self, world: WorldView) -> Entity | None:
        """Return the nearest entity that fits, if one is believed in."""
        fitting = [e for e in world.entities() if e.kind != "fixture" and self._fits(e, world)]
        here = world.map_from_base().translation[:2]
        fitting.sort(key=lambda e: (float(np.linalg.norm(np.array(e.position[:2]) - here)), e.id))
        return fitting[0] if fitting else None

    def _fits(self, entity: Entity, world: WorldView) -> bool:
        if self.entity_id is not None:
            fresh = entity.last_seen is not None and entity.last_seen >= self.began
            return entity.id == self.entity_id and fresh
        return self.reference is not None and matches(entity, self.reference, world)


@dataclass
class _Log:
    """Where was looked, for the person who asks why nothing was found."""

    looked: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def words(self) -> str:
        looked = ", ".join(self.looked) or "nowhere but around the robot"
        skipped = f"; not looked at: {', '.join(self.skipped)}" if self.skipped else ""
        return f"looked at {looked}{skipped}"


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
        log = _Log()
        try:
            found = yield from self._look_everywhere(context, proprio, sought, log)
        except MotionFailedError as error:
            return Outcome.failed(error.cause, error.detail)
        if found is None:
            return Outcome.failed(Cause.NOT_FOUND, f"no {sought.words} found: {log.words()}")
        return Outcome.done(f"found {found.id} after it {log.words()}")

    def _look_everywhere(
        self, context: SkillContext, now: Proprio, sought: _Sought, log: _Log
    ) -> Generator[Command, Proprio, Entity | None]:
        now = yield from fold_arm(context, now, _SOURCE)
        for pan in _SWEEP:
            now = yield from turn_head(context, now, (pan, _SWEEP_TILT), _SOURCE)
            now = yield Look(())
            if (found := sought.found_in(context.world)) is not None:
                return found
        left = _places(context.world, sought, log)
        while left:
            name = _next(context, left, sought.began)
            left.remove(name)
            if _seen_since(context.world, name, sought.began):
                log.looked.append(name)
                continue
            try:
                now = yield from self._visit(context, now, name, sought)
                log.looked.append(name)
            except MotionFailedError as error:
                log.skipped.append(f"{name} ({error.detail})")
                now = yield Look(())
            if (found := sought.found_in(context.world)) is not None:
                return found
        return None

    def _visit(self, context: SkillContext, now: Proprio, name: str, sought: _Sought) -> Drive:
        places = standpoints(context.world, context.spec, name, "look")
        if not places:
            raise MotionFailedError(Cause.UNREACHABLE, "no free place to look from")
        began = now.stamp
        for place in _far_apart(places):
            now = yield from turn_head(context, now, AHEAD, _SOURCE)
            now = yield from Driver(context, _SOURCE).to(now, place, ROUGH)
            arm = Arm(context, now, _SOURCE)
            for point in look_points(context.world.static_map.fixtures[name]):
                yield from arm.look(point)
                if sought.found_in(context.world) is not None:
                    return arm.proprio
            now = arm.proprio
            if _seen_since(context.world, name, began) or not _is_open_top(context.world, name):
                break
        return now


def _far_apart(places: list[Pose2]) -> list[Pose2]:
    """The best place to look from, and another for what could not be seen from there."""
    first = places[0]
    other = [p for p in places if math.hypot(p.x - first.x, p.y - first.y) > _ELSEWHERE]
    return [first, *other[:1]]


def _is_open_top(world: WorldView, name: str) -> bool:
    """Whether things stand ON it: the bottom of a bin shows no better from the other side."""
    return any(s.relation == "on" for s in world.static_map.fixtures[name].surfaces)


def _sought(value: object, context: SkillContext, now: Proprio) -> _Sought:
    if isinstance(value, Reference):
        return _Sought(str(value), value, None, now.stamp)
    words = str(value)
    known = {e.id: e for e in context.world.entities()}
    if words in known:
        return _Sought(words, None, words, now.stamp)
    return _Sought(words, Reference(cls=words), None, now.stamp)


def _places(world: WorldView, sought: _Sought, log: _Log) -> list[str]:
    """Fixtures worth a look; with an anchor only that one, because elsewhere nothing can fit."""
    names = [n for n in sorted(world.static_map.fixtures) if world.static_map.fixtures[n].surfaces]
    reference = sought.reference
    if reference is not None and reference.anchor is not None:
        around = anchors(reference, world)
        if reference.relation == "near":
            names = [n for n in names if any(distance(world.entity(n), a) < 2.5 for a in around)]
        else:
            names = [n for n in names if n in {a.id for a in around}]
    closed = [n for n in names if _is_shut(world, n)]
    log.skipped += [f"{n} (it is closed)" for n in closed]
    return [n for n in names if n not in closed]


def _is_shut(world: WorldView, name: str) -> bool:
    """A container whose only places are behind a door that is not known to be open."""
    info = world.static_map.fixtures[name]
    inside = all(s.relation == "in" for s in info.surfaces)
    opened = Condition(Predicate("open", (name,)))
    return info.hinge is not None and inside and world.truth(opened) is not Truth.TRUE


def _next(context: SkillContext, left: list[str], began: float) -> str:
    """The cheapest place to go to; what was never inspected comes first."""
    world = context.world
    base = Pose2.from_se3(world.map_from_base())
    costmap = build_costmap(world, context.spec, escape_from=(base.x, base.y))
    travel = TravelField.build(costmap, (base.x, base.y))

    def cost(name: str) -> tuple[float, str]:
        places = standpoints(world, context.spec, name, "look")
        drive = travel.cost(places[0].x, places[0].y) if places else float("inf")
        known = _ALREADY_KNOWN if world.inspected(name) is not None else 0.0
        return drive + known, name

    return min(left, key=cost)


def _seen_since(world: WorldView, name: str, began: float) -> bool:
    stamp = world.inspected(name)
    return stamp is not None and stamp >= began
