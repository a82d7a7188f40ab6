"""Demonstrations for the policy: the expert picks while noise pushes it off its way (DART).

Noise is added to what is EXECUTED, never to what is recorded: from every state, also one it was
pushed into, the recorded chunk is what the expert would do next (Laskey et al., CoRL 2017).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Command,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.grasps import Grasp, grasp_candidates
from diarchy.skills.motion.pick import holding
from diarchy.skills.specs import PICK
from diarchy.skills.vla.approach import drawn_hovers, hover, see, stream
from diarchy.skills.vla.expert import LIFT, ROW_S, Hand, PickExpert
from diarchy.skills.vla.flow.processing import (
    move_rows,
    pose_row,
    proprio_features,
    target_features,
    target_frame,
)

_LIMIT_ROWS = 260
_STRIDE = 8
_TURN_COST, _WAY_COST = 0.5, 4.0
"""Per rad and per m: the nearest of alike grasps, so that the same state has one answer."""
_FLIP = np.diag([1.0, -1.0, -1.0])


@dataclass
class Recording:
    """One demonstration: per row the proprioception ``[28]`` and the expert's chunk ``[H, 10]``.

    Chunks are in the target frame; ``target`` ``[12]`` stays the same throughout.
    """

    target: FloatArray = field(default_factory=lambda: np.zeros(0))
    proprio: list[FloatArray] = field(default_factory=list)
    actions: list[FloatArray] = field(default_factory=list)


@dataclass
class Disturbance:
    """Bursts of unwanted motion: how often (per row) they begin, how fast (m/s, rad/s) they push."""

    rng: np.random.Generator
    rate: float = 0.035
    speed: float = 0.16
    turn: float = 0.8
    _left: int = 0
    _push: FloatArray = field(default_factory=lambda: np.zeros(6))

    def apply(self, pose: SE3) -> SE3:
        """Return the pose pushed a little."""
        if self._left == 0 and self.rng.random() < self.rate:
            self._left = int(self.rng.integers(3, 10))
            scale = np.repeat([self.speed, self.turn], 3)
            self._push = self.rng.uniform(-1.0, 1.0, 6) * scale
        jitter = self.rng.normal(0.0, 1.0, 6) * np.repeat([6e-4, 3e-3], 3)
        burst = self._push * ROW_S if self._left else np.zeros(6)
        self._left = max(0, self._left - 1)
        shift = burst + jitter
        turn = Rotation.from_rotvec(shift[3:]).as_matrix()
        return SE3(np.asarray(pose.rotation @ turn), pose.translation + shift[:3])


class DemoPick:
    """The skill that demonstrates: as `VlaPick`, with the expert in place of the policy.

    Args:
        robot: the embodiment.
        horizon: rows of a recorded chunk.
        noise: of the disturbance; 0 records undisturbed picks.
    """

    backend = "motion"

    def __init__(self, robot: RobotSpec, *, horizon: int = 16, noise: float = 1.0) -> None:
        self._robot = robot
        self._horizon = horizon
        self._noise = noise
        self.recording = Recording()

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return PICK

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one demonstration; afterwards it is in ``recording``."""
        self.recording = Recording()
        arm = Arm(context, proprio, "motion:demonstration")
        try:
            entity = yield from see(arm, str(call.args["object"]))
            yield from hover(arm, entity, drawn_hovers(context.rng))
            expert = choose_expert(arm, entity)
            held = yield from self._demonstrate(arm, entity, expert)
        except MotionFailedError as failure:
            return Outcome.failed(failure.cause, failure.detail)
        if not held:
            return Outcome.failed(Cause.GRASP_MISSED, f"{entity.id} was not lifted")
        context.claim_held(entity.id)
        return Outcome.done(f"holding {entity.id}")

    def _demonstrate(
        self, arm: Arm, entity: Entity, expert: PickExpert
    ) -> Generator[Command, Proprio, bool]:
        frame, posture = target_frame(entity, arm.base), arm.q.copy()
        self.recording.target = target_features(entity, arm.base)
        disturbance = _disturbance(arm.context.rng, self._noise)
        hand = _present(arm, np.zeros(3))
        top = expert.grasp.translation[2] + LIFT - 0.012
        for _ in range(_LIMIT_ROWS):
            chunk = expert.chunk(hand, self._horizon)
            self._record(arm, frame, chunk)
            following = expert.step(hand)
            busy = hand.opening < expert.opening - 0.01
            pose = following.pose if busy else disturbance.apply(following.pose)
            yield from _apply(arm, hand, replace(following, pose=pose), posture)
            hand = _present(arm, following.velocity)
            if hand.grips and hand.pose.translation[2] > top:
                return holding(arm.proprio)
        return False

    def _record(self, arm: Arm, frame: SE3, chunk: FloatArray) -> None:
        gripper = arm.kinematics.gripper_pose(arm.proprio.q)
        features = proprio_features(arm.proprio, arm.kinematics.arm, gripper, frame)
        self.recording.proprio.append(features)
        self.recording.actions.append(move_rows(chunk, frame.inverse()))


