"""Standing elsewhere when the arm does not reach from here: the nearest place from which it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2
from diarchy.contracts.skill import Cause
from diarchy.skills.affordances.reach import Reach
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import fold
from diarchy.skills.motion.drive import ROUGH, Driver
from diarchy.skills.motion.standpoints import standpoints

_PLACES = 12
_GOOD = 0.7
BACK_OFF = 0.35
"""How far (m) the base draws back where there is no room to fold the arm."""
NEARBY = 0.04
"""A place nearer (m) than this is the one where the robot stands already."""


def dock(
    arm: Arm,
    target: str,
    *,
    point: FloatArray | None = None,
    apart: float = NEARBY,
    left: Sequence[FloatArray] = (),
) -> Motion:
    """Fold the arm and drive to a place from which the target is in reach.

    Args:
        arm: of the execution; it goes on from the new place.
        target: an object or a fixture.
        point: ``[2]`` m in ``map`` to work at; default the target itself.
        apart: how far (m) the new place is at least from here and from those that were left.
        left: places ``[2]`` m in ``map`` where it was tried in vain.

    Raises:
        MotionFailedError: there is no such place, or the way there is blocked.
    """
    world, spec = arm.context.world, arm.context.spec
    reach, best, place = Reach(spec), 0.0, None
    vain = [arm.base.translation[:2], *left]
    places = standpoints(world, spec, target, "reach", point=point)
    for pose in islice(apart_from(places, vain, apart), _PLACES):
        score = reach.score(world, target, pose)
        if score > best:
            best, place = score, pose
        if best > _GOOD:
            break
    if place is None:
        raise MotionFailedError(
            Cause.UNREACHABLE, f"no place was found from which to reach {target}"
        )
    yield from _fold_with_room(arm)
    arm.proprio = yield from Driver(arm.context, arm.source).to(arm.proprio, place, ROUGH)


def _fold_with_room(arm: Arm) -> Motion:
    """Fold the arm; where something is too close for that (an open door), the base first backs off."""
    held = arm.context.world.held()
    try:
        yield from fold(arm, held)
    except MotionFailedError as failure:
        if failure.cause is not Cause.UNREACHABLE:
            raise
        driver = Driver(arm.context, arm.source, slow=0.5)
        arm.proprio = yield from driver.back_off(arm.proprio, BACK_OFF)
        yield from fold(arm, held)


def apart_from(
    places: Iterable[Pose2], left: Sequence[FloatArray], apart: float
) -> Iterator[Pose2]:
    """Yield those places that are more than ``apart`` m from all that were ``left``, each ``[2]`` m in ``map``."""
    for place in places:
        if all(np.hypot(place.x - x, place.y - y) > apart for x, y in left):
            yield place
