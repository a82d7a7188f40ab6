"""Choosing where and how to put down what is held: a spot, a pose of the hand, the way there and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

import numpy as np

from diarchy.contracts.entity import Box, Entity, Solid, Surface
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.skill import Cause
from diarchy.skills.motion.arm_path import Arm, MotionFailedError
from diarchy.skills.motion.carry import upright
from diarchy.skills.motion.collision import Attached
from diarchy.skills.motion.level import level_path
from diarchy.skills.motion.placements import Placement, corners_of, fingers_enter, placements
from diarchy.skills.motion.receptacle import Receptacle
from diarchy.skills.motion.riders import riders
from diarchy.skills.motion.rims import RIMS
from diarchy.skills.motion.seeds import solutions
from diarchy.skills.motion.spots import Room, find_room, footprint, seen_first
from diarchy.skills.motion.straight import free_line, raised, shifted

_HOVER = 0.07
_INSIDE_HOVERS = (0.07, 0.035)
"""How high (m) over a spot in a compartment things come in: they may hang lower than believed."""
_OVER_RIM = 0.03
_OUTSIDE = (0.10, 0.20)
"""How far (m) before the mouth of a compartment the held thing begins its way in."""
_OVERTRAVEL, _PRESSED = 0.02, 0.035
_LAG, _PRESSED_LAG = 0.004, 0.015
"""A hand that lags this far (m) behind its command has set down what it holds; pressed it upright."""
_DISHED = 0.025
"""The middle of a plate is that much lower (m) than the rim that is seen of it."""
_TRIES = 96
_VAIN = 3
"""An attitude of the hand that failed at so many spots is not tried at another."""
_WAYS = 8
"""So many ways to a spot that were not found are enough: what is in the way there is in the way of all."""
_RELEASE, _RELEASE_INSIDE = 0.03, 0.010
"""How far (m) the fingers open to let go; less between the walls of a bowl."""
_RISE, _RISE_INSIDE = 0.3, 0.03
"""How steeply the open hand backs off at least."""
_INTO_BOWL, _OVER_BOWL = 0.015, 0.02
"""How far (m) the fingertips go below the rim of a bowl, and above it where they find no room."""
_GROWN = 0.010
_ALONG = 0.35
"""Fingers that move more than this part of a way square to their gap take what is between them along."""
_SAME = 0.04
_ASLANT = 0.35
"""Vertical part of the direction in which the fingers close from which on they do not close level."""
_HANDLED = {"Mug": 0.075}
"""Radius (m) of what has a handle, which may have been out of sight when it was measured."""


@dataclass
class PlacePlan:
    """Where the held thing goes and how.

    Attributes:
        spot: point ``[3]`` in ``map``.
        put_down: the thing as it will stand there.
        path: joint waypoints to where the straight parts begin.
        lines: rows ``[N, J]`` of straight motions, in order.
        descent: rows until contact; None: let it drop.
        contact: lag (m) of the hand behind its command that counts as contact.
        release: opening of the fingers that lets go, m.
        retreat: gripper poses in base to leave through; none: back the way it came.
        touch: what may be touched while putting down.
        beside: what may still be touched while the open hand leaves it.
        walled: it stands in a movable container, whose walls may hide it from the head.
    """

    spot: FloatArray
    put_down: Solid
    path: list[FloatArray] = field(default_factory=list)
    lines: list[FloatArray] = field(default_factory=list)
    descent: FloatArray | None = None
    contact: float = _LAG
    release: float = 0.0
    retreat: list[SE3] = field(default_factory=list)
    touch: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    walled: bool = False


@dataclass(frozen=True)
class _Task:
    """What is put down where: the arguments of every step of the search.

    ``vain`` are the joints ``[J]`` to which no way was found in it.
    """

    arm: Arm
    receptacle: Receptacle
    surface: Surface
    held: Attached
    touch: frozenset[str]
    laden: bool
    hollow: bool
    vain: list[FloatArray] = field(default_factory=list)

    @property
    def grown(self) -> Attached:
        """The held box, a little larger: where it lies in the hand is not known to the millimetre."""
        return Attached(self.held.entity_id, self.held.pose, self.held.size + _GROWN)


def choose_place(
    arm: Arm,
    receptacle: Receptacle,
    entity: Entity,
    held: Attached,
    avoid: Collection[FloatArray] = (),
) -> PlacePlan:
    """Return the first plan that puts the held box on (or in) the receptacle.

    Args:
        arm: with the thing between its fingers.
        receptacle: where it goes.
        entity: what is held.
        held: as it lies between the fingers, with what is on or in it.
        avoid: spots ``[3]`` m in ``map`` that were tried in vain.

    Raises:
        MotionFailedError: there is no free spot, or the arm reaches none from here.
    """
    world = arm.context.world
    aboard = riders(world, entity.id)
    arm.scene.update(world, without={entity.id, *(r.id for r in aboard)})
    gone = {entity.id, receptacle.id, *(r.id for r in aboard)}
    others = [e for e in world.entities() if e.kind == "object" and e.id not in gone]
    touch = receptacle.touch | {c.id for c in riders(world, receptacle.id)}
    fits, obstacle = False, None
    for surface in receptacle.surfaces:
        task = _Task(arm, receptacle, surface, held, touch, bool(aboard), entity.cls in RIMS)
        room = _room(task, others, max(footprint(held.size), _HANDLED.get(entity.cls, 0.0)))
        obstacle = obstacle or room.obstacle
        spots = [s for s in room.spots if not any(_near(s, a) for a in avoid)]
        choices = placements(arm, receptacle, surface, spots, entity, held, level=bool(aboard))
        arm.scene.attach(task.grown)
        fits = fits or bool(choices)
        plan = _first(task, choices)
        if plan is not None:
            return plan
    if not fits:
        detail = f"there is no room for {entity.id} at {receptacle.id} within reach"
        name = None if obstacle is None else obstacle.id
        raise MotionFailedError(Cause.NO_SPACE, detail, name)
    detail = f"the arm reaches no free spot of {receptacle.id} from here"
    raise MotionFailedError(Cause.UNREACHABLE, detail)


def _near(first: FloatArray, second: FloatArray) -> bool:
    return float(np.linalg.norm(first - second)) < _SAME


def _room(task: _Task, others: list[Entity], radius: float) -> Room:
    """Spots for the held thing, which needs a ``radius`` (m) around it, the best first."""
    receptacle, surface, size = task.receptacle, task.surface, task.held.size
    middle = surface.pose.translation
    if receptacle.dropped_into(surface):
        return Room([middle])
    front = receptacle.front if surface.approach == "front" else None
    here = task.arm.base.translation[:2]
    room = find_room(surface, radius, others, here, front)
    if not receptacle.movable and receptacle.entity.kind != "person":
        dark = task.arm.context.world.unseen(receptacle.id)
        return Room(seen_first(surface, room.spots, dark, radius), room.obstacle)
    spots = sorted(room.spots, key=lambda s: float(np.linalg.norm(s - middle)))
    if surface.relation == "in" and float(np.sort(size)[1]) < min(surface.size):
        # In a bowl things may lie on each other, and long ones lean out of it.
        spots.append(middle)
    return Room(spots, room.obstacle)


def _first(task: _Task, choices: list[Placement]) -> PlacePlan | None:
    if task.surface.approach != "front":
        return _search(task, choices, [(_HOVER, 0.0)], _TRIES)
    # What lies flat between fingers that closed one above the other cannot be taken out again.
    level = [c for c in choices if abs(float(c.gripper.rotation[2, 1])) < _ASLANT]
    aslant = [c for c in choices if abs(float(c.gripper.rotation[2, 1])) >= _ASLANT]
    return _first_inside(task, level) or _first_inside(task, aslant)


def _first_inside(task: _Task, choices: list[Placement]) -> PlacePlan | None:
    straight = list(product(_INSIDE_HOVERS, _OUTSIDE))
    winding = [(hover, None) for hover in _INSIDE_HOVERS]
    found = _search(task, choices, straight, 2 * _TRIES)
    if found is None and len(task.vain) < _WAYS:
        found = _search(task, choices, winding, _TRIES // 3)
    return found


def _search(
    task: _Task,
    choices: list[Placement],
    ways: Sequence[tuple[float, float | None]],
    tries: int,
) -> PlacePlan | None:
    """Return the first plan by one of the ways: height over the spot, distance before the mouth."""
    vain: Counter[int] = Counter()
    task.vain.clear()
    for placement in islice((c for c in choices if vain[c.attitude] < _VAIN), tries):
        vain[placement.attitude] += 1
        for hover, outside in ways:
            if len(task.vain) >= _WAYS:
                return None
            low = task.surface.approach == "front"
            if low and placement.height + hover > task.surface.clearance:
                continue
            plan = _plan(task, placement, hover, outside)
            if plan is not None:
                return plan
    return None


def _plan(
    task: _Task, placement: Placement, hover: float, outside: float | None
) -> PlacePlan | None:
    arm = task.arm
    arm.scene.set_opening(_opening(arm, arm.proprio.gripper_width))
    stations = _stations(task, placement, hover, outside)
    into = task.touch if placement.drop else frozenset()
    for end in solutions(arm.kinematics, stations[-1], arm.q):
        if arm.free(end, allow=into, margin=0.004):
            plan = _plan_from(task, placement, stations, end)
            if plan is not None:
                return plan
    return None


def _plan_from(
    task: _Task, placement: Placement, stations: list[SE3], last: FloatArray
) -> PlacePlan | None:
    """Plan by way of the stations; ``last`` are joints at the last one: they choose the elbow."""
    arm, held = task.arm, task.held
    begin = last if len(stations) == 1 else arm.kinematics.solve(stations[0], last)
    if begin is None or not arm.free(begin, margin=0.004):
        return None
    begin = end = arm.gaze_kept(begin)
    plan = PlacePlan(placement.spot, _standing(placement, held), touch=task.touch)
    plan.walled = task.receptacle.movable and task.surface.relation == "in"
    plan.contact = _PRESSED_LAG if placement.pivot else _LAG
    plan.beside = frozenset({held.entity_id, *(task.touch if task.receptacle.movable else ())})
    for station in stations[1:]:
        rows = free_line(arm, end, station, 0.10, task.touch if placement.drop else ())
        if rows is None:
            return None
        plan.lines.append(rows)
        end = rows[-1]
    if not (placement.drop or task.receptacle.dropped_into(task.surface)):
        down = raised(placement.gripper, -_overtravel(task, placement))
        plan.descent = free_line(arm, end, down, 0.04, task.touch)
        if plan.descent is None:
            return None
        end = plan.descent[-1]
    _plan_leaving(task, plan, placement, stations)
    way = stations[0].translation - stations[-1].translation
    outward = way / max(float(np.linalg.norm(way)), 1e-6)
    if not _leaves(task, plan, end, outward):
        return None
    path = _way(task, begin)
    if path is None:
        task.vain.append(begin)
        return None
    plan.path = path
    return plan


def _way(task: _Task, goal: FloatArray) -> list[FloatArray] | None:
    """Plan the way there: level for what is carried by its rim, which a swing would tear out of the fingers."""
    if task.laden or task.hollow:
        up = upright(task.arm, task.held.entity_id)[2]
        path = level_path(task.arm, goal, iterations=400 if task.laden else 150, up=up)
        if path is not None or task.laden:
            return path
    return task.arm.plan(goal, iterations=700)


def _overtravel(task: _Task, placement: Placement) -> float:
    """How far (m) below where contact is expected the hand may go; negative: it lets go above that."""
    if not task.receptacle.movable:
        return _PRESSED if placement.pivot else _OVERTRAVEL
    if task.surface.relation == "on":
        return _OVERTRAVEL + _DISHED
    # Fingers that wedge between the walls of a bowl take it along: they stay near its rim.
    arm, gripper = task.arm, placement.gripper
    enter = fingers_enter(arm, task.surface, gripper.rotation)
    low = task.receptacle.rim + (-_INTO_BOWL if enter else _OVER_BOWL)
    tips = float(arm.base.apply(gripper.apply([arm.kinematics.fingertip, 0.0, 0.0]))[2])
    return min(_OVERTRAVEL, tips - low)


def _opening(arm: Arm, width: float) -> float:
    return min(arm.context.spec.gripper.max_width, width)


def _stations(task: _Task, placement: Placement, hover: float, outside: float | None) -> list[SE3]:
    """Poses of the hand before the descent: over the spot, and first over the rim or before the mouth.

    Without a distance ``outside`` before the mouth the way in is left to the planner of joint motions.
    """
    receptacle, surface, gripper = task.receptacle, task.surface, placement.gripper
    depth = receptacle.depth(surface)
    if placement.drop:
        low = float((gripper @ task.held.pose).apply(corners_of(task.held.size))[:, 2].min())
        rim = receptacle.rim - task.arm.base.translation[2]
        return [raised(gripper, max(0.0, rim - low) + _OVER_RIM), gripper]
    if receptacle.dropped_into(surface):
        return [raised(gripper, depth + 0.01)]
    if surface.approach == "top":
        if depth < 0.02 or receptacle.movable:
            return [raised(gripper, depth + hover)]
        return [raised(gripper, depth + _OVER_RIM), raised(gripper, _INSIDE_HOVERS[-1])]
    above = raised(gripper, hover)
    if outside is None:
        return [above]
    outward = receptacle.front if receptacle.front is not None else np.zeros(3)
    behind = float((surface.pose.translation - placement.spot) @ outward)
    half = np.abs(surface.pose.rotation.T @ outward)[:2] @ np.asarray(surface.size) / 2.0
    way = outward * (behind + float(half) + outside)
    return [shifted(above, task.arm.base.rotation.T @ way), above]


def _plan_leaving(task: _Task, plan: PlacePlan, placement: Placement, stations: list[SE3]) -> None:
    """Fill in how far the fingers open, and the poses to leave through: off the thing, then out."""
    arm, held = task.arm, task.held
    if plan.descent is None and not placement.drop:
        plan.release = arm.context.spec.gripper.max_width
        plan.retreat = [raised(stations[0], 0.08)]
        return
    inside = task.receptacle.movable and task.surface.relation == "in"
    extra = _RELEASE_INSIDE if inside and not placement.drop else _RELEASE
    plan.release = _opening(arm, arm.proprio.gripper_width + extra)
    begins = held.pose.apply(corners_of(held.size))[:, 0].min()
    engaged = max(0.0, arm.kinematics.fingertip - float(begins))
    back = -placement.gripper.rotation[:, 0]
    # In a compartment straight back along the fingers: one that rises there takes the thing along.
    back[2] = max(float(back[2]), _RISE_INSIDE if task.surface.approach == "front" else _RISE)
    off = shifted(placement.gripper, back / np.linalg.norm(back) * (engaged + 0.02))
    plan.retreat = [off]
    if len(stations) > 1 and task.surface.approach == "front":
        plan.retreat.append(shifted(off, stations[0].translation - stations[1].translation))


def _leaves(task: _Task, plan: PlacePlan, last: FloatArray, outward: FloatArray) -> bool:
    """Tell whether the empty hand gets away, ``outward`` ``[3]`` being the way out.

    If not by the retreat, that is emptied: the hand goes back as it came, if that drags nothing along.
    """
    arm = task.arm
    arm.scene.attach(None)
    arm.scene.set_opening(plan.release)
    q, free = last, True
    for pose in plan.retreat:
        rows = free_line(arm, q, pose, 0.15, plan.beside, leaving=plan.touch)
        free = rows is not None
        if rows is None:
            break
        q = rows[-1]
    if not free and plan.descent is not None and _slips_off(arm, plan.descent, outward):
        plan.retreat = []
        ways = [q for rows in plan.lines for q in rows[:: max(1, len(rows) // 6)]]
        free = all(arm.free(q, allow=plan.beside, margin=0.003) for q in ways)
    arm.scene.attach(task.grown)
    return free


def _slips_off(arm: Arm, descent: FloatArray, outward: FloatArray) -> bool:
    """Tell whether open fingers that go back up and ``outward`` ``[3]`` leave what they held where it is."""
    low, high = (arm.kinematics.gripper_pose(descent[k]) for k in (-1, 0))
    across = low.rotation[:, 1]
    lifted = abs(float((high.translation - low.translation) @ across))
    return abs(float(outward @ across)) < _ALONG and lifted < _RELEASE / 2.0


def _standing(placement: Placement, held: Attached) -> Solid:
    across = float(np.hypot(held.size[0], held.size[1]))
    centre = placement.spot + np.array([0.0, 0.0, placement.height / 2.0])
    size = np.array([across, across, placement.height])
    return Solid(held.entity_id, Box(SE3.from_translation(centre), size))
