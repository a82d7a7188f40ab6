"""Where to stand to work on something: free for the base, in reach, square to the edge in between."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from diarchy.contracts.entity import Box, Entity, FixtureInfo, Surface
from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import Pose2, RobotSpec
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.costmap import CostMap, build_costmap, front_panel
from diarchy.skills.motion.path import TravelField

Purpose = Literal["reach", "open", "close", "operate", "look", "peer", "talk"]

DOOR_DISTANCE = 1.0
"""From the closed door to the base (m) for opening it with the arm alone."""
DRAWER_DISTANCE = 0.99
"""From the face of a shut drawer to the base (m): pulled out, its bar is still before the body."""
OPEN_ENOUGH = 0.47
"""Part of its range from which on one stands to reach into a container rather than to open it."""


@dataclass(frozen=True)
class _Ring:
    """Distances (m) from the point to the base that are tried, and the best of them."""

    radii: tuple[float, ...]
    best: float


_RINGS: dict[Purpose, _Ring] = {
    "reach": _Ring((0.58, 0.62, 0.66, 0.70, 0.75, 0.80, 0.86, 0.92), 0.68),
    "open": _Ring((), 1.0),
    "close": _Ring((), 1.0),
    "operate": _Ring((0.56, 0.60, 0.64, 0.68, 0.72, 0.77, 0.82, 0.88), 0.68),
    "peer": _Ring((0.56, 0.60, 0.64, 0.68, 0.74, 0.80), 0.56),
    "look": _Ring((0.9, 1.05, 1.2, 1.4, 1.6), 1.2),
    "talk": _Ring((1.0, 1.15, 1.3), 1.15),
}
_TO_HINGE = ((0.8, 0.9, 1.6, 1.9), (0.0, 0.15, 0.15, 0.55))
"""A door open so wide (rad) is closed from so far (m) to the side of its hinge."""
_ROUND_EDGE = 0.18
"""How much farther (m) before such a door is the next best place."""
_BEFORE_EDGE = 0.36
"""From the edge of a door that stands square open to the base, m."""
_DIRECTIONS = 32
_MOST = 24
_INSIDE = 0.16
_BRUSH = 0.02
_ELBOW_ROOM = 0.20


def standpoints(
    world: WorldView,
    spec: RobotSpec,
    target_id: str,
    purpose: Purpose = "reach",
    *,
    point: FloatArray | None = None,
    ignore: Collection[str] = (),
) -> list[Pose2]:
    """Return base poses in ``map`` from which to work on a target, best first.

    Args:
        world: the belief.
        spec: the embodiment.
        target_id: a fixture, an object or a person.
        purpose: ``reach`` (0.58 to 0.92 m from the point), ``open`` a door or drawer (1 m before it),
            ``close`` one (a door that stands wide open from the side of its hinge, round its edge),
            ``operate`` a control and work beside it, ``look``, ``peer`` over the wall of something
            deep (as near as one gets), ``talk``.
        point: ``[2]`` m in ``map``: work there instead of at the middle of the target.
        ignore: ids of things that are no obstacle for the base.

    Raises:
        BadInputError: there is no such target.
    """
    entity = world.entity(target_id)
    base = Pose2.from_se3(world.map_from_base())
    costmap = build_costmap(world, spec, ignore=ignore, escape_from=(base.x, base.y))
    field = TravelField.build(costmap, (base.x, base.y))
    support = supporting_fixture(world, entity)
    if purpose in ("open", "close") and support is not None and support.openable:
        opening = world.opening(support.entity.id) or 0.0
        aside = float(np.interp(opening, *_TO_HINGE)) if purpose == "close" else 0.0
        candidates = _before_front(support, aside=aside)
    elif purpose == "operate" and support is not None and support.control is not None:
        places = [_beside_control(support, point) for point in work_points(world, entity)[:1]]
        candidates = _around(places, support, _RINGS[purpose])
    else:
        places = [np.asarray(point[:2])] if point is not None else work_points(world, entity)
        candidates = _around(places, support, _RINGS[purpose])
    scored = []
    for order, (penalty, pose, place) in enumerate(candidates):
        travel = field.cost(pose.x, pose.y)
        if np.isfinite(travel) and costmap.free(pose.x, pose.y):
            room = _room_penalty(costmap, pose)
            scored.append((penalty + room + 0.02 * min(travel, 15.0), order, pose, place))
    scored.sort(key=lambda s: s[:2])
    barriers = _barriers(world)
    reached = (
        pose for _, _, pose, place in scored if not any(_between(b, pose, place) for b in barriers)
    )
    return list(islice(reached, _MOST))


def supporting_fixture(world: WorldView, entity: Entity) -> FixtureInfo | None:
    """Return the fixture itself, or the one that an object stands on or in; None if there is none."""
    fixtures = world.static_map.fixtures
    if entity.id in fixtures:
        return fixtures[entity.id]
    if entity.kind != "object":
        return None
    for name in sorted(fixtures):
        if any(_rests(entity, surface) for surface in world.surfaces(name)):
            return fixtures[name]
    return None


def work_points(world: WorldView, entity: Entity) -> list[FloatArray]:
    """Points ``[2]`` m in ``map`` worth working at: the thing itself, or a surface near its edges."""
    holder = world.static_map.holder(entity.id)
    surfaces = () if holder is None else world.surfaces(entity.id)
    if holder is None or not surfaces:
        return [np.array(entity.position[:2])]
    points = []
    for surface in surfaces:
        if surface.approach == "front":
            points.append(_just_inside(surface, holder.front))
            continue
        for offset in _strip(surface):
            points.append(surface.pose.apply([*offset, 0.0])[:2])
    return points


def _rests(entity: Entity, surface: Surface) -> bool:
    x, y, z = surface.pose.inverse().apply(entity.position)
    inside = abs(x) <= surface.size[0] / 2 + 0.03 and abs(y) <= surface.size[1] / 2 + 0.03
    return bool(inside and -0.05 <= z - entity.extent[2] / 2 <= max(0.15, 0.5 * surface.clearance))


def _just_inside(surface: Surface, front: FloatArray) -> FloatArray:
    """The point ``[2]`` of a surface behind its front edge: hands come in there."""
    local = np.abs(surface.pose.rotation[:2, :2].T @ front)
    depth = float(local @ np.array(surface.size))
    return np.asarray(surface.pose.translation[:2] + (depth / 2 - _INSIDE) * front)


def _strip(surface: Surface) -> Iterator[tuple[float, float]]:
    """Points of a surface: its middle, and along its long sides where it is wide."""
    yield (0.0, 0.0)
    for axis in (0, 1):
        half = surface.size[axis] / 2
        for sign in (1.0, -1.0):
            if half > 0.35:
                inset = sign * (half - 0.25)
                yield (inset, 0.0) if axis == 0 else (0.0, inset)


def _barriers(world: WorldView) -> list[Box]:
    """What one neither reaches nor looks through: walls, and doors that stand open."""
    fixtures = world.static_map.fixtures
    doors = [n for n in sorted(fixtures) if fixtures[n].hinge and (world.opening(n) or 0.0) > 0.3]
    return [*world.static_map.walls, *(front_panel(world, n) for n in doors)]


def _between(box: Box, pose: Pose2, place: FloatArray) -> bool:
    """Tell whether a box comes between the base and the place of work, seen from above."""
    line = np.linspace([pose.x, pose.y], place, 24)
    height = np.full((len(line), 1), box.pose.translation[2])
    local = np.abs(box.pose.inverse().apply(np.hstack([line, height])))
    return bool(np.any(np.all(local[:, :2] < box.size[:2] / 2 + _BRUSH, axis=1)))


def _before_front(info: FixtureInfo, *, aside: float) -> Iterator[tuple[float, Pose2, FloatArray]]:
    """Places square before a closed door or a shut drawer; ``aside``: m nearer to a hinge."""
    distance, middle, normal, thick = _front(info)
    across = np.array([-normal[1], normal[0]])
    face = middle + normal * thick / 2
    yaw = float(np.arctan2(-normal[1], -normal[0]))
    side = 1.0
    if info.hinge is not None:
        side = float(np.sign(across @ (info.hinge.origin[:2] - middle)))
    # Where something stands beside the hinge, a place nearer to the middle has to do.
    inward = tuple(-s for s in np.arange(0.15, aside + 0.01, 0.05))
    rows = [(0.0, aside, 0.0), (0.05, aside, 0.05), (-0.05, aside, 0.05)]
    if aside:
        # The arm that reaches round the edge of such a door needs room before it.
        rows.insert(1, (_ROUND_EDGE, 0.5 * aside, 0.06))
    for back, beside, dearer in rows:
        for shift in (0.0, 0.05, -0.05, 0.10, -0.10, *inward):
            at = face + (distance + back) * normal + side * (beside + shift) * across
            yield dearer + abs(shift), Pose2(float(at[0]), float(at[1]), yaw), at


def _beside_control(info: FixtureInfo, point: FloatArray) -> FloatArray:
    """The point ``[2]`` to stand before: as far out as the control, between it and the place of work."""
    assert info.control is not None
    across = np.array([-info.front[1], info.front[0]])
    offset = point - info.control.at[:2]
    return np.asarray(info.control.at[:2] + 0.5 * float(across @ offset) * across)


def _front(info: FixtureInfo) -> tuple[float, FloatArray, FloatArray, float]:
    """Distance to work from (m), middle ``[2]`` of the front, its outward normal ``[2]``, thickness."""
    if info.slide is not None:
        face, normal, distance = info.slide.face, info.slide.axis, DRAWER_DISTANCE
    else:
        assert info.hinge is not None
        face, normal = info.hinge.panel, info.hinge.handle_normal
        distance = max(DOOR_DISTANCE, float(max(face.size[:2])) + _BEFORE_EDGE)
    return distance, face.pose.translation[:2], normal[:2], float(min(face.size[:2]))


def _around(
    places: list[FloatArray], support: FixtureInfo | None, ring: _Ring
) -> Iterator[tuple[float, Pose2, FloatArray]]:
    for rank, place in enumerate(places):
        for direction in np.arange(_DIRECTIONS) * 2.0 * np.pi / _DIRECTIONS:
            away = np.array([np.cos(direction), np.sin(direction)])
            side = 0.0 if support is None else _side_penalty(support, place, float(direction))
            if side is None:
                continue
            yaw = wrap_angle(float(direction) + np.pi)
            for radius in ring.radii:
                at = place + radius * away
                penalty = 2.0 * abs(radius - ring.best) + side + 0.05 * min(rank, 1)
                yield penalty, Pose2(float(at[0]), float(at[1]), yaw), place


def _side_penalty(support: FixtureInfo, place: FloatArray, direction: float) -> float | None:
    """How oblique the reach over the fixture's edge is; None where a door or a front forbids it."""
    front = float(np.arctan2(support.front[1], support.front[0]))
    closed_sides = support.openable or support.control is not None
    closed_sides = closed_sides or any(s.approach == "front" for s in support.surfaces)
    off_front = abs(wrap_angle(direction - front))
    if closed_sides and off_front > np.radians(50.0):
        return None
    entity = support.entity
    c, s = np.cos(entity.yaw), np.sin(entity.yaw)
    dx, dy = place - np.array(entity.position[:2])
    local = np.array([c * dx + s * dy, -s * dx + c * dy])
    out = wrap_angle(direction - entity.yaw)
    ray = np.array([np.cos(out), np.sin(out)])
    half = np.array(entity.extent[:2]) / 2.0
    with np.errstate(divide="ignore"):
        hits = (np.sign(ray) * half - local) / np.where(np.abs(ray) < 1e-9, 1e-9, ray)
    axis = int(np.argmin(np.where(np.abs(ray) < 1e-6, np.inf, hits)))
    oblique = float(np.arccos(np.clip(abs(ray[axis]), 0.0, 1.0)))
    return 0.4 * oblique + (0.0 if off_front < np.pi / 4 else 0.08)


def _room_penalty(costmap: CostMap, pose: Pose2) -> float:
    """Little room beside the base is little room for the elbows."""
    left = np.array([-np.sin(pose.yaw), np.cos(pose.yaw)]) * _ELBOW_ROOM
    here = np.array([pose.x, pose.y])
    room = float(np.min(costmap.distance_at(np.array([here + left, here - left]))))
    return 0.6 * max(0.0, costmap.lethal - 0.05 - room)
