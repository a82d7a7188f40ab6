"""What stands between any action and the robot.

`default_guard` builds the chain that every action passes, whoever made it; `ProtectiveStop` is the
latched stop inside it; `GuardStats` counts what the chain did, for the report.
"""

from diarchy.safety.audit import audit
from diarchy.safety.chain import GuardChain, default_guard
from diarchy.safety.guards.base_clearance import BaseClearance
from diarchy.safety.guards.base_limits import BaseLimits
from diarchy.safety.guards.collision import Collision
from diarchy.safety.guards.contact_force import ContactForce
from diarchy.safety.guards.finite import FiniteAction
from diarchy.safety.guards.freshness import Freshness
from diarchy.safety.guards.gripper import GripperRange
from diarchy.safety.guards.joint_acceleration import JointAcceleration
from diarchy.safety.guards.joint_position import JointPosition
from diarchy.safety.guards.joint_velocity import JointVelocity
from diarchy.safety.guards.keep_in import KeepIn
from diarchy.safety.guards.keep_out import KeepOut
from diarchy.safety.guards.protective_stop import ProtectiveStop
from diarchy.safety.guards.separation import Separation
from diarchy.safety.guards.upright import HeldUpright
from diarchy.safety.stats import GuardStats

__all__ = [
    "BaseClearance",
    "BaseLimits",
    "Collision",
    "ContactForce",
    "FiniteAction",
    "Freshness",
    "GripperRange",
    "GuardChain",
    "GuardStats",
    "HeldUpright",
    "JointAcceleration",
    "JointPosition",
    "JointVelocity",
    "KeepIn",
    "KeepOut",
    "ProtectiveStop",
    "Separation",
    "audit",
    "default_guard",
]
