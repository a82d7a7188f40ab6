"""An arm in an empty room, for what needs neither a simulator nor a belief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.entity import Entity, Solid, StaticMap
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.arm_path import Arm, Motion


class EmptyRoom:
    """A `WorldView` of an empty room; ``taken`` is how what is held sits in the gripper."""

    static_map = StaticMap((-3.0, -3.0, 3.0, 3.0), {}, (), {})
    taken: SE3 | None = None

    def map_from_base(self) -> SE3:
        return SE3.identity()

    def entities(self) -> list[Entity]:
        return []

    def in_gripper(self, entity_id: str) -> SE3 | None:
        return self.taken


class BareContext:
    """What an `Arm` reads of a skill's context."""

    def __init__(self, seed: int = 0) -> None:
        self.spec, self.world, self.epoch = fetch_spec(), EmptyRoom(), 1
        self.rng, self.clock = np.random.default_rng(seed), LockstepClock(period=0.005)


def bare_arm(*solids: Solid, seed: int = 0, force: float = 0.0) -> Arm:
    """A Fetch in its posture for working among some boxes, its fingers pressing with ``force`` N."""
    context = BareContext(seed)
    q = context.spec.postures["ready"]
    zeros = np.zeros(len(q))
    proprio = Proprio(0.0, 0, q, zeros, zeros, 0.02, force, Pose2(0.0, 0.0, 0.0), np.zeros(2))
    arm = Arm(context, proprio, "test")  # type: ignore[arg-type]
    arm.scene.update(context.world, extra=solids)  # type: ignore[arg-type]
    return arm


def rows_sent(arm: Arm, motion: Motion) -> FloatArray:
    """Joint rows ``[N, J]`` that a motion commands an arm that follows at once."""
    rows: list[FloatArray] = []
    try:
        command = next(motion)
        while True:
            assert isinstance(command, ActionChunk)
            rows += [row[2:-1] for row in command.values]
            command = motion.send(replace(arm.proprio, q=rows[-1]))
    except StopIteration:
        return np.array(rows).reshape(-1, len(arm.q))
