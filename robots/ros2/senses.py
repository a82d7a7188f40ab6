"""What comes in: joints, odometry, transforms, scans and pictures, each behind its gate.

Callbacks only check stamps and keep the message; pictures and scans are converted when they are asked for,
so that a callback never takes long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import FloatArray, wrap_angle
from diarchy.contracts.robot import LidarScan, Pose2
from diarchy.robots.ros2.config.schema import Ros2Config
from diarchy.robots.ros2.convert import maps, scans
from diarchy.robots.ros2.convert.geometry import seconds
from diarchy.robots.ros2.frames import FrameBuffer
from diarchy.robots.ros2.freshness import Gate, Inputs, Refused
from diarchy.robots.ros2.joint_book import JointBook
from diarchy.robots.ros2.port import Kind, Port

_HISTORY = 4000
"""Odometry poses that are kept: 20 s at 200 Hz."""
TF_AHEAD, TF_BEHIND = 3.0, 3.0
"""s that a moving transform may be ahead of the clock (AMCL's is by a second) and behind it. One that is off
further would be interpolated with: a camera would be where it never was."""


@dataclass
class CameraBuffer:
    """The newest messages of one camera by what they are: image, depth, info, instances."""

    gates: dict[str, Gate]
    recent: dict[str, deque[tuple[float, Any]]]

    def pair(self, kinds: tuple[str, ...], since: float, slop: float) -> dict[str, Any] | None:
        """Return the newest image not older than ``since`` with the others of its moment; None: not yet."""
        for stamp, image in reversed(self.recent[kinds[0]]):
            if stamp < since:
                break
            found = {kinds[0]: image}
            for kind in kinds[1:]:
                nearest = min(self.recent[kind], key=lambda e: abs(e[0] - stamp), default=None)
                if nearest is None or abs(nearest[0] - stamp) > slop:
                    break
                found[kind] = nearest[1]
            else:
                return found
        return None


class Senses:
    """All inputs of one robot, subscribed on a port."""

    def __init__(self, port: Port, config: Ros2Config) -> None:
        self._port, self._config = port, config
        self.frames = FrameBuffer()
        gates = {
            "joints": Gate(config.joint_states.topic, config.joint_states.max_age),
            "odometry": Gate(config.base.odometry.topic, config.base.odometry.max_age),
        }
        if config.lidar is not None:
            gates["lidar"] = Gate(config.lidar.topic, config.lidar.max_age)
        if config.home.localization == "tf":
            name = f"/tf {config.frames.map} -> {config.frames.odom}"
            gates["localization"] = Gate(name, config.home.max_age, max_future=TF_AHEAD)
        self.inputs = Inputs(gates)
        self._transforms = Gate("/tf", TF_BEHIND, TF_AHEAD, required=False)
        names = [part.ros or name for name, part in config.joints.items()]
        fingers = [j for j in config.gripper.joints if j not in names]
        self.joints = JointBook((*names, *fingers), gates["joints"])
        self._fingers = [self.joints.names.index(j) for j in config.gripper.joints]
        self.base: maps.BaseReading | None = None
        self._odometry: deque[tuple[float, Pose2]] = deque(maxlen=_HISTORY)
        self.scan_message: Any = None
        self.map_message: Any = None
        self.labels = ""
        self.cameras: dict[str, CameraBuffer] = {}
        self._subscribe()

    def _subscribe(self) -> None:
        port, config = self._port, self._config
        port.subscribe(
            config.joint_states.topic, "sensor_msgs/msg/JointState", self._on_joints, "state"
        )
        port.subscribe(
            config.base.odometry.topic, "nav_msgs/msg/Odometry", self._on_odometry, "state"
        )
        port.subscribe("/tf", "tf2_msgs/msg/TFMessage", self._on_tf, "state")
        static = partial(self._on_tf, static=True)
        port.subscribe("/tf_static", "tf2_msgs/msg/TFMessage", static, "latched")
        if config.lidar is not None:
            kind = f"sensor_msgs/msg/{config.lidar.type}"
            port.subscribe(config.lidar.topic, kind, self._on_scan, "sensor")
        if config.home.map is not None:
            port.subscribe(config.home.map, "nav_msgs/msg/OccupancyGrid", self._on_map, "latched")
        for name in config.cameras:
            self._subscribe_camera(name)

    def _subscribe_camera(self, name: str) -> None:
        part = self._config.cameras[name]
        image = "CompressedImage" if part.compressed else "Image"
        topics = {"image": (part.image, image), "depth": (part.depth, "Image")}
        topics["info"] = (part.info, "CameraInfo")
        if part.instances is not None:
            topics["instances"] = (part.instances, "Image")
        gates = {k: Gate(t, max(part.timeout, 1.0), required=False) for k, (t, _) in topics.items()}
        buffer = CameraBuffer(gates, {kind: deque(maxlen=8) for kind in topics})
        self.cameras[name] = buffer
        for kind, (topic, type_name) in topics.items():
            take = partial(self._on_picture, buffer, kind)
            kind_of_topic: Kind = "interface" if part.reliable else "sensor"
            self._port.subscribe(topic, f"sensor_msgs/msg/{type_name}", take, kind_of_topic)
        if part.labels is not None:
            self._port.subscribe(part.labels, "std_msgs/msg/String", self._on_labels, "latched")

    def restart(self) -> None:
        """Forget what moves: time has jumped back."""
        now = self._port.now()
        for gate in self.inputs.gates.values():
            gate.restart(now)
        self.frames.clear_moving()
        self.joints.forget()
        self._odometry.clear()
        self.scan_message = None
        for camera in self.cameras.values():
            for recent in camera.recent.values():
                recent.clear()

    def _on_joints(self, message: Any) -> None:
        self.joints.take(message, self._port.now())

    def _on_odometry(self, message: Any) -> None:
        gate = self.inputs["odometry"]
        stamp = self._admit(gate, message)
        if stamp is None:
            return
        try:
            self.base = maps.odometry_reading(message)
        except BadInputError as error:
            gate.malformed(str(error))
            return
        self._odometry.append((stamp, self.base.pose))

    def _on_tf(self, message: Any, *, static: bool = False) -> None:
        now = self._port.now()
        for stamped in message.transforms:
            if not static and not self._timely(seconds(stamped.header.stamp), now):
                continue
            try:
                self.frames.add(stamped, static=static)
            except BadInputError:
                continue  # one broken transform must not take the others with it; lookups will say so
            self._localized(stamped, now, static=static)

    def _timely(self, stamp: float, now: float) -> bool:
        """Whether a moving transform's stamp makes sense; order is the frame buffer's business."""
        refusal = None
        if stamp > now + TF_AHEAD:
            refusal = Refused.FUTURE
        elif stamp < now - TF_BEHIND:
            refusal = Refused.STALE
        if refusal is not None:
            self._transforms.refused[refusal] += 1
        return refusal is None

    def _localized(self, stamped: Any, now: float, *, static: bool) -> None:
        """Note that its SLAM has said where the robot is."""
        gate = self.inputs.gates.get("localization")
        if gate is None or str(stamped.child_frame_id).lstrip("/") != self._config.frames.odom:
            return
        if static:  # it never moves, by somebody's decision: it cannot be lost
            gate.required = False
        else:
            gate.admit(seconds(stamped.header.stamp), now)

    def _on_scan(self, message: Any) -> None:
        if self._admit(self.inputs["lidar"], message) is not None:
            self.scan_message = message

    def _on_map(self, message: Any) -> None:
        self.map_message = message

    def _on_labels(self, message: Any) -> None:
        self.labels = str(message.data)

    def _on_picture(self, buffer: CameraBuffer, kind: str, message: Any) -> None:
        stamp = self._admit(buffer.gates[kind], message)
        if stamp is not None:
            buffer.recent[kind].append((stamp, message))

    def _admit(self, gate: Gate, message: Any) -> float | None:
        stamp = seconds(message.header.stamp)
        return stamp if gate.admit(stamp, self._port.now()) is None else None

    def odometry_at(self, stamp: float) -> Pose2:
        """Return the pose in the odometry frame at a time, interpolated; the newest where it is newer."""
        history = self._odometry
        if not history:
            return Pose2(0.0, 0.0, 0.0)
        if stamp >= history[-1][0]:
            return history[-1][1]
        index = bisect_left(history, stamp, key=lambda entry: entry[0])
        if index == 0:
            return history[0][1]
        (t0, a), (t1, b) = history[index - 1], history[index]
        share = (stamp - t0) / (t1 - t0)
        turn = share * wrap_angle(b.yaw - a.yaw)
        return Pose2(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y), wrap_angle(a.yaw + turn))

    def scan(self) -> tuple[LidarScan, float] | None:
        """Return the newest scan with its stamp; None: there is none.

        Raises:
            FrameError: where the scanner sits is not known.
            BadInputError: the message makes no sense.
        """
        message, part = self.scan_message, self._config.lidar
        if message is None or part is None:
            return None
        stamp = seconds(message.header.stamp)
        base = self._config.frames.base
        mount = self.frames.lookup(base, message.header.frame_id, stamp, tolerance=part.max_age)
        if part.type == "LaserScan":
            return scans.laser_to_scan(message, mount, stamp), stamp
        points = scans.cloud_to_points(message)
        flat = scans.points_to_scan(points, mount, stamp, height=part.height, beams=part.beams)
        return flat, stamp

    def width_and_force(self) -> tuple[float, float]:
        """Opening of the gripper in m and its squeezing force in N."""
        part, book, fingers = self._config.gripper, self.joints, self._fingers
        width = part.offset + part.scale * sum(float(book.position[i]) for i in fingers)
        effort = sum(float(book.effort[i]) for i in fingers) / len(fingers)
        return width, max(0.0, -part.force_scale * effort)

    def refusals(self) -> dict[str, int]:
        """Refused messages by topic and reason, for reports."""
        gates = [*self.inputs.gates.values(), self._transforms]
        gates += [g for c in self.cameras.values() for g in c.gates.values()]
        return {
            f"{g.name} {reason.value}": n
            for g in gates
            for reason, n in sorted(g.refused.items())
            if reason is not Refused.REPEATED or n
        }


def moved_scan(scan: LidarScan, then: Pose2, reference: Pose2) -> LidarScan:
    """Express a scan taken at ``then`` in the base frame of ``reference`` (poses in the odometry frame)."""
    if then == reference:
        return scan
    shift = reference.se3().inverse() @ then.se3()
    return LidarScan(scan.stamp, scan.angles, scan.ranges, shift @ scan.base_from_lidar)


def braking_point(
    q: FloatArray, dq: FloatArray, acceleration: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """Where joints come to rest at their largest deceleration, inside their limits."""
    return np.asarray(np.clip(q + 0.5 * dq * np.abs(dq) / acceleration, lower, upper))