def _disturbance(rng: np.random.Generator, noise: float) -> Disturbance:
    return Disturbance(rng, rate=0.035 * min(1.0, noise), speed=0.16 * noise, turn=0.8 * noise)


def _present(arm: Arm, velocity: FloatArray) -> Hand:
    pose = arm.kinematics.gripper_pose(arm.q)
    now = arm.proprio
    return Hand(pose, velocity, arm.width, now.gripper_width, now.gripper_force)


def _apply(arm: Arm, hand: Hand, following: Hand, posture: FloatArray) -> Motion:
    rows = [np.append(pose_row(h.pose), h.opening) for h in (hand, following)]
    yield from stream(arm, np.array(rows), _STRIDE, posture)


def choose_expert(arm: Arm, entity: Entity) -> PickExpert:
    """Choose a grasp from above, the nearest to where the gripper is now.

    Raises:
        MotionFailedError: none can be reached.
    """
    now, into_base = arm.kinematics.gripper_pose(arm.q), arm.base.inverse()
    tip, gripper = arm.kinematics.fingertip, arm.context.spec.gripper
    options: list[tuple[float, int, Grasp, SE3]] = []
    for grasp in grasp_candidates(entity, arm.base.translation[:2], gripper, tip):
        if grasp.kind == "slanted":
            continue
        pose = into_base @ grasp.pose
        for turned in (pose, SE3(pose.rotation @ _FLIP, pose.translation)):
            aligned = _aligned(entity, grasp, turned, now)
            turn = Rotation.from_matrix(now.rotation.T @ aligned.rotation).magnitude()
            way = float(np.linalg.norm((aligned.translation - now.translation)[:2]))
            cost = grasp.cost + _TURN_COST * float(turn) + _WAY_COST * way
            options.append((cost, len(options), grasp, aligned))
    for _, _, grasp, pose in sorted(options, key=lambda o: o[:2]):
        if _reachable(arm, entity.id, grasp, pose):
            return PickExpert(pose, grasp.opening, grasp.width)
    raise MotionFailedError(
        Cause.UNREACHABLE, f"no grasp of {entity.id} from above is within reach"
    )


def _aligned(entity: Entity, grasp: Grasp, pose: SE3, now: SE3) -> SE3:
    """Turn a grasp of a round thing about the vertical to meet the hand: no turn is better there."""
    x, y, _ = entity.extent
    if grasp.kind == "rim" or max(x, y) >= 1.2 * min(x, y):
        return pose
    yaw = Rotation.from_matrix(now.rotation @ pose.rotation.T).as_rotvec()[2]
    half = np.pi / 12  # candidates stand 30 degrees apart
    turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, float(np.clip(yaw, -half, half)))
    return SE3(turn.rotation @ pose.rotation, pose.translation)


def _reachable(arm: Arm, target: str, grasp: Grasp, pose: SE3) -> bool:
    q = arm.kinematics.solve(pose, arm.q)
    if q is None:
        return False
    arm.scene.set_opening(grasp.opening)
    up = SE3(pose.rotation, pose.translation + np.array([0.0, 0.0, LIFT]))
    return arm.free(q, allow={target}, margin=0.003) and arm.kinematics.solve(up, q) is not None
