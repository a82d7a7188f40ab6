"""What a robot is to diarchy: its description, what it senses, what it can be told, and the Protocol.

Hot-path data are frozen dataclasses of NumPy arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from diarchy.contracts.clock import Clock
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray, Intrinsics, all_finite


@dataclass(frozen=True)
class JointSpec:
    """One actuated joint: limits in rad or m, rad/s or m/s, rad/s^2 or m/s^2.

    Motions are planned with ``acceleration``. ``motor_acceleration`` is what the motor can do at most, if that is
    known: the guard lets no command ask for more, because a joint that cannot follow overshoots and stops late.
    """

    name: str
    lower: float
    upper: float
    velocity: float
    acceleration: float
    motor_acceleration: float = math.inf


def slew_rate(told: float, before: float, acceleration: float, braking: float) -> float:
    """How fast a speed may change: towards rest by braking, any other way by accelerating (all positive)."""
    return braking if told * before >= 0.0 and abs(told) < abs(before) else acceleration


@dataclass(frozen=True)
class BaseSpec:
    """A differential base: limits in m/s, rad/s and their rates; ``radius`` of the footprint in m.

    Motions are planned with the accelerations. ``*_braking`` is how fast it may be brought to rest when it
    must: a protective stop and a pause use it.
    """

    linear_velocity: float = 0.8
    angular_velocity: float = 1.2
    linear_acceleration: float = 0.6
    angular_acceleration: float = 1.5
    linear_braking: float = 2.0
    angular_braking: float = 4.0
    radius: float = 0.30


@dataclass(frozen=True)
class GripperSpec:
    """A parallel gripper: largest opening in m, opening speed in m/s, largest force in N, finger depth in m."""

    max_width: float = 0.10
    speed: float = 0.10
    max_force: float = 60.0
    finger_depth: float = 0.06


@dataclass(frozen=True)
class RobotSpec:
    """The description of an embodiment.

    Attributes:
        name: what it is called in reports.
        joints: actuated joints except base and gripper, in the order of ``Action.joints``.
        groups: named subsets of joint indices, at least ``arm``; usually ``torso`` and ``head`` too.
        postures: named joint vectors ``[J]``; ``tuck`` (drive) and ``ready`` (before manipulation) exist.
        model_xml: MJCF of the robot ALONE (base frame at the world origin, joints named as above),
            the source of its kinematics and self-collision geometry.
        gripper_site: name of the site between the fingertips in that model (x: approach, y: opening).
        cameras: names that `Robot.sense` accepts.
        head_camera: the camera that looks where the head points.
    """

    name: str
    joints: tuple[JointSpec, ...]
    groups: Mapping[str, tuple[int, ...]]
    postures: Mapping[str, FloatArray]
    base: BaseSpec
    gripper: GripperSpec
    model_xml: str
    gripper_site: str
    cameras: tuple[str, ...]
    head_camera: str
    control_hz: int = 200

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names in the order of ``Action.joints``."""
        return tuple(j.name for j in self.joints)

    def limits(self, what: str) -> FloatArray:
        """Return ``lower``, ``upper``, ``velocity``, ``acceleration`` or ``motor_acceleration`` of all joints as ``[J]``."""
        return np.array([getattr(j, what) for j in self.joints], dtype=np.float64)


@dataclass(frozen=True)
class Pose2:
    """A planar pose: metres and radians."""

    x: float
    y: float
    yaw: float

    def se3(self) -> SE3:
        """Return the same pose in three dimensions, on the floor."""
        return SE3.from_xyz_yaw(self.x, self.y, 0.0, self.yaw)

    @staticmethod
    def from_se3(pose: SE3) -> Pose2:
        """Drop height, roll and pitch."""
        return Pose2(float(pose.translation[0]), float(pose.translation[1]), pose.yaw)


@dataclass(frozen=True)
class Proprio:
    """What the robot feels of itself; cheap, read every tick.

    Attributes:
        stamp: seconds on the robot's clock.
        tick: control tick.
        q, dq: joint positions and velocities ``[J]``.
        effort: joint torques or forces ``[J]``, N m or N.
        gripper_width: opening between the fingertips, m.
        gripper_force: squeezing force, N (the mean of both fingers, >= 0).
        odom: pose of the base in the drifting ``odom`` frame.
        base_velocity: ``[2]`` measured forward m/s and turning rad/s.
        commanded: the last action applied, None before the first.
    """

    stamp: float
    tick: int
    q: FloatArray
    dq: FloatArray
    effort: FloatArray
    gripper_width: float
    gripper_force: float
    odom: Pose2
    base_velocity: FloatArray
    commanded: Action | None = None

    def at_rest(self, *, joint: float = 0.03, linear: float = 0.01, angular: float = 0.02) -> bool:
        """Tell whether everything moves slower than the given rad/s (or m/s), m/s and rad/s."""
        return bool(
            np.all(np.abs(self.dq) < joint)
            and abs(self.base_velocity[0]) < linear
            and abs(self.base_velocity[1]) < angular
        )


