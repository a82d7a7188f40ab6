"""Disturbances of an episode: what a person in the home does to it, at a seeded moment.

Each acts once, physically, on the simulator, and the agent is not told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diarchy.contracts.errors import BadInputError, did_you_mean

PERIOD = 20
"""Control ticks between two looks at whether the moment has come."""
_AWAY = 1.2
"""Nobody shuts a door on a robot that stands at it: it is at least so far (m) away."""
_ROOM = 0.14
_INSET = 0.12


class Disturbance:
    """Watches a run tick by tick and acts once.

    Args:
        robot: the simulated home.
        kind: ``moved`` (the thing stands elsewhere), ``shut`` (an open door is closed), ``knocked``
            (out of the gripper).
        target: id of the thing that the task is about.
        rng: decides when and where to.
    """

    def __init__(self, robot: Any, kind: str, target: str, rng: np.random.Generator) -> None:
        acts = {"moved": self._move, "shut": self._shut, "knocked": self._knock}
        if kind not in acts:
            raise BadInputError(f"no disturbance '{kind}'; {did_you_mean(kind, acts)}")
        self.kind = kind
        self._robot, self._target, self._rng = robot, target, rng
        self._act: Callable[[], bool] = acts[kind]
        self._delay = float(rng.uniform(*_WHEN[kind]))
        self._since: float | None = None
        self.happened_at: float | None = None

    def tick(self) -> None:
        """Look whether the moment has come; cheap, called every control tick."""
        clock = self._robot.clock
        if self.happened_at is None and clock.tick % PERIOD == 0 and self._act():
            self.happened_at = clock.now()

    def _held_for(self) -> float:
        """Seconds for which the target has been in the gripper without a break."""
        now = self._robot.clock.now()
        if not self._robot.truth.holds("holding", self._target):
            self._since = None
            return 0.0
        self._since = now if self._since is None else self._since
        return float(now - self._since)

    def _knock(self) -> bool:
        if self._held_for() < self._delay:
            return False
        self._robot.knock_from_hand()
        return True

    def _move(self) -> bool:
        if self._held_for() > 0.0 or self._robot.clock.now() < self._delay:
            return False
        if self._gripper_near():
            return False
        place = self._free_place()
        if place is not None:
            self._robot.move_object(self._target, place, float(self._rng.uniform(-np.pi, np.pi)))
        return place is not None

    def _gripper_near(self) -> bool:
        truth = self._robot.truth
        gap = truth.gripper().translation - truth.centre(self._target)
        return bool(np.linalg.norm(gap) < 0.35)

    def _shut(self) -> bool:
        truth, home = self._robot.truth, self._robot.static_map
        base = truth.base()
        for name, info in home.fixtures.items():
            if info.hinge is None or truth.opening(name) < 0.6 * info.max_opening:
                continue
            away = np.hypot(base.x - info.entity.position[0], base.y - info.entity.position[1])
            if away > _AWAY:
                self._robot.set_door(name, 0.0)
                return True
        return False

    def _free_place(self) -> tuple[float, float, float] | None:
        """Draw a free spot near the front edge of another table or shelf."""
        truth, home = self._robot.truth, self._robot.static_map
        tops = [
            s
            for _, info in sorted(home.fixtures.items())
            if not info.openable and info.entity.part_of is None
            for s in info.surfaces
            if s.relation == "on" and s.approach == "top" and min(s.size) > 0.3
        ]
        others = [truth.centre(o) for o in truth.objects if o != self._target]
        for _ in range(200):
            surface = tops[int(self._rng.integers(len(tops)))]
            x = surface.size[0] / 2.0 - float(self._rng.uniform(_INSET, 0.25))
            y = float(self._rng.uniform(-1.0, 1.0)) * (surface.size[1] / 2.0 - _INSET)
            spot = surface.pose.apply([x, y, 0.002])
            if all(np.linalg.norm(spot[:2] - o[:2]) > _ROOM + 0.1 for o in others):
                return float(spot[0]), float(spot[1]), float(spot[2])
        return None


_WHEN = {"moved": (3.0, 9.0), "shut": (0.0, 1.0), "knocked": (1.0, 9.0)}
"""Seconds, drawn evenly: from the start until it is moved; after the grasp until it is knocked out."""
