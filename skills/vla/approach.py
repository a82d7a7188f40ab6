"""What both the policy's pick and its demonstrations begin and end with: see, hover, stream rows."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import Cause, Command
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.grasps import gripper_rotation
from diarchy.skills.motion.seeds import arm_seeds
from diarchy.skills.motion.trajectory import time_path
from diarchy.skills.vla.decoding import decode_rows
from diarchy.skills.vla.flow.processing import pose_row, target_frame

DOWN = np.array([0.0, 0.0, -1.0])
HOVER_X, HOVER_Y, HOVER_Z = (-0.13, 0.04), (-0.09, 0.09), (0.13, 0.24)
"""Where the policy takes over: gripper site in the target frame (m), seen and trained on."""
HOVER_YAW = 1.0
"""Largest turn (rad) of the hovering gripper away from opening sideways."""
_FIRST = ((-0.04, 0.05, 0.18, 0.2), (-0.04, -0.05, 0.18, -0.2), (-0.10, 0.04, 0.20, 0.2))
"""Beside the middle on purpose: right over it, both sides of a rim are equally near."""
_TRIES = 24
_HEAD_LAG = 0.05


def see(arm: Arm, target: str) -> Generator[Command, Proprio, Entity]:
    """Look at the target and return what is believed of it afterwards.

    Raises:
        MotionFailedError: the look did not show it.
    """
    began, world = arm.proprio.stamp, arm.context.world
    yield from arm.look(np.asarray(world.entity(target).position))
    found = next((e for e in world.entities() if e.id == target), None)
    if found is None:
        raise MotionFailedError(Cause.NOT_FOUND, f"{target} is not where it was believed to be")
    if found.last_seen is None or found.last_seen < began:
        raise MotionFailedError(Cause.NOT_VISIBLE, f"{target} was not seen from here")
    return found


def drawn_hovers(rng: np.random.Generator, count: int = _TRIES) -> Iterable[tuple[float, ...]]:
    """Draw offsets ``(x, y, z, yaw)`` of the hovering gripper in the target frame."""
    for _ in range(count):
        yaw = float(rng.uniform(-HOVER_YAW, HOVER_YAW))
        yield (*(float(rng.uniform(*span)) for span in (HOVER_X, HOVER_Y, HOVER_Z)), yaw)


def usual_hovers(rng: np.random.Generator, attempt: int = 1) -> Iterable[tuple[float, ...]]:
    """The best places to take over from first, another one for another attempt, then any."""
    yield from _FIRST[attempt - 1 :]
    yield from drawn_hovers(rng)


def hover(arm: Arm, entity: Entity, offsets: Iterable[tuple[float, ...]]) -> Motion:
    """Bring the open gripper over the target by a collision-free motion.

    Raises:
        MotionFailedError: none of the offsets can be reached.
    """
    yield from _yield_head(arm)
    arm.scene.attach(None)
    arm.scene.update(arm.context.world)
    arm.scene.set_opening(arm.context.spec.gripper.max_width)
    frame = target_frame(entity, arm.base)
    for x, y, z, yaw in offsets:
        lateral = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        pose = frame @ SE3(gripper_rotation(DOWN, lateral), np.array([x, y, z]))
        q = arm.kinematics.solve(pose, arm.q, seeds=arm_seeds(arm, pose))
        if q is None or not arm.free(q, margin=0.008):
            continue
        goal = arm.gaze_kept(q)
        path = arm.plan(goal, iterations=400)
        if path is not None:
            width = arm.context.spec.gripper.max_width
            yield from arm.move_joints(goal, path=path, width=width)
            return
    raise MotionFailedError(
        Cause.UNREACHABLE, f"the gripper cannot be brought over {entity.id} from here"
    )


def _yield_head(arm: Arm) -> Motion:
    """Let a head that leans against the folded arm rest where it is: the arm is about to move."""
    head = list(arm.head)
    if not head or float(np.abs(arm.q - arm.proprio.q)[head].max()) < _HEAD_LAG:
        return
    rest = arm.q.copy()
    rest[head] = arm.proprio.q[head]
    rows = time_path([arm.q, rest], 0.5 * arm.velocity, 0.5 * arm.acceleration, arm.period)
    yield from arm.follow(rows, guard=False)


def present_row(arm: Arm) -> FloatArray:
    """Return the row ``[10]`` of what is commanded now."""
    return np.append(pose_row(arm.kinematics.gripper_pose(arm.q)), arm.width)


def stream(arm: Arm, rows: FloatArray, stride: int, posture: FloatArray) -> Motion:
    """Execute rows ``[n + 1, 10]`` (row 0 is where the arm is commanded now) as one joint chunk."""
    joints, widths = decode_rows(arm.kinematics, arm.q, rows, stride, posture)
    values = np.column_stack([np.zeros((len(joints), 2)), joints, widths])
    tick, epoch = arm.proprio.tick, arm.context.epoch
    arm.q, arm.width = joints[-1].copy(), float(widths[-1])
    arm.proprio = yield ActionChunk("joint", "joint", values, tick, 1, epoch, arm.source)