@dataclass(frozen=True)
class CameraFrame:
    """One image with depth.

    Attributes:
        name: camera name.
        stamp: seconds on the robot's clock at exposure.
        rgb: ``[H, W, 3]`` uint8.
        depth: ``[H, W]`` float32 metres along the optical axis; 0 where there is no return.
        intrinsics: pinhole model.
        base_from_camera: pose of the optical frame in ``base`` at the stamp, from the robot's kinematics.
        instance_ids: ``[H, W]`` int32 ids that ONLY a simulator can fill and ONLY the oracle detector
            may read; None on a real robot. -1 is background.
    """

    name: str
    stamp: float
    rgb: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.float32]
    intrinsics: Intrinsics
    base_from_camera: SE3
    instance_ids: npt.NDArray[np.int32] | None = None


@dataclass(frozen=True)
class LidarScan:
    """One planar scan: ``angles`` and ``ranges`` ``[N]`` rad and m in the lidar frame, inf = no return."""

    stamp: float
    angles: FloatArray
    ranges: FloatArray
    base_from_lidar: SE3


@dataclass(frozen=True)
class Observation:
    """What `Robot.sense` returned; every reading carries its own stamp."""

    proprio: Proprio
    frames: Mapping[str, CameraFrame] = field(default_factory=dict)
    scan: LidarScan | None = None


@dataclass(frozen=True)
class Action:
    """The command of one control tick, in the robot's own terms.

    Attributes:
        base: ``[2]`` forward velocity m/s and turning rate rad/s.
        joints: ``[J]`` position targets, rad or m.
        gripper: target opening between the fingertips, m (0 squeezes whatever is between).
    """

    base: FloatArray
    joints: FloatArray
    gripper: float

    def refuse_malformed(self, count: int) -> None:
        """Check the shapes for a robot of ``count`` joints, and that all is finite.

        Raises:
            BadInputError: it is not.
        """
        base, joints = np.shape(self.base), np.shape(self.joints)
        shapes = base == (2,) and joints == (count,)
        if not (
            shapes
            and math.isfinite(self.gripper)
            and all_finite(np.asarray(self.joints))
            and all_finite(np.asarray(self.base))
        ):
            raise BadInputError(
                f"an action has {count + 3} finite values (base 2, joints {count}, gripper 1), "
                f"got shapes {list(base)} and {list(joints)}, gripper {self.gripper}"
            )

    def vector(self) -> FloatArray:
        """Return ``[2 + J + 1]``: base, joints, gripper."""
        return np.concatenate([self.base, self.joints, [self.gripper]])

    @staticmethod
    def from_vector(values: npt.ArrayLike) -> Action:
        """Inverse of `vector`."""
        v = np.asarray(values, dtype=np.float64)
        return Action(v[:2].copy(), v[2:-1].copy(), float(v[-1]))


@runtime_checkable
class Robot(Protocol):
    """An embodiment, simulated or real.

    Lifecycle: construct; then any number of `proprio`, `sense`, `apply`; `stop` at any time from
    any thread; `close` once. In lockstep, `apply` advances the world by exactly one control tick;
    in real time it returns at the next tick's deadline.
    """

    @property
    def spec(self) -> RobotSpec:
        """The embodiment's description; never changes."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that stamps every reading."""
        ...

    def proprio(self) -> Proprio:
        """Read joints, gripper and odometry; cheap, no rendering."""
        ...

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        """Read the named cameras and, if asked, the lidar.

        Raises:
            BadInputError: a camera is not in ``spec.cameras``.
        """
        ...

    def apply(self, action: Action) -> None:
        """Command one control tick. The caller has passed it through the guard."""
        ...

    def stop(self) -> None:
        """Brake to rest at once and hold; callable from any thread; idempotent."""
        ...

    def close(self) -> None:
        """Release windows, contexts and connections; idempotent."""
        ...
