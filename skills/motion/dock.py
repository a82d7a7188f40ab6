"""Standing elsewhere when the arm does not reach from here: the nearest place from which it does."""

from __future__ import annotations

from itertools import islice

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.skill import Cause
from diarchy.skills.affordances.reach import Reach
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import fold
from diarchy.skills.motion.drive import ROUGH, Driver
from diarchy.skills.motion.standpoints import standpoints

_PLACES = 12
_GOOD = 0.7
_NEARBY = 0.04
"""A place nearer (m) than this is the one where the robot stands already."""


def dock(
    arm: Arm, target: str, *, point: FloatArray | None = None, apart: float = _NEARBY
) -> Motion:
    """Fold the arm and drive to a place from which the target is in reach.

    Args:
        arm: of the execution; it goes on from the new place.
        target: an object or a fixture.
        point: ``[2]`` m in ``map`` to work at; default the target itself.
        apart: how far (m) from here the new place is at least.

    Raises:
        MotionFailedError: there is no such place, or the way there is blocked.
    """
    world, spec = arm.context.world, arm.context.spec
    reach, best, place = Reach(spec), 0.0, None
    here = arm.base.translation[:2]
    places = standpoints(world, spec, target, "reach", point=point)
    others = (p for p in places if abs(p.x - here[0]) + abs(p.y - here[1]) > apart)
    for pose in islice(others, _PLACES):
        score = reach.score(world, target, pose)
        if score > best:
            best, place = score, pose
        if best > _GOOD:
            break
    if place is None:
        raise MotionFailedError(
            Cause.UNREACHABLE, f"no place was found from which to reach {target}"
        )
    yield from fold(arm, world.held())
    arm.proprio = yield from Driver(arm.context, arm.source).to(arm.proprio, place, ROUGH)
