"""From grasps to motions: which of them the arm reaches, by which way, and what stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from diarchy.contracts.entity import Box, Entity, Solid
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.as_left import as_left
from diarchy.skills.motion.grasps import ROUNDED, Grasp, grasp_candidates, spread
from diarchy.skills.motion.handles import handle_grasps
from diarchy.skills.motion.headroom import for_destination
from diarchy.skills.motion.hollow import hollow_solids
from diarchy.skills.motion.riders import carrier_of, riders
from diarchy.skills.motion.seeds import arm_seeds

BACK_OFF = 0.09
"""How far (m) from its grasp the straight approach of the hand begins."""
_SHORT_OFF = 0.055
"""The same where there is no room for that."""
_CANDIDATES = 40
_PLANS, _EFFORT = 5, 500
"""How many reachable grasps a way is sought for, and with how many samples."""
_VAIN = 6
"""So many ways that were not found with full effort are enough."""
_WAYS = 3
"""Ways to hold the elbow that are kept for each grasp when they are all tried."""
_REACH = 1.1
_ROOM = 0.04
_NEIGHBOURS = 4
_NEAR = 0.35
_SNUG = 0.02
"""How much wider (m) than a thing the fingers open inside of a vessel."""
_TIGHT = 0.012
"""The same beside a wall, if there is no other way."""
_FINGER_ROOM = 0.005
"""How far (m) a finger stays off a thing on its way down."""
_OFF_MIDDLE = (0.0, 0.010, -0.010)
"""How far (m) off its middle a thing at a wall may be taken: the palm needs more room than the fingers."""
_ELBOWS = (0.0, -1.2, 1.2, 2.4)
"""Turns (rad) of the upper arm from its usual seeds: the elbow goes up, to either side, or down."""
_SAME = 0.3
_MISSED = 1.0
"""What it costs to try a kind of grasp again that failed: what is believed of the thing may be wrong for it."""
_LEANING = np.array([0.55, 0.55, 1.0])
"""What of its box a thing that leans in a container may fill, at any height."""

_ROUND = ROUNDED | {"Apple", "Tomato"}
_YIELDING = np.array([0.55, 0.55, 0.9])
"""What of its box a round thing in a bowl is counted as: it has no corners, and rolls aside for a finger."""


@dataclass
class GraspPlan:
    """A grasp with the motion that reaches it.

    Attributes:
        grasp: what to do.
        path: joint waypoints to the pregrasp.
        approach: rows ``[N, J]`` of the straight last part.
    """

    grasp: Grasp
    path: list[FloatArray]
    approach: FloatArray


def choose_grasp(arm: Arm, entity: Entity, tried: Collection[Grasp] = ()) -> GraspPlan | None:
    """Return the cheapest grasp that the arm reaches without touching anything else.

    Cost is the grasp's own, plus what speaks against the place: neighbours near the fingers and an
    arm near the end of its reach. If none is free, fingers that open hardly wider than the thing are
    tried, as for what lies at a wall, and then other ways to hold the elbow: in a cupboard that decides. A flat
    thing may also lie nearer to one finger, which slides it to the other.
    At last a finger may push aside what lies in the thing: where that leans, its box is mostly empty.
    """
    arm.scene.attach(None)
    show_world(arm, entity)
    candidates = _candidates(arm, entity, tried)
    ways = (
        (candidates, False),
        (_snug(candidates), False),
        (candidates, True),
        (_aside(candidates), False),
    )
    for grasps, thorough in ways:
        plan = _cheapest(arm, entity, grasps, tried, thorough=thorough)
        if plan is not None:
            return plan
    aboard = {e.id for e in riders(arm.context.world, entity.id)}
    if not aboard:
        return None
    show_world(arm, entity, without=aboard)
    return _cheapest(arm, entity, candidates, tried, thorough=False)


def _cheapest(
    arm: Arm,
    entity: Entity,
    grasps: Sequence[Grasp],
    tried: Collection[Grasp],
    *,
    thorough: bool,
) -> GraspPlan | None:
    """Return the cheapest of these grasps to which a way is found; ``thorough``: with the elbow held in any way."""
    ranked: list[tuple[float, int, Grasp, FloatArray]] = []
    for grasp in grasps:
        ways = _reach(arm, entity.id, grasp, thorough=thorough)
        for q, room in islice(ways, _WAYS if thorough else 1):
            missed = _MISSED * sum(t.kind == grasp.kind for t in tried)
            cost = grasp.cost + missed - 8.0 * min(room, _ROOM)
            ranked.append((cost, len(ranked), grasp, q))
    ranked.sort(key=lambda r: r[:2])
    vain = 0
    for _, _, grasp, q in ranked[: _WAYS * _PLANS if thorough else _PLANS]:
        approach = _approach(arm, entity.id, grasp, q)
        if approach is None:
            continue
        path = arm.plan(arm.gaze_kept(q), iterations=1500 if thorough else _EFFORT)
        if path is not None:
            return GraspPlan(grasp, path, approach)
        vain += 1
        if vain >= _VAIN:
            return None
    return None


def blocker(arm: Arm, entity: Entity) -> str | None:
    """Return the id of the one neighbour without which a grasp would be free; None if none is."""
    world = arm.context.world
    aboard = {e.id for e in riders(world, entity.id)}
    carrier = carrier_of(world, entity.id)
    keep = {entity.id, *aboard, *([carrier.id] if carrier else [])}
    at = np.asarray(entity.position)
    near = [
        (float(np.linalg.norm(np.asarray(e.position) - at)), e.id)
        for e in world.entities()
        if e.kind == "object" and e.id not in keep
    ]
    found = None
    for distance, name in sorted(near)[:_NEIGHBOURS]:
        if distance > _NEAR or found is not None:
            break
        show_world(arm, entity, without={name})
        if _any_reached(arm, entity):
            found = name
    show_world(arm, entity)
    return found


def _any_reached(arm: Arm, entity: Entity) -> bool:
    grasps = _candidates(arm, entity, ())
    return any(next(_reach(arm, entity.id, g), None) is not None for g in grasps)


def show_world(arm: Arm, entity: Entity, without: Collection[str] = ()) -> None:
    """Take the belief over for grasping a thing.

    What it lies in has walls and a hollow; what leans in it fills only the middle of its own box.
    """
    world = arm.context.world
    extra, gone = [], set(without)
    carrier = carrier_of(world, entity.id)
    if carrier is not None and carrier.id not in gone:
        extra += hollow_solids(carrier)
        gone.add(carrier.id)
    for rider in riders(world, entity.id):
        leaning = rider.extent[2] > max(rider.extent[:2])
        share = _LEANING if leaning else _YIELDING if rider.cls in _ROUND else None
        if rider.id not in gone and share is not None:
            extra.append(Solid(rider.id, Box(rider.pose(), share * np.asarray(rider.extent))))
            gone.add(rider.id)
    arm.scene.update(world, without=gone, extra=extra)


def _candidates(arm: Arm, entity: Entity, tried: Collection[Grasp]) -> list[Grasp]:
    content = [np.asarray(e.position) for e in riders(arm.context.world, entity.id)]
    grasps = grasp_candidates(
        entity,
        arm.base.translation[:2],
        arm.context.spec.gripper,
        arm.kinematics.fingertip,
        content=content,
    )
    grasps = [*grasps, *handle_grasps(entity, arm.kinematics.fingertip)]
    grasps = for_destination(arm, entity, grasps)
    grasps = [*as_left(arm.context.world, entity.id), *grasps]
    if carrier_of(arm.context.world, entity.id) is not None:
        grasps = [_inside(g, entity, arm.kinematics.fingertip) for g in grasps]
    return spread([g for g in grasps if not any(_alike(g, t) for t in tried)], _CANDIDATES)


def _snug(grasps: list[Grasp]) -> list[Grasp]:
    """Grasps from both sides with the fingers opened little wider than the thing, and a little off its middle."""
    return [
        replace(g, pose=_beside(g.pose, shift), opening=min(g.opening, g.width + _TIGHT))
        for g in grasps
        for shift in _OFF_MIDDLE
        if g.width > _TIGHT
    ]


def _aside(grasps: list[Grasp]) -> list[Grasp]:
    """Grasps of flat things with the hand moved along its opening, either way, as far as they stay between the fingers."""
    return [
        replace(g, pose=SE3(g.pose.rotation, g.pose.translation + way * g.pose.rotation[:, 1]))
        for g in grasps
        if g.sink > 0.0
        for room in [(g.opening - g.width) / 2.0 - _FINGER_ROOM]
        if room > _FINGER_ROOM
        for way in (room, -room)
    ]


def _beside(pose: SE3, shift: float) -> SE3:
    """The same hand, moved by ``shift`` m square to its approach and to its opening."""
    return SE3(pose.rotation, pose.translation + shift * pose.rotation[:, 2])


def _inside(grasp: Grasp, entity: Entity, fingertip: float) -> Grasp:
    """The same grasp within a vessel: fingers opened less, and just above its middle."""
    tip = grasp.pose.translation + fingertip * grasp.pose.rotation[:, 0]
    middle = entity.position[2] + 0.12 * entity.extent[2]
    rise = max(0.0, middle - float(tip[2])) if not grasp.sink else 0.0
    up = np.array([0.0, 0.0, rise])
    pose = SE3(grasp.pose.rotation, grasp.pose.translation + up)
    return replace(grasp, pose=pose, opening=min(grasp.opening, grasp.width + _SNUG))


def _alike(first: Grasp, second: Grasp) -> bool:
    turn = float(np.trace(first.pose.rotation.T @ second.pose.rotation))
    near = np.linalg.norm(first.pose.translation - second.pose.translation) < 0.02
    return first.kind == second.kind and bool(near) and turn > 2.8


def _reach(
    arm: Arm, target: str, grasp: Grasp, *, thorough: bool = False
) -> Iterator[tuple[FloatArray, float]]:
    """Yield joints at the pregrasp and the clearance at the grasp; nothing if it is out of reach."""
    pose = arm.base.inverse() @ grasp.pose
    if float(np.hypot(*pose.translation[:2])) > _REACH:
        return
    arm.scene.set_opening(grasp.opening)
    for wanted in (pose, _flipped(pose)):
        for q in _solutions(arm, wanted, thorough):
            room = arm.scene.clearance(q, arm.base, allow={target}, upto=0.05)
            if room < 0.002:
                continue
            for distance in (BACK_OFF, _SHORT_OFF) if thorough else (BACK_OFF,):
                back = SE3(wanted.rotation, wanted.translation - distance * wanted.rotation[:, 0])
                before = arm.kinematics.solve(back, q)
                if before is not None and arm.free(before, allow={target}, margin=0.006):
                    yield before, room
                    break


def _solutions(arm: Arm, wanted: SE3, thorough: bool) -> Iterator[FloatArray]:
    """Yield joints that bring the hand to a pose: one, or one for each way to hold the elbow."""
    if not thorough:
        q = arm.kinematics.solve(wanted, arm.q, seeds=arm_seeds(arm, wanted))
        if q is not None:
            yield q
        return
    _, _, upper_roll, _, fore_roll, *_ = arm.context.spec.groups["arm"]
    found: list[FloatArray] = []
    for seed in arm_seeds(arm, wanted):
        for turn in _ELBOWS:
            start = seed.copy()
            start[upper_roll] += turn
            start[fore_roll] -= turn
            q = arm.kinematics.solve(wanted, arm.kinematics.clip(start))
            if q is not None and all(float(np.abs(q - f).max()) > _SAME for f in found):
                found.append(q)
                yield q


def _flipped(pose: SE3) -> SE3:
    """The same grasp with the gripper rolled by half a turn: the fingers are alike."""
    return SE3(pose.rotation @ np.diag([1.0, -1.0, -1.0]), pose.translation)


def _approach(arm: Arm, target: str, grasp: Grasp, before: FloatArray) -> FloatArray | None:
    """Return rows ``[N, J]`` of the straight last part from joints ``before``; None if it is not free."""
    arm.scene.set_opening(grasp.opening)
    before = arm.gaze_kept(before)
    start = arm.kinematics.gripper_pose(before)
    pose = arm.base.inverse() @ grasp.pose
    approach = arm.line(before, SE3(start.rotation, pose.translation), speed=0.10)
    if approach is None:
        return None
    if any(not arm.free(q, allow={target}, margin=0.002) for q in approach[::16]):
        return None
    if grasp.sink > 0.0:
        deeper = pose.translation + grasp.sink * start.rotation[:, 0]
        return arm.line(before, SE3(start.rotation, deeper), speed=0.10)
    return approach
