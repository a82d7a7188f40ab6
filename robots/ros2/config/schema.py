"""The schema of a robot's file. Units are SI and radians; topics are written in full."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from diarchy.contracts.errors import did_you_mean

Name = Annotated[str, Field(pattern=r"^/?[A-Za-z_~][A-Za-z0-9_/]*$")]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FramesPart(_Part):
    """Names of frames: ``map`` -> ``odom`` -> ``base``, the base's on the floor, x forward."""

    map: str = "map"
    odom: str = "odom"
    base: str = "base_link"


class ModelPart(_Part):
    """Where the robot's kinematics come from; one of the four.

    ``mjcf``: a file with the base frame at the origin; ``shipped``: a model of ours; ``urdf``: a file;
    ``robot_description``: the latched topic that robot_state_publisher offers. The last two need
    ``gripper_link`` and where the fingertips meet in it (x: approach, y: opening).
    """

    mjcf: Path | None = None
    shipped: Literal["fetch"] | None = None
    urdf: Path | None = None
    robot_description: Name | None = None
    gripper_site: str = "gripper"
    gripper_link: str | None = None
    gripper_xyz: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gripper_rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @model_validator(mode="after")
    def _one(self) -> ModelPart:
        given = [k for k in ("mjcf", "shipped", "urdf", "robot_description") if getattr(self, k)]
        if len(given) != 1:
            raise ValueError(
                f"give one of mjcf, shipped, urdf, robot_description; got {', '.join(given) or 'none'}"
            )
        if given[0] in ("urdf", "robot_description") and self.gripper_link is None:
            raise ValueError(
                f"with {given[0]} the model needs gripper_link, the link that the fingers are on"
            )
        return self


class JointPart(_Part):
    """One joint; limits that are left out come from the URDF. ``ros`` is its name in messages, if another.

    ``motor_acceleration`` is what its motor can do at most, if that is known (`JointSpec`).
    """

    lower: float | None = None
    upper: float | None = None
    velocity: Positive | None = None
    acceleration: Positive = 2.0
    motor_acceleration: Positive | None = None
    ros: str | None = None


class TopicPart(_Part):
    """A topic that must keep coming: ``max_age`` s after which its loss stops the robot."""

    topic: Name
    max_age: Positive = 0.25


class CommandPart(_Part):
    """Where velocities go; ``hz`` how often (0: every control tick), ``frame`` of a TwistStamped."""

    topic: Name = "/cmd_vel"
    type: Literal["Twist", "TwistStamped"] = "Twist"
    hz: Annotated[float, Field(ge=0.0)] = 0.0


class BasePart(_Part):
    """The base: limits, where commands go, where odometry comes from."""

    linear_velocity: Positive = 0.5
    angular_velocity: Positive = 1.0
    linear_acceleration: Positive = 0.5
    angular_acceleration: Positive = 1.5
    linear_braking: Positive = 2.0
    angular_braking: Positive = 4.0
    radius: Positive = 0.30
    command: CommandPart = CommandPart()
    odometry: TopicPart = TopicPart(topic="/odom")


class ControllerPart(_Part):
    """A joint trajectory controller.

    ``topic`` streams targets ``hz`` times a second, each to be reached ``lookahead`` s later (default: one
    stream period); ``action`` takes whole trajectories. ``tolerance``: rad or m that a joint may be off its
    path, its servo's delay included, before a trajectory is cancelled.
    """

    joints: tuple[str, ...] = Field(min_length=1)
    topic: Name
    action: Name | None = None
    hz: Annotated[float, Field(ge=0.0)] = 0.0
    lookahead: Positive | None = None
    tolerance: Positive = 0.15


class ArmPart(_Part):
    """How the arm's controllers are commanded.

    ``stream``: a target every tick. ``chunks``: each chunk as one FollowJointTrajectory goal of ``points_hz``
    timed points a second, checked, watched, cancelled where it is left (see docs/embedding.md).
    """

    mode: Literal["stream", "chunks"] = "stream"
    points_hz: Positive = 50.0


class GripperPart(_Part):
    """A parallel gripper.

    The opening is ``offset + sum(positions of joints) * scale``; the force ``-mean(efforts) * force_scale``.
    Commands: ``action`` (control_msgs/GripperCommand) gets ``(opening - command_offset) / command_scale``.
    """

    max_width: Positive
    speed: Positive = 0.1
    max_force: Positive = 60.0
    finger_depth: Positive = 0.05
    joints: tuple[str, ...] = Field(min_length=1)
    scale: float = 1.0
    offset: float = 0.0
    force_scale: float = 1.0
    action: Name
    command_scale: float = 1.0
    command_offset: float = 0.0
    hz: Positive = 10.0

    @model_validator(mode="after")
    def _scales(self) -> GripperPart:
        if not self.scale or not self.command_scale:
            raise ValueError("scale and command_scale cannot be 0")
        return self


class CameraPart(_Part):
    """An RGB-D camera, depth registered to colour.

    ``reliable``: pictures are sent again when they get lost (its driver must offer that); else best effort.
    ``trigger`` (std_srvs/Trigger) makes it take a picture; without one the next picture is waited for.
    ``instances`` and ``labels`` exist in simulation only, for the oracle detector.
    """

    image: Name
    depth: Name
    info: Name
    compressed: bool = False
    rectified: bool = True
    reliable: bool = False
    frame: str | None = None
    timeout: Positive = 2.0
    slop: Positive = 0.05
    trigger: Name | None = None
    instances: Name | None = None
    labels: Name | None = None


class LidarPart(_Part):
    """A planar scanner, or a cloud of which a slice between two heights (m over the floor) is used."""

    topic: Name
    type: Literal["LaserScan", "PointCloud2"] = "LaserScan"
    max_age: Positive = 0.5
    height: tuple[float, float] = (0.1, 0.5)
    beams: Annotated[int, Field(ge=16)] = 360


