"""Numbers of the Fetch: joints with limits and servo gains, postures, finger contact, excluded pairs."""

from __future__ import annotations

from dataclasses import dataclass, field

from diarchy.robots.home.parts import FINGER_BITS

HEAD_CAMERA = "head_camera"
GRIPPER_CAMERA = "gripper_camera"
ROBOT_GROUP = 2
"""Geom group of the robot: rays of its own lidar pass through it."""


@dataclass(frozen=True)
class JointData:
    """One joint: limits (rad or m and their rates), motor inertia, servo gains and largest force."""

    name: str
    lower: float
    upper: float
    velocity: float
    acceleration: float
    kp: float
    kv: float
    force: float
    armature: float = 1.0
    damping: float = 1.0

    @property
    def motor_acceleration(self) -> float:
        """What the motor can do with nothing but its own inertia to move, at full speed, rad/s^2 or m/s^2."""
        return (self.force - self.damping * self.velocity) / self.armature


ROLL = 6.28
"""The roll joints turn without end; a bound keeps their readings comparable."""

# Velocities and forces are those of Fetch Robotics' own description; the torso's servo is stiffer.
# Armatures are large against time step x kv: implicitfast adds that product to the inertia after the
# contact solver has run, and where it is not small things creep out of the grip (17 mm/s on a door).
JOINTS: tuple[JointData, ...] = (
    JointData("torso_lift_joint", 0.0386, 0.3861, 0.10, 0.4, 4e4, 3e3, 450.0, 20.0, 50.0),
    JointData("shoulder_pan_joint", -1.6056, 1.6056, 1.25, 2.5, 4000.0, 260.0, 60.0),
    JointData("shoulder_lift_joint", -1.221, 1.518, 1.25, 2.5, 4000.0, 260.0, 131.0),
    JointData("upperarm_roll_joint", -ROLL, ROLL, 1.5, 3.0, 2000.0, 95.0, 77.0),
    JointData("elbow_flex_joint", -2.251, 2.251, 1.5, 3.0, 3000.0, 130.0, 66.0),
    JointData("forearm_roll_joint", -ROLL, ROLL, 1.5, 3.0, 1500.0, 75.0, 30.0),
    JointData("wrist_flex_joint", -2.16, 2.16, 2.0, 4.0, 1500.0, 75.0, 26.0),
    JointData("wrist_roll_joint", -ROLL, ROLL, 2.0, 4.0, 800.0, 55.0, 10.0),
    JointData("head_pan_joint", -1.57, 1.57, 1.5, 4.0, 300.0, 12.0, 20.0, 0.05),
    JointData("head_tilt_joint", -0.76, 1.45, 1.5, 4.0, 300.0, 12.0, 20.0, 0.05),
)

ARM_GROUP = tuple(range(1, 8))
GROUPS: dict[str, tuple[int, ...]] = {"torso": (0,), "arm": ARM_GROUP, "head": (8, 9)}

# Folded, the hand hangs at the robot's left, out of the way of the head and out of its sight.
POSTURES: dict[str, tuple[float, ...]] = {
    "tuck": (0.20, 0.65, -1.04, 2.23, 1.47, -0.45, 1.98, -1.87, 0.0, 0.45),
    "carry": (0.20, 0.65, -1.04, 2.23, 1.47, -0.45, 1.98, -1.87, 0.0, 0.45),
    "ready": (0.26, -0.328, -1.081, 0.616, 1.395, -0.283, 1.345, 0.295, 0.0, 0.60),
}


@dataclass(frozen=True)
class FingerData:
    """The two sliding fingers: servo, and the attributes of their joints."""

    kp: float = 1e4
    kv: float = 300.0
    force: float = 60.0
    closed_gap: float = 0.0018
    """Opening in m that is left between the pads when both joints read zero."""
    travel: float = 0.05
    squeeze: float = 0.005
    """How far in m the commanded pads may lag inside the real ones: with ``kp`` this is 50 N."""
    joint: dict[str, str] = field(
        default_factory=lambda: {
            "type": "slide",
            "range": "0 0.05",
            "armature": "2",
            "damping": "20",
            "solreflimit": "0.01 1",
        }
    )


FINGERS = FingerData()
FINGER_CONTACT: dict[str, str] = {
    "condim": "4",
    "friction": "1 0.05 0.001",
    "solref": "0.01 1",
    "solimp": "0.95 0.99 0.001",
    "priority": "1",
    "contype": str(FINGER_BITS[0]),
    "conaffinity": str(FINGER_BITS[1]),
}

# Hulls of neighbours overlap; the two torso / arm pairs otherwise jam the shoulder.
EXCLUDED_PAIRS: tuple[tuple[str, str], ...] = (
    ("r_gripper_finger_link", "l_gripper_finger_link"),
    ("torso_lift_link", "torso_fixed_link"),
    ("torso_lift_link", "base_link"),
    ("torso_lift_link", "shoulder_pan_link"),
    ("torso_lift_link", "shoulder_lift_link"),
    ("torso_lift_link", "upperarm_roll_link"),
)
