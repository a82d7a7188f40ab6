"""The base, driven by a law through the guards, on a map that is drawn meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, CameraFrame, LidarScan, Pose2, Robot, RobotSpec
from diarchy.perception.planar import planar
from diarchy.perception.slam import GridField, ScanSlam
from diarchy.perception.slam.outline import outline_of
from diarchy.perception.slam.raised import raised_points
from diarchy.safety import GuardChain, ProtectiveStop, default_guard
from diarchy.skills.motion.unicycle import Follow, Pace, TurnTo, Unicycle

SCANS_HZ = 5
"""How often the lidar is read."""
_PICTURE_SCANS = 2
"""Scans between two pictures for who wants them all."""
_REPLACE_TICKS = 10
"""The predicted base is put to where the real one is so often (ticks)."""
_PACE = 0.7
"""Share of the base's speeds: what is not known yet is approached with care."""
_GAZE = (0.0, 0.55)
"""Pan and tilt (rad) of the head while it drives: table tops before the robot are in the picture."""
_NOD_S = 1.0
_LONGEST_S = 60.0
_STUCK_S, _STUCK_SHARE = 2.0, 0.2
"""A base that for so long (s) gets less than this share of what it is told is held by something."""


Pictured = Callable[[CameraFrame, SE3, FloatArray], None]


class Wheels:
    """Drives one robot and keeps its map.

    Args:
        robot: what is driven; its lidar draws the map, and its head camera, if it has one, adds what stands higher.
        slam: the map.
        stop: the protective stop, for whoever wants to trip it.
        camera: name of the camera to look with, None: none.
        pictured: if given, is told each frame of that camera, where the base is believed to be then, and the joints ``[J]``.
    """

    def __init__(
        self,
        robot: Robot,
        slam: ScanSlam,
        *,
        stop: ProtectiveStop | None = None,
        camera: str | None = None,
        pictured: Pictured | None = None,
    ) -> None:
        self.robot, self.slam = robot, slam
        self._pictured = pictured
        self.spec: RobotSpec = robot.spec
        self.guard: GuardChain = default_guard(robot.spec, stop=stop, clearance=0.0)
        self._pace = Pace.of(robot.spec.base, _PACE)
        self._period = 1.0 / robot.spec.control_hz
        self._camera = camera
        self._scan: LidarScan | None = None
        self._frames = self._scans = 0
        proprio = robot.proprio()
        self._joints, self._gripper = proprio.q.copy(), proprio.gripper_width
        self._every = max(1, robot.spec.control_hz // SCANS_HZ)
        self._ticks = 0
        self._field: GridField | None = None
        self.look()
        self._nod()

    @property
    def now(self) -> float:
        """Seconds on the robot's clock."""
        return self.robot.clock.now()

    def pose(self) -> Pose2:
        """Where the base is believed to be, in the map's own frame."""
        x, y, yaw = planar(self.slam.predict(self.robot.proprio())).tolist()
        return Pose2(x, y, yaw)

    def seen_now(self) -> FloatArray:
        """What the lidar met last, points ``[N, 2]`` m in ``map``."""
        if self._scan is None:
            return np.zeros((0, 2))
        return outline_of(self._scan).at(self._scanned_from).points

    def follow(self, law: Follow | TurnTo, free: Callable[[], bool] = lambda: True) -> bool:
        """Drive by a law until it is done; False when the way was not free, or something held the base.

        ``free`` is asked after every scan.
        """
        state = Unicycle(0.0, 0.0, 0.0, 0.0, 0.0)
        state.place(self.pose())
        told, began = 0.0, self.now
        watched = (self.now, self.pose(), 0.0)
        while self.now - began < _LONGEST_S:
            if self._ticks % _REPLACE_TICKS == 0:
                state.place(self.pose())
            command = law.command(state, self._pace)
            if command is None:
                self._brake(state)
                return True
            state.drive(*command, self._pace, self._period)
            told += (abs(state.v) + self.spec.base.radius * abs(state.w)) * self._period
            if self._apply(state.v, state.w) and not free():
                self._brake(state)
                return False
            if self.now - watched[0] >= _STUCK_S:
                if self._held(watched[1], told - watched[2]):
                    self._brake(state)
                    return False
                watched = (self.now, self.pose(), told)
        self._brake(state)
        return False

    def look(self) -> None:
        """Read the lidar and take the scan into the map; look with the camera too at a new keyframe, or if pictures are wanted."""
        observation = self.robot.sense((), lidar=True)
        if observation.scan is None:
            return
        pose = planar(self.slam.correct(observation.proprio, observation.scan))
        self._scan, self._scanned_from = observation.scan, pose
        self._scans += 1
        fresh = len(self.slam.keyframes) != self._frames
        if fresh:
            self._frames, self._field = len(self.slam.keyframes), None
        if self._camera is not None and (fresh or self._picture_is_due()):
            self._photograph(self._camera, keyframe=fresh)
        now, stamp = self.seen_now(), observation.scan.stamp
        if self._field is None:
            self._field = GridField(self.slam.grid(), stamp, now)
        elif self.slam.quality.accepted:
            # A lidar that sees nothing does not say that nothing is there.
            self._field = self._field.with_scan(now, stamp)

    def _picture_is_due(self) -> bool:
        return self._pictured is not None and self._scans % _PICTURE_SCANS == 0

    def _photograph(self, camera: str, *, keyframe: bool) -> None:
        """Take a picture: of a keyframe the map takes what stands high in it."""
        seen = self.robot.sense((camera,), lidar=False)
        frame, proprio = seen.frames[camera], seen.proprio
        if keyframe:
            self.slam.saw(raised_points(frame))
        if self._pictured is not None:
            self._pictured(frame, self.slam.predict(proprio), proprio.q)

    def _held(self, then: Pose2, told: float) -> bool:
        now = self.pose()
        went = float(np.hypot(now.x - then.x, now.y - then.y))
        went += self.spec.base.radius * abs(wrap_angle(now.yaw - then.yaw))
        return told > 0.10 and went < _STUCK_SHARE * told

    def _apply(self, v: float, w: float) -> bool:
        """Drive one tick; True when a scan was read."""
        proprio = self.robot.proprio()
        pose = planar(self.slam.predict(proprio))
        context = GuardContext(
            spec=self.spec,
            base_pose=Pose2(*pose.tolist()),
            distance_field=self._field,
            source="exploring",
            feeling_age=self.now - proprio.stamp,
            before=self.guard.before(proprio),
        )
        action = Action(np.array([v, w]), self._joints.copy(), self._gripper)
        self.robot.apply(self.guard.check(action, proprio, context).action)
        self._ticks += 1
        if self._ticks % self._every:
            return False
        self.look()
        return True

    def _brake(self, state: Unicycle) -> None:
        while abs(state.v) > 1e-9 or abs(state.w) > 1e-9:
            state.drive(0.0, 0.0, self._pace, self._period)
            self._apply(state.v, state.w)

    def _nod(self) -> None:
        """Turn the head to what lies before the robot, at half the speed of its joints."""
        head = list(self.spec.groups.get("head", ()))
        if len(head) != len(_GAZE):
            return
        begin, ticks = self._joints[head], int(_NOD_S / self._period)
        fastest = 0.5 * self.spec.limits("velocity")[head]
        ticks = max(
            ticks, int(np.ceil(np.max(np.abs(np.array(_GAZE) - begin) / fastest) / self._period))
        )
        for k in range(1, ticks + 1):
            share = k / ticks
            eased = share * share * (3.0 - 2.0 * share)
            self._joints[head] = begin + eased * (np.array(_GAZE) - begin)
            self._apply(0.0, 0.0)
