"""The simulated home as a ROS 2 robot: sensors, controllers and the base driver over any `Port`.

It behaves as drivers do: a velocity lasts for a quarter of a second, a trajectory controller interpolates
from where it is and holds at the end, a gripper goal ends when the fingers rest. Everything is stamped
with simulated time, which it publishes on /clock.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Action, Robot
from diarchy.robots.ros2.config.schema import Ros2Config
from diarchy.robots.ros2.convert import geometry, images, interface, joints, maps, scans
from diarchy.robots.ros2.followers import Follower
from diarchy.robots.ros2.peer_goals import FOLLOW, GRIP, FollowGoal, ServedGripper
from diarchy.robots.ros2.port import Port, ServedGoal
from diarchy.robots.ros2.rasterise import rasterise

BASE_TIMEOUT = 0.25
"""s that a velocity lasts."""
SCAN_HZ = 10
_TRIGGER = "std_srvs/srv/Trigger"
_PATIENCE = 5.0


class HomePeer:
    """Serves a `HomeRobot` as its file says; `step` lets one control tick pass.

    Args:
        home: the simulated robot.
        port: where to serve it.
        config: topics and actions, as the robot's file on the other side has them.
        camera_hz: pictures a second published unasked; 0: only when triggered.
        localize: publish the true map -> odom transform, as a SLAM would.
    """

    def __init__(
        self,
        home: Any,
        port: Port,
        config: Ros2Config,
        *,
        camera_hz: float = 0.0,
        localize: bool = False,
    ) -> None:
        self.home, self._port, self._config = home, port, config
        self._robot: Robot = home
        self._localize = localize
        self._camera_every = round(home.spec.control_hz / camera_hz) if camera_hz else 0
        self._scan_every = home.spec.control_hz // SCAN_HZ
        self._names = home.spec.joint_names
        self.threaded = False
        """Whether services are called in other threads than the one that steps."""
        self._thread = threading.get_ident()
        self._wanted: queue.SimpleQueue[tuple[str, threading.Event]] = queue.SimpleQueue()
        proprio = home.proprio()
        self._joints = proprio.q.copy()
        names, frames, make = (*self._names, *config.gripper.joints), config.frames, port.make
        self._felt = np.zeros((3, len(names)))
        # What goes out at every tick is made once.
        self._clock = make("rosgraph_msgs/msg/Clock")
        nothing = np.zeros(len(names))
        self._joint_state = joints.joint_state(make, names, nothing, nothing, nothing, 0.0)
        rest = maps.BaseReading(proprio.odom, 0.0, 0.0)
        self._odometry = maps.odometry(make, rest, frames.odom, frames.base, 0.0)
        self._gripper = ServedGripper(home, config.gripper, make)
        self._velocity, self._velocity_at = (0.0, 0.0), -np.inf
        self._publishers: dict[str, Callable[[Any], None]] = {}
        self.followers = [Follower(home.spec, c.joints, c.tolerance) for c in config.controllers]
        self._advertise()
        self._listen()
        self._say_once()
        self.publish()

    def step(self) -> None:
        """Let one control tick pass and publish what is due."""
        self._thread = threading.get_ident()
        now, period = self.home.clock.now(), self.home.clock.period
        if now - self._velocity_at > BASE_TIMEOUT:
            self._velocity = (0.0, 0.0)
        q = self.home.proprio().q
        for follower in self.followers:
            follower.advance(self._joints, q, now + period)
        self._robot.apply(
            Action(np.array(self._velocity), self._joints.copy(), self._gripper.width)
        )
        self._gripper.step()
        self.publish()
        while not self._wanted.empty():
            name, taken = self._wanted.get()
            self.take_picture(name)
            taken.set()

    def publish(self) -> None:
        """Publish clock, joints and odometry, and what is due of the rest."""
        home, config = self.home, self._config
        now, tick = home.clock.now(), home.clock.tick
        proprio = home.proprio()
        geometry.set_stamp(self._clock.clock, now)
        self._publishers["clock"](self._clock)
        part = config.gripper
        # Both fingers move alike; their positions add up to the opening.
        finger = (proprio.gripper_width - part.offset) / (part.scale * len(part.joints))
        effort = -proprio.gripper_force / part.force_scale
        own, felt = len(self._names), self._felt
        felt[:, :own] = proprio.q, proprio.dq, proprio.effort
        felt[:, own:] = ((finger,), (0.0,), (effort,))
        joints.tell_joint_state(self._joint_state, felt[0], felt[1], felt[2], now)
        self._publishers["joints"](self._joint_state)
        velocity = proprio.base_velocity.tolist()
        reading = maps.BaseReading(proprio.odom, velocity[0], velocity[1])
        maps.tell_odometry(self._odometry, reading, now)
        self._publishers["odom"](self._odometry)
        if tick % 4 == 0:
            self._publish_tf(now, proprio.odom.se3())
        if tick % self._scan_every == 0:
            self._publish_scan(now)
        if self._camera_every and tick % self._camera_every == 0:
            for name in config.cameras:
                self.take_picture(name)

    def take_picture(self, name: str) -> None:
        """Render one camera and publish colour, depth, calibration, and where it was."""
        make, part, now = self._port.make, self._config.cameras[name], self.home.clock.now()
        frame = self.home.sense((name,), lidar=False).frames[name]
        optical, out = _optical(name), self._publishers
        mount = geometry.transform_stamped(
            make, frame.base_from_camera, self._config.frames.base, optical, now
        )
        out["tf"](geometry.transforms(make, [mount]))
        self._publish_labels(name)
        out[f"{name}/info"](images.intrinsics_to_info(make, frame.intrinsics, optical, now))
        out[f"{name}/depth"](images.depth_to_image(make, frame.depth, optical, now))
        if part.instances is not None and frame.instance_ids is not None:
            ids = frame.instance_ids.astype(np.int32)
            out[f"{name}/instances"](images.array_to_image(make, ids, "32SC1", optical, now))
        if part.compressed:
            out[f"{name}/image"](images.rgb_to_compressed(make, frame.rgb, optical, now))
        else:
            out[f"{name}/image"](images.array_to_image(make, frame.rgb, "rgb8", optical, now))

    def _publish_labels(self, name: str) -> None:
        """What instance ids stand for, as of now; the oracle detector on the other side reads it."""
        if self._config.cameras[name].labels is not None:
            labels = {str(k): asdict(v) for k, v in self.home.instances.items()}
            self._publishers[f"{name}/labels"](interface.text(self._port.make, json.dumps(labels)))

    def _publish_tf(self, now: float, odom: SE3) -> None:
        make, frames = self._port.make, self._config.frames
        moving = [geometry.transform_stamped(make, odom, frames.odom, frames.base, now)]
        if self._localize:
            correction = self.home.truth.base().se3() @ odom.inverse()
            moving.append(
                geometry.transform_stamped(make, correction, frames.map, frames.odom, now)
            )
        self._publishers["tf"](geometry.transforms(make, moving))

    def _publish_scan(self, now: float) -> None:
        scan = self.home.sense((), lidar=True).scan
        if scan is not None and self._config.lidar is not None:
            message = scans.scan_to_laser(self._port.make, scan, "laser_link", now, range_max=10.0)
            self._publishers["scan"](message)

    def _advertise(self) -> None:
        port, config, add = self._port, self._config, self._publishers
        add["clock"] = port.publisher("/clock", "rosgraph_msgs/msg/Clock", "clock")
        add["joints"] = port.publisher(
            config.joint_states.topic, "sensor_msgs/msg/JointState", "state"
        )
        add["odom"] = port.publisher(config.base.odometry.topic, "nav_msgs/msg/Odometry", "state")
        add["tf"] = port.publisher("/tf", "tf2_msgs/msg/TFMessage", "state")
        if config.lidar is not None:
            add["scan"] = port.publisher(config.lidar.topic, "sensor_msgs/msg/LaserScan", "sensor")
        for name, part in config.cameras.items():
            image = "CompressedImage" if part.compressed else "Image"
            for kind, topic, type_name in (
                ("image", part.image, image),
                ("depth", part.depth, "Image"),
                ("info", part.info, "CameraInfo"),
                ("instances", part.instances, "Image"),
            ):
                if topic is not None:
                    full = f"sensor_msgs/msg/{type_name}"
                    add[f"{name}/{kind}"] = port.publisher(topic, full, "sensor")
            if part.labels is not None:
                add[f"{name}/labels"] = port.publisher(
                    part.labels, "std_msgs/msg/String", "latched"
                )
            if part.trigger is not None:
                port.serve(part.trigger, _TRIGGER, self._photographer(name))

    def _photographer(self, name: str) -> Callable[[Any], Any]:
        def shoot(request: Any) -> Any:
            if not self.threaded or threading.get_ident() == self._thread:
                self.take_picture(name)
                return interface.trigger_response(self._port.make, True, "taken")
            # An OpenGL context belongs to one thread: the one that steps takes the picture.
            taken = threading.Event()
            self._wanted.put((name, taken))
            done = taken.wait(_PATIENCE)
            words = "taken" if done else "the simulation stands still"
            return interface.trigger_response(self._port.make, done, words)

        return shoot

    def _listen(self) -> None:
        port, config = self._port, self._config
        command = config.base.command
        port.subscribe(
            command.topic, f"geometry_msgs/msg/{command.type}", self._on_velocity, "command"
        )
        for part, follower in zip(config.controllers, self.followers, strict=True):
            port.subscribe(
                part.topic,
                "trajectory_msgs/msg/JointTrajectory",
                self._streamed(follower),
                "command",
            )
            if part.action is not None:
                port.serve_action(
                    part.action, FOLLOW, self._acceptable(follower), self._followed(follower)
                )
        port.serve_action(config.gripper.action, GRIP, lambda goal: True, self._gripper.begin)
        if config.safety.stop is not None:
            port.serve(config.safety.stop, _TRIGGER, self._on_stop)

    def _say_once(self) -> None:
        """The latched topics: the map, labels of things, and where the lidar sits."""
        port, make, config = self._port, self._port.make, self._config
        for name in config.cameras:
            self._publish_labels(name)
        if config.lidar is not None:
            mount = self.home.sense((), lidar=True).scan.base_from_lidar
            publish = port.publisher("/tf_static", "tf2_msgs/msg/TFMessage", "latched")
            fixed = geometry.transform_stamped(make, mount, config.frames.base, "laser_link", 0.0)
            publish(geometry.transforms(make, [fixed]))
            if config.home.map is not None:
                grid = rasterise(self.home.static_map, height=float(mount.translation[2]))
                latched = port.publisher(config.home.map, "nav_msgs/msg/OccupancyGrid", "latched")
                latched(maps.grid_message(make, grid, config.frames.map, 0.0))

    def _on_velocity(self, message: Any) -> None:
        twist = message.twist if hasattr(message, "twist") else message
        self._velocity = geometry.velocity_of(twist)
        self._velocity_at = self.home.clock.now()

    def _on_stop(self, request: Any) -> Any:
        self._velocity = (0.0, 0.0)
        return interface.trigger_response(self._port.make, True, "the base was stopped")

    def _streamed(self, follower: Follower) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            try:
                follower.begin(joints.read_trajectory(message), self._joints, self.home.clock.now())
            except BadInputError:
                follower.refused += 1  # as a controller does: it goes on with what it had

        return take

    def _acceptable(self, follower: Follower) -> Callable[[Any], bool]:
        def accept(goal: Any) -> bool:
            try:
                return follower.fits(joints.read_trajectory(goal.trajectory))
            except BadInputError:
                return False

        return accept

    def _followed(self, follower: Follower) -> Callable[[ServedGoal], None]:
        def execute(served: ServedGoal) -> None:
            plan = joints.read_trajectory(served.goal.trajectory)
            follower.begin(
                plan, self._joints, self.home.clock.now(), FollowGoal(served, self._port.make)
            )

        return execute


def _optical(name: str) -> str:
    return f"{name}_optical_frame"
