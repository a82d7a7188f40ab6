"""Driving through a home that nobody told the robot about, until its map is closed.

The robot turns once, then drives from edge to edge of what it knows (frontier-based exploration) on the map that it draws
meanwhile. It knows neither walls nor furniture beforehand; every action passes the guards; what steps into its way stops it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from diarchy.agent.exploring.choice import Aim, choose
from diarchy.agent.exploring.wheels import Wheels
from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import Pose2
from diarchy.perception.slam import Drift, OccupancyGrid, ScanSlam
from diarchy.perception.slam.frontiers import frontiers
from diarchy.skills.motion.costmap import CostMap
from diarchy.skills.motion.mapped import mapped_costmap
from diarchy.skills.motion.path import TravelField, cut
from diarchy.skills.motion.unicycle import Follow, TurnTo

_STILL_THERE = 0.3
"""An edge is still the same when its middle is within so many m."""
_TURNS = 3
_CLEAR = 0.06
"""How much nearer (m) than planned the way may come to something before it is left."""
_SOON, _AT_ONCE = 1.5, 0.30
"""How far (m) ahead of the robot the way is looked at; what is nearer than the second is where it stands already."""
_PATIENCE = 20
"""Ways in a row that may be blocked before the robot gives up."""


Status = Literal["closed", "stopped", "time", "blocked"]


@dataclass(frozen=True)
class Exploration:
    """What came of it.

    Attributes:
        status: ``closed``: no edge is left that can be reached; ``stopped``: told to; ``time``: it took too long;
            ``blocked``: no way led on.
        grid: what was mapped.
        area: m^2 seen to be free.
        seconds: simulated or real time.
        drift: what the map has taken back of the odometry's errors.
        way: where the robot was at each keyframe ``[N, 3]``.
    """

    status: Status
    grid: OccupancyGrid
    area: float
    seconds: float
    drift: Drift
    way: FloatArray


@dataclass
class Explorer:
    """Explores with one robot.

    Args:
        wheels: drive it.
        enough: ends it early, asked before each drive: what was looked for is found.
    """

    wheels: Wheels
    enough: Callable[[], bool] = lambda: False
    _vain: list[FloatArray] = field(default_factory=list)

    @property
    def _slam(self) -> ScanSlam:
        return self.wheels.slam

    def run(self, *, max_seconds: float = 900.0) -> Exploration:
        """Explore until nothing is left to be seen, or time is up."""
        began, blocked = self.wheels.now, 0
        self._look_around()
        while True:
            if self.enough():
                return self._result("stopped", began)
            if self.wheels.now - began > max_seconds:
                return self._result("time", began)
            if blocked > _PATIENCE:
                return self._result("blocked", began)
            aim, path = self._next()
            if aim is None:
                return self._result("closed", began)
            arrived = self._drive(path)
            blocked = 0 if arrived else blocked + 1
            if arrived:
                self._look_over(aim)

    def _result(self, status: Status, began: float) -> Exploration:
        grid = self._slam.grid()
        way = np.array([k.pose for k in self._slam.keyframes])
        seconds = self.wheels.now - began
        return Exploration(status, grid, grid.known_m2, seconds, self._slam.drift, way)

    def _look_around(self) -> None:
        """Turn once on the spot: the lidar does not see what is behind."""
        for _ in range(_TURNS):
            self.wheels.follow(
                TurnTo(self.wheels.pose().yaw + 2.0 * np.pi / _TURNS, tolerance=0.05)
            )

    def _next(self) -> tuple[Aim | None, FloatArray]:
        """Where to go next, and the way ``[n, 2]``."""
        pose = self.wheels.pose()
        travel = TravelField.build(self._costmap(pose), (pose.x, pose.y))
        aim = choose(frontiers(self._slam.grid()), travel, self._vain)
        path = None if aim is None else travel.path(*aim.spot.tolist())
        if aim is not None and path is None:
            self._vain.append(aim.frontier.middle)
            return self._next()
        return aim, np.zeros((0, 2)) if path is None else path

    def _costmap(self, pose: Pose2) -> CostMap:
        return mapped_costmap(
            self._slam.grid(),
            self.wheels.spec,
            seen_now=self.wheels.seen_now(),
            escape_from=(pose.x, pose.y),
        )

    def _drive(self, path: FloatArray) -> bool:
        """Follow a way; False when it was not free, and the robot has stopped."""
        if float(np.linalg.norm(path[-1] - path[0])) < 0.05:
            return True
        law = Follow(path, tolerance=0.10)
        costmap, known = self._costmap(self.wheels.pose()), len(self._slam.keyframes)

        def free() -> bool:
            nonlocal costmap, known
            pose = self.wheels.pose()
            if len(self._slam.keyframes) != known:
                costmap, known = self._costmap(pose), len(self._slam.keyframes)
            return _is_free(law, costmap, pose, self.wheels.seen_now())

        return self.wheels.follow(law, free)

    def _look_over(self, aim: Aim) -> None:
        """Turn to the edge; one that stays an edge is not driven to again."""
        pose, middle = self.wheels.pose(), aim.frontier.middle
        heading = float(np.arctan2(middle[1] - pose.y, middle[0] - pose.x))
        if abs(wrap_angle(heading - pose.yaw)) > 0.3:
            self.wheels.follow(TurnTo(heading, tolerance=0.1))
        self.wheels.look()
        left = frontiers(self._slam.grid())
        if any(float(np.hypot(*(f.middle - middle))) < _STILL_THERE for f in left):
            self._vain.append(middle)


def _is_free(law: Follow, costmap: CostMap, pose: Pose2, seen_now: FloatArray) -> bool:
    """Whether the next stretch of the way keeps clear of the map and of what the lidar meets just now."""
    here = np.array([pose.x, pose.y])
    points = cut(law.remaining(here))
    away = np.linalg.norm(points - here, axis=1)
    points = points[(away > _AT_ONCE) & (away < _SOON)]
    if not len(points):
        return True
    least = costmap.lethal - _CLEAR
    if bool(np.any(costmap.distance_at(points) < least)):
        return False
    if not len(seen_now):
        return True
    gaps = np.linalg.norm(points[:, None] - seen_now[None], axis=2)
    return bool(gaps.min() >= least)