class NavigationPart(_Part):
    """Nav2. ``cmd_vel_in`` is where its velocities are remapped to: the guard passes them on."""

    navigate: Name = "/navigate_to_pose"
    path: Name = "/compute_path_to_pose"
    clear: tuple[Name, ...] = ()
    cmd_vel_in: Name | None = "/cmd_vel_nav"
    type: Literal["Twist", "TwistStamped"] = "Twist"
    timeout: Positive = 300.0


class SafetyPart(_Part):
    """What happens when something falls silent.

    ``command_timeout``: s without a command after which a moving robot is stopped; ``give_up``: s that a lost
    input is waited for; ``stop`` and ``reset``: the robot's own std_srvs/Trigger services;
    ``allow_unguarded``: paths of motion that no guard of ours sees, named here on purpose.
    """

    command_timeout: Positive = 0.25
    give_up: Positive = 10.0
    stop: Name | None = None
    reset: Name | None = None
    allow_unguarded: tuple[Literal["navigation"], ...] = ()


class HomePart(_Part):
    """Where the robot is: rooms and fixtures as a scene file, the map topic, and who localises.

    With ``localization: tf`` its SLAM's transform from ``map`` to ``odom`` is an input like others:
    ``max_age`` s without a fresh one stop the robot. It may be ahead of time, as AMCL's is.
    """

    scene: str | None = None
    map: Name | None = None
    localization: Literal["scan", "tf"] = "scan"
    max_age: Positive = 0.5
    start: tuple[float, float, float] | None = None


class Ros2Config(_Part):
    """A robot under ROS 2."""

    robot: str = Field(min_length=1)
    use_sim_time: bool = False
    control_hz: Annotated[int, Field(ge=20, le=1000)] = 100
    namespace: Name = "/diarchy"
    frames: FramesPart = FramesPart()
    model: ModelPart
    joints: dict[str, JointPart] = Field(min_length=1)
    groups: dict[str, tuple[str, ...]]
    postures: dict[str, dict[str, float]]
    joint_states: TopicPart = TopicPart(topic="/joint_states")
    base: BasePart = BasePart()
    controllers: tuple[ControllerPart, ...] = Field(min_length=1)
    arm: ArmPart = ArmPart()
    gripper: GripperPart
    cameras: dict[str, CameraPart] = Field(min_length=1)
    head_camera: str
    lidar: LidarPart | None = None
    navigation: NavigationPart | None = None
    home: HomePart = HomePart()
    safety: SafetyPart = SafetyPart()
    folder: Path = Path(".")

    @model_validator(mode="after")
    def _consistent(self) -> Ros2Config:
        joints = list(self.joints)
        for group in ("arm", "head"):
            if group not in self.groups:
                raise ValueError(
                    f"groups: '{group}' is needed; a robot without one has an empty list there"
                )
        if not self.groups["arm"]:
            raise ValueError("groups.arm: name the joints of the arm")
        for group, names in self.groups.items():
            _known(f"groups.{group}", names, joints)
        for posture in ("tuck", "ready"):
            if posture not in self.postures:
                raise ValueError(f"postures: '{posture}' is needed: skills rely on it")
        for posture, values in self.postures.items():
            _known(f"postures.{posture}", values, joints)
            if missing := [j for j in joints if j not in values]:
                raise ValueError(f"postures.{posture}: {', '.join(missing)} missing")
        self._controllers_cover(joints)
        _known("head_camera", (self.head_camera,), list(self.cameras))
        self._paths_are_guarded()
        return self

    def _controllers_cover(self, joints: list[str]) -> None:
        moved = [j for c in self.controllers for j in c.joints]
        _known("controllers", moved, joints)
        if twice := sorted({j for j in moved if moved.count(j) > 1}):
            raise ValueError(f"controllers: {', '.join(twice)} belongs to two of them")
        if unmoved := [j for j in joints if j not in moved]:
            raise ValueError(f"controllers: nobody moves {', '.join(unmoved)}")
        for part in self.arm_controllers():
            if self.arm.mode == "chunks" and part.action is None:
                raise ValueError(
                    f"arm.mode: chunks are goals, and the controller of {part.joints[0]} has no action; "
                    "name its FollowJointTrajectory action, or write mode: stream"
                )

    def arm_controllers(self) -> tuple[ControllerPart, ...]:
        """Controllers that move joints of the arm."""
        arm = set(self.groups["arm"])
        return tuple(c for c in self.controllers if arm & set(c.joints))

    def _paths_are_guarded(self) -> None:
        nav = self.navigation
        if nav is None or "navigation" in self.safety.allow_unguarded:
            return
        if nav.cmd_vel_in is None:
            raise ValueError(
                "navigation: without cmd_vel_in Nav2 drives the base past our guard; remap its cmd_vel to a "
                "topic named there, or write safety: {allow_unguarded: [navigation]}"
            )
        if nav.cmd_vel_in == self.base.command.topic:
            raise ValueError(
                f"navigation.cmd_vel_in is {nav.cmd_vel_in}, where the base listens: the guard needs one of its own"
            )

    def unguarded(self) -> tuple[str, ...]:
        """Paths of motion that no guard of ours sees, in words."""
        if self.navigation is not None and self.navigation.cmd_vel_in is None:
            return (
                f"navigation: {self.navigation.navigate} drives {self.base.command.topic} itself",
            )
        return ()


def _known(where: str, names: object, known: list[str]) -> None:
    for name in names:  # type: ignore[attr-defined]
        if name not in known:
            raise ValueError(f"{where}: no '{name}'; {did_you_mean(str(name), known)}")
