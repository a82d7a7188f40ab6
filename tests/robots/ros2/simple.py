"""A robot of perfect obedience on a fake network: no physics, so that tests of the core are quick.

Its base drives as told for a quarter of a second, its joints are where they were sent, its gripper too.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import LidarScan, Pose2
from diarchy.robots.ros2.config import Ros2Config
from diarchy.robots.ros2.config.spec import build_spec
from diarchy.robots.ros2.convert import geometry, interface, joints, maps, scans
from diarchy.robots.ros2.convert.geometry import seconds, set_stamp
from diarchy.robots.ros2.fake import FakeNetwork, FakePort, Fault
from diarchy.robots.ros2.followers import Follower
from diarchy.robots.ros2.peer_goals import FollowGoal

GRIP, FOLLOW = "control_msgs/action/GripperCommand", "control_msgs/action/FollowJointTrajectory"


class SimplePeer:
    """Sensors and drivers; `said`, `health`, `velocities` collect what came."""

    def __init__(self, network: FakeNetwork, config: Ros2Config) -> None:
        self.network, self.config = network, config
        self.port = FakePort(network)
        spec = build_spec(config)
        self.names = spec.joint_names
        self.q = np.array(spec.postures["tuck"])
        self.pose, self.velocity, self.told_at = Pose2(0.0, 0.0, 0.0), (0.0, 0.0), -1.0
        self.width = 0.05
        self.velocities: list[tuple[float, tuple[float, float]]] = []
        self.trajectories: list[joints.Trajectory] = []
        self.said: list[str] = []
        self.health: list[interface.Health] = []
        self.grips: list[float] = []
        self.followed: list[Any] = []
        self.stops = 0
        network.step = self.step
        self._advertise()
        self.step()

    def _advertise(self) -> None:
        port, config = self.port, self.config
        self._joints = port.publisher("/joint_states", "sensor_msgs/msg/JointState", "state")
        self._odom = port.publisher("/odom", "nav_msgs/msg/Odometry", "state")
        self._scan = port.publisher("/scan", "sensor_msgs/msg/LaserScan", "sensor")
        self._tf = port.publisher("/tf", "tf2_msgs/msg/TFMessage", "state")
        static = port.publisher("/tf_static", "tf2_msgs/msg/TFMessage", "latched")
        mount = SE3.from_translation([0.2, 0.0, 0.3])
        fixed = geometry.transform_stamped(port.make, mount, "base_link", "laser_link", 0.0)
        static(geometry.transforms(port.make, [fixed]))
        port.subscribe("/cmd_vel", "geometry_msgs/msg/TwistStamped", self._on_velocity, "command")
        for part in config.controllers:
            kind = "trajectory_msgs/msg/JointTrajectory"
            port.subscribe(part.topic, kind, self._on_trajectory, "command")
            port.serve_action(str(part.action), FOLLOW, lambda goal: True, self.followed.append)
        port.serve_action(config.gripper.action, GRIP, lambda goal: True, self._on_grip)
        port.serve("/robot/stop", "std_srvs/srv/Trigger", self._on_stop)
        port.subscribe("/diarchy/say", "std_msgs/msg/String", self._on_say, "interface")
        kind = "diagnostic_msgs/msg/DiagnosticArray"
        port.subscribe("/diagnostics", kind, self._on_health, "interface")

    def _on_velocity(self, message: Any) -> None:
        self.velocity, self.told_at = geometry.velocity_of(message.twist), self.network.now()
        self.velocities.append((self.told_at, self.velocity))

    def _on_trajectory(self, message: Any) -> None:
        plan = joints.read_trajectory(message)
        self.trajectories.append(plan)
        self.q[[self.names.index(n) for n in plan.names]] = plan.positions[-1]

    def _on_grip(self, served: Any) -> None:
        self.grips.append(float(served.goal.command.position))
        self.width = self.grips[-1]
        served.finish(4, self.port.make(f"{GRIP}_Result"))

    def _on_stop(self, request: Any) -> Any:
        self.stops += 1
        return interface.trigger_response(self.port.make, True, "stopped")

    def _on_say(self, message: Any) -> None:
        self.said.append(message.data)

    def _on_health(self, message: Any) -> None:
        self.health = interface.read_diagnostics(message)

    @property
    def moving(self) -> bool:
        return any(self.velocity)

    def step(self) -> None:
        """Obey for one period and tell how things are."""
        now, dt, make = self.network.now(), self.network.period, self.port.make
        if now - self.told_at > 0.25:
            self.velocity = (0.0, 0.0)
        v, w = self.velocity
        yaw = self.pose.yaw + w * dt
        x, y = self.pose.x + v * dt * np.cos(yaw), self.pose.y + v * dt * np.sin(yaw)
        self.pose = Pose2(float(x), float(y), float(yaw))
        fingers = self.config.gripper.joints
        finger = (self.width - self.config.gripper.offset) / 2
        q = np.concatenate([self.q, [finger, finger]])
        zero = np.zeros(len(q))
        self._joints(joints.joint_state(make, (*self.names, *fingers), q, zero, zero, now))
        reading = maps.BaseReading(self.pose, v, w)
        self._odom(maps.odometry(make, reading, "odom", "base_link", now))
        if self.network.ticks % 10 == 0:
            odom = geometry.transform_stamped(make, self.pose.se3(), "odom", "base_link", now)
            self._tf(geometry.transforms(make, [odom]))
            angles = np.linspace(-1.0, 1.0, 90)
            scan = LidarScan(now, angles, np.full(90, 3.0), SE3.identity())
            self._scan(scans.scan_to_laser(make, scan, "laser_link", now))


class FollowingPeer(SimplePeer):
    """A `SimplePeer` whose controllers follow trajectories in time, as ros2_control's do.

    ``stuck`` names joints that do not move; ``path`` collects where the joints were told to be at every step.
    """

    def __init__(self, network: FakeNetwork, config: Ros2Config) -> None:
        spec = build_spec(config)
        self.followers = [Follower(spec, c.joints, 10.0) for c in config.controllers]
        self.desired = np.array(spec.postures["tuck"])
        self.stuck: set[str] = set()
        self.path: list[Any] = []
        self.accepts = True
        self.goals: list[Any] = []
        super().__init__(network, config)
        for part, follower in zip(config.controllers, self.followers, strict=True):
            action = str(part.action)
            self.port.serve_action(
                action, FOLLOW, lambda goal: self.accepts, self._follow(follower)
            )

    def _follow(self, follower: Follower) -> Any:
        def execute(served: Any) -> None:
            self.goals.append(served)
            plan = joints.read_trajectory(served.goal.trajectory)
            told = FollowGoal(served, self.port.make)
            follower.begin(plan, self.desired, self.network.now(), told)

        return execute

    def _on_trajectory(self, message: Any) -> None:
        plan = joints.read_trajectory(message)
        self.trajectories.append(plan)
        follower = next(f for f in self.followers if f.fits(plan))
        follower.begin(plan, self.desired, self.network.now())

    def step(self) -> None:
        """Follow for one period, then as the other."""
        for follower in self.followers:
            follower.advance(self.desired, self.q, self.network.now())
        moves = [n not in self.stuck for n in self.names]
        self.q = np.where(moves, self.desired, self.q)
        self.path.append(self.desired.copy())
        super().step()


def reordering() -> Fault:
    """Every message waits for the next one and comes after it."""
    waiting: list[Any] = []

    def fault(message: Any, now: float) -> list[tuple[float, Any]]:
        waiting.append(message)
        if len(waiting) < 2:
            return []
        first, second = waiting
        waiting.clear()
        return [(now, second), (now, first)]

    return fault


def jumping(by: float) -> Fault:
    def fault(message: Any, now: float) -> list[tuple[float, Any]]:
        moved = copy.deepcopy(message)
        for part in getattr(moved, "transforms", [moved]):
            set_stamp(part.header.stamp, max(seconds(part.header.stamp) + by, 0.0))
        return [(now, moved)]

    return fault
