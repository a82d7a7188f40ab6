"""How a drawer with a horizontal bar is worked: the hand takes the bar, pulls, and pushes in the grip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diarchy.contracts.entity import FixtureInfo, Truth
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.skills.motion.arm_path import Arm, Motion
from diarchy.skills.motion.leading import lead, rehearse
from diarchy.skills.motion.openable import Openable, empty, level_grip

_SPEED = 0.12
"""Mean speed (m/s) of the drawer: what lies in it must not slide."""
_SHORT_OF_STOP = 0.01
_OVERTRAVEL = 0.012
_SHUT, _WIDE = 0.012, 0.85
_LOW, _LOWEST = 0.55, 0.20
_PITCHES = (0.8, 1.2)
"""Downward pitch (rad) of the hand at a handle just below ``_LOW`` and at ``_LOWEST`` (m): level, the
forearm would meet the base."""
_ALONG_BAR = (0.0, 0.03, -0.03)


class Drawer(Openable):
    """One drawer and the arm that works on it."""

    shut_below = _SHUT

    def __init__(self, arm: Arm, info: FixtureInfo) -> None:
        assert info.slide is not None
        super().__init__(arm, info)
        self._slide = info.slide

    def describe(self) -> str:
        """How far it is open, in words."""
        return f"is {100 * self.opening:.0f} cm out"

    @property
    def is_wide(self) -> bool:
        """Whether nearly all of it is out: what lies at its back is under the furniture else."""
        return self.opening > _WIDE * self._slide.travel

    def pull(self, attempt: int) -> Motion:
        """Take the bar and pull it out, gently."""
        yield from self._lead_to(self._slide.travel - _SHORT_OF_STOP, attempt)

    def push_shut(self, attempt: int) -> Motion:
        """Take the bar and push it in, a little beyond shut."""
        yield from self._lead_to(-_OVERTRAVEL, attempt)

    def _lead_to(self, end: float, attempt: int) -> Motion:
        arm, begin = self.arm, self.opening
        contents = self._contents()
        outwards = arm.base.rotation.T @ self._slide.axis

        def moved(start: SE3, fraction: float) -> SE3:
            shift = (end - begin) * fraction * outwards
            return SE3(start.rotation, start.translation + shift)

        def fit(q: FloatArray, pose: SE3) -> bool:
            return rehearse(arm, lambda u: moved(pose, u), q, allow={self.name, *contents})

        yield from self.grip(self._grips(begin, attempt), fit)
        start = arm.kinematics.gripper_pose(arm.q)
        seconds = max(1.5, abs(end - begin) / _SPEED)
        yield from lead(arm, lambda u: moved(start, u), seconds=seconds, lost=empty, what=self.name)
        yield from arm.hold(0.2)

    def _contents(self) -> list[str]:
        """Ids of what is believed to lie in it: that rides along."""
        world = self.world
        things = [e.id for e in world.entities() if e.kind == "object"]
        inside = {t: Condition(Predicate("in", (t, self.name))) for t in things}
        return [t for t in things if world.truth(inside[t]) is Truth.TRUE]

    def _grips(self, opening: float, attempt: int) -> Iterator[SE3]:
        """Yield ``base_from_gripper`` around the bar, the fingers above and below it."""
        slide, into_base = self._slide, self.arm.base.inverse()
        pitch = hand_pitch(float(slide.handle[2]))
        approach = -np.cos(pitch) * slide.axis - np.sin(pitch) * np.array([0.0, 0.0, 1.0])
        first = attempt % len(_ALONG_BAR)
        for along in [*_ALONG_BAR[first:], *_ALONG_BAR[:first]]:
            at = slide.handle + opening * slide.axis + along * slide.handle_axis
            for bar in (slide.handle_axis, -slide.handle_axis):
                yield into_base @ SE3(level_grip(approach, bar), at)


def hand_pitch(height: float) -> float:
    """Return how far (rad) the hand points down at a handle of this height (m)."""
    if height >= _LOW:
        return 0.0
    return float(np.interp(height, (_LOWEST, _LOW), _PITCHES[::-1]))
