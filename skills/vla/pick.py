"""The skill `pick` by the policy: look, hover by classical motion, chunks of the policy, fold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diarchy.contracts.action import Policy, PolicyContext
from diarchy.contracts.entity import Entity
from diarchy.contracts.errors import BadInputError, MissingExtraError
from diarchy.contracts.robot import Observation, Proprio, RobotSpec
from diarchy.contracts.skill import (
    Cause,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.motion.arm_path import Arm, Motion, MotionFailedError
from diarchy.skills.motion.carry import attached_now, fold
from diarchy.skills.motion.pick import holding
from diarchy.skills.specs import PICK
from diarchy.skills.vla import SHIPPED_PICK
from diarchy.skills.vla.approach import hover, present_row, see, stream, usual_hovers

_CLOSED, _CLOSING = 0.004, 0.03
"""Commanded openings (m): fully closed; on the way to it, for longer than it takes: in vain."""
_PATIENCE = 5
_STUCK = 0.04
"""A hand this far (m) from its command is pushing against something."""


@dataclass(frozen=True)
class PickSettings:
    """How the policy is run.

    Attributes:
        execute_rows: ``s``, rows executed of each chunk before the next one takes over.
        delay_rows: ``d``, rows committed while the policy infers. In lockstep the latency of
            inference is exactly ``(d - 1) * stride`` ticks: the chunk computed from the observation
            of tick t begins to differ from the old one only after them.
        seconds: for one attempt.
        attempts: with a fresh look before each.
        lift: m that the hand must rise with the object before it counts.
    """

    execute_rows: int = 6
    delay_rows: int = 2
    seconds: float = 12.0
    attempts: int = 2
    lift: float = 0.06


def load_policy(robot: RobotSpec, weights: Path = SHIPPED_PICK) -> Policy:
    """Build the flow policy of an embodiment from weights.

    Raises:
        BadInputError: the weights are missing or do not fit.
        MissingExtraError: the ``vla`` extra is not installed.
    """
    try:
        import torch

        from diarchy.skills.vla.policy import FlowPolicy
    except ImportError as error:
        raise MissingExtraError("the flow policy", "vla") from error
    from diarchy.skills.motion.kinematics import Kinematics

    torch.set_num_threads(1)  # a second thread on a shared machine multiplies the worst case
    return FlowPolicy.load(weights, robot, Kinematics(robot).gripper_pose)


class VlaPick:
    """Picks with a `Policy`.

    Args:
        robot: the embodiment.
        policy: of `ee_pose` chunks in ``base``.
        settings: how it is run.

    Raises:
        BadInputError: the settings do not fit the policy's horizon.
    """

    backend = "vla"

    def __init__(
        self, robot: RobotSpec, policy: Policy, settings: PickSettings | None = None
    ) -> None:
        self._robot = robot
        self._policy = policy
        self._settings = settings or PickSettings()
        needed = self._settings.execute_rows + self._settings.delay_rows
        if needed > policy.horizon or self._settings.delay_rows < 1:
            raise BadInputError(
                f"policy '{policy.name}' writes {policy.horizon} rows; executing"
                f" {self._settings.execute_rows} with a delay of {self._settings.delay_rows}"
                f" needs {needed} and a delay of at least 1"
            )

    @staticmethod
    def load(robot: RobotSpec, weights: Path = SHIPPED_PICK) -> VlaPick:
        """Build it from weights; raises what `load_policy` raises."""
        return VlaPick(robot, load_policy(robot, weights))

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return PICK

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        arm = Arm(context, proprio, f"vla:{self._policy.name}")
        target = str(call.args["object"])
        try:
            yield from self._pick(arm, context, target)
        except MotionFailedError as failure:
            return Outcome.failed(failure.cause, failure.detail)
        return Outcome.done(f"holding {target}")

    def _pick(self, arm: Arm, context: SkillContext, target: str) -> Motion:
        for attempt in range(1, self._settings.attempts + 1):
            entity = yield from see(arm, target)
            yield from hover(arm, entity, usual_hovers(context.rng, attempt))
            try:
                yield from self._drive(arm, context, entity)
                break
            except MotionFailedError as missed:
                yield from _withdraw(arm, context)
                if attempt == self._settings.attempts or missed.cause is Cause.SLIPPED:
                    raise
        arm.scene.attach(attached_now(arm, entity))
        yield from fold(arm, target)
        if not holding(arm.proprio):
            context.claim_held(None)
            raise MotionFailedError(Cause.SLIPPED, f"{target} was lost while the arm folded")

    def _drive(self, arm: Arm, context: SkillContext, entity: Entity) -> Motion:
        """Let the policy act until the object is held and lifted.

        Raises:
            MotionFailedError: it was not within the time, was lost, or the hand was blocked.
        """
        settings, policy = self._settings, self._policy
        words = f"pick the {entity.describe()}"
        about = PolicyContext("pick", words, entity, None, context.epoch)
        posture, prefix = arm.q.copy(), present_row(arm)[None]
        yield from arm.hold((settings.delay_rows - 1) * policy.stride * arm.period)
        watch = _Watch(settings.lift)
        chunk_seconds = settings.execute_rows * policy.stride * arm.period
        for _ in range(round(settings.seconds / chunk_seconds)):
            chunk = policy.infer(
                about,
                Observation(arm.proprio),
                arm.base,
                prefix,
                start_tick=arm.proprio.tick,
                seed=int(context.rng.integers(2**31)),
            )
            rows = chunk.values[: settings.execute_rows + 1]
            yield from stream(arm, rows, policy.stride, posture)
            last = settings.execute_rows
            prefix = chunk.values[last : last + settings.delay_rows]
            if watch.lifted(arm, context, entity):
                return
        raise MotionFailedError(
            Cause.GRASP_MISSED, f"{entity.id} was not in the hand after {settings.seconds:g} s"
        )


class _Watch:
    """Follows the hand while the policy acts, by width, force and height alone."""

    def __init__(self, lift: float) -> None:
        self._lift = lift
        self._closed_at: float | None = None
        self._empty = self._pushing = 0

    def lifted(self, arm: Arm, context: SkillContext, entity: Entity) -> bool:
        """Take one look at the hand; True when the object is held and high enough.

        Raises:
            MotionFailedError: the fingers closed on nothing, lost it, or the hand is blocked.
        """
        height = float(arm.gripper_pose().translation[2])
        commanded = arm.kinematics.gripper_pose(arm.q).translation
        off = float(np.linalg.norm(commanded - arm.gripper_pose().translation))
        self._pushing = self._pushing + 1 if off > _STUCK else 0
        if self._pushing >= 3:
            raise MotionFailedError(
                Cause.BLOCKED, f"the hand was blocked on its way to {entity.id}"
            )
        if arm.width > _CLOSING:
            self._empty = 0
            return False
        if holding(arm.proprio) and arm.width <= _CLOSED:
            if self._closed_at is None:
                self._closed_at = height
                context.claim_held(entity.id)
            self._empty = 0
            return height - self._closed_at > self._lift
        self._empty += 1
        if self._empty >= _PATIENCE:
            cause = Cause.GRASP_MISSED if self._closed_at is None else Cause.SLIPPED
            raise MotionFailedError(cause, f"the fingers closed beside {entity.id}")
        return False


def _withdraw(arm: Arm, context: SkillContext) -> Motion:
    """Open, and leave the way the hand came: upwards."""
    context.claim_held(None)
    arm.scene.attach(None)
    arm.q = arm.kinematics.clip(arm.proprio.q)
    yield from arm.set_gripper(context.spec.gripper.max_width)
    pose = arm.kinematics.gripper_pose(arm.q)
    for height in (0.12, 0.06):
        up = pose.translation + np.array([0.0, 0.0, height])
        rows = arm.line(arm.q, type(pose)(pose.rotation, up), speed=0.15)
        if rows is not None:
            yield from arm.follow(rows, guard=False)
            return


__all__ = ["PickSettings", "VlaPick"]
